"""The discussion from Slack to GitLab: what is said, edited, deleted and marked in a room of an incident."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from bot.command import Heard
from bot.config.incidents import REMOVE
from bot.edges.slack_history import NOTHING_SINCE, SlackMessage
from bot.edges.store import Tx
from bot.errors import SlackError
from bot.incident import CURATED, SLACK, Incident, Who
from bot.incident_work import Mirrored
from bot.incidents.errands import NotYet
from bot.incidents.outward import queueing, receipts, refusals, sources, wanted
from bot.incidents.outward.sources import Source
from bot.incidents.outward.wanted import CLAIMED, GONE, MARK, MARKS, STAR, TALK, policy_of
from bot.kit import Kit
from bot.model import Person, Place

__all__ = ["deleted", "edited", "known", "policy_of", "promote", "said", "withdraw"]

#: What a copy says whose message was deleted, or whose mark was taken back although somebody had answered.
DELETED, WITHDRAWN = "Deleted in Slack", "Taken back in Slack"


def said(kit: Kit, incident: Incident, heard: Heard) -> bool:
    """Take in what was said in the room; False if that is not talk, is known, or is not for GitLab."""
    source = sources.heard(incident, heard, kit.people.us())
    return source is not None and take(kit, incident, source)


def take(kit: Kit, incident: Incident, source: Source) -> bool:
    """Take in a message, and before it the one it answers if that is not known; False if there is nothing to do."""
    if policy_of(incident) == CURATED:
        return False
    root = _unknown_root(kit, incident, source)
    with kit.store.write() as tx:
        now = tx.incidents.get(incident.id)
        if now is None or policy_of(now) == CURATED:
            return False
        if root is not None:
            queueing.claim(tx, kit, now, root)
        return queueing.claim(tx, kit, now, source) is not None


def _unknown_root(kit: Kit, incident: Incident, source: Source) -> Source | None:
    """
    Return the message that one answers, if it is somebody's words that nobody has told us of; else None.

    Slack is asked for the first answer alone: below a card of ours nobody's words are found however often.
    """
    if not source.thread:
        return None
    with kit.store.read() as tx:
        if tx.mirror.knows_thread(source.channel, source.thread, TALK):
            return None
    with suppress(SlackError):
        thread = kit.slack.said(Place(source.channel, source.thread), since=NOTHING_SINCE)
        root = next((one for one in thread if one.ts == source.thread), None)
        return sources.read(incident, root, kit.people.us()) if root else None
    return None


def edited(kit: Kit, incident: Incident, heard: Heard) -> bool:
    """Bring every copy of a message to its new words; a preview that Slack has added changes nothing."""
    source = sources.heard(incident, heard, kit.people.us())
    return source is not None and change(kit, incident, source)


def change(kit: Kit, incident: Incident, source: Source) -> bool:
    """Bring the copies of a message to what it says now, or take it in if it is not known; False if nothing changes."""
    with kit.store.write() as tx:
        rows = _copies(tx, incident, source.channel, source.ts)
        if rows:
            source = replace(source, thread=rows[0].thread)
            live = [row for row in rows if row.state != GONE]
            return sum(queueing.change(tx, kit, incident, row, source) for row in live) > 0
    return take(kit, incident, source)


def deleted(kit: Kit, incident: Incident, heard: Heard) -> bool:
    """Leave nothing of a message's words in GitLab; False if it has no copy. What is told of later is not copied."""
    if gone(kit, incident, heard.channel, heard.ts):
        return True
    if heard.person and not heard.bot and policy_of(incident) != CURATED:
        with kit.store.write() as tx:
            queueing.forestall(tx, kit, incident, heard.ts, heard.person)
    return False


def gone(kit: Kit, incident: Incident, channel: str, ts: str) -> bool:
    """Replace the copies of a message that is not there any more, as config.incidents.deletes says."""
    with kit.store.read() as tx:
        rows = [row for row in _copies(tx, incident, channel, ts) if row.state != GONE]
    if not rows:
        return False
    left = "" if kit.config.incidents.deletes == REMOVE else _left(kit, incident, rows[0], DELETED)
    with kit.store.write() as tx:
        for row in rows:
            queueing.end(tx, kit, incident, row, left)
    return True


