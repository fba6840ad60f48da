"""What people put on the timeline by command and form: written down, shown in the room, corrected and undone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.command import Click, Pointed
from bot.edges.slack_history import SlackMessage
from bot.edges.slack_history import file as slack_file
from bot.edges.store import Tx
from bot.errors import Refused
from bot.incident import Event, Incident
from bot.incidents import acting
from bot.incidents.acting import Actor
from bot.incidents.chart import echoes, mark_facts, marked, marks, timeline
from bot.incidents.chart.moments import AHEAD_MS
from bot.incidents.outward import wanted
from bot.issues.acting import By
from bot.issues.people import MENTION, name_of
from bot.kit import Kit
from bot.model import Millis, Person
from bot.text import one_line

#: Events that the list shows.
LISTED = 15
GONE = "That is not on the timeline any more: somebody has changed or undone it."
QUOTED = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody says has happened."""

    text: str
    at: Millis
    tag: str = ""
    channel: str = ""
    ts: str = ""
    """The message it was said in; empty for none."""
    thread: str = ""
    """Root of the thread that message stands in, or opens."""
    link: str = ""


def put(kit: Kit, draw: echoes.Drawing, who: Actor, incident: Incident, entry: Entry) -> Event | None:
    """
    Put something on the timeline, and say so in the room; None if the same request has done so before.

    Raises Refused for what says nothing, or lies ahead; and as the ladder does.
    """
    _check(kit, entry)
    acting.climb(kit, who, incident.project, f"timeline inc {incident.number}")
    in_room = entry.channel == incident.channel
    place = echoes.place_of(incident, entry.thread) if in_room else incident.room
    with kit.store.write() as tx:
        event = timeline.add(
            tx, kit, incident, acting.who(who.by), entry.text, source=f"slack:{who.by.key}:timeline", at=entry.at,
            channel=entry.channel, ts=entry.ts, link=entry.link, tag=entry.tag,
        )  # fmt: skip
        if event is not None:
            echoes.show(tx, kit, draw, incident, event, place)
            acting.note(tx, kit, who.by, incident, "timeline", one_line(event.text, QUOTED))
    kit.deliver()
    return event


def change(
    kit: Kit, draw: echoes.Drawing, who: Actor, incident: Incident, event: Event, entry: Entry
) -> Event:
    """Put an event into other words, or at another moment. Raises Refused if it is gone, or not theirs to change."""
    _check(kit, entry)
    check_right(incident, event, who.person)
    acting.climb(kit, who, incident.project, f"timeline inc {incident.number}")
    if _is_same(kit, event, entry):
        return event
    with kit.store.write() as tx:
        new = timeline.correct(
            tx, kit, incident, event, acting.who(who.by), entry.text, at=entry.at, tag=entry.tag, by_hand=True
        )
        if new is None:
            raise Refused(GONE)
        echoes.show(tx, kit, draw, incident, new)
        acting.note(tx, kit, who.by, incident, "timeline changed", one_line(new.text, QUOTED))
    kit.deliver()
    return new


def undo(kit: Kit, draw: echoes.Drawing, click: Click, incident: Incident, event: Event) -> None:
    """
    Take an event back, with what else its mark has brought about.

    Whoever made it by a mark needs no account for that, as they need none to take their mark away.
    """
    acting.look(kit, click, incident.project, f"timeline inc {incident.number}")
    check_right(incident, event, click.person)
    name = click.name or click.person.id
    with kit.store.write() as tx:
        if not timeline.take_back(tx, kit, incident, event, click.person):
            raise Refused(GONE)
        mark = mark_facts.of_event(event)
        if mark is not None:
            marks.undo(tx, incident, mark)
            marks.withdraw(tx, kit, incident, mark)
        echoes.strike(tx, kit, draw, incident, event, f"by {name}")
        acting.note(tx, kit, _by(tx, click), incident, "timeline undone", one_line(event.text, QUOTED))
    kit.deliver()


def _by(tx: Tx, click: Click) -> By:
    account = tx.accounts.get(click.person)
    return By(
        click.person, click.name or click.person.id, click.place, click.key,
        account.gitlab_id if account else 0, account.username if account else "",
    )  # fmt: skip


def check_right(incident: Incident, event: Event, person: Person) -> None:
    """Raise Refused for somebody who neither made an event nor commands."""
    if person not in {event.who.person, incident.commander}:
        raise Refused(
            f"{event.who.name} put that on the timeline. Only they and the commander can change it."
        )


def _check(kit: Kit, entry: Entry) -> None:
    if not entry.text.strip():
        raise Refused("Say what happened: `/incident timeline 14:03 Restarted the workers`.")
    if entry.at > kit.now() + AHEAD_MS:
        raise Refused("That moment is still to come. The timeline has what has happened.")


def _is_same(kit: Kit, event: Event, entry: Entry) -> bool:
    text = one_line(kit.redact(entry.text), timeline.TEXT_KEPT)
    return (event.text, event.at, event.tag) == (text, entry.at, entry.tag)


# What is there ----------------------------------------------------------------------------------------------


def latest(kit: Kit, incident: Incident) -> tuple[list[tuple[Event, int]], int]:
    """Return the last events, the oldest of them first, each with how many have seconded it; and how many there are."""
    with kit.store.read() as tx:
        events = tx.incident_events.of(incident.id)
        return [(one, mark_facts.seconds(tx, incident, one)) for one in events[-LISTED:]], len(events)


def event_of(kit: Kit, incident: Incident, event_id: str) -> Event:
    """Return an event that counts. Raises Refused if it does not, any more."""
    with kit.store.read() as tx:
        event = tx.incident_events.get(event_id)
    if event is None or event.incident != incident.id or event.retracted_at is not None:
        raise Refused(GONE)
    return event


def pointed(kit: Kit, message: Pointed) -> Entry:
    """Return what a message says, as it is put on the timeline: its first words, at the moment it was written."""
    thread = message.thread or message.ts
    said = SlackMessage(
        message.ts, message.person, message.text, message.blocks, files=tuple(map(slack_file, message.files)),
        thread=message.thread, bot=message.bot,
    )  # fmt: skip
    words = one_line(marked.words(kit, message.channel, said), timeline.TEXT_KEPT)
    name = "" if message.bot or not message.person else f"{name_of(kit, message.person)}: "
    return Entry(
        name + words, mark_facts.moment_of(message.ts), channel=message.channel, ts=message.ts, thread=thread
    )


def linked(kit: Kit, entry: Entry) -> Entry:
    """Return what was said in a message with the address of that."""
    return replace(entry, link=wanted.link_to(kit, entry.channel, entry.ts, entry.thread))


def typed(kit: Kit, text: str) -> str:
    """Return a text as it was typed in a command, with names instead of mentions."""
    return MENTION.sub(lambda found: f"@{name_of(kit, found['id'])}", text).strip()
