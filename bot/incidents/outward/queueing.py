"""Writes down which copies of a room's talk are wanted in GitLab, in the transaction that wants them."""

from __future__ import annotations

from dataclasses import asdict, replace

from bot.edges.store import Tx
from bot.incident import CURATED, SLACK, Incident
from bot.incident_work import Mirrored
from bot.incidents import errands
from bot.incidents.outward import sources, wanted
from bot.incidents.outward.sources import Source
from bot.incidents.outward.wanted import CLAIMED, GONE, MARKS, OF_ROW, TALK
from bot.kit import Kit
from bot.markdown import Said
from bot.model import Millis, Person

#: The errands that bring a copy, and a file, into GitLab, and that show in Slack what became of a mark.
COPY, FILE, RECEIPT = "gitlab.talk", "gitlab.file", "slack.receipt"
TALK_PRIORITY, NICE_PRIORITY = 3, 4


def claim(tx: Tx, kit: Kit, incident: Incident, source: Source, kind: str = TALK) -> Mirrored | None:
    """Make a message one of this incident's, and want its copy, for those it is said to now; None if it is known."""
    internal = wanted.is_for_members(incident, kind)
    row = Mirrored(
        kit.new_id(), incident.id, SLACK, kind, source.channel, source.ts, source.thread, source.at, source.person,
        "", root=root_of(tx, incident, source, kind), internal=internal, state=CLAIMED,
        wanted=sources.packed(source), wanted_hash=source.hash, source_hash=source.hash,
    )  # fmt: skip
    if not tx.mirror.put(row):
        return None
    want(tx, kit, incident, row, source)
    return row


def forestall(tx: Tx, kit: Kit, incident: Incident, ts: str, author: str) -> None:
    """Keep a message from being copied that was deleted before it was told of; one that is known stays as it is."""
    row = Mirrored(
        kit.new_id(), incident.id, SLACK, TALK, incident.channel, ts, "", Said(ts, author, "").at, author, "",
        state=GONE,
    )  # fmt: skip
    tx.mirror.put(row)


def root_of(tx: Tx, incident: Incident, source: Source, kind: str) -> str:
    """Return the id of the row that a reply belongs below; empty for a root.

    Where the root is nothing people said, such as a card of ours, the first reply stands for it.
    """
    if not source.thread:
        return ""
    root = tx.mirror.of_message(source.channel, source.thread, kind)
    root = root or of_message(tx, source.channel, source.thread)
    if root is None or (root.state == GONE and root.note_id == 0):
        root = tx.mirror.one(
            "channel = ? AND thread = ? AND thread <> '' AND incident = ? AND kind = ? AND root = '' AND state <> ?"
            " ORDER BY ts, id",
            source.channel, source.thread, incident.id, kind, GONE,
        )  # fmt: skip
    return root.id if root and root.ts != source.ts and root.incident == incident.id else ""


def of_message(tx: Tx, channel: str, ts: str) -> Mirrored | None:
    """Return what is known of a message; of the copy of a note also if it was posted this very moment."""
    known = tx.mirror.of_message(channel, ts, TALK)
    if known is not None:
        return known
    card = tx.cards.at(channel, ts)
    head, _, row_id = card.id.rpartition(OF_ROW) if card else ("", "", "")
    return tx.mirror.get(row_id) if head.startswith("inc.") else None


def change(tx: Tx, kit: Kit, incident: Incident, row: Mirrored, source: Source) -> bool:
    """Want a copy to hold what a message says by now; False, and nothing is wanted, if that is the same as before."""
    if source.hash == row.source_hash and row.state != GONE:
        return False
    tx.mirror.change(
        "id = ?", (row.id,), wanted=sources.packed(source), wanted_hash=source.hash, source_hash=source.hash,
        state=CLAIMED,
    )  # fmt: skip
    want(tx, kit, incident, row, source)
    return True


def end(tx: Tx, kit: Kit, incident: Incident, row: Mirrored, body: str) -> None:
    """Want nothing but `body` to be left of a copy; an empty one: nothing at all."""
    tx.mirror.change("id = ?", (row.id,), wanted=body, wanted_hash=wanted.hash_of(body), state=GONE)
    again(tx, kit, incident, row, Person(incident.team, row.author))


def want(tx: Tx, kit: Kit, incident: Incident, row: Mirrored, source: Source) -> None:
    """Want a copy, and before it what its files are called in GitLab."""
    for file in source.files:
        body = errands.packed(file=asdict(file))
        key = f"file.{file.id}{'.gone' if file.is_gone else ''}"
        errands.write(
            tx,
            errands.new(
                kit,
                incident,
                FILE,
                key,
                TALK_PRIORITY,
                subject=file.id,
                payload=body,
                person=source.who,
                at=row.at,
            ),
        )
    again(tx, kit, incident, row, source.who)


def again(tx: Tx, kit: Kit, incident: Incident, row: Mirrored, person: Person | None) -> None:
    """Bring a copy to what is wanted of it by then."""
    key = f"talk.{row.id}"
    errand = errands.new(kit, incident, COPY, key, TALK_PRIORITY, subject=row.id, person=person, at=row.at)
    errands.write(tx, errand, again=True)


def errand_id(row: Mirrored) -> str:
    """Return the id of the errand that brings a copy to what is wanted of it."""
    return f"{row.incident}.talk.{row.id}"


def receipt(tx: Tx, kit: Kit, incident: Incident, row: Mirrored, why: str = "") -> None:
    """Show below a message what became of its mark; `why` says what went wrong."""
    body = errands.packed(why=why)
    errand = errands.new(
        kit, incident, RECEIPT, f"receipt.{row.id}", NICE_PRIORITY, subject=row.id, payload=body
    )
    errands.write(tx, errand, again=True)


def requeue(tx: Tx, kit: Kit, before: Incident, incident: Incident) -> None:
    """
    Let what waits be written by what an incident is now; to be called by what changes its policy or makes it private.

    Nothing is decided here: each copy looks at the incident when it is written; only what was said to members alone
    stays so. What is said while only marked messages go across is not known here, and stays in Slack.
    """
    if wanted.policy_of(before) == CURATED:
        tx.incidents.note(incident.id, heard_ts=stamp(kit.now()))
    waiting = tx.mirror.where(
        "incident = ? AND born = ? AND note_id = 0 AND state <> ? ORDER BY at, ts", incident.id, SLACK, GONE
    )
    for row in waiting:
        source = wanted.source_of(row)
        if source is not None and wanted.is_due(incident, row):
            want(tx, kit, incident, row, source)
        elif wanted.is_due(incident, row):
            again(tx, kit, incident, row, Person(incident.team, row.author))


def restore(tx: Tx, kit: Kit, incident: Incident, row: Mirrored, seen: str) -> None:
    """Put a copy back to what it shall hold, since somebody has changed it in GitLab to `seen`."""
    shown = wanted.hash_of(seen)
    tx.mirror.change("id = ?", (row.id,), shown_hash=shown)
    if wanted.is_due(incident, replace(row, shown_hash=shown)):
        again(tx, kit, incident, row, Person(incident.team, row.author))


def stamp(at: Millis) -> str:
    """Return a moment as Slack writes the ts of a message."""
    return f"{at // 1000}.{at % 1000:03}000"


def is_marked(row: Mirrored) -> bool:
    return row.kind in MARKS
