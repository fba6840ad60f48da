"""Catches up with what was said while nobody listened, from the history of a room."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import partial

from bot.command import Heard
from bot.edges.slack_history import NOTHING_SINCE, PAGE, TOMBSTONE, SlackMessage
from bot.errors import SlackError
from bot.incident import CURATED, SLACK, Incident
from bot.incident_work import Mirrored
from bot.incidents.outward import outwards, queueing, sources
from bot.incidents.outward.sources import Source
from bot.incidents.outward.wanted import GONE, policy_of
from bot.kit import Kit
from bot.model import Millis, Place

log = logging.getLogger(__name__)

#: Does what else follows from an edit, or a deletion, of which nobody told: as from one that was heard.
Notice = Callable[[Kit, Incident, Heard], object]
#: How often a room that burns is looked at although nothing is known to be missed.
EVERY_MS: Millis = 60_000
#: Most threads read in one go: Tier 3 lets all of the bot read 50 a minute (slack-platform.md 2.3).
MOST_THREADS = 20
#: Copies whose messages are looked for in what is read.
MOST_MISSING = 5 * PAGE
#: When a room was looked at last; and, while threads are left to be read, up to which answer they have been.
CAUGHT, THREADS = "caught", "caught.threads"


def tick(kit: Kit, notice: Notice, *, now: bool = False) -> None:
    """Catch up in every room that burns, once a minute; with `now` at once, as after a connection was lost."""
    with kit.store.read() as tx:
        burning = [one for one in tx.incidents.open_ones(burning=True) if one.channel]
    for one in burning:
        if _is_my_turn(kit, one, now=now):
            kit.apart(f"catching up {one.id}", partial(catching_up, kit, one, notice))


def _is_my_turn(kit: Kit, incident: Incident, *, now: bool) -> bool:
    with kit.store.read() as tx:
        last = int(tx.incident_facts.get(incident.id, CAUGHT) or 0)
    if not now and 0 <= kit.now() - last < EVERY_MS:
        return False
    with kit.store.write() as tx:
        tx.incident_facts.put(incident.id, CAUGHT, str(kit.now()))
    return True


def catching_up(kit: Kit, incident: Incident, notice: Notice) -> bool:
    """
    Take in what is new in a room since it was read last, oldest first; False if it cannot be read now.

    Edits are noticed in what is read, and what is missing there was deleted. Threads are read that were answered
    since, as far as their root is among the last 200 messages. Done on founding, on rejoining, after a connection was
    lost, and once a minute; twice at once does no harm, since a message is taken in once.
    """
    begin = queueing.stamp(kit.now())
    try:
        if policy_of(incident) != CURATED or _has_copies(kit, incident):
            begin = _read(kit, incident, notice, begin)
    except SlackError as error:
        log.info("the room of incident %s is not read now: %s", incident.id, error)
        return False
    with kit.store.write() as tx:
        now = tx.incidents.get(incident.id)
        if now is not None and now.heard_ts < begin:
            tx.incidents.note(incident.id, heard_ts=begin)
    return True


def _has_copies(kit: Kit, incident: Incident) -> bool:
    with kit.store.read() as tx:
        return tx.mirror.one("incident = ? AND born = ? AND state <> ?", incident.id, SLACK, GONE) is not None


def _read(kit: Kit, incident: Incident, notice: Notice, begin: str) -> str:
    """
    Take in the newest page of a room, and more if that does not reach back far enough.

    Returns up to when all is known by now, as a ts: `begin` if there is nothing.
    """
    since = incident.heard_ts
    if incident.thread:
        messages = list(kit.slack.said(incident.room, since=since))
        messages = [one for one in messages if one.ts != incident.thread]
        _take_in(kit, incident, notice, reversed(messages))
        return max((one.ts for one in messages), default=begin)
    before = _live(kit, incident)
    page: list[SlackMessage] = []
    for one in kit.slack.said(incident.room):
        if len(page) >= PAGE and one.ts <= since:
            break
        page.append(one)
    _take_in(kit, incident, notice, reversed(page))
    _missing(kit, incident, notice, before, page)
    newest = max((max(one.ts, one.latest_reply) for one in page), default=begin)
    return newest if _threads(kit, incident, notice, page) else since


def _live(kit: Kit, incident: Incident) -> list[Mirrored]:
    """Return the newest copies of what stands in the room itself, and not in a thread of it."""
    with kit.store.read() as tx:
        return tx.mirror.where(
            "incident = ? AND channel = ? AND born = ? AND thread = '' AND state <> ? ORDER BY at DESC LIMIT ?",
            incident.id, incident.channel, SLACK, GONE, MOST_MISSING,
        )  # fmt: skip


def _take_in(kit: Kit, incident: Incident, notice: Notice, messages: Iterable[SlackMessage]) -> None:
    """Say what is new, and look for edits in what is known, in the order in which it was said."""
    us = kit.people.us()
    for one in messages:
        source = sources.read(incident, one, us)
        if source is None:
            continue
        with kit.store.read() as tx:
            known = tx.mirror.all_of_message(source.channel, source.ts)
        if any(row.state != GONE and row.source_hash != source.hash for row in known):
            notice(kit, incident, _noticed(kit, "edited", source))
        if known:
            outwards.change(kit, incident, source)
        elif one.ts > incident.heard_ts:
            outwards.take(kit, incident, source)


def _noticed(kit: Kit, kind: str, source: Source) -> Heard:
    """Return what happened to a message as if it had been heard this moment."""
    at = queueing.stamp(kit.now())
    return Heard(
        f"caught.{source.ts}.{at}", kind, source.team, source.person, source.channel, source.ts, source.thread or None,
        at, text=source.text,
    )  # fmt: skip


def _missing(
    kit: Kit, incident: Incident, notice: Notice, before: list[Mirrored], page: list[SlackMessage]
) -> None:
    """Take back the copies of messages that were known and are not there any more, as far as was read."""
    there = {one.ts for one in page if one.subtype != TOMBSTONE}
    oldest = page[-1].ts if len(page) >= PAGE else ""
    for row in before:
        if row.ts >= oldest and row.ts not in there and not _is_there(kit, row):
            source = Source(incident.team, row.author, row.channel, row.ts, "")
            notice(kit, incident, _noticed(kit, "deleted", source))
            outwards.gone(kit, incident, row.channel, row.ts)


def _is_there(kit: Kit, row: Mirrored) -> bool:
    """Ask for a message by itself: a page may be a moment older than what was heard."""
    try:
        said = kit.slack.said(Place(row.channel, row.ts), since=NOTHING_SINCE)
        found = next((one for one in said if one.ts == row.ts), None)
    except SlackError as error:
        if error.code != "thread_not_found":
            raise
        return False
    return found is not None and found.subtype != TOMBSTONE


def _threads(kit: Kit, incident: Incident, notice: Notice, page: list[SlackMessage]) -> bool:
    """
    Take in what is new in the threads that were answered since; False if some are left for the next time.

    Each of those may hold answers from any moment since, so that nothing later counts as known before they are read.
    """
    since = incident.heard_ts
    with kit.store.read() as tx:
        done = max(since, tx.incident_facts.get(incident.id, THREADS) or "")
    answered = sorted((one for one in page if one.latest_reply > done), key=lambda one: one.latest_reply)
    for root in answered[:MOST_THREADS]:
        replies = kit.slack.said(Place(incident.channel, root.ts), since=since)
        _take_in(kit, incident, notice, reversed([one for one in replies if one.ts != root.ts]))
        with kit.store.write() as tx:
            tx.incident_facts.put(incident.id, THREADS, root.latest_reply)
    return len(answered) <= MOST_THREADS
