"""What only whoever declared an incident, or leads it, hears: where it is, and what did not go as it should."""

from __future__ import annotations

from bot.delivery import letters
from bot.edges.store import Tx
from bot.incident import Incident
from bot.incidents import cards, which
from bot.incidents.drawing import Drawing
from bot.incidents.room import alike
from bot.kit import Kit
from bot.model import Millis, Person, Place

#: How long the way to the room waits for GitLab's issue, so that one message tells both.
TOGETHER_MS: Millis = 1_500


def declared(tx: Tx, kit: Kit, draw: Drawing, incident: Incident) -> None:
    """Tell the way to the room, and to the issue as soon as there is one: in one message if GitLab is quick."""
    if not incident.channel:
        return
    first, second = f"inc.{incident.id}.told", f"inc.{incident.id}.told.issue"
    if incident.iid:
        tx.outbox.dead(first, "told together with the issue")
        _answer(tx, kit, draw, incident, second, 0)
    elif tx.outbox.get(first) is None:
        _answer(tx, kit, draw, incident, first, kit.now() + TOGETHER_MS)


def _answer(tx: Tx, kit: Kit, draw: Drawing, incident: Incident, key: str, at: Millis) -> None:
    if incident.origin is None:
        return
    shown = cards.shown_of(tx, kit, incident).incident
    person, title = incident.declarer, incident.title
    near = [
        one for one in alike.of_project(tx, incident.project, but=incident.id)
        if alike.likeness(one.title, title) >= alike.NEAR and which.takes_part(tx, person, one)
    ]  # fmt: skip
    message = draw.declared(shown, near[: alike.MOST])
    letters.answer(tx, key, message, person=person, place=incident.origin, now=kit.now(), at=at)


def refused(
    tx: Tx, kit: Kit, draw: Drawing, incident: Incident, key: str, sentence: str, *,
    whom: tuple[Person, Place] | None = None,
) -> None:  # fmt: skip
    """Tell that something could not be done for it: whoever declared it, or somebody else and where."""
    person, place = whom or (incident.declarer, incident.origin)
    if place is not None:
        message = draw.line(kit.redact(f"inc {incident.number}: {sentence}"))
        letters.answer(tx, key, message, person=person, place=place, now=kit.now())
