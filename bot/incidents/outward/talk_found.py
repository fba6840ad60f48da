"""Looks in GitLab for a copy of whose writing no answer came, by its mark."""

from __future__ import annotations

from bot.errors import GitLabSaidNo
from bot.incident import Incident
from bot.incident_work import Errand, Mirrored
from bot.incidents.errands import Result
from bot.incidents.outward import wanted, writers
from bot.incidents.outward.wanted import GONE
from bot.incidents.outward.writers import Writer
from bot.kit import Kit
from bot.model import Millis
from bot.tracker import Comment

#: How far GitLab's clock may be from ours, and how long a request may have been under way.
CLOCKS_APART_MS: Millis = 600_000


def find(kit: Kit, errand: Errand, incident: Incident) -> Result | None:
    """
    Look for the note by its mark, or at the note that was to change; its text is compared afterwards.

    One that GitLab published although it was to be internal is deleted as soon as it is seen.
    """
    with kit.store.read() as tx:
        row = tx.mirror.get(errand.subject)
        root = tx.mirror.get(row.root) if row and row.root else None
    if row is None:
        return {}
    whose = writers.owner(errand, incident, row)
    those = list(writers.writers(kit, incident, whose))
    seen = ((one, _seen(kit, one, incident, row, errand)) for one in those)
    reader, note = next(((one, note) for one, note in seen if note), (None, None))
    if reader is None or note is None:
        return {"dropped": True} if row.note_id and row.state == GONE else None
    if row.note_id:
        return {"shown": wanted.hash_of(note.body)}
    owner = writers.author(kit, those, note) or reader
    internal = wanted.is_internal(incident, row, root)
    if writers.checked(kit, incident, owner, note, internal=internal, others=those) is None:
        return None
    thread = _thread_of(reader, incident, note) if note.in_discussion else ""
    return {
        "note": note.id, "discussion": thread, "internal": note.internal,
        "writer": writers.signature(whose, owner), "shown": wanted.hash_of(note.body),
    }  # fmt: skip


def _seen(kit: Kit, one: Writer, incident: Incident, row: Mirrored, errand: Errand) -> Comment | None:
    """Return the note as this account sees it; None if it sees none."""
    project, iid = incident.project_id, incident.iid
    try:
        if row.note_id:
            return one.gitlab.note(project, iid, row.note_id)
        since = (errand.since or errand.at) - CLOCKS_APART_MS
        changed = one.gitlab.notes_changed(project, iid, since)
    except GitLabSaidNo:
        return None
    return writers.marked(kit, changed, wanted.mark_of(row))


def _thread_of(one: Writer, incident: Incident, note: Comment) -> str:
    return one.gitlab.discussions_of((note.id,), incident.project_id, incident.iid).get(note.id, ("", 0))[0]
