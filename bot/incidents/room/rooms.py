"""Follows what becomes of the rooms themselves: renamed, archived, left, and closed once all is over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Protocol

from bot.command import Heard
from bot.delivery import letters
from bot.edges.store import Tx
from bot.edges.store import incidents as rows
from bot.errors import BotError, SlackError
from bot.incident import ENDED, Incident
from bot.incident_work import Due, Errand
from bot.incidents import cards, drawing, errands, which
from bot.incidents.errands import Kind, NotYet, Result
from bot.incidents.hearing import Hears
from bot.incidents.inward import copies
from bot.incidents.room import founding, heading, issuing
from bot.kit import Kit
from bot.model import Message, Millis, Person, Place

ARCHIVE, UNARCHIVE = "slack.archive", "slack.unarchive"
#: Kind of the due that archives a room.
DUE = rows.ARCHIVE
DAY_MS: Millis = 86_400_000
#: Slack's codes for why nothing can be said in a channel.
NOT_IN, CLOSED = "not_in_channel", "is_archived"
#: The fact that keeps which trouble the card shows.
SHOWN_TROUBLE = "shown.trouble"
#: Rooms that are looked at in one tick.
MOST = 50


class Drawing(drawing.Drawing, Protocol):
    """What is said of the rooms themselves."""

    def muted(self, incident: Incident, code_: str) -> Message: ...


_Act = Callable[[Kit, Drawing, Incident, Heard], None]


# What is heard ----------------------------------------------------------------------------------------------


def hears(draw: Drawing) -> Mapping[str, Hears]:
    """Return what follows from what is heard in a room, by Heard.kind."""
    return {kind: partial(_hear, act, draw) for kind, act in _ACTS.items()}


def _hear(act: _Act, draw: Drawing, kit: Kit, incident: Incident, one: Heard) -> None:
    act(kit, draw, incident, one)
    kit.deliver()


def _topic(kit: Kit, draw: Drawing, incident: Incident, one: Heard) -> None:
    """Put it back, and tell whoever wrote another one what they wrote (incidents.md 2.2)."""
    if incident.thread or heading.is_same(one.text, cards.topic(kit, draw, incident)):
        return
    with kit.store.write() as tx:
        heading.want_one(tx, kit, incident, heading.TOPIC)
        if one.person:
            letters.answer(
                tx, f"inc.{incident.id}.topic.{one.key}", draw.restored(kit.redact(one.text)),
                person=Person(one.team, one.person), place=Place(incident.channel), now=kit.now(),
            )  # fmt: skip


def _renamed(kit: Kit, _draw: Drawing, incident: Incident, one: Heard) -> None:
    """Nothing hangs on the name: it is only shown."""
    if not incident.thread:
        with kit.store.write() as tx:
            tx.incidents.note(incident.id, channel_name=one.text)
            issuing.want_links(tx, kit, incident)


def _mute(code: str) -> _Act:
    """Nothing can be said there: what would be waits, and who leads it is told, once."""

    def mute(kit: Kit, draw: Drawing, incident: Incident, one: Heard) -> None:
        if incident.muted:
            return
        person = incident.commander or incident.declarer
        dm = _dm(kit, person)
        with kit.store.write() as tx:
            tx.incidents.note(incident.id, muted=code)
            if code == CLOSED and not incident.is_open and not incident.thread:
                tx.incident_facts.put(incident.id, rows.ROOM_CLOSED, "")
            if incident.is_open and dm is not None:
                letters.answer(
                    tx, f"inc.{incident.id}.muted.{one.key}", draw.muted(incident, code), person=person, place=dm,
                    now=kit.now(),
                )  # fmt: skip

    return mute


def _dm(kit: Kit, person: Person) -> Place | None:
    with suppress(SlackError):
        return Place(kit.people.dm(person.id))
    return None


def _back(kit: Kit, draw: Drawing, incident: Incident, one: Heard) -> None:
    """
    Something can be said there again: the card is drawn on, and all above it brought to what is so by now.

    Everybody may read there by now: what waits for it was written for those who did before.
    """
    del one
    is_open = which.is_room_open(kit, incident)
    with kit.store.write() as tx:
        if is_open:
            copies.conceal(tx, incident)
        unmute(tx, kit, draw, incident)


def unmute(tx: Tx, kit: Kit, draw: Drawing, incident: Incident) -> None:
    """Write in the room again, from the card on; what waited is said by whoever let it wait."""
    tx.incidents.note(incident.id, muted="")
    tx.incident_facts.drop(incident.id, rows.ROOM_CLOSED)
    tx.cards.revive(cards.card_id(tx, incident), kit.now())
    now = tx.incidents.get(incident.id) or incident
    cards.redraw(tx, kit, draw, now)
    heading.want(tx, kit, now)


def _deleted(kit: Kit, draw: Drawing, incident: Incident, one: Heard) -> None:
    """The card comes back, and is pinned again."""
    with kit.store.write() as tx:
        card = tx.cards.get(cards.card_id(tx, incident))
        if card is None or card.ts != one.ts:
            return
        cards.repost(tx, kit, draw, incident)
        heading.want(tx, kit, incident)


def _unpinned(kit: Kit, _draw: Drawing, incident: Incident, one: Heard) -> None:
    with kit.store.write() as tx:
        card = tx.cards.get(cards.card_id(tx, incident))
        if card is not None and card.ts == one.ts and not incident.thread:
            heading.want_one(tx, kit, incident, heading.PIN)


def _moved(kit: Kit, _draw: Drawing, incident: Incident, one: Heard) -> None:
    """The channel has another id: all that is known by the old one is known by the new one."""
    kit.rooms.add(one.text)
    with kit.store.write() as tx:
        tx.incidents.note(incident.id, channel=one.text)
        tx.cards.follow(one.channel, one.text)
        tx.mirror.change("channel = ?", (one.channel,), channel=one.text)
        issuing.want_links(tx, kit, incident)


def _converted(kit: Kit, draw: Drawing, incident: Incident, one: Heard) -> None:
    """A private incident in a channel that everybody may read is an alarm (incidents.md 2.11)."""
    if one.text != "public":
        return
    with kit.store.write() as tx:
        copies.conceal(tx, incident)
    if not incident.private:
        return
    person = incident.commander or incident.declarer
    with kit.store.write() as tx:
        letters.answer(
            tx, f"inc.{incident.id}.exposed.{one.key}", draw.exposed(incident), person=person, place=incident.room,
            now=kit.now(),
        )  # fmt: skip


_ACTS: Mapping[str, _Act] = {
    "topic": _topic, "renamed": _renamed, "archived": _mute(CLOSED), "unarchived": _back, "bot_left": _mute(NOT_IN),
    "bot_joined": _back, "deleted": _deleted, "unpinned": _unpinned, "moved": _moved, "converted": _converted,
}  # fmt: skip


# Closing and opening rooms ----------------------------------------------------------------------------------


def tick(kit: Kit, draw: Drawing) -> None:
    """Set when rooms are archived, open those that are needed again, and show trouble that came or went."""
    days = kit.config.incidents.archive_days
    with kit.store.read() as tx:
        ended = tx.incidents.rooms_to_close(MOST) if days else []
        again = tx.incidents.rooms_to_keep(MOST)
        changed = [one for one in tx.incidents.open_ones() if _shows(tx, one) != one.trouble]
    if not (ended or again or changed):
        return
    with kit.store.write() as tx:
        for one in ended:
            tx.dues.arm(Due(one.id, DUE, (one.closed_at or kit.now()) + days * DAY_MS, about="{}"))
        for one in again:
            _open_again(tx, kit, one)
        for one in changed:
            tx.incident_facts.put(one.id, SHOWN_TROUBLE, one.trouble)
            cards.redraw(tx, kit, draw, one)
    kit.deliver()


def _shows(tx: Tx, incident: Incident) -> str:
    return tx.incident_facts.get(incident.id, SHOWN_TROUBLE) or ""


def close(kit: Kit, due: Due, incident: Incident) -> None:
    """The time has come to archive a room (bot/incidents/dues.py)."""
    with kit.store.write() as tx:
        if tx.dues.claim(due):
            errands.write(
                tx, errands.new(kit, incident, ARCHIVE, f"archive.{incident.episodes}", 4), again=True
            )


def _open_again(tx: Tx, kit: Kit, incident: Incident) -> None:
    known, was_closed = tx.dues.of(incident.id, DUE), tx.incident_facts.drop(incident.id, rows.ROOM_CLOSED)
    if known is not None:
        tx.dues.arm(Due(incident.id, DUE, known.due_at, state="off", about="{}"))
    if was_closed or (known is not None and known.state == "fired"):
        want_open(tx, kit, incident)


def want_open(tx: Tx, kit: Kit, incident: Incident) -> None:
    """Want a closed room opened again, or another in its place."""
    errands.write(tx, errands.new(kit, incident, UNARCHIVE, f"unarchive.{incident.episodes}", 0), again=True)


def kinds(draw: Drawing) -> Mapping[str, Kind]:
    """Return how rooms are closed and opened again; both do nothing where it is so already."""
    opened, refused = partial(_opened, draw), partial(_anew, draw)
    return {
        ARCHIVE: Kind(_archive, _archive, _archived),
        UNARCHIVE: Kind(_unarchive, _unarchive, opened, refused),
    }


def _archive(kit: Kit, _errand: Errand, incident: Incident) -> Result:
    if incident.state not in ENDED or not incident.channel:
        return {"is_open": True}
    with kit.store.read() as tx:
        others = [one for one in tx.incidents.in_channel(incident.channel) if one.is_open]
    if others:
        return {"is_open": True}
    kit.slack.archive(incident.channel)
    return {}


def _archived(tx: Tx, _kit: Kit, _errand: Errand, incident: Incident, result: Result) -> None:
    if not result:
        tx.incidents.note(incident.id, muted=CLOSED)
        tx.incident_facts.put(incident.id, rows.ROOM_CLOSED, "")


def _unarchive(kit: Kit, _errand: Errand, incident: Incident) -> Result:
    if not incident.channel:
        raise NotYet("There is no room yet.")
    kit.slack.unarchive(incident.channel)
    return {}


def _opened(draw: Drawing, tx: Tx, kit: Kit, _errand: Errand, incident: Incident, _result: Result) -> None:
    unmute(tx, kit, draw, incident)


def _anew(draw: Drawing, tx: Tx, kit: Kit, _errand: Errand, incident: Incident, _error: BotError) -> None:
    """It stays closed: another room takes its place, and links to it."""
    was = incident.channel
    tx.incidents.note(incident.id, channel="", channel_name="", muted="")
    tx.incident_facts.put(incident.id, cards.BEFORE, was)
    cards.forget(tx, incident)
    founding.want_channel(tx, kit, incident, anew=f".{incident.episodes}")
    now = tx.incidents.get(incident.id) or incident
    cards.say(tx, kit, draw, now, f"moved.on.{incident.episodes}", draw.moved_on(now, was))
