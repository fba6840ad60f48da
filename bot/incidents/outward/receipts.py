"""Shows below a message what became of its mark: an emoji of ours, and to who asked for it the reason if it failed."""

from __future__ import annotations

from typing import Protocol

from bot.delivery import letters
from bot.edges.store import Tx
from bot.errors import SlackError
from bot.incident import Incident
from bot.incident_work import Errand, Mirrored
from bot.incidents import errands
from bot.incidents.errands import Kind, Result
from bot.incidents.outward import wanted
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
#: The same for which of our emoji stands below a message.
SHOWN = "receipt."


class Drawing(Protocol):
    """What people read of it (blocks/incident_copying.py)."""

    def not_copied(self, why: str) -> Message: ...

    def fell_back(self) -> Message: ...


def kind(draw: Drawing) -> Kind:
    """Return how a mark is answered; each emoji is put and taken once, however often it is asked for."""

    def settled(tx: Tx, kit: Kit, errand: Errand, incident: Incident, result: Result) -> None:
        tx.incident_facts.put(incident.id, SHOWN + errand.subject, str(result["shown"]))
        why = str(errands.payload(errand)["why"])
        row = tx.mirror.get(errand.subject)
        if why and row is not None:
            _tell(tx, kit, incident, row, draw.not_copied(kit.redact(why)))

    return Kind(_act, _act, settled)


def _act(kit: Kit, errand: Errand, incident: Incident) -> Result:
    """Bring our emoji to what became of the mark; Slack lets all of the bot take away 20 a minute (Tier 2)."""
    with kit.store.read() as tx:
        row = tx.mirror.get(errand.subject)
        before = tx.incident_facts.get(incident.id, SHOWN + errand.subject) or ""
    now = {wanted.LIVE: SENT, wanted.FAILED: NOT_SENT}.get(row.state, "") if row else ""
    if row is None or now == before:
        return {"shown": now}
    try:
        if before:
            kit.slack.unreact(row.channel, row.ts, before)
        if now:
            kit.slack.react(row.channel, row.ts, now)
    except SlackError as error:
        if error.code not in UNIMPORTANT:
            raise
    return {"shown": now}


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
