"""Writes what an incident itself has to say below its issue: an update, a brief; once each, for the right readers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from bot import markdown
from bot.access import accounts
from bot.deeds import digest
from bot.edges.gitlab import GitLab
from bot.edges.store import Tx
from bot.errors import GitLabSaidNo, GitLabUnreachable, NotFound, NotLinked, Refused, TokenRejected
from bot.incident import Incident
from bot.incident_work import Errand
from bot.incidents import errands
from bot.incidents.errands import Kind, NotYet, Result
from bot.incidents.outward import writers
from bot.kit import Kit
from bot.model import Millis, Person
from bot.tracker import Comment

KIND = "gitlab.note"
HASH_LENGTH = 8
#: From Planner up internal notes may be written; GitLab shows everybody those of others (doc/user/permissions.md).
PLANNER = 15
#: GitLab's clock and ours may differ by this much.
CLOCKS_APART: Millis = 300_000
#: What GitLab says to an account that may not.
FORBIDDEN = frozenset({401, 403, 404})


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
    refused: GitLabSaidNo | None = None
    for gitlab in _writers(kit, errand, incident, internal=internal):
        try:
            return _written(gitlab, incident, body, internal=internal)
        except GitLabSaidNo as error:
            if error.status not in FORBIDDEN:
                raise
            refused = error
    raise refused or Refused("Nobody who takes part may write internal notes below the issue.")


def _writers(kit: Kit, errand: Errand, incident: Incident, *, internal: bool) -> Iterator[GitLab]:
    """Whose act it is, then the keeper; for an internal note only who may write one."""
    first = [errand.person] if errand.person and errands.is_linked(kit, errand.person) else []
    for person in dict.fromkeys([*first, errands.keeper(kit, incident)]):
        with suppress(NotLinked, TokenRejected):
            gitlab = kit.gitlab_as(person)
            if not internal or _role(kit, gitlab, incident, person) >= PLANNER:
                yield gitlab


def _role(kit: Kit, gitlab: GitLab, incident: Incident, person: Person) -> int:
    return gitlab.role(incident.project_id, accounts.account(kit, person).gitlab_id)


def _written(gitlab: GitLab, incident: Incident, body: str, *, internal: bool) -> Result:
    note = gitlab.write_note(incident.project_id, incident.iid, body, internal=internal)
    if internal and not note.internal:
        with suppress(NotFound):
            gitlab.drop_note(incident.project_id, incident.iid, note.id)
        raise Refused("GitLab showed everybody a note that was to be internal. I deleted it at once.")
    return {"note": note.id}


def _find(kit: Kit, errand: Errand, incident: Incident) -> Result | None:
    internal = bool(errands.payload(errand)["internal"]) or incident.private
    return find(kit, errand, incident, _mark(errand), internal=internal)


def find(kit: Kit, errand: Errand, incident: Incident, mark: str, *, internal: bool) -> Result | None:
    """
    Look for a note by its mark, as whoever may have written it: others may not see internal notes.

    One that GitLab shows everybody although it was to be internal is deleted as soon as it is seen, and is not there.
    """
    those = list(_writers(kit, errand, incident, internal=False))
    note, is_seen = _seen(kit, those, errand, incident, mark)
    if not is_seen:
        raise GitLabUnreachable("Nobody can look at this moment.", sent=True)
    if note is None or not internal or note.internal:
        return {"note": note.id} if note else None
    for gitlab in those:
        with suppress(GitLabSaidNo):  # Another of them wrote it.
            gitlab.drop_note(incident.project_id, incident.iid, note.id)
            return None
    raise GitLabUnreachable("A note has still to be deleted.", sent=True)


def _seen(
    kit: Kit, those: list[GitLab], errand: Errand, incident: Incident, mark: str
) -> tuple[Comment | None, bool]:
    """Return the note, and whether anybody could look."""
    since, is_seen = (errand.since or errand.at) - CLOCKS_APART, not those
    for gitlab in those:
        with suppress(GitLabSaidNo):
            notes = gitlab.notes_changed(incident.project_id, incident.iid, since)
            is_seen = True
            mine = writers.marked(kit, notes, mark)
            if mine is not None:
                return mine, True
    return None, is_seen


NOTING = Kind(_act, _find)
