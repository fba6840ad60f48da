"""Hands everything that is known of an incident to who asks for it, as JSON and in direct messages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bot.delivery import letters
from bot.edges.store import Tx
from bot.incident import Incident
from bot.incident_work import Mirrored
from bot.incidents import acting
from bot.incidents.hindsight import measuring
from bot.incidents.measures import Metrics
from bot.issues.acting import By
from bot.kit import Kit
from bot.model import Attachment, Message, Place
from bot.redact import within
from bot.text import inert, one_line

#: The form of the file; it grows with every change of what a name in it means.
FORMAT = "signalbox-incident/1"
TITLE_SHOWN = 140
#: What of the mirror map leaves: where a text is on both sides, and nothing that was said.
_MAP = (
    "id", "born", "kind", "channel", "ts", "thread", "at", "author", "note_id", "discussion", "root", "internal",
    "wanted_hash", "shown_hash", "source_hash", "state",
)  # fmt: skip


def export(kit: Kit, by: By, incident: Incident) -> None:
    """Queue the file for the direct messages of who asks; asked again with the same request it is sent once."""
    place = Place(kit.people.dm(by.person.id))
    with kit.store.write() as tx:
        message = _message(kit, incident, whole(tx, kit, incident))
        letters.answer(tx, f"{by.key}.export", message, person=by.person, place=place, now=kit.now())
        acting.note(tx, kit, by, incident, "export")
    kit.deliver()


def _message(kit: Kit, incident: Incident, data: Mapping[str, Any]) -> Message:
    text = json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True)
    title = inert(one_line(kit.redact(incident.title), TITLE_SHOWN))
    said = f"All that I know of {inert(incident.reference)}, {title}, is in the file."
    return Message(said, file=Attachment(f"incident-{incident.number}.json", text))


def whole(tx: Tx, kit: Kit, incident: Incident) -> Mapping[str, Any]:
    """
    Return an incident with its events, mirror map, holders, tasks, suspects and metrics, as JSON can hold it.

    Moments are milliseconds since 1970 in UTC; secrets are taken out of every text. What was said in the discussion
    is not in it: it is in GitLab and Slack, which know who may read it.
    """
    parts: dict[str, Any] = {
        "format": FORMAT,
        "exported_at": kit.now(),
        "incident": _plain(incident),
        "earlier_episodes": measuring.earlier(tx, incident),
        "events": [_plain(one) for one in tx.incident_events.of(incident.id, retracted=True)],
        "mirror": [_mapped(one) for one in tx.mirror.of(incident.id)],
        "holders": [_plain(one) for one in tx.holders.of(incident.id)],
        "tasks": [_plain(one) for one in tx.tasks.of(incident.id)],
        "suspects": [_plain(one) for one in tx.suspects.of(incident.id)],
        "metrics": _measured(measuring.of(tx, kit, incident)),
    }
    found: Mapping[str, Any] = within(kit.redact, parts)
    return found


def _plain(row: Any) -> dict[str, Any]:
    found: dict[str, Any] = asdict(row)
    return {name: _value(value) for name, value in found.items()}


def _value(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | str | dict | list) else str(value)


def _mapped(row: Mirrored) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _MAP}


def _measured(found: Metrics) -> dict[str, Any]:
    """Each span with the two events it comes from; null is unknown."""
    return {
        **{one.name: _plain(one) for one in found.spans},
        "adherence": asdict(found.adherence) | {"percent": found.adherence.percent},
        "provenance": asdict(found.provenance) | {"percent": found.provenance.percent},
        "longest_silence": None if found.longest is None else _plain(found.longest) | {"length": found.longest.length},
        "missed_updates": [asdict(one) | {"length": one.length} for one in found.silences],
        "handovers": found.handovers,
        "episodes": found.episodes,
    }  # fmt: skip
