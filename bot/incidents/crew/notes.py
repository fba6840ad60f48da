"""Writes what an incident itself has to say below its issue: an update, a brief; once each, for the right readers."""

from __future__ import annotations

from contextlib import suppress

from bot import markdown
from bot.deeds import digest
from bot.edges.store import Tx
from bot.errors import GitLabSaidNo, GitLabUnreachable, Refused
from bot.incident import Incident
from bot.incident_work import Errand
from bot.incidents import errands
from bot.incidents.errands import Kind, NotYet, Result
from bot.incidents.outward import writers
from bot.incidents.outward.writers import Writer
from bot.kit import Kit
from bot.model import Millis, Person
from bot.tracker import Comment

KIND = "gitlab.note"
HASH_LENGTH = 8
#: GitLab's clock and ours may differ by this much.
CLOCKS_APART: Millis = 300_000


def want(
    tx: Tx, kit: Kit, incident: Incident, key: str, body: str, *, internal: bool, person: Person | None = None
) -> None:
    """
    Have a note written below the issue, once for each `key` of letters, digits, dots and dashes.

    `body` is Markdown in which nothing acts. An `internal` note is written by who may, or not at all.
    """
    about = errands.packed(key=key, body=kit.redact(body), internal=internal)
    errands.write(
        tx, errands.new(kit, incident, KIND, f"note.{key}", 2, subject=key, payload=about, person=person)
    )


def is_ours(incident: Incident, body: str) -> bool:
    """Tell whether a note is one of these."""
    return f"i={incident.id} k=" in (markdown.mark_of(body) or "")


def _mark(errand: Errand) -> str:
    key = errand.subject
    return f"i={errand.incident} k={key} h={digest(errand.incident, key)[:HASH_LENGTH]}"


def _act(kit: Kit, errand: Errand, incident: Incident) -> Result:
    if not incident.iid:
        raise NotYet("GitLab has not made the issue yet.")
    about = errands.payload(errand)
    body = markdown.marked(str(about["body"]), _mark(errand))
    return write(kit, errand, incident, body, internal=bool(about["internal"]) or incident.private)


def write(kit: Kit, errand: Errand, incident: Incident, body: str, *, internal: bool) -> Result:
    """Write a note as whose act it is, else as the keeper; an `internal` one only as who may, so that none is shown."""

    def act(one: Writer) -> Result | None:
        note = one.gitlab.write_note(incident.project_id, incident.iid, body, internal=internal)
        kept = writers.checked(kit, incident, one, note, internal=internal)
        return {"note": kept.id} if kept else None

    written = writers.tried(writers.writers(kit, incident, errand.person, internal=internal, anew=True), act)
    if written is None:
        raise Refused("Nobody who takes part may write internal notes below the issue.")
    return written


def _find(kit: Kit, errand: Errand, incident: Incident) -> Result | None:
    internal = bool(errands.payload(errand)["internal"]) or incident.private
    return find(kit, errand, incident, _mark(errand), internal=internal)


def find(kit: Kit, errand: Errand, incident: Incident, mark: str, *, internal: bool) -> Result | None:
    """
    Look for a note by its mark, as whoever may have written it: others may not see internal notes.

    One that GitLab shows everybody although it was to be internal is deleted as soon as it is seen, and is not there.
    """
    those = list(writers.writers(kit, incident, errand.person))
    reader, note = _seen(kit, those, errand, incident, mark)
    if reader is None:
        raise GitLabUnreachable("Nobody can look at this moment.", sent=True)
    if note is None:
        return None
    owner = writers.author(kit, those, note) or reader
    kept = writers.checked(kit, incident, owner, note, internal=internal, others=those)
    return {"note": kept.id} if kept else None


def _seen(
    kit: Kit, those: list[Writer], errand: Errand, incident: Incident, mark: str
) -> tuple[Writer | None, Comment | None]:
    """Return who could look, and the note if they saw it."""
    since, reader = (errand.since or errand.at) - CLOCKS_APART, None
    for one in those:
        with suppress(GitLabSaidNo):
            notes = one.gitlab.notes_changed(incident.project_id, incident.iid, since)
            reader = one
            mine = writers.marked(kit, notes, mark)
            if mine is not None:
                return one, mine
    return reader, None


NOTING = Kind(_act, _find)
