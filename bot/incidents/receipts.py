"""Shows below a message what became of its mark: an emoji of ours, and to who asked for it the reason if it failed."""

from __future__ import annotations

from typing import Protocol

from bot.delivery import letters
from bot.edges.store import Tx
from bot.errors import SlackError
from bot.incident import Incident
from bot.incident_work import Errand, Mirrored
from bot.incidents import errands, wanted
from bot.incidents.errands import Kind, Result
from bot.kit import Kit
from bot.model import Message, Person, Place

#: Emoji of ours below a message: its copy is in GitLab; it could not be written. Neither is a mark of anybody's.
SENT, NOT_SENT = "outbox_tray", "warning"
#: Codes that say that there is nothing to put an emoji on, or no right to.
UNIMPORTANT = frozenset(
    {"message_not_found", "not_in_channel", "channel_not_found", "is_archived", "thread_locked", "too_many_emoji",
     "too_many_reactions", "missing_scope", "not_reactable", "invalid_name"}
)  # fmt: skip
#: Name of the facts that say who asked for a copy by a mark, behind which stands the row's id.
ASKED = "asked."


class Drawing(Protocol):
    """What people read of it (blocks/incident_copying.py)."""

    def not_copied(self, why: str) -> Message: ...

    def fell_back(self) -> Message: ...


def kind(draw: Drawing) -> Kind:
    """Return how a mark is answered; each emoji is put and taken once, however often it is asked for."""

    def settled(tx: Tx, kit: Kit, errand: Errand, incident: Incident, _result: Result) -> None:
        why = str(errands.payload(errand)["why"])
        row = tx.mirror.get(errand.subject)
        if why and row is not None:
            _tell(tx, kit, incident, row, draw.not_copied(kit.redact(why)))

    return Kind(_act, _act, settled)


def _act(kit: Kit, errand: Errand, _incident: Incident) -> Result:
    with kit.store.read() as tx:
        row = tx.mirror.get(errand.subject)
    if row is None:
        return {}
    shown = {wanted.LIVE: SENT, wanted.FAILED: NOT_SENT}.get(row.state, "")
    try:
        for emoji in {SENT, NOT_SENT} - {shown}:
            kit.slack.unreact(row.channel, row.ts, emoji)
        if shown:
            kit.slack.react(row.channel, row.ts, shown)
    except SlackError as error:
        if error.code not in UNIMPORTANT:
            raise
    return {"shown": shown}


def ask(tx: Tx, incident: Incident, row: Mirrored, by: Person) -> None:
    """Keep in mind who asked for a copy."""
    tx.incident_facts.put(incident.id, ASKED + row.id, f"{by.team}/{by.id}")


def _tell(tx: Tx, kit: Kit, incident: Incident, row: Mirrored, message: Message) -> None:
    asked = tx.incident_facts.get(incident.id, ASKED + row.id)
    if asked:
        person, place = (
            Person(*asked.split("/", 1)),
            Place(row.channel, row.thread or incident.thread or None),
        )
        key = f"inc.{incident.id}.receipt.{row.id}.{kit.new_id()}"
        letters.answer(tx, key, message, person=person, place=place, now=kit.now())
