"""`incident doctor --rebuild`: finds again which message is which note, and says what does not fit."""

from __future__ import annotations

from blocks import incident_rebuild
from bot.incidents import acting
from bot.incidents.acting import Actor
from bot.incidents.hindsight import rebuild
from bot.incidents.which import Found
from bot.kit import Kit
from bot.model import Message

#: What is typed behind `incident doctor` for it.
REBUILD = "--rebuild"
#: What a telephone or a web page makes of two dashes.
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"


def is_meant(rest: str) -> bool:
    """Tell whether what follows `incident doctor` asks for it."""
    return rest.lstrip(_DASHES) == REBUILD.lstrip("-") and rest[:1] in _DASHES


def run(kit: Kit, who: Actor, one: Found) -> Message:
    """Rebuild the map of an incident whose ladder has been climbed, and write that down in the audit trail."""
    report = rebuild.rebuild(kit, one.incident)
    with kit.store.write() as tx:
        acting.note(tx, kit, who.by, one.incident, "rebuild", f"{report.restored} found again")
    return incident_rebuild.rebuilt(report)
