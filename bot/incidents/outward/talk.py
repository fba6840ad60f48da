"""Brings the copy of a message to what it shall hold: made, changed or taken away, whichever is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from bot import markdown
from bot.errors import GitLabBusy, GitLabSaidNo, GitLabUnreachable, NotFound
from bot.incident import Incident
from bot.incident_work import Errand, Mirrored
from bot.incidents import errands
from bot.incidents.errands import Kind, NotYet, Result
from bot.incidents.outward import wanted, writers
from bot.incidents.outward.sources import Source
from bot.incidents.outward.talk_found import find
from bot.incidents.outward.talk_kept import Hand, refused, settled, slow
from bot.incidents.outward.wanted import FAILED, GONE
from bot.incidents.outward.writers import CannotBeInternal, Writer
from bot.kit import Kit
from bot.tracker import Comment

NOTHING: Result = {}


@dataclass(frozen=True, slots=True)
class Goal:
    """A copy as its row is now, and what it shall hold."""

    row: Mirrored
    body: str
    """Without the mark; empty for one that shall not be there."""
    root: Mirrored | None
    drawn: Mapping[str, str]
    """What was drawn anew, for the row: wanted, name and source; empty if nothing was."""

    @property
    def marked(self) -> str:
        return markdown.marked(self.body, wanted.mark_of(self.row))


def kind(redraw: Hand, fall_back: Hand) -> Kind:
    """
    Return how copies are brought about.

    `redraw` shows the card anew; `fall_back` is called when nobody may write internal notes: from then on only what
    is marked may go across.
    """
    return Kind(
        partial(_act, redraw), find, partial(settled, redraw), partial(refused, redraw, fall_back),
        may_be_passed=True,
    )  # fmt: skip


def _act(redraw: Hand, kit: Kit, errand: Errand, incident: Incident) -> Result:
    try:
        return _brought(kit, errand, incident)
    except (GitLabBusy, GitLabUnreachable):
        slow(redraw, kit, incident)
        raise


def _brought(kit: Kit, errand: Errand, incident: Incident) -> Result:
    if incident.iid == 0:
        raise NotYet("The incident has no issue yet.")
    goal = _goal(kit, errand, incident)
    if goal is None or not wanted.is_due(incident, goal.row):
        return NOTHING
    if goal.row.note_id == 0:
        return _created(kit, errand, incident, goal) if goal.body else NOTHING
    if not goal.body:
        return _dropped(kit, errand, incident, goal)
    if wanted.hash_of(goal.body) == goal.row.shown_hash:
        return _as_it_is(goal)
    return _changed(kit, errand, incident, goal)


def _goal(kit: Kit, errand: Errand, incident: Incident) -> Goal | None:
    with kit.store.read() as tx:
        row = tx.mirror.get(errand.subject)
        root = tx.mirror.get(row.root) if row and row.root else None
    if row is None:
        return None
    source = wanted.source_of(row)
    if source is None:
        return Goal(row, row.wanted, root, NOTHING)
    return _drawn(kit, incident, row, root, source)


def _drawn(kit: Kit, incident: Incident, row: Mirrored, root: Mirrored | None, source: Source) -> Goal:
    """Draw a copy of what a message says by now."""
    with kit.store.read() as tx:
        files = wanted.files_of(tx, incident.id, source)
    drawn = wanted.drawn(kit, source, files)
    alone = _stands_alone(incident, row, root)
    text = wanted.answering(drawn.text, f"{incident.url}#note_{alone}") if alone else drawn.text
    return Goal(row, text, root, {"wanted": text, "name": drawn.name, "source": row.source_hash})


def _stands_alone(incident: Incident, row: Mirrored, root: Mirrored | None) -> int:
    """Return the note that a copy answers without standing in its thread, which has other readers; 0 if it does."""
    if root is None or not _is_there(root):
        return 0
    by_itself = (
        not row.discussion if row.note_id else root.internal != wanted.is_internal(incident, row, root)
    )
    return root.note_id if by_itself else 0


def _is_there(root: Mirrored) -> bool:
    return root.note_id != 0 and root.state != FAILED


# Making one -------------------------------------------------------------------------------------------------


def _created(kit: Kit, errand: Errand, incident: Incident, goal: Goal) -> Result:
    """Write the note: in the thread of what it answers if that is for the same readers, else by itself."""
    internal = wanted.is_internal(incident, goal.row, goal.root)
    thread = _thread(kit, errand, incident, goal, internal=internal)
    made = _answered(kit, errand, incident, goal, thread, internal=internal) if thread else None
    if made is None:
        made = _written(kit, errand, incident, goal, internal=internal)
    if made is None:
        raise CannotBeInternal
    return made


def _thread(kit: Kit, errand: Errand, incident: Incident, goal: Goal, *, internal: bool) -> str:
    """Return the thread a copy belongs to; empty for one by itself. A note has a thread as soon as it is answered."""
    root = goal.root
    if root is None or not _is_there(root) or root.internal != internal:
        return ""
    if root.discussion:
        return root.discussion
    for one in writers.writers(kit, incident, writers.owner(errand, incident, goal.row)):
        with suppress(GitLabSaidNo):
            found = one.gitlab.discussions_of((root.note_id,), incident.project_id, incident.iid)
            if root.note_id in found:
                return found[root.note_id][0]
    return ""


def _answered(
    kit: Kit, errand: Errand, incident: Incident, goal: Goal, thread: str, *, internal: bool
) -> Result | None:
    """Write it below what it answers; None if GitLab shows that thread to none of those who might."""
    project, iid = incident.project_id, incident.iid
    try:
        return _written(
            kit, errand, incident, goal, internal=internal, thread=thread,
            how=lambda one: one.gitlab.reply(project, iid, thread, goal.marked),
        )  # fmt: skip
    except GitLabSaidNo as error:
        if error.status not in writers.FORBIDDEN:
            raise
        return None


def _written(
    kit: Kit, errand: Errand, incident: Incident, goal: Goal, *, internal: bool, thread: str = "",
    how: Callable[[Writer], Comment] | None = None,
) -> Result | None:  # fmt: skip
    """Write it as whoever may; None if nobody may write it for those readers alone."""
    whose = writers.owner(errand, incident, goal.row)

    def alone(one: Writer) -> Comment:
        return one.gitlab.write_note(incident.project_id, incident.iid, goal.marked, internal=internal)

    def write(one: Writer) -> Result | None:
        note = writers.checked(kit, incident, one, (how or alone)(one), internal=internal)
        if note is None:
            return None
        return {
            "note": note.id, "discussion": thread, "internal": note.internal,
            "writer": writers.signature(whose, one), "shown": wanted.hash_of(goal.body), **goal.drawn,
        }  # fmt: skip

    return writers.tried(writers.writers(kit, incident, whose, internal=internal), write)


# Changing one, and taking it away ---------------------------------------------------------------------------


def _as_it_is(goal: Goal) -> Result:
    return {"shown": goal.row.shown_hash, **goal.drawn}


def _changed(kit: Kit, errand: Errand, incident: Incident, goal: Goal) -> Result:
    """Put the new text into the same note."""
    if not goal.row.internal and goal.row.state != GONE:
        errands.check_hidden(kit, incident)
    note = (incident.project_id, incident.iid, goal.row.note_id)
    try:
        writers.tried(
            _owners(kit, errand, incident, goal.row), lambda one: one.gitlab.change_note(*note, goal.marked)
        )
    except NotFound:
        return {"dropped": True, "lost": True}
    return {"shown": wanted.hash_of(goal.body), **goal.drawn}


def _dropped(kit: Kit, errand: Errand, incident: Incident, goal: Goal) -> Result:
    note = (incident.project_id, incident.iid, goal.row.note_id)

    def drop(one: Writer) -> bool:
        one.gitlab.drop_note(*note)
        return True

    with suppress(NotFound):  # It was deleted in GitLab already.
        writers.tried(_owners(kit, errand, incident, goal.row), drop)
    return {"dropped": True}


def _owners(kit: Kit, errand: Errand, incident: Incident, row: Mirrored) -> Iterator[Writer]:
    """Yield who wrote a copy, then the keeper: a Maintainer may change what others wrote."""
    with kit.store.read() as tx:
        wrote = writers.wrote(tx, incident, row.id)
    return writers.writers(kit, incident, wrote or writers.owner(errand, incident, row))
