"""Finds again which message is which note, from the marks that both carry, when our own map of it was lost.

Notes of ours end with a hidden mark that names a row of the map; our messages in Slack carry one in their metadata,
and link to the note they show. What is known already is not changed: what contradicts it is told (incidents.md 4.1).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace

from bot import markdown
from bot.deeds import digest
from bot.delivery import letters
from bot.edges.gitlab import GitLab
from bot.edges.slack_marks import Marked
from bot.edges.store import Tx
from bot.errors import SlackError
from bot.incident import CURATED, GITLAB, SLACK, Incident
from bot.incident_work import Mirrored
from bot.incidents import errands
from bot.incidents.errands import NotYet
from bot.incidents.inward.mapped import card_id
from bot.incidents.outward import wanted, writers
from bot.incidents.outward.queueing import COPY
from bot.incidents.outward.wanted import HASH_LENGTH, LIVE, MARK, STAR, TALK
from bot.incidents.told import Report
from bot.kit import Kit
from bot.model import Message, Place
from bot.text import one_line
from bot.tracker import Comment

#: Most pages of a hundred notes that are read (bot/edges/gitlab_discussions.py, ID_PAGES).
PAGES = 50
#: Characters of a name that are kept.
NAME_KEPT = 100
_FIELD = re.compile(r"\b(?P<name>[a-z])=(?P<value>\S+)")
#: A link to a message of Slack, as chat.getPermalink gives it.
_MESSAGE = re.compile(
    r"/archives/(?P<channel>[A-Z0-9]+)/p(?P<seconds>\d{9,11})(?P<rest>\d{6})(?:\?thread_ts=(?P<thread>[\d.]+))?"
)
_NOTE = re.compile(r"#note_(?P<number>\d{1,12})\b")


def rebuild(kit: Kit, incident: Incident) -> Report:
    """
    Write the rows of the mirror map anew that are missing, and say what contradicts; done again it changes nothing.

    Raises what GitLab raises; without Slack, what GitLab alone tells is written.
    """
    report = Report()
    gitlab = _reader(kit, incident)
    found = gitlab.notes_changed(incident.project_id, incident.iid, 0, PAGES) if incident.iid else []
    notes = sorted(
        found, key=lambda one: one.id
    )  # Of two with the same mark the first counts: the other was pasted.
    messages = list(_messages(kit, incident, report))
    threads = (
        gitlab.discussions_of([one.id for one in notes], incident.project_id, incident.iid) if notes else {}
    )
    report.notes, report.messages = len(notes), sum(bool(one.oid) for one in messages)
    with kit.store.read() as tx:
        others = {one.id for one in notes if not writers.is_of_ours(tx, one)}
    rows = [
        *_of_notes(incident, notes, messages, report, others),
        *_of_messages(incident, notes, messages, report),
    ]
    with kit.store.write() as tx:
        kept = [one for one in rows if _keep(tx, kit, incident, one, threads, report)]
        _settle_roots(tx, incident, kept, threads)
    return report


def _reader(kit: Kit, incident: Incident) -> GitLab:
    """Return GitLab as who answers for the incident, since only members read internal notes; else as the bot."""
    try:
        return kit.gitlab_as(errands.keeper(kit, incident))
    except NotYet:
        return kit.gitlab


def _messages(kit: Kit, incident: Incident, report: Report) -> Iterator[Marked]:
    if not incident.channel:
        return
    try:
        if incident.thread:
            yield from kit.slack.marked_below(incident.channel, incident.thread)
        else:
            yield from kit.slack.marked(incident.channel)
    except SlackError as error:
        report.trouble = error.sentence


# What was born in Slack: notes with a mark ------------------------------------------------------------------


def _of_notes(
    incident: Incident, notes: Sequence[Comment], messages: Sequence[Marked], report: Report, others: Set[int]
) -> Iterator[Mirrored]:
    """
    Yield a row for each note of ours that is the copy of a message: the mark names the row, the head the message.

    `others` are notes that nobody wrote for us. What a note says is taken for anybody's words: people with an account
    can paste a mark as well, and a review quotes what a row holds.
    """
    there = {one.ts: one for one in messages}
    for note in notes:
        fields = _fields(note.body)
        mirror_id = fields.get("m", "")
        if fields.get("i") != incident.id or not mirror_id:
            continue
        if fields.get("h") != digest(incident.id, mirror_id)[:HASH_LENGTH] or note.id in others:
            report.contradictions.append(
                f"Note {note.id} carries a mark that is none of ours: it was pasted there."
            )
            continue
        ts, thread = _pointed(incident, note.body)
        if not ts:
            report.contradictions.append(f"Note {note.id} is a copy, but does not say of which message.")
            continue
        if messages and ts not in there:
            report.contradictions.append(f"The message of note {note.id} is not in the room any more.")
        text = _without_mark(note.body)
        author = there[ts].user if ts in there else ""
        harmless = markdown.from_markdown(text, base=incident.url.partition("/-/")[0])
        yield Mirrored(
            mirror_id, incident.id, SLACK, TALK, incident.channel, ts, thread, _millis(ts), author, "",
            note_id=note.id, internal=note.internal, wanted=harmless, wanted_hash=wanted.hash_of(text),
            shown_hash=wanted.hash_of(text), state=LIVE,
        )  # fmt: skip


def _fields(body: str) -> Mapping[str, str]:
    said = markdown.mark_of(body)
    return {found["name"]: found["value"] for found in _FIELD.finditer(said)} if said else {}


def _pointed(incident: Incident, body: str) -> tuple[str, str]:
    """Return the message that the first line of a copy links to, and the root it answers; empty for another room's."""
    found = _MESSAGE.search(body.partition("\n")[0])
    if found is None or found["channel"] != incident.channel:
        return "", ""
    thread = found["thread"] or ""
    return f"{found['seconds']}.{found['rest']}", "" if thread == incident.thread else thread


