"""Tells whoever edits a copy in GitLab where its text can be edited: by a reply below it, once for each edit."""

from __future__ import annotations

from bot import markdown
from bot.deeds import digest
from bot.edges.store import Tx
from bot.errors import NotFound
from bot.incident import Incident
from bot.incident_work import Errand, Mirrored
from bot.incidents import errands
from bot.incidents.errands import Kind, Result
from bot.incidents.outward import writers
from bot.kit import Kit

WORD = "gitlab.word"
RESTORED = (
    "This is a copy of a message in Slack, and was written again as it is there. Edit the message in Slack, and the"
    " copy follows; or say it in a comment of your own."
)
#: Digits of the hash of a text that tell one edit from another.
REVISION = 16


def want(tx: Tx, kit: Kit, incident: Incident, row: Mirrored, revision: str) -> None:
    """Have a word said below a copy; `revision` is the hash of what it was edited to."""
    key = f"word.{row.id}.{revision[:REVISION]}"
    errands.write(tx, errands.new(kit, incident, WORD, key, 4, subject=row.id))


def _mark(errand: Errand) -> str:
    return f"i={errand.incident} w={digest(errand.id)[:REVISION]}"


def _act(kit: Kit, errand: Errand, incident: Incident) -> Result:
    row = _row(kit, errand)
    body = markdown.marked(RESTORED, _mark(errand))
    gitlab = errands.gitlab(kit, errand, incident)
    if row.discussion:
        return {"note": gitlab.reply(incident.project_id, incident.iid, row.discussion, body).id}
    return {"note": gitlab.write_note(incident.project_id, incident.iid, body, internal=row.internal).id}


def _find(kit: Kit, errand: Errand, incident: Incident) -> Result | None:
    found = kit.gitlab.notes_changed(incident.project_id, incident.iid, errand.at - errands.SURELY_OVER_MS)
    mine = writers.marked(kit, found, _mark(errand))
    return {"note": mine.id} if mine else None


def _row(kit: Kit, errand: Errand) -> Mirrored:
    with kit.store.read() as tx:
        row = tx.mirror.get(errand.subject)
    if row is None:
        raise NotFound("That message is forgotten.")
    return row


KIND = Kind(_act, _find)
