"""How the timeline of an incident looks: its last events, the lines said of them, and the form for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from blocks import forms, incident_words, parts
from blocks.answers import said
from bot.incident import GITLAB, Event, Incident
from bot.incidents.chart.lines import TAGS, is_as_said, is_late
from bot.model import Block, Message, Millis, Option, Place
from bot.text import clip, escape, inert, one_line, plural

FORM, EDIT, UNDO, SHORTCUT = (
    "incident.timeline", "incident.timeline_edit", "incident.timeline_undo", "incident.timeline_message",
)  # fmt: skip
#: Ids of the fields.
TEXT, WHEN, TAG, WHICH = "text", "when", "tag", "which"
#: What the field of the tag holds for none.
NO_TAG = "none"
TITLE = "Add to timeline"
#: Characters of one line in GitLab (incidents.md 4.5), and of it here.
MOST, SHOWN = 280, 300
#: Before 9 September 2001 a moment has nine digits of seconds, and Slack takes ten (docs.slack.dev, datetimepicker).
EARLIEST: Millis = 1_000_000_000_000
#: What was marked, in words; the rest is on the timeline for its own sake.
_KINDS: Mapping[str, str] = MappingProxyType(
    {"hypothesis": "A hypothesis", "decision": "A decision", "cause": "A possible cause"}
)


# Lines ------------------------------------------------------------------------------------------------------


def echo(event: Event, seconds: int, aim: str, now: Millis) -> Message:
    """Return the quiet line of an event; `aim` is what its buttons carry, `seconds` how many have marked it too."""
    more = f" · seconded by {seconds}" if seconds else ""
    text = f"{_said(event, now)}{more}"
    buttons = parts.actions(parts.button("Edit", EDIT, aim), parts.button("Undo", UNDO, aim))
    return Message(text, (parts.context(text), buttons))


def struck(event: Event, why: str, now: Millis) -> Message:
    """Return what is left of that line; `why` is plain text."""
    text = f"~{_said(event, now, words=False)}~ · taken back{f' {inert(why)}' if why else ''}"
    return Message(text, (parts.context(text),))


def _said(event: Event, now: Millis, *, words: bool = True) -> str:
    what = _KINDS.get(event.kind)
    begin = f"{what} on the timeline" if what else "On the timeline"
    if is_as_said(event):
        return f"{begin}, {_when(event, now)}"
    text = f": {inert(one_line(event.text, SHOWN))}" if words else ""
    return f"{begin} by {incident_words.name(event.who.name)}, {_when(event, now)}{text}"


def _when(event: Event, now: Millis) -> str:
    late = f", added {parts.moment(event.recorded_at, now=now)}" if is_late(event) else ""
    return f"{parts.moment(event.at, now=now)}{late}"


# The list ---------------------------------------------------------------------------------------------------


def listing(
    incident: Incident, events: Sequence[tuple[Event, int]], total: int, now: Millis, *, prefix: str
) -> Message:
    """Return the last events, the oldest first, each with how many have seconded it; `prefix` stands before a verb."""
    about = parts.linked(incident.url, escape(incident.reference))
    if not events:
        typed = f"`{escape(prefix)}incident timeline 14:03 What happened`"
        return said(f"Nothing is on the timeline of {about} yet. Type {typed}.")
    many = plural(total, "event") if total == len(events) else f"the last {len(events)} of {total} events"
    title = f"Timeline of {about}: {many}"
    body = [parts.section(f"*{title}*"), *(parts.section(_row(one, seconds, now)) for one, seconds in events)]
    if incident.url.startswith(("https://", "http://")):
        body.append(parts.actions(parts.link_button("Full timeline in GitLab", incident.url)))
    return Message(title, tuple(body))


def _row(event: Event, seconds: int, now: Millis) -> str:
    what = f"_{_KINDS[event.kind]}_: " if event.kind in _KINDS else ""
    # A sentence that says who did it needs no name below it.
    names = event.text.startswith(f"{event.who.name} ")
    facts = (
        []
        if names
        else [incident_words.name(event.who.name) + (" in GitLab" if event.origin == GITLAB else "")]
    )
    facts += [f"seconded by {seconds}"] if seconds else []
    facts += [incident_words.name(event.tag)] if event.tag else []
    facts += [parts.linked(event.link, "message")] if event.link else []
    facts += [f"added {parts.moment(event.recorded_at, now=now)}"] if is_late(event) else []
    text = inert(one_line(event.text, SHOWN))
    below = f"\n{' · '.join(facts)}" if facts else ""
    return f"*{parts.moment(event.at, now=now)}* {what}{text}{below}"


def noted(incident: Incident, at: Millis, now: Millis) -> Message:
    """Return what whoever put something on the timeline reads where it is not to be seen."""
    return said(
        f"It is on the timeline of {incident_words.name(incident.reference)}, {parts.moment(at, now=now)}."
    )


def told(text: str) -> Message:
    """Return a word to one person; `text` is plain."""
    return said(escape(text))


# The form ---------------------------------------------------------------------------------------------------


def form(
    aim: str, place: Place, *, text: str, at: Millis, tag: str, which: Sequence[Option] = (), is_new: bool = True
) -> Block:  # fmt: skip
    """Return the form of an event; `which` are the incidents to pick from where the place says none."""
    hint = f"At most {MOST} characters, in one sentence: GitLab takes no more."
    tags = [Option("None", NO_TAG), *(Option(one, one) for one in TAGS)]
    what = forms.text(TEXT, "What happened", lines=True, most=MOST, hint=hint)
    body = [
        *([forms.choice(WHICH, "Incident", which, chosen=which[0].value)] if which else []),
        forms.filled(what, clip(text, MOST)),
        forms.moment(
            WHEN, "When", at=at if at >= EARLIEST else None, hint="In your own time zone, to the minute."
        ),
        forms.choice(TAG, "Tag", tags, chosen=tag or NO_TAG, hint="What GitLab calls this moment."),
    ]
    title, submit = (TITLE, "Add") if is_new else ("Edit timeline", "Save")
    return forms.modal(FORM, aim, place, title=title, submit=submit, body=body)


def offer(aim: str) -> Message:
    """Return a button that opens the form where nothing else can."""
    text = "What happened, and when?"
    return Message(
        text, (parts.section(text), parts.actions(parts.button(TITLE, FORM, aim, style="primary")))
    )