def _without_mark(body: str) -> str:
    plain = body.replace("\r\n", "\n").rstrip()
    return plain.rpartition("\n")[0].rstrip() if markdown.mark_of(plain) else plain


def _millis(ts: str) -> int:
    seconds, _, rest = ts.partition(".")
    return int(seconds) * 1000 + int(rest[:3] or 0)


# What was born in GitLab: messages with a mark --------------------------------------------------------------


def _of_messages(
    incident: Incident, notes: Sequence[Comment], messages: Sequence[Marked], report: Report
) -> Iterator[Mirrored]:
    """Yield a row for each message of ours that is the copy of a note: the mark names the row, a link the note."""
    known = {one.id: one for one in notes}
    begins = f"inc.{incident.id}.m."
    for one in (each for each in messages if each.oid.startswith(begins)):
        number = _shown_note(incident, one)
        note = known.get(number)
        if note is None:
            what = f"note {number}" if number else "a note that it does not name"
            report.contradictions.append(
                f"The message {one.ts} shows {what}, which is not below the issue any more."
            )
            continue
        # What only members may read is not shown again where it may have been hidden.
        hidden = note.internal and not incident.private
        text = "" if hidden else note.body
        yield Mirrored(
            one.oid.removeprefix(begins), incident.id, GITLAB, TALK, incident.channel, one.ts, one.thread,
            note.created_at, note.author, one_line(note.name or note.author, NAME_KEPT), note_id=note.id,
            internal=note.internal, wanted=text, wanted_hash=digest(text), source_hash=digest(note.body), state=LIVE,
        )  # fmt: skip


def _shown_note(incident: Incident, one: Marked) -> int:
    """Return the number of the note whose address in this incident's issue stands first in a message; 0 for none."""
    text = json.dumps([one.content.get("blocks"), one.content.get("text")], ensure_ascii=False)
    for found in _NOTE.finditer(text):
        if text[: found.start()].endswith(incident.url):
            return int(found["number"])
    return 0


