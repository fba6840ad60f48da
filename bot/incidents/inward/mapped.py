"""How the copy of a text is known on either side: in GitLab by a hidden mark, which counts for one row."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot import markdown
from bot.deeds import digest
from bot.incident import Incident
from bot.incident_work import Mirrored
from bot.incidents.outward.wanted import HASH_LENGTH, OF_ROW

_FIELD = re.compile(r"\b(?P<name>[a-z])=(?P<value>\S+)")


def card_id(row: Mirrored) -> str:
    """Return the id of the card in Slack that is the copy of a note."""
    return f"inc.{row.incident}{OF_ROW}{row.id}"


@dataclass(frozen=True, slots=True)
class Marked:
    """What the hidden mark of a note says."""

    incident: str
    """Id; empty for a mark that is about none."""
    mirror: str = ""
    """Id of the row whose copy the note is; empty for what is no copy."""
    is_true: bool = False
    """Whether its hash is right."""


def read(body: str) -> Marked | None:
    """Return what the mark of a note says; None if it has none of ours."""
    said = markdown.mark_of(body)
    if said is None:
        return None
    fields = {found["name"]: found["value"] for found in _FIELD.finditer(said)}
    incident, mirror = fields.get("i", ""), fields.get("m", "")
    return Marked(incident, mirror, fields.get("h") == digest(incident, mirror)[:HASH_LENGTH])


def is_word(incident: Incident, found: Marked | None) -> bool:
    """Tell whether a note with this mark was written by us for an incident and is no copy of anything."""
    return found is not None and found.incident == incident.id and not found.mirror
