"""How what changed before an incident looks: the likeliest first, each with what can be said of it."""

from __future__ import annotations

from collections.abc import Iterator

from blocks import parts
from blocks.answers import said
from bot.incidents.told import Changed, Changes
from bot.incidents.values import value
from bot.model import Block, Message, Millis
from bot.text import duration, escape, inert, one_line, plural

SUSPECT, OUT, BACK = "incident.suspect", "incident.rule_out", "incident.back"
TITLE_SHOWN, NAME_SHOWN = 140, 80
_KINDS = {"deployment": "🚀", "merge": "🔀", "pipeline": "❌"}
_NOT_BEGUN = "Nobody has said when its impact began, so I looked before it was detected or declared."
_HOUR = 3_600_000


def changes(found: Changes, prefix: str, now: Millis) -> Message:
    """Return what changed, for who asked; `prefix` is what is typed before a verb."""
    span = _span(found.until - found.since)
    name = escape(one_line(found.incident.reference, NAME_SHOWN))
    title = f"What changed in the {span} before *{name}*, until {parts.moment(found.until, now=now)}"
    began = [] if found.began else [parts.plain_context(_NOT_BEGUN)]
    if not found.rows:
        return said(f"{title}: no deployment, no merge and no failed pipeline that you may see.")
    body = [parts.section(title), *began]
    for row in found.rows:
        body += _row(found, row, now)
    body += list(_foot(found, prefix))
    return Message(title, tuple(body))


def _span(length: Millis) -> str:
    """Return how far was looked back: whole hours in words."""
    return plural(length // _HOUR, "hour") if length % _HOUR == 0 else duration(length)


def _row(found: Changes, one: Changed, now: Millis) -> list[Block]:
    suspect = one.suspect
    name = escape(one_line(suspect.title, TITLE_SHOWN)).replace("~", "∼")
    label = parts.linked(suspect.url, name)
    text = f"{_KINDS.get(suspect.kind, '')} {'~' + label + '~' if suspect.state == 'out' else label}"
    facts = [
        inert(one_line(one.status, NAME_SHOWN)),
        f"by {inert(one_line(one.by or 'somebody', NAME_SHOWN))}",
    ]
    facts += [parts.moment(suspect.at, now=now), f"{duration(found.until - suspect.at)} before"]
    facts += [f"*{_state(one)}*"] if _state(one) else []
    return [parts.section(f"{text}\n{' · '.join(facts)}"), *_buttons(found, one)]


def _state(one: Changed) -> str:
    by = f" by {inert(one_line(one.suspect.by, NAME_SHOWN))}" if one.suspect.by else ""
    words = {"suspect": "suspected", "out": "ruled out", "rolled": "rolled back"}.get(one.suspect.state, "")
    return f"{words}{by}" if words else ""


def _buttons(found: Changes, one: Changed) -> list[Block]:
    about, state = value(found.incident, one.suspect.reference), one.suspect.state
    made = [] if state in {"suspect", "rolled"} else [parts.button("Suspect", SUSPECT, about)]
    made += [] if state in {"out", "rolled"} else [parts.button("Rule out", OUT, about)]
    made += [parts.button("Roll back", BACK, about)] if one.can_go_back else []
    return [parts.actions(*made)] if made else []


def _foot(found: Changes, prefix: str) -> Iterator[Block]:
    if found.more:
        yield parts.context(parts.linked(found.url, f"… and {found.more} more, in GitLab"))
    yield parts.context(f"`{escape(prefix)}incident changes 6h` looks further back.")
