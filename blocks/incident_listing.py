"""How incidents look when somebody looks at several or back at one: the list, figures, and what a duplicate asks."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import forms, incident, incident_words, parts
from blocks.answers import said
from blocks.lists import paged
from bot.incident import Incident
from bot.incidents.measures import Average, Measure, Share, Silence
from bot.incidents.told import Figure, Figures, Listing
from bot.incidents.values import value
from bot.model import Block, Message, Millis, Option, Place
from bot.text import duration, escape, inert, one_line, plural

DUPLICATE, ARCHIVE = "incident.duplicate", "incident.archive"
#: Ids of the field of the form for a duplicate.
OTHER = "other"
NAME_SHOWN, TITLE_SHOWN = 80, 100
UNKNOWN = "unknown"
#: What each span is called, and what lies between its two moments.
_SPANS = {
    "detect": ("To detect", "from when its impact began"),
    "acknowledge": ("To acknowledge", "from the declaration to the first who took it up"),
    "mitigate": ("To mitigate", "from when its impact began"),
    "resolve": ("To resolve", "from when its impact began, without the peace between episodes"),
}  # fmt: skip


# The list ---------------------------------------------------------------------------------------------------


def listed(found: Listing, prefix: str) -> Message:
    """Return incidents as a list; `prefix` is what is typed before a verb."""
    typed = f"{escape(prefix)}incident"
    if not found.rows:
        return said(
            f"There is no {_kind(found)}. `{typed} list all` has every one, `{typed} declare` makes one."
        )
    title = f"*{plural(len(found.rows) + found.more, _kind(found))}*"
    body: list[Block] = [parts.section(title), *map(incident.row, found.rows)]
    more = f"… and {found.more} more. " if found.more else ""
    body.append(parts.context(f"{more}`{typed} list open|all|closed sev1` shows others."))
    return Message(title, tuple(body))


def _kind(found: Listing) -> str:
    which = "" if found.which == "all" else f"{escape(found.which)} "
    severity = f" of severity {found.severity}" if found.severity else ""
    where = f" in {incident_words.name(found.project)}" if found.project else ""
    return f"{which}incident{severity}{where}"


# Figures ----------------------------------------------------------------------------------------------------


def figures(found: Figures, prefix: str) -> Message:
    """Return what the incidents of a span came to; what is unknown is told, and counted for nothing."""
    where = f" in {incident_words.name(found.project)}" if found.project else ""
    since = f"{where} since {parts.moment(found.since)}"
    if not found.incidents:
        return said(f"No incident was closed{since}, so there is nothing to measure.")
    title = f"*{plural(found.incidents, 'incident')}* closed{since}"
    severities = ", ".join(f"{count} of {_severity(number)}" for number, count in found.by_severity)
    lines = [_averaged(one) for one in found.averages]
    lines += [
        _shared("Updates on time", found.adherence),
        _shared("Timeline lines with a source", found.provenance),
    ]
    lines.append(f"• *Handovers*: {found.handovers} · *opened again*: {plural(found.reopened, 'time')}")
    foot = f"`{escape(prefix)}incident metrics inc-7` shows the events behind the figures of one."
    body = [parts.section(f"{title}: {severities}"), *paged(lines), parts.context(foot)]
    return Message(title, tuple(body))


def _averaged(one: Average) -> str:
    name, what = _SPANS[one.name]
    if one.mean is None or one.median is None:
        return f"• *{name}*: {UNKNOWN} for all {one.unknown} ({what})"
    unknown = f", {UNKNOWN} for {one.unknown}" if one.unknown else ""
    spans = f"{duration(one.mean)} on average, {duration(one.median)} median"
    return f"• *{name}*: {spans}, of {one.known}{unknown} ({what})"


def figure(found: Figure, now: Millis) -> Message:
    """Return what one incident came to, each figure with the two events it comes from."""
    words, measured = dict(found.words), found.metrics
    title = f"*{incident_words.name(found.incident.reference)}* {inert(one_line(found.incident.title, TITLE_SHOWN))}"
    lines = [_measured(one, words, now) for one in measured.spans]
    lines += [_shared("Updates on time", measured.adherence), *_silence(measured.longest, words, now)]
    lines.append(_shared("Timeline lines with a source", measured.provenance))
    lines.append(f"• *Handovers*: {measured.handovers} · *episodes*: {measured.episodes}")
    return Message(
        f"The figures of {incident_words.name(found.incident.reference)}",
        (parts.section(title), *paged(lines)),
    )


def _measured(one: Measure, words: dict[str, str], now: Millis) -> str:
    value = duration(one.value) if one.value is not None else UNKNOWN
    remark = f" ({escape(one.remark)})" if one.remark else ""
    ends = [_event(each.event, each.at, words, now) for each in (one.since, one.until) if each]
    return f"• *{_SPANS[one.name][0]}*: {value}{remark}" + (f"\n   {' → '.join(ends)}" if ends else "")


def _event(event: str, at: Millis, words: dict[str, str], now: Millis) -> str:
    text = inert(one_line(words.get(event, ""), NAME_SHOWN)) or ("now" if at >= now else "as its record says")
    number = f" `{escape(event)}`" if event else ""
    return f"{parts.moment(at, now=now)} {text}{number}"


def _silence(one: Silence | None, words: dict[str, str], now: Millis) -> list[str]:
    if one is None:
        return []
    ends = " → ".join(_event(each.event, each.at, words, now) for each in (one.since, one.until))
    return [f"• *Longest silence*: {duration(one.length)}\n   {ends}"]


def _shared(name: str, one: Share) -> str:
    percent = one.percent
    return (
        f"• *{name}*: {UNKNOWN}, there were none"
        if percent is None
        else f"• *{name}*: {percent} % ({one.count} of {one.of})"
    )


def _severity(number: int) -> str:
    return f"severity {number}" if number else "unknown severity"


# Duplicates -------------------------------------------------------------------------------------------------


def which_one(one: Incident, place: Place, options: Sequence[Option]) -> Block:
    """Return the form that asks of which incident this is a duplicate."""
    hint = "Its followers follow that one then, and its timeline is kept there."
    field = forms.choice(OTHER, "Duplicate of", options, hint=hint)
    return forms.modal(
        DUPLICATE, value(one), place, title="Duplicate of", submit="Mark it", body=[field]
    )  # fmt: skip


def consent(one: Incident, survivor: Incident) -> Message:
    """Return the question to the room of a duplicate whether it may be archived."""
    where = "the other incident" if survivor.private else incident_words.name(survivor.reference)
    text = f"Shall this channel be archived, now that everything goes on in {where}?"
    ask = parts.confirm("Archive this channel?", "Nobody can write here any more. All of it can still be read.",
                        "Archive it", "Leave it")  # fmt: skip
    button = parts.button("Archive this channel", ARCHIVE, value(one), confirm=ask)
    return Message(text, (parts.section(text), parts.actions(button)))
