"""How an incident looks: its card in the room, the announcement that is its twin, and the topic of the room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from blocks import forms, parts
from blocks.incident_life import exposed, missing, proposal
from blocks.incident_said import (
    again,
    declared,
    joined,
    menu,
    moved_on,
    muted,
    restored,
    row,
    signpost,
    summons,
    told,
)
from blocks.incident_words import (
    CHANGES,
    DECLARE,
    DECLARE_FROM,
    DUPLICATE,
    EDIT,
    FOLLOW,
    FOLLOWING,
    HAND_OVER,
    JOIN,
    MORE,
    MORE_OPTIONS,
    NAME_SHOWN,
    NEW,
    NOBODY,
    POLICIES,
    PRIVATE,
    REVIEW,
    SEVERITY,
    STATE,
    TAKE,
    TASK,
    TIMELINE,
    TITLE_SHOWN,
    UPDATE,
    name,
    room,
    severity,
    severity_word,
    state,
    state_word,
)
from bot.incident import ENDED, Incident, State
from bot.incidents.drawing import Shown
from bot.incidents.values import value
from bot.model import Block, Message, Millis, Option
from bot.text import duration, escape, inert, one_line

__all__ = [
    "CHANGES", "DECLARE", "DECLARE_FROM", "DUPLICATE", "EDIT", "FOLLOW", "FOLLOWING", "HAND_OVER", "JOIN",
    "MORE", "NEW", "PRIVATE", "REVIEW", "SEVERITY", "STATE", "TAKE", "TASK", "TIMELINE", "UPDATE", "again", "card",
    "declared", "exposed", "joined", "line", "menu", "missing", "moved_on", "muted", "name", "own", "proposal",
    "restored", "room", "row", "severity", "severity_word", "signpost", "state", "state_word", "summons", "told",
    "topic", "twin", "withdrawn",
]  # fmt: skip

SUMMARY_SHOWN, LATEST_SHOWN = 300, 300
MOST_SUSPECTS = 3
#: Slack takes no longer topic (slack-platform.md 2.4).
TOPIC_LIMIT = 250
#: What of it a name may take, written for Slack.
COMMANDER_LIMIT = 60


# The card and its twin --------------------------------------------------------------------------------------


def card(shown: Shown, now: Millis) -> Message:
    """Return the card in the room; its buttons are the moves that are legal in its state."""
    incident = shown.incident
    body = [*_head(shown, now), *_words(incident, now), *_facts(shown), *_trouble(incident)]
    buttons = _buttons(shown)
    if buttons:
        # Another block at each version: a select shows what was picked last until its block is a new one.
        body.append(parts.actions(*buttons) | {"block_id": f"inc.{incident.version}"})
    return Message(_text(incident), tuple(body))


def twin(shown: Shown, now: Millis) -> Message:
    """Return the announcement: less of the same, and how to get there."""
    incident = shown.incident
    facts = [_status(incident), _commander(incident), *_times(incident, now)]
    body = [parts.header(_title(incident)), parts.fields(*facts), *_latest(incident, now)]
    body += [parts.context(f"Room: {room(incident)}")] if incident.channel else []
    body += [parts.actions(*_ways(incident))] if _ways(incident) else []
    return Message(_text(incident), tuple(body))


def own(shown: Shown, now: Millis) -> Message:
    """Return the card for one person who asked elsewhere: it is not edited later, but its buttons work."""
    incident = shown.incident
    body = [*_head(shown, now), *_words(incident, now), *_facts(shown), *_trouble(incident)]
    body += [parts.actions(*_ways(incident))] if _ways(incident) else []
    return Message(_text(incident), tuple(body))


def withdrawn() -> Message:
    """Return what is left of an announcement whose incident became private."""
    text = "This incident is private now, so no more is shown of it here."
    return Message(text, (parts.context(text),))


def topic(incident: Incident) -> str:
    """Return the topic of the room: names and titles are cut, and an address that does not fit is left out."""
    who = incident.commander_name or (incident.commander.id if incident.commander else "")
    before = inert(f"{severity(incident.severity)} · {state(incident.state)} · ")
    led = f" · commander: {_fitting(who, NAME_SHOWN, COMMANDER_LIMIT)}" if who else " · no commander"
    link = inert(f" · {incident.url}" if incident.url else "")
    if len(before + led + link) > TOPIC_LIMIT:
        link = ""
    left = TOPIC_LIMIT - len(before + led + link)
    return before + _fitting(incident.title, TITLE_SHOWN, left) + led + link


def line(text: str) -> Message:
    """Return a sentence for everybody in the room; `text` is plain."""
    return Message(inert(text), (parts.plain_context(text),))


def _fitting(text: str, shown: int, limit: int) -> str:
    """Return `text` for Slack on one line: as much of it as has at most `limit` characters once it is escaped."""
    ways = (inert(one_line(text, most)) for most in range(shown, 0, -1))
    return next((way for way in ways if len(way) <= limit), "")


def _text(incident: Incident) -> str:
    return f"{severity_word(incident.severity)}: {inert(one_line(incident.title, TITLE_SHOWN))} is" \
           f" {state_word(incident.state).lower()}"  # fmt: skip


def _title(incident: Incident) -> str:
    return one_line(f"{severity(incident.severity)} · {incident.title}", parts.HEADER_LIMIT)


def _head(shown: Shown, now: Millis) -> Iterator[Block]:
    incident = shown.incident
    private = "🔒 private · " if incident.private else ""
    policy = f"*Discussion*\n{private}{POLICIES.get(incident.policy, escape(incident.policy))}"
    due = _due(incident, now)
    yield parts.header(_title(incident))
    yield parts.fields(_status(incident), f"*Severity*\n{severity(incident.severity)}", _commander(incident),
                       *_times(incident, now), *due, policy)  # fmt: skip


def _status(incident: Incident) -> str:
    return f"*Status*\n{state(incident.state)}"


def _commander(incident: Incident) -> str:
    who = incident.commander_name or (incident.commander.id if incident.commander else "")
    return f"*Commander*\n{name(who) if who else NOBODY if incident.is_burning else 'nobody'}"


def _times(incident: Incident, now: Millis) -> list[str]:
    """When it began, with how long it burns: Slack counts on by itself."""
    began = incident.started_at or incident.detected_at or incident.declared_at
    over = incident.resolved_at or incident.closed_at
    lasted = None if incident.is_burning or over is None else over - began
    span = parts.ago(began) if lasted is None else f"lasted {duration(lasted)}"
    times = incident.episodes - 1
    again = f", opened again{f' {times} times' if times > 1 else ''}" if times > 0 else ""
    return [f"*Started*\n{parts.moment(began, now=now)}, {span}{again}"]


def _due(incident: Incident, now: Millis) -> list[str]:
    if incident.next_update is None or not incident.is_burning:
        return []
    late = ", overdue" if incident.next_update < now else ""
    return [f"*Next update due*\n{parts.moment(incident.next_update, now=now)}{late}"]


def _words(incident: Incident, now: Millis) -> list[Block]:
    """What it is about, and the latest word on it."""
    summary = one_line(incident.summary, SUMMARY_SHOWN)
    return [*([parts.plain_section(summary)] if summary else []), *_latest(incident, now)]


def _latest(incident: Incident, now: Millis) -> list[Block]:
    if not incident.latest:
        return []
    when = f" {parts.moment(incident.latest_at, now=now)}" if incident.latest_at else ""
    link = f" · {parts.linked(incident.latest_link, 'where it was said')}" if incident.latest_link else ""
    words = inert(one_line(incident.latest, LATEST_SHOWN))
    return [parts.section(f"*Latest word*{when}: {words}{link}")]


def _facts(shown: Shown) -> list[Block]:
    """Tasks, suspects and pages in GitLab, beside one another."""
    incident, tasks = shown.incident, [one for one in shown.tasks if one.state != "dropped"]
    done = sum(one.state == "done" for one in tasks)
    facts = [f"Tasks: {done} of {len(tasks)} done"] if tasks else []
    facts += _suspects(shown)
    facts += [parts.linked(incident.url, name(incident.reference))] if incident.url else []
    facts += [parts.linked(incident.review_url, "Review")] if incident.review_url else []
    facts += ["a review is due"] if shown.needs_review else []
    if not incident.url:
        facts.append(f"inc {incident.number} in {name(incident.project)}")
    return [parts.context(" · ".join(facts))]


def _suspects(shown: Shown) -> list[str]:
    found = [one for one in shown.suspects if one.state in {"suspect", "rolled"}]
    words = [parts.linked(one.url, name(one.title)) + (" (rolled back)" if one.state == "rolled" else "")
             for one in found[:MOST_SUSPECTS]]  # fmt: skip
    more = f" and {len(found) - MOST_SUSPECTS} more" if len(found) > MOST_SUSPECTS else ""
    return [f"Suspects: {', '.join(words)}{more}"] if words else []


def _trouble(incident: Incident) -> list[Block]:
    return [parts.context(f":warning: {inert(incident.trouble)}")] if incident.trouble else []


# Buttons ----------------------------------------------------------------------------------------------------


def _buttons(shown: Shown) -> list[Block]:
    incident = shown.incident
    about = value(incident)
    if incident.state in ENDED:
        return [parts.button("Reopen", STATE, value(incident, shown.moves[0]))] if shown.moves else []
    moves = [Option(state_word(one), value(incident, one)) for one in shown.moves if one is not State.MERGED]
    change = [forms.static(STATE, moves, "Change state")] if moves else []
    task, more = parts.button("Add task", TASK, about), forms.static(MORE, _more(incident), "More")
    if not incident.is_burning:
        review = (
            [parts.button("Write review", WRITE_REVIEW, about, style="primary")] if shown.needs_review else []
        )
        return [*review, *change, task, more]
    command = ("Hand over", HAND_OVER) if incident.commander else ("Take command", TAKE)
    update = parts.button("Update", UPDATE, about, style="primary")
    return [update, *change, parts.button(*command, about), task, more]


def _more(incident: Incident) -> Sequence[Option]:
    private = "Make it public…" if incident.private else "Make it private…"
    return [Option(label, value(incident, one)) for one, label in (*MORE_OPTIONS, (PRIVATE, private))]


#: Writes the review that is due.
WRITE_REVIEW = "incident.review"
#: Asks the room for an update.
REQUEST = "incident.request_update"


def _ways(incident: Incident) -> list[Block]:
    about, page = value(incident), incident.url.startswith(("https://", "http://"))
    takes_part = incident.state not in ENDED
    ways = [parts.button("Join", JOIN, about, style="primary")] if takes_part and incident.channel else []
    ways += [parts.button("Follow", FOLLOW, about)] if takes_part else []
    ways += [parts.button("Request update", REQUEST, about)] if incident.is_burning else []
    return [*ways, *([parts.link_button("Open in GitLab", incident.url)] if page else [])]