def _left(kit: Kit, incident: Incident, row: Mirrored, what: str) -> str:
    person = Person(_team(incident, row), row.author)
    try:
        author = wanted.author_of(kit, person)
    except NotYet:  # What was deleted does not wait for a name.
        author = wanted.Author(row.name or row.author)
    return wanted.tombstone(author, row.at, what, kit.now())


def _team(incident: Incident, row: Mirrored) -> str:
    source = wanted.source_of(row)
    return source.team if source else incident.team


def _copies(tx: Tx, incident: Incident, channel: str, ts: str) -> list[Mirrored]:
    """Return the copies in GitLab of a message that was born in this incident's room."""
    found = tx.mirror.all_of_message(channel, ts)
    return [row for row in found if row.born == SLACK and row.incident == incident.id]


# Marks ------------------------------------------------------------------------------------------------------


def known(tx: Tx, channel: str, ts: str, *, internal: bool) -> Mirrored | None:
    """Return the copy that a mark for all, or for members alone, has brought about; None if there is none."""
    row = tx.mirror.of_message(channel, ts, STAR if internal else MARK)
    return row if row is not None and row.state != GONE else None


def promote(
    tx: Tx, kit: Kit, incident: Incident, message: SlackMessage, *, internal: bool, by: Who
) -> Mirrored | None:
    """
    Want a copy of a message that somebody has marked, for members alone or for all who see the issue; once.

    Where policy brings it across for the same readers, that is the copy. `by` hears if it cannot be written.
    None for what is nobody's words, such as a card of ours.
    """
    source = _source(incident, message)
    if source is None:
        return None
    kind = STAR if internal else MARK
    talk = tx.mirror.of_message(source.channel, source.ts, TALK)
    if talk is not None and talk.state != GONE and _serves(incident, talk, internal=internal):
        return talk
    row = tx.mirror.of_message(source.channel, source.ts, kind)
    if row is None:
        row = queueing.claim(tx, kit, incident, source, kind)
    elif row.state in {GONE, wanted.FAILED}:
        refusals.forget(tx, row)
        alone = row.internal if row.note_id else wanted.is_for_members(incident, kind)
        tx.mirror.change("id = ?", (row.id,), state=CLAIMED, wanted=sources.packed(source), internal=alone,
                         wanted_hash=source.hash, source_hash=source.hash)  # fmt: skip
        queueing.want(tx, kit, incident, row, source)
    if row is not None and by.person is not None:
        receipts.ask(tx, incident, row, by.person)
    return row


def _source(incident: Incident, message: SlackMessage) -> Source | None:
    """Return a message as what may be copied; whether it is said to us does not matter: somebody asked for it."""
    if message.bot or not message.user:
        return None
    return sources.plain(incident, message)


def _serves(incident: Incident, talk: Mirrored, *, internal: bool) -> bool:
    """Whether the copy that policy has made, or will make, is for the readers that are asked for."""
    if talk.note_id:
        return talk.internal == (internal or incident.private)
    return policy_of(incident) != CURATED and wanted.is_internal(incident, talk) == (
        internal or incident.private
    )


def withdraw(tx: Tx, kit: Kit, incident: Incident, mirrored: Mirrored) -> None:
    """
    Take back a copy whose mark is gone: it is removed, or, if somebody has answered it, says that it was taken back.

    A copy that policy has made stays.
    """
    if mirrored.kind not in MARKS or mirrored.state == GONE:
        return
    answered = tx.mirror.one("root = ? AND root <> '' AND state <> ?", mirrored.id, GONE) is not None
    left = ""
    if answered:
        author = wanted.Author(mirrored.name or mirrored.author)
        left = wanted.tombstone(author, mirrored.at, WITHDRAWN, kit.now())
    queueing.end(tx, kit, incident, mirrored, left)
    queueing.receipt(tx, kit, incident, mirrored)
