"""Takes in what was written below an issue in GitLab: new notes, edits of them, and edits of copies that are ours.

Each note is claimed once, by its id, before anything is shown of it (incidents.md 3.3). The side where a text was born
owns it: a copy that somebody edits in GitLab is written again as it was.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot import markdown
from bot.deeds import digest
from bot.edges.store import Tx
from bot.incident import GITLAB, SLACK, Incident
from bot.incident_work import Mirrored
from bot.incidents.inward import attached, copies, mapped, words
from bot.incidents.inward.copies import CLAIMED, FAILED, GONE, HELD, LIVE, Drawing
from bot.incidents.outward import queueing, wanted, writers
from bot.kit import Kit
from bot.text import one_line
from bot.tracker import Comment

log = logging.getLogger(__name__)

NAME_KEPT = 80
#: Begins the facts of which note has a mark of ours and is nobody's copy, behind which stands a hash of the mark.
OTHERS = "notes.ours."
#: Digits of that hash.
_OWN = 16
Threads = Mapping[int, tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of an incident's discussion in one look."""

    notes: tuple[Comment, ...]
    threads: Threads
    """Of those that are new: id of the discussion, and of its first note."""
    is_open: bool
    """Whether everybody in the room may read what only some may in GitLab."""
    confidential: bool


def new_ones(tx: Tx, incident: Incident, notes: tuple[Comment, ...]) -> list[int]:
    """Return the ids of notes whose discussion has to be asked for: those that nobody has mapped yet."""
    return [
        note.id
        for note in notes
        if tx.mirror.of_note(incident.id, note.id) is None and not _is_ours(tx, incident, note)
    ]


def edited_copies(tx: Tx, incident: Incident, notes: tuple[Comment, ...]) -> list[int]:
    """Return the ids of copies that do not hold what they should, though nothing is under way for them."""
    found = []
    for note in notes:
        row = tx.mirror.of_note(incident.id, note.id)
        if row is not None and row.born == SLACK and _is_edited_copy(tx, row, note):
            found.append(note.id)
    return found


def take(tx: Tx, kit: Kit, draw: Drawing, incident: Incident, read: Read) -> None:
    """Take in all that was read, the oldest first, in the transaction that moves the cursor on."""
    for note in sorted(read.notes, key=lambda one: (one.created_at, one.id)):
        take_note(tx, kit, draw, incident, note, read)
    copies.settle(tx, kit, draw, incident)


def take_note(tx: Tx, kit: Kit, draw: Drawing, incident: Incident, note: Comment, read: Read) -> None:
    """Take in one note; the same note as before changes nothing."""
    row = tx.mirror.of_note(incident.id, note.id)
    if row is None:
        _unknown(tx, kit, incident, note, read)
    elif row.born == SLACK:
        _own_copy(tx, kit, incident, row, note)
    elif row.state != GONE:
        now = _edited(tx, kit, row, note, read)
        if now is not None and row.state in {LIVE, FAILED}:
            copies.redraw(tx, kit, draw, incident, now)
            attached.want(tx, kit, incident, now)


# New notes --------------------------------------------------------------------------------------------------


def _unknown(tx: Tx, kit: Kit, incident: Incident, note: Comment, read: Read) -> None:
    if not _is_ours(tx, incident, note):
        _claim(tx, kit, incident, note, read)
    elif mapped.is_word(incident, mapped.read(note.body)):
        tx.incident_facts.claim(incident.id, _word(note), str(note.id))  # It counts as known.


def _is_ours(tx: Tx, incident: Incident, note: Comment) -> bool:
    """
    Whether a note is no human's: a word of the bot, or a copy whose answer is on its way, or was lost.

    Whoever writes that copy looks for it. On any other note the mark was pasted, and counts for nothing; so it does
    once the copy is gone.
    """
    found = mapped.read(note.body)
    if found is None or found.incident != incident.id or not writers.is_of_ours(tx, note):
        return False
    if not found.mirror:
        return tx.incident_facts.get(incident.id, _word(note)) in {None, str(note.id)}
    row = tx.mirror.get(found.mirror) if found.is_true else None
    if row is None or row.incident != incident.id or row.born != SLACK or row.note_id:
        return False
    return row.state != GONE or tx.errands.under_way(incident.id, queueing.COPY, row.id)


