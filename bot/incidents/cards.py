"""Shows an incident in Slack: its living card, and lines in its room."""

from __future__ import annotations

from bot.delivery import letters
from bot.edges.store import Tx
from bot.incident import Incident
from bot.incidents.drawing import Drawing
from bot.kit import Kit
from bot.model import Message


def redraw(tx: Tx, kit: Kit, draw: Drawing, incident: Incident, *, urgent: bool = True) -> None:
    """Let the card show the incident as it is now; what is not `urgent` is shown with the next edit."""
    if incident.channel:
        letters.card_of(
            tx, f"inc.{incident.id}.card", incident.room, draw.card(incident, kit.now()), kit.now(),
            person=(incident.commander or incident.declarer).id, urgent=urgent,
        )  # fmt: skip


def say(tx: Tx, kit: Kit, _draw: Drawing, incident: Incident, key: str, message: Message) -> None:
    """Say something in the room, once for each key."""
    if incident.channel:
        letters.say(tx, f"inc.{incident.id}.{key}", message, incident.room, kit.now())
