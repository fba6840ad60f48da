"""Draws a review as Markdown: sections in managed blocks, in which every line leads back to where it was said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot import markdown
from bot.incident import Event, Incident
from bot.incidents import folding, states
from bot.incidents.folding import DASH, cell, moment, sources
from bot.incidents.hindsight import metrics
from bot.incidents.hindsight.metrics import has_provenance
from bot.incidents.hindsight.review_material import Material
from bot.incidents.hindsight.review_talk import talk
from bot.incidents.measures import Measure, Moment
from bot.kit import Kit
from bot.markdown import Nameless
from bot.model import Millis
from bot.text import duration, escape, plural

#: Characters of one part: well under GitLab's million, so that a page still opens (incidents.md 2.9).
PART_LIMIT = 48_000
UNKNOWN = "unknown"
_MINUTE: Millis = 60_000
_SUSPECT = {"suspect": "Suspected", "out": "Ruled out", "rolled": "Rolled back"}
_FIGURES = {
    "detect": "To detect",
    "acknowledge": "To acknowledge",
    "mitigate": "To mitigate",
    "resolve": "To resolve",
}
_TIMES = ("started_at", "detected_at", "declared_at", "acked_at", "mitigated_at", "resolved_at", "closed_at")
_NAMES = {
    "started_at": "Impact began", "detected_at": "Detected", "declared_at": "Declared", "acked_at": "Taken up",
    "mitigated_at": "Mitigated", "resolved_at": "Resolved", "closed_at": "Closed",
    "reopened_at": "Opened again",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Section:
    """One block of a review."""

    name: str
    """That of the managed block."""
    title: str
    lines: Sequence[str]
    head: str = ""
    """What stands above the lines of each part, such as the head of a table."""
    loose: bool = False
    """Whether its lines are paragraphs."""

    def parts(self) -> list[str]:
        """Return it as Markdown, in as many parts as it needs; the first belongs into the description."""
        between = "\n\n" if self.loose else "\n"
        pages: list[list[str]] = [[]]
        for line in self.lines:
            if pages[-1] and sum(map(len, pages[-1])) + 2 * len(pages[-1]) + len(line) > PART_LIMIT:
                pages.append([])
            pages[-1].append(line[:PART_LIMIT])
        return [self._page(number, len(pages), between.join(page)) for number, page in enumerate(pages, 1)]

    def _page(self, number: int, count: int, body: str) -> str:
        title = f"## {self.title}" if number == 1 else f"## {self.title}, part {number} of {count}"
        head = f"{self.head}\n" if self.head else ""
        more = f"\n\n*It goes on in {plural(count - 1, 'comment')} below.*" if number == 1 < count else ""
        return f"{title}\n\n{head}{body}{more}"


def sections(kit: Kit, material: Material) -> list[Section]:
    """Return a review of an incident, section by section, in the order they are read."""
    url, said = material.incident.url, list(talk(kit, material))
    return [
        Section("summary", "Summary", list(_summary(kit, material))),
        Section("impact", "Impact", list(_impact(kit, material.incident))),
        Section("times", "Times", list(_times(kit, material))),
        Section("timeline", "Timeline", _rows(kit, material.events, url), head=folding.HEAD),
        Section("decisions", "Decisions", list(_decisions(kit, material))),
        Section("changes", "What changed", list(_changes(kit, material))),
        Section("people", "People and roles", list(_people(kit, material))),
        Section("actions", "Action items", list(_actions(kit, material))),
        Section("discussion", "Discussion", said or ["Nothing of the talk is in GitLab."], loose=True),
        Section("gaps", "Gaps", list(_gaps(material)) or ["None that I know of."]),
    ]  # fmt: skip


def _prose(kit: Kit, text: str, instead: str) -> str:
    """Return what somebody wrote as paragraphs in which nothing acts."""
    return markdown.from_slack(escape(kit.redact(text)), names=Nameless()) if text.strip() else f"*{instead}*"


def _summary(kit: Kit, material: Material) -> Iterator[str]:
    incident = material.incident
    yield _prose(kit, incident.summary, "Nobody has written a summary yet.")
    yield ""
    severity = f"severity {incident.severity}" if incident.severity else "unknown severity"
    commander = f", commanded by {cell(kit, incident.commander_name, 80)}" if incident.commander_name else ""
    yield f"{incident.project}#{incident.iid}: {severity}, {states.named(incident.state)}{commander}."


def _impact(kit: Kit, incident: Incident) -> Iterator[str]:
    yield _prose(kit, incident.impact, "Nobody has described the impact yet.")
    yield ""
    yield f"**Root cause**: {_prose(kit, incident.cause, 'nobody has named it yet')}"
    yield ""
    yield f"**What fixed it**: {_prose(kit, incident.fix, 'nobody has said it yet')}"


# Times and figures ------------------------------------------------------------------------------------------


def _times(kit: Kit, material: Material) -> Iterator[str]:
    yield "| What | When | Source |"
    yield "| --- | --- | --- |"
    for number, episode in enumerate(material.earlier, 1):
        for name in _TIMES:
            if name in episode and name != "closed_at":
                yield _time(kit, material, name, episode[name], f" (episode {number})")
        yield _time(kit, material, "reopened_at", episode.get("reopened_at"), f" (episode {number + 1})")
    for name in _TIMES:
        yield _time(kit, material, name, getattr(material.incident, name))
    yield from ("", "| Figure | Value | From | To |", "| --- | --- | --- | --- |")
    yield from (_figure(kit, material, one) for one in material.metrics.spans)
    yield from ("", *_counts(material))


def _time(kit: Kit, material: Material, name: str, at: Millis | None, which: str = "") -> str:
    if at is None:
        return f"| {_NAMES[name]}{which} | {UNKNOWN} | nobody said it |"
    event = metrics.event_of(material.events, name, at)
    return f"| {_NAMES[name]}{which} | {moment(at)} | {_source(kit, material, event)} |"


def _source(kit: Kit, material: Material, event: Event | None) -> str:
    if event is None:
        return "its record"
    where = sources(event, material.incident.url)
    return cell(kit, event.text, 120) + (f" ({where})" if where != DASH else "")


def _figure(kit: Kit, material: Material, one: Measure) -> str:
    value = duration(one.value) if one.value is not None else UNKNOWN
    remark = f" ({one.remark})" if one.remark else ""
    ends = " | ".join(_end(kit, material, each) for each in (one.since, one.until))
    return f"| {_FIGURES[one.name]} | {value}{remark} | {ends} |"


def _end(kit: Kit, material: Material, one: Moment | None) -> str:
    if one is None:
        return UNKNOWN
    event = next((each for each in material.events if each.id == one.event), None)
    return f"{moment(one.at)}: {_source(kit, material, event)}"


def _counts(material: Material) -> Iterator[str]:
    found = material.metrics
    for name, share in (("Updates on time", found.adherence), ("Lines with a source", found.provenance)):
        many = f"{share.percent} % ({share.count} of {share.of})" if share.percent is not None else UNKNOWN
        yield f"- {name}: {many}"
    if found.longest is not None:
        yield f"- Longest silence: {duration(found.longest.length)}"
    yield f"- Handovers of command: {found.handovers}"
    yield f"- Episodes: {found.episodes}"


# What happened, and who was there ---------------------------------------------------------------------------


def _rows(kit: Kit, events: Sequence[Event], url: str) -> list[str]:
    return [folding.row(kit, one, url) for one in events] or [
        f"| {DASH} | {DASH} | nothing was written down | {DASH} |"
    ]


def _decisions(kit: Kit, material: Material) -> Iterator[str]:
    made = [one for one in material.events if one.kind == "decision"]
    if not made:
        yield "No decision was marked."
    for one in made:
        where = sources(one, material.incident.url)
        yield f"- {moment(one.at)}, {cell(kit, one.who.name, 80)}: {cell(kit, one.text)} ({where})"


def _changes(kit: Kit, material: Material) -> Iterator[str]:
    if not material.suspects:
        yield "Nobody has suspected or ruled out a change."
        return
    yield "| Change | When | Said of it | By |"
    yield "| --- | --- | --- | --- |"
    for one in material.suspects:
        title = folding.link(cell(kit, one.title).replace("[", "").replace("]", ""), one.url) or cell(
            kit, one.title
        )
        name = f"~~{title}~~" if one.state == "out" else title
        yield f"| {name} | {moment(one.at)} | {_SUSPECT[one.state]} | {cell(kit, one.by, 80)} |"


def _people(kit: Kit, material: Material) -> Iterator[str]:
    if not material.holders:
        yield "Nobody has taken a part in it here."
        return
    yield "| Role | Who | From | To | For |"
    yield "| --- | --- | --- | --- | --- |"
    over = material.incident.closed_at or material.incident.resolved_at
    for one in material.holders:
        end = one.ended_at or over
        span = duration(end - one.started_at) if end and end >= one.started_at else UNKNOWN
        until = moment(end) if end else "still"
        yield f"| {cell(kit, one.role, 40)} | {cell(kit, one.name, 80)} | {moment(one.started_at)} | {until} | {span} |"


def _actions(kit: Kit, material: Material) -> Iterator[str]:
    kept = [one for one in material.tasks if one.state != "dropped"]
    if not kept:
        yield "No task was written down."
    for one in kept:
        box = "x" if one.state == "done" else " "
        owner = f", {cell(kit, one.owner_name, 80)}" if one.owner_name else ""
        issue = f", {material.incident.project}#{one.follow_up}" if one.follow_up else ""
        yield f"- [{box}] {cell(kit, one.text)}{owner}{issue}"


def _gaps(material: Material) -> Iterator[str]:
    """What a reader has to know that is not here, or was not said."""
    counted = (
        (material.deleted, "message", "deleted"), (material.lost, "message", "could not be brought to GitLab"),
        (material.waiting, "message", "still to be brought to GitLab"),
    )  # fmt: skip
    for count, what, became in counted:
        if count:
            yield f"- {plural(count, what)} {became}"
    if material.internal:
        yield f"- {plural(material.internal, 'internal text')} left out: more people can read this review than them"
    for one in material.metrics.silences:
        minutes = one.length // _MINUTE
        yield f"- {minutes} min without an update, from {moment(one.since.at)} to {moment(one.until.at)}"
    yield from (
        f"- {_NAMES[name]}: nobody said when"
        for name in _TIMES[:-1]
        if getattr(material.incident, name) is None
    )
    bare = sum(one.shown and not has_provenance(one) for one in material.events)
    if bare:
        yield f"- {plural(bare, 'line')} of the timeline without a way back to where it was said"