def _claim(tx: Tx, kit: Kit, incident: Incident, note: Comment, read: Read) -> None:
    discussion, first = read.threads.get(note.id, ("", note.id))
    root = _root(tx, incident, note, discussion, first)
    if root is not None and discussion and root.discussion != discussion:
        tx.mirror.change("id = ?", (root.id,), discussion=discussion)  # It stood alone until it was answered.
    row = Mirrored(
        kit.new_id(), incident.id, GITLAB, "talk", incident.channel, "", "", note.created_at, note.author,
        _name(kit, note), note_id=note.id, discussion=discussion, root=root.id if root else "",
        internal=note.internal, state=CLAIMED if copies.can_show(incident) else HELD, **_texts(kit, note, read),
    )  # fmt: skip
    tx.mirror.put(row)


def _root(tx: Tx, incident: Incident, note: Comment, discussion: str, first: int) -> Mirrored | None:
    """The row that a reply belongs under; of a discussion whose first note is none of ours, the first that is known."""
    if first == note.id:
        return None
    root = tx.mirror.of_note(incident.id, first) or tx.mirror.of_discussion(incident.id, discussion)
    above = tx.mirror.get(root.root) if root and root.root and root.born == GITLAB else None
    return above or root


def _texts(kit: Kit, note: Comment, read: Read, *, hidden: bool = False) -> dict[str, str]:
    """What a copy shall hold: nothing of a text that the room must not read. What was hidden stays so, later too."""
    hidden = hidden or (read.is_open and (note.internal or read.confidential))
    wanted = "" if hidden else kit.redact(note.body)
    return {"wanted": wanted, "wanted_hash": digest(wanted), "source_hash": digest(note.body)}


def _name(kit: Kit, note: Comment) -> str:
    return one_line(kit.redact(note.name or note.author), NAME_KEPT)


def _word(note: Comment) -> str:
    """Return the name of the fact of which note has this mark: the first that had it."""
    return OTHERS + digest(markdown.mark_of(note.body))[:_OWN]


# Edits ------------------------------------------------------------------------------------------------------


def _edited(tx: Tx, kit: Kit, row: Mirrored, note: Comment, read: Read) -> Mirrored | None:
    """Write down how a note of GitLab's own reads by now; None if it reads as before."""
    if digest(note.body) == row.source_hash:
        return None
    texts = _texts(kit, note, read, hidden=not row.wanted)
    tx.mirror.change("id = ?", (row.id,), name=_name(kit, note), **texts)
    return tx.mirror.get(row.id)


def _own_copy(tx: Tx, kit: Kit, incident: Incident, row: Mirrored, note: Comment) -> None:
    """Write a copy again that somebody has edited in GitLab, and tell them where its text can be edited."""
    if not _is_edited_copy(tx, row, note):
        return
    log.info("the copy %d of message %s was edited in GitLab: it is written again", note.id, row.ts)
    queueing.restore(tx, kit, incident, row, note.body)
    words.want(tx, kit, incident, row, digest(note.body))


def _is_edited_copy(tx: Tx, row: Mirrored, note: Comment) -> bool:
    """Whether it holds neither what it should nor what it is known to have held, with nothing under way for it."""
    if row.state not in {LIVE, GONE} or wanted.hash_of(note.body) in {row.wanted_hash, row.shown_hash}:
        return False
    return not tx.errands.under_way(row.incident, queueing.COPY, row.id)


# What is gone -----------------------------------------------------------------------------------------------


def gone(tx: Tx, kit: Kit, draw: Drawing, incident: Incident, row: Mirrored) -> None:
    """
    Take a note out that was deleted in GitLab: of its copy in Slack no text is left.

    One that was born in Slack is not written again.
    """
    if row.born == SLACK:
        tx.mirror.change("id = ?", (row.id,), state=GONE, note_id=0, discussion="", shown_hash="")
        return
    tx.mirror.change("id = ?", (row.id,), state=GONE, wanted="", wanted_hash="", source_hash="")
    copies.redraw(tx, kit, draw, incident, replace(row, state=GONE, wanted=""))
