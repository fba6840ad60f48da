"""Keeps the summary of an incident in the description of its issue, as it is by now."""

from __future__ import annotations

from bot.edges.store import Tx
from bot.incident import Incident
from bot.incidents.crew import descriptions
from bot.issues import texts
from bot.kit import Kit

#: Name of the managed block that holds it.
BLOCK = "summary"
#: The fact of which summary the description was last brought to, or was made with.
WRITTEN = "summary.written"


def text(kit: Kit, summary: str, home: str) -> str:
    """Return a summary as Markdown in which nothing acts; `home` is the address of the project."""
    return texts.filled(kit.redact(summary), home)


def wrote(tx: Tx, incident: Incident, summary: str) -> None:
    """Write down which summary the description has, in words of ours or of whoever made the issue."""
    tx.incident_facts.put(incident.id, WRITTEN, summary)


def tick(kit: Kit) -> None:
    """Bring to descriptions what was changed since; on every tick."""
    with kit.store.read() as tx:
        changed = [one for one in tx.incidents.open_ones() if _is_changed(tx, one)]
    for one in changed:
        with kit.store.write() as tx:
            _keep(tx, kit, tx.incidents.get(one.id) or one)


def _is_changed(tx: Tx, incident: Incident) -> bool:
    return tx.incident_facts.get(incident.id, WRITTEN) not in {None, incident.summary}


def _keep(tx: Tx, kit: Kit, incident: Incident) -> None:
    home = incident.url.partition("/-/")[0]
    descriptions.want(tx, kit, incident, BLOCK, text(kit, incident.summary, home))
    wrote(tx, incident, incident.summary)
