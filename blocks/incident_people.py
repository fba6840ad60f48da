"""How the people of an incident look: who has which part, a request to take command, and the brief with it."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import forms, incident_words, parts
from bot.incident import Incident
from bot.incident_work import Holder
from bot.incidents.crew.brief import Section
from bot.incidents.crew.handover import Handover
from bot.incidents.values import value
from bot.model import Block, Message, Place
from bot.text import escape, inert, one_line

TAKE, HAND_OVER, ACCEPT, DECLINE, OVERRIDE = (
    "incident.take", "incident.hand_over", "incident.accept", "incident.decline", "incident.override",
)  # fmt: skip
#: Ids of the fields.
TO, NOTE, REASON = "to", "note", "reason"
ROW_SHOWN, TITLE_SHOWN, MOST_TYPED = 250, 140, 500
#: Characters of one section of a brief (slack-platform.md 2.1).
SECTION_SHOWN = 2_800


def request(incident: Incident, one: Handover, outcome: str) -> Message:
    """Return the request to take command, with the brief; with an `outcome` nothing can be pressed any more."""
    about = f"{incident_words.name(incident.reference)} {inert(one_line(incident.title, TITLE_SHOWN))}"
    head = f"{incident_words.name(one.by_name)} asks {incident_words.name(one.to_name)} to take command of {about}"
    body = [parts.section(f"*{head}*")]
    body += [parts.plain_section(one.note)] if one.note else []
    body += _sections(one.sections)
    if outcome:
        body.append(parts.plain_context(outcome))
        return Message(f"{head}. {inert(outcome)}", tuple(body))
    answer = value(incident, str(one.number))
    buttons = (
        parts.button("Accept", ACCEPT, answer, style="primary"),
        parts.button("Decline", DECLINE, answer),
    )
    body += [
        parts.actions(*buttons),
        parts.plain_context(f"Only {one.to_name} can answer. Until then nothing changes."),
    ]
    return Message(head, tuple(body))


def brief(incident: Incident, sections: Sequence[Section]) -> Message:
    """Return the brief by itself."""
    who, what = incident_words.name(incident.commander_name), incident_words.name(incident.reference)
    head = f"Brief for {who}, who commands {what} now"
    return Message(head, (parts.section(f"*{head}*"), *_sections(sections)))


def _sections(sections: Sequence[Section]) -> list[Block]:
    return [parts.section(_section(one)) for one in sections]


def _section(one: Section) -> str:
    lines, room = [f"*{escape(one.title)}*"], SECTION_SHOWN
    for at, row in enumerate(one.rows):
        line = f"• {inert(one_line(row, ROW_SHOWN))}"
        room -= len(line) + 1
        if room < 0:
            lines.append(f"• and {len(one.rows) - at} more")
            break
        lines.append(line)
    return "\n".join(lines)


def told(text: str) -> Message:
    """Return a word to one person; `text` is plain."""
    return Message(inert(text), (parts.plain_section(text),))


def nobody(incident: Incident) -> Message:
    """Return the word to the room that nobody commands any more, with what changes that."""
    text = f"Nobody commands {incident_words.name(incident.reference)} any more. Who takes it?"
    take = parts.button("Take command", TAKE, value(incident), style="primary")
    return Message(text, (parts.section(text), parts.actions(take)))


def roles(incident: Incident, holders: Sequence[Holder]) -> Message:
    """Return who has which part, for who asks."""
    rows = [
        f"*{incident_words.name(role.capitalize())}*: {incident_words.name(name)}"
        for role, name in _parts(incident, holders)
    ]
    text = f"People of {incident_words.name(incident.reference)}"
    shown = "\n".join(rows) or "Nobody has a part in it yet."
    return Message(text, (parts.section(f"*{text}*\n{shown}"),))


def _parts(incident: Incident, holders: Sequence[Holder]) -> list[tuple[str, str]]:
    found = [("commander", incident.commander_name or "nobody")]
    found += [(one.role, one.name) for one in holders if one.role not in {"commander", "responder"}]
    here = list(dict.fromkeys(one.name for one in holders if one.role == "responder"))
    return [*found, *([("here", ", ".join(here))] if here else [])]


# Forms ------------------------------------------------------------------------------------------------------


def hand_over(incident: Incident, place: Place) -> Block:
    """Return the form in which a commander names who shall take over."""
    body = [
        forms.person(TO, "Who shall take command?"),
        forms.optional(forms.text(NOTE, "What should they know?", lines=True, most=MOST_TYPED)),
        parts.plain_context("They are asked, with a brief. Until they accept, you command it."),
    ]
    return forms.modal(HAND_OVER, value(incident), place, title="Hand over command", submit="Ask", body=body)


def override(incident: Incident, place: Place) -> Block:
    """Return the form in which somebody takes command from a commander who cannot be reached, and says why."""
    told = (
        "commands it, and will be told"
        if incident.commander
        else "commands it in GitLab, and is told nothing here"
    )
    body = [
        parts.plain_section(f"{incident.commander_name} {told}."),
        forms.text(REASON, "Why do you take over?", most=MOST_TYPED),
    ]
    return forms.modal(
        OVERRIDE,
        value(incident, incident.led_by),
        place,
        title="Take command",
        submit="Take command",
        body=body,
    )
