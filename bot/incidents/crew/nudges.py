"""Asks for the update that is due: one message in the room, edited as it grows late, and in the end a direct one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from bot.delivery import letters
from bot.edges.store import Tx
from bot.errors import GitLabError, Refused, SlackError
from bot.incident import BOT, SLACK, Incident, Who
from bot.incident_work import Due
from bot.incidents import acting, cards, life, which
from bot.incidents.crew import nudged, updates
from bot.incidents.crew.update import Update
from bot.incidents.crew.updates import Desk
from bot.issues.acting import By
from bot.kit import Kit
from bot.model import Millis, Place
from bot.text import duration, plural

#: Kind of what is due while a nudge is open: a look whether it still is wanted.
OPEN = "nudge"
OPEN_MS: Millis = 5_000
#: How long after a word the next is asked for if nobody knows better.
USUAL_MS: Millis = 1_800_000
_MINUTE: Millis = 60_000
NOTHING_NEW = "No change."
US = Who("Signalbox", is_bot=True)
#: Pages of a hundred notes that are looked through for an update before somebody is asked for one.
PAGES = 1


def nudge(desk: Desk, due: Due, incident: Incident) -> None:
    """
    Ask for an update at the moment it is due, say so again in the same message after half of the time until the next
    has passed as well, and in a direct message after all of it; then no more.

    After a long absence that is asked once, with how long it is overdue. What was said in GitLab meanwhile counts.
    """
    if incident.is_burning:
        _listen(desk, incident)
    room = _room_of(desk.kit, incident) if due.stage > 1 else ""
    with desk.kit.store.write() as tx:
        now = tx.incidents.get(incident.id) or incident
        if not tx.dues.claim(due) or not now.is_burning or now.next_update is None:
            return
        if due.stage == 0 and now.next_update <= desk.kit.now():
            _ask(tx, desk, now, due)
        elif due.stage == 0:
            updates.clock(tx, now)
        else:
            _insist(tx, desk, now, due, room)


def _listen(desk: Desk, incident: Incident) -> None:
    """Look for an update in GitLab that nobody has told of yet; while GitLab does not answer, there is none."""
    if not incident.iid:
        return
    kit, since = desk.kit, incident.latest_at or incident.declared_at
    is_open = incident.private and which.is_room_open(kit, incident)
    with suppress(GitLabError):
        changed = kit.gitlab.notes_changed(incident.project_id, incident.iid, since, PAGES)
        found = updates.that_count(kit, incident, changed)
        with kit.store.write() as tx:
            for note in found:
                now = tx.incidents.get(incident.id) or incident
                updates.from_note(tx, kit, desk.draw, now, note, is_open=is_open)


def _ask(tx: Tx, desk: Desk, incident: Incident, due: Due) -> None:
    kit, was_due = desk.kit, incident.next_update or due.due_at
    one = nudged.begin(tx, kit, desk.showing, incident, was_due)
    life.record(
        tx, kit, incident, "late", US, "An update was due", source=f"late:{was_due}", at=was_due, origin=BOT,
        shown=False,
    )  # fmt: skip
    wait = updates.wait_of(kit, incident) or USUAL_MS
    tx.dues.arm(replace(due, due_at=kit.now() + wait // 2, state="armed", stage=1))
    tx.dues.arm(Due(incident.id, OPEN, kit.now() + OPEN_MS, about=str(one.due)))
    cards.redraw(tx, kit, desk.draw, incident, urgent=False)


def _insist(tx: Tx, desk: Desk, incident: Incident, due: Due, room: str) -> None:
    kit, wait = desk.kit, updates.wait_of(desk.kit, incident) or USUAL_MS
    one = nudged.step(tx, kit, desk.showing, incident, due.stage)
    if one is None:
        return
    if due.stage == 1:
        tx.dues.arm(replace(due, due_at=kit.now() + wait - wait // 2, state="armed", stage=2))
    elif room:
        message, now = desk.showing.nudge(incident, one, kit.now()), kit.now()
        letters.say(tx, f"inc.{incident.id}.nudge.{one.number}.dm", message, Place(room), now)
    cards.redraw(tx, kit, desk.draw, incident, urgent=False)


def _room_of(kit: Kit, incident: Incident) -> str:
    """The direct messages of who is asked; empty if Slack does not say, or there is nobody."""
    with kit.store.read() as tx:
        one = nudged.current(tx, incident)
    if one is None or not one.whom:
        return ""
    with suppress(SlackError):
        return kit.people.dm(one.whom)
    return ""


def watch(desk: Desk, due: Due, incident: Incident) -> None:
    """Close a nudge that nobody has to answer any more: it is resolved, or the clock was set anew."""
    with desk.kit.store.write() as tx:
        now = tx.incidents.get(incident.id) or incident
        one = nudged.current(tx, now)
        if not tx.dues.claim(due) or one is None:
            return
        if now.is_burning and now.next_update == one.due:
            tx.dues.arm(replace(due, due_at=desk.kit.now() + OPEN_MS, state="armed"))
        else:
            said = "The next update is due later." if now.is_burning else "No update is due any more."
            nudged.close(tx, desk.kit, desk.showing, now, said)


# What is pressed on it --------------------------------------------------------------------------------------


def snooze(desk: Desk, by: By, incident: Incident, minutes: int) -> Incident:
    """Put the update off by some minutes, from now on; it is written down. Raises Refused if none is due."""
    kit, source = desk.kit, f"slack:{by.key}:snooze"
    with kit.store.write() as tx:
        now = tx.incidents.get(incident.id) or incident
        if tx.incident_events.of_source(now.id, source) is not None:
            return now
        _check_due(now, kit)
        until = kit.now() + minutes * _MINUTE
        after = updates.changed(tx, now, lambda _now: {"next_update": until})
        said = f"{by.name} put the update off by {plural(minutes, 'minute')}"
        life.record(tx, kit, after, "snooze", acting.who(by), said, source=source, origin=SLACK, shown=False)
        acting.note(tx, kit, by, after, "snooze", said)
        nudged.close(tx, kit, desk.showing, after, f"{said}.")
        cards.redraw(tx, kit, desk.draw, after)
    kit.deliver()
    return after


def nothing_new(desk: Desk, by: By, incident: Incident) -> Incident:
    """Say that nothing has changed, which counts as an update. Raises Refused if none is due."""
    with desk.kit.store.write() as tx:
        now = tx.incidents.get(incident.id) or incident
        _check_due(now, desk.kit)
        after = updates.post(tx, desk, now, by, Update(NOTHING_NEW, followers=False, is_news=False))
    desk.kit.deliver()
    return after


def _check_due(incident: Incident, kit: Kit) -> None:
    if not incident.is_burning or incident.next_update is None:
        raise Refused("It does not burn any more, so no update is due.")
    if incident.next_update > kit.now():
        raise Refused(
            f"The next update is due in {duration(incident.next_update - kit.now())}: somebody was faster."
        )