# What is kept -----------------------------------------------------------------------------------------------


def _keep(
    tx: Tx,
    kit: Kit,
    incident: Incident,
    row: Mirrored,
    threads: Mapping[int, tuple[str, int]],
    report: Report,
) -> bool:
    """Write a row, unless it is known or something known contradicts it; tell whether it was written."""
    clean = replace(
        row,
        wanted=kit.redact(row.wanted),
        name=kit.redact(row.name),
        discussion=threads.get(row.note_id, ("", 0))[0],
    )
    known = tx.mirror.get(row.id) or tx.mirror.of_note(incident.id, row.note_id)
    if known is None and any(tx.mirror.put(replace(clean, kind=kind)) for kind in _kinds(incident, row)):
        report.restored += 1
        if row.born == GITLAB:
            _adopt(tx, kit, row)
        return True
    if known is not None and _agree(known, row):
        report.known += 1
        return _complete(tx, kit, known, clean)
    report.contradictions.append(_contradiction(known, row))
    return False


def _agree(known: Mirrored, row: Mirrored) -> bool:
    """Tell whether two rows are one; a side that is not known yet contradicts nothing."""
    return known.id == row.id and known.ts in {"", row.ts} and known.note_id in {0, row.note_id}


def _complete(tx: Tx, kit: Kit, known: Mirrored, row: Mirrored) -> bool:
    """Write down the side of a row that was never known, unless what writes it is still under way."""
    if not known.ts and tx.cards.get(card_id(known)) is None:
        tx.mirror.change("id = ?", (known.id,), ts=row.ts, thread=row.thread, state=LIVE)
        _adopt(tx, kit, row)
        return True
    if not known.note_id and not tx.errands.under_way(known.incident, COPY, known.id):
        tx.mirror.change(
            "id = ?", (known.id,), note_id=row.note_id, discussion=row.discussion, internal=row.internal,
            shown_hash=row.shown_hash,
        )  # fmt: skip
        return True
    return False


def _kinds(incident: Incident, row: Mirrored) -> tuple[str, ...]:
    """Return what kind of copy a row may be, the likeliest first: the mark of a note does not say."""
    if row.born == GITLAB:
        return (TALK,)
    marked = STAR if row.internal else MARK
    return (marked, TALK) if wanted.policy_of(incident) == CURATED else (TALK, marked)


def _contradiction(known: Mirrored | None, row: Mirrored) -> str:
    if known is None:
        return f"Another text is known for the message {row.ts} already, so note {row.note_id} is left alone."
    return (
        f"Note {row.note_id} and message {row.ts} say that they are one text; I know note {known.note_id or 'none'}"
        f" with message {known.ts or 'none'}, and leave that as it is."
    )


def _adopt(tx: Tx, kit: Kit, row: Mirrored) -> None:
    """Let the message be the living copy of its note again, if nothing is; it is edited when the note is."""
    card = card_id(row)
    if tx.cards.get(card) is not None:
        return
    text = letters.dump(Message(row.id))
    mark = letters.digest(text)
    tx.cards.want(card, Place(row.channel, row.thread or None), text, mark, kit.now())
    tx.cards.shown(card, row.ts, mark, 0)


def _settle_roots(
    tx: Tx, incident: Incident, rows: Sequence[Mirrored], threads: Mapping[int, tuple[str, int]]
) -> None:
    """Tie replies to the rows they answer: by the thread in GitLab, else by that in Slack."""
    for row in rows:
        first = threads.get(row.note_id, ("", 0))[1]
        root = tx.mirror.of_note(incident.id, first) if first and first != row.note_id else None
        if root is None and row.thread:
            same = tx.mirror.all_of_message(row.channel, row.thread)
            root = min(same, key=lambda one: (one.kind != row.kind, one.kind, one.id), default=None)
        if root is not None and root.id != row.id:
            tx.mirror.change("id = ?", (row.id,), root=root.root or root.id)
