"""Those who follow an incident: one direct message each, edited with every update; and what they may ask for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Protocol

from bot.delivery import letters
from bot.edges.store import Tx
from bot.errors import Refused
from bot.incident import SLACK, Incident, Who
from bot.incident_work import Errand
from bot.incidents import cards, life, which
from bot.incidents.drawing import Drawing, Shown
from bot.incidents.errands import Kind, Result
from bot.kit import Kit
from bot.model import Message, Millis, Person, Place
from bot.text import duration

#: Facts: who follows, when an update was asked for last, and that their messages are to be drawn anew.
FOLLOWS, REQUESTED, STALE = "follows.", "requested", "follows_stale"
#: How often somebody may ask for an update of one incident.
REQUEST_MS: Millis = 600_000


class Showing(Protocol):
    """How their message looks; handed in, since the rules do not know `blocks`."""

    def followed(self, shown: Shown, now: Millis) -> Message: ...
    def unfollowed(self, incident: Incident) -> Message: ...


def follow(tx: Tx, kit: Kit, showing: Showing, incident: Incident, who: tuple[Person, str, str]) -> bool:
    """
    Let somebody follow: `who` is the person, their name, and our direct messages with them.

    False if they do already. Whoever follows has one message, which shows how it is.
    """
    person, name, room = who
    fact = json.dumps({"name": name, "room": room}, ensure_ascii=False)
    if not tx.incident_facts.claim(incident.id, _fact(person), fact):
        return False
    _show(tx, kit, showing, incident, person, room)
    if tx.incident_facts.get(incident.id, cards.SHOWN_FOLLOWED) is None:
        tx.incident_facts.put(incident.id, cards.SHOWN_FOLLOWED, cards.followed(incident))
    return True


def go_along(tx: Tx, one: Incident, survivor: Incident) -> int:
    """Let those who follow a duplicate follow the survivor too, if they may see it; how many."""
    going = [
        (person, fact)
        for key, fact in tx.incident_facts.begin(one.id, FOLLOWS).items()
        if which.takes_part(tx, person := _person(key), survivor)
    ]
    for person, fact in going:
        tx.incident_facts.claim(survivor.id, _fact(person), fact)
    if going:
        tx.incident_facts.put(survivor.id, cards.SHOWN_FOLLOWED, "")
    return len(going)


def unfollow(tx: Tx, kit: Kit, showing: Showing, incident: Incident, person: Person) -> bool:
    """Let somebody follow no more; False if they did not."""
    kept = tx.incident_facts.get(incident.id, _fact(person))
    if kept is None:
        return False
    tx.incident_facts.drop(incident.id, _fact(person))
    _put(tx, kit, incident, person, str(json.loads(kept)["room"]), showing.unfollowed(incident))
    return True


def all_of(tx: Tx, incident: Incident) -> Iterator[tuple[Person, str, str]]:
    """Yield who follows: the person, their name, and our direct messages with them."""
    for key, value in tx.incident_facts.begin(incident.id, FOLLOWS).items():
        kept = json.loads(value)
        yield _person(key), str(kept["name"]), str(kept["room"])


def stale(tx: Tx, incident: Incident) -> None:
    """Want their messages drawn anew."""
    tx.incident_facts.put(incident.id, STALE, "1")


def redraw(tx: Tx, kit: Kit, draw: Drawing, showing: Showing, incident: Incident) -> None:
    """Show everybody who follows how it is, if something new was said; what became private is taken from others."""
    is_stale = tx.incident_facts.drop(incident.id, STALE)
    if is_stale:
        tx.incident_facts.put(incident.id, cards.SHOWN_FOLLOWED, cards.followed(incident))
    for person, _, room in list(all_of(tx, incident)):
        if not which.takes_part(tx, person, incident):
            tx.incident_facts.drop(incident.id, _fact(person))
            _put(tx, kit, incident, person, room, draw.withdrawn())
        elif is_stale:
            _show(tx, kit, showing, incident, person, room)


def _show(tx: Tx, kit: Kit, showing: Showing, incident: Incident, person: Person, room: str) -> None:
    _put(tx, kit, incident, person, room, showing.followed(cards.shown_of(tx, kit, incident), kit.now()))


def _put(tx: Tx, kit: Kit, incident: Incident, person: Person, room: str, message: Message) -> None:
    card = f"inc.{incident.id}.follow.{person.team}.{person.id}"
    letters.card_of(tx, card, Place(room), message, kit.now(), person=person.id)


def _fact(person: Person) -> str:
    return f"{FOLLOWS}{person.team}/{person.id}"


def _person(key: str) -> Person:
    team, _, person_id = key.partition("/")
    return Person(team, person_id)


# What changes without a word --------------------------------------------------------------------------------


def kinds(draw: Drawing, showing: Showing) -> Mapping[str, Kind]:
    """Return how they are shown another state or severity, and what became private is taken from them."""
    return {cards.FOLLOWED: Kind(_nothing, _nothing, partial(_moved, draw, showing))}


def _nothing(_kit: Kit, _errand: Errand, _incident: Incident) -> Result:
    return {}


def _moved(
    draw: Drawing, showing: Showing, tx: Tx, kit: Kit, _errand: Errand, incident: Incident, _result: Result
) -> None:
    stale(tx, incident)
    redraw(tx, kit, draw, showing, incident)


# What they may ask for --------------------------------------------------------------------------------------


def request(tx: Tx, kit: Kit, draw: Drawing, incident: Incident, who: Who, source: str) -> None:
    """Ask the room for an update. Raises Refused while it was asked for lately, or if it does not burn."""
    if tx.incident_events.of_source(incident.id, source) is not None:
        return
    if not incident.is_burning:
        raise Refused("It does not burn any more. Its card has the latest word.")
    last = int(tx.incident_facts.get(incident.id, REQUESTED) or 0)
    wait = last + REQUEST_MS - kit.now()
    if wait > 0:
        raise Refused(f"Somebody has asked for an update already. Ask again in {duration(wait)}.")
    tx.incident_facts.put(incident.id, REQUESTED, str(kit.now()))
    said = f"{who.name} asks for an update"
    life.record(tx, kit, incident, "request", who, said, source=source, origin=SLACK, shown=False)
    cards.say(tx, kit, draw, incident, source, f"{said}.")
