"""Closes incidents that are resolved and need no review, once nobody has opened them again for a day."""

from __future__ import annotations

from bot.edges.store import Tx
from bot.incident import BOT, Change, Incident, State, Who
from bot.incidents import life, states
from bot.incidents.drawing import Drawing
from bot.kit import Kit
from bot.model import Millis

#: So long one stays resolved: until then it may turn out that it is not over.
WAIT_MS: Millis = 86_400_000
#: Incidents that are closed in one tick.
MOST = 50
US = Who("Signalbox", is_bot=True)
REASON = "resolved for a day, and no review is due"


def tick(kit: Kit, draw: Drawing) -> None:
    """Close what is over; on every tick."""
    with kit.store.read() as tx:
        over = _over(tx, kit)
    for one in over:
        with kit.store.write() as tx:
            _close(tx, kit, draw, one)
    if over:
        kit.deliver()


def _over(tx: Tx, kit: Kit) -> list[Incident]:
    """Those whose issue is closed already, so that nothing but their state says that they are not done."""
    least = kit.config.incidents.review_severity
    resolved = tx.incidents.resolved_by(kit.now() - WAIT_MS, MOST)
    return [one for one in resolved if not states.wants_open(one, least)]


def _close(tx: Tx, kit: Kit, draw: Drawing, one: Incident) -> None:
    now = tx.incidents.get(one.id) or one
    if now.version == one.version:
        source = f"bot:over:{now.episodes}"
        life.apply(tx, kit, draw, now, Change("state", State.CLOSED, US, kit.now(), BOT, source, REASON))
