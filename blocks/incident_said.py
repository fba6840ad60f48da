"""What people hear of an incident besides its card: where it is, what is open, and what became of its room."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import parts
from blocks.answers import said
from blocks.incident_words import (
    DECLARE,
    EDIT,
    JOIN,
    NEW,
    TITLE_SHOWN,
    name,
    room,
    severity,
    state,
)
from bot.incident import Incident
from bot.incidents.values import value
from bot.model import Block, Message
from bot.text import code, escape, inert, one_line, plural

#: Rows of a list in a menu, and people that are called at once.
MOST_ROWS, MOST_CALLED = 8, 50
ATTEMPT_SHOWN = 250


def row(incident: Incident) -> Block:
    """Return an incident as one line of a list, with the way into its room."""
    about = f"*{name(incident.reference)}* {inert(one_line(incident.title, TITLE_SHOWN))}"
    text = f"{severity(incident.severity)} · {state(incident.state)} · {about} · {_commander_short(incident)}"
    join = parts.button("Join", JOIN, value(incident)) if incident.channel and incident.is_open else None
    return parts.row(text, join)


def menu(open_ones: Sequence[Incident], *, prefix: str, here: Message | None = None) -> Message:
    """Return what can be done where nothing follows `incident`: declare one, or join one that is open."""
    other = "other " if here else ""
    title = (
        plural(len(open_ones), f"{other or 'open '}incident") if open_ones else f"No {other}incident is open."
    )
    declare_ = parts.button("Declare incident", DECLARE, NEW, style="danger")
    rows = [row(one) for one in open_ones[:MOST_ROWS]]
    left_out = len(open_ones) - len(rows)
    more = [parts.context(f"… and {left_out} more: {code(f'{prefix}incident list')}")] if left_out else []
    own_ = [*here.blocks, parts.divider()] if here else []
    typed = parts.context(f"Typed: {code(f'{prefix}incident declare sev2 What is wrong')}")
    return Message(title, (*own_, parts.section(title), *rows, *more, parts.actions(declare_), typed))


def signpost(incident: Incident) -> Message:
    """Return the way to the room, for everybody where the incident was declared."""
    title = inert(one_line(incident.title, TITLE_SHOWN))
    text = f"{severity(incident.severity)}: {title}. {name(incident.declarer_name)} has declared an incident"
    return said(f"{text}; people talk about it in {room(incident)}.")


def declared(incident: Incident, near: Sequence[Incident] = ()) -> Message:
    """Return the way to the room and to the issue for whoever declared it, with what it may be the same as."""
    title = inert(one_line(incident.title, TITLE_SHOWN))
    page = parts.linked(incident.url, name(incident.reference)) if incident.url else ""
    issue = f"GitLab issue: {page}" if page else "GitLab's issue follows."
    head = f"{severity(incident.severity)}: inc {incident.number}, {title}, is declared."
    edit_ = parts.button("Edit", EDIT, value(incident))
    pages = [parts.link_button("Open in GitLab", incident.url)] if page.startswith("<") else []
    body = [parts.section(f"{head}\nRoom: {room(incident)} · {issue}"), parts.actions(edit_, *pages)]
    return Message(head, (*body, *_near(near)))


def again(incident: Incident) -> Message:
    """Return what is said to whoever sends in once more what has declared an incident already."""
    title = inert(one_line(incident.title, TITLE_SHOWN))
    where = f" Room: {room(incident)}." if incident.channel else ""
    page = parts.linked(incident.url, name(incident.reference)) if incident.url else f"inc {incident.number}"
    return said(f"That is declared already: {page}, {title}.{where}")


def _near(near: Sequence[Incident]) -> list[Block]:
    return [parts.context("It may be the same as:"), *(row(one) for one in near)] if near else []


def restored(attempt: str) -> Message:
    """Return a word to somebody whose topic was replaced by ours."""
    tried = one_line(attempt, ATTEMPT_SHOWN)
    words_ = f" You wrote: {code(tried, ATTEMPT_SHOWN)}" if tried else ""
    return said(f"I keep the topic of an incident's room, so I have put it back.{words_}")


def summons(people: Sequence[str]) -> Message:
    """Return what calls people, by their Slack ids, into a room that is a thread."""
    called = [piece for one in people[:MOST_CALLED] for piece in (parts.user(one), parts.words(" "))]
    words_ = "please have a look: people talk about the incident in this thread."
    return Message(words_, (parts.rich_text(parts.paragraph(*called, parts.words(words_))),))


def told(text: str) -> Message:
    """Return a word to one person, in mrkdwn."""
    return said(text)


def joined(incident: Incident) -> Message:
    """Return the way in for somebody who has joined."""
    return said(f"You take part in inc {incident.number}: {room(incident)}.")


def _commander_short(incident: Incident) -> str:
    who = incident.commander_name or (incident.commander.id if incident.commander else "")
    return f"commander {name(who)}" if who else "no commander"


def muted(incident: Incident, code_: str) -> Message:
    """Return a word to the commander when nothing can be said in the room any more, by Slack's code."""
    why = "it is archived" if code_ == "is_archived" else "I was removed from it"
    help_ = "Unarchive it" if code_ == "is_archived" else "Invite me again with `/invite`"
    return said(
        f"I cannot write in {room(incident)} of inc {incident.number}: {why}. What happens in GitLab waits until then."
        f" {help_}."
    )


def moved_on(incident: Incident, channel: str) -> Message:
    """Return what begins a room that takes the place of a channel that cannot be opened again."""
    return said(f"What was said before about inc {incident.number} is in <#{escape(channel)}>.")
