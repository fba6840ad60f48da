"""What buttons and options on the card of an incident carry."""

from __future__ import annotations

from bot.incident import Incident

#: What stands between the parts of it; ids of ours hold none.
BETWEEN = ":"


def value(incident: Incident, picked: str = "") -> str:
    """
    Return what a button on a card carries: the incident, and the version it was drawn for.

    An option of a select carries what is `picked` as well.
    """
    return BETWEEN.join((incident.id, str(incident.version), *([picked] if picked else [])))
