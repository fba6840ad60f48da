"""The life of an incident: one function for every change from either side, and all that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, NamedTuple

from bot.delivery import letters
from bot.edges.store import Tx
from bot.errors import Refused
from bot.incident import GITLAB, SLACK, Change, Event, Incident, State, Who
from bot.incident_work import Due, Holder
from bot.incidents import acting, cards, errands, hiding, rules, states
from bot.incidents.drawing import Drawing
from bot.incidents.outcomes import Outcome, sentence
from bot.incidents.outward import queueing
from bot.issues.acting import By
from bot.kit import Kit
from bot.model import Millis, Place
from bot.text import duration

COMMANDER = "commander"
#: The errand that brings somebody into the room (room/inviting.py).
INVITE = "slack.invite"
#: Kind of what is due next, in words people hear from us (bot/incident_work.py, Due).
UPDATE = "update"
#: The fact that a bot closed the issue, while nobody has said yet whether it shall stay closed.
PROPOSAL = "proposal.closed"
#: How often a change is decided anew because somebody else was faster.
MOST_TRIES = 5
#: Prefix of the facts that keep what an earlier episode was like.
EPISODE = "episode."
#: The fact that GitLab has no status here, or that nobody of us may set it.
LACKS_STATUS = "lacks.status"
#: What belongs on the timeline unless GitLab puts it there by itself.
_OF_TIMELINE = frozenset({"state", COMMANDER, "cause", "impact", "fix", "time"})
#: What those who read along below the announcement hear of, besides updates (incidents.md 2.2).
_ANNOUNCED = frozenset({"state", "severity"})
#: What of an incident GitLab holds besides its state, the errand that brings it there, and how urgent that is. Who
#: may see it goes before anything that is said (incidents.md 3.2).
_MIRRORED = (
    ("private", "private", 0), ("escalation", "status", 1), ("severity", "severity", 1),
    ("commander", "assignee", 2), ("title", "title", 2),
)  # fmt: skip


def apply(tx: Tx, kit: Kit, draw: Drawing, incident: Incident, change: Change) -> Incident:
    """
    Make a change become true of an incident, with all that follows, and return the incident as it is then.

    A source that was applied changes nothing any more. Raises Refused for what cannot be, and for what is so already
    if it was asked for in Slack; whoever else says what is so already is not contradicted.
    """
    for _ in range(MOST_TRIES):
        now = tx.incidents.get(incident.id)
        if now is None or tx.incident_events.of_source(incident.id, change.source) is not None:
            return now or incident
        outcome = rules.decide(tx, kit, now, change)
        if outcome is None:
            if change.origin == SLACK:
                raise Refused(already(tx, kit, now, change.what))
            return now
        columns = {**outcome.columns, **_next_update(kit, now, outcome)}
        if tx.incidents.alter(now, **columns):
            return _followed(tx, kit, draw, now, (change, outcome))
    raise Refused("Several people are changing it at this moment. Ask for it again.")


def already(tx: Tx, kit: Kit, incident: Incident, what: str) -> str:
    """Return that something is so already, with who made it so and how long ago."""
    said = {
        **dict.fromkeys(("state", "merged", "closed"), states.named(incident.state)),
        "severity": f"of severity {incident.severity}",
        "commander": f"commanded by {incident.commander_name}" if incident.commander_name else "without a commander",
        "private": "private" if incident.private else "visible to everybody", "policy": incident.policy,
    }.get(what, "so")  # fmt: skip
    kind = "state" if what in {"merged", "closed"} else "time" if what in states.TIMES else what
    last = next(reversed(tx.incident_events.of(incident.id, kinds=(kind,))), None)
    by = f", set by {last.who.name} {duration(kit.now() - last.recorded_at)} ago" if last else ""
    return f"It is already {said}{by}."


def record(  # noqa: PLR0913 -- the fields of an event
    tx: Tx, kit: Kit, incident: Incident, kind: str, who: Who, text: str, *, source: str, at: Millis | None = None,
    origin: str, shown: bool = True, channel: str = "", ts: str = "", link: str = "", tag: str = "",
) -> Event | None:  # fmt: skip
    """
    Write down what happened, once for each source, and have it put on GitLab's timeline where it is `shown`.

    `text` is one sentence in plain text; None if it is there already.
    """
    event = Event(
        kit.new_id(), incident.id, kit.now() if at is None else at, kit.now(), kind, who, origin, kit.redact(text),
        source, channel=channel, ts=ts, link=link, tag=tag, shown=shown,
    )  # fmt: skip
    if not tx.incident_events.put(event):
        return None
    if shown:
        errand = errands.new(
            kit, incident, "gitlab.timeline", f"timeline.{event.id}", 3, subject=event.id, person=who.person
        )
        errands.write(tx, errand)
    return event


# What follows -----------------------------------------------------------------------------------------------


class _Moved(NamedTuple):
    """A change that was made."""

    before: Incident
    after: Incident
    change: Change
    outcome: Outcome


def _followed(tx: Tx, kit: Kit, draw: Drawing, before: Incident, made: tuple[Change, Outcome]) -> Incident:
    """Write down all that follows from a change that was made, and return the incident as it is now."""
    after, change = tx.incidents.get(before.id) or before, made[0]
    if after.private and not before.private:  # Before a word more is said in a thread that others read.
        after = hiding.leave_thread(tx, kit, draw, after, change)
    moved = _Moved(before, after, *made)
    if after.state is not before.state:
        tx.incident_facts.drop(after.id, PROPOSAL)
    if after.episodes > before.episodes:
        _keep_episode(tx, kit, before)
    if after.commander != before.commander:
        _hold(tx, kit, after, change)
    _clock(tx, before, after)
    if change.origin != GITLAB:
        _send(tx, kit, moved)
    if moved.outcome.did:
        _tell(tx, kit, draw, moved)
    _show(tx, kit, draw, moved)
    cards.redraw(tx, kit, draw, after)
    return after


def _show(tx: Tx, kit: Kit, draw: Drawing, moved: _Moved) -> None:
    """See to who is shown what of it from now on, on either side."""
    before, after, change, _ = moved
    if (after.policy, after.private) != (before.policy, before.private):
        queueing.requeue(tx, kit, before, after)
    if after.private and not before.private:
        hiding.follow(tx, kit, draw, after, change)
    elif before.private and not after.private:
        hiding.end(tx, kit, draw, after)


def _tell(tx: Tx, kit: Kit, draw: Drawing, moved: _Moved) -> None:
    """Tell of it: in the log of events, in the audit trail, and where everybody has to know, in the room."""
    before, after, change, outcome = moved
    said, kind = kit.redact(sentence(change, outcome)), outcome.kind or change.what
    shown = kind in _OF_TIMELINE and not (kind == "state" and _is_automatic(tx, kit, before, after))
    record(
        tx, kit, after, kind, change.who, said, source=change.source,
        at=change.at if outcome.at is None else outcome.at, origin=change.origin, shown=shown, tag=outcome.tag,
    )  # fmt: skip
    if change.origin == SLACK and change.who.person is not None:
        acting.note(tx, kit, _by(tx, after, change), after, change.what, said)
    if not outcome.is_public:
        return
    cards.say(tx, kit, draw, after, change.source, draw.line(said))
    if after.announced_in and not after.private and kind in _ANNOUNCED:
        twin, place = f"inc.{after.id}.twin", Place(after.announced_in)
        letters.under(tx, f"{twin}.{change.source}", twin, place, draw.line(said), kit.now())


def _is_automatic(tx: Tx, kit: Kit, before: Incident, after: Incident) -> bool:
    """
    Tell whether GitLab writes a move on its timeline by itself: it does so for status, closing and reopening.

    Labels it leaves out, unless an administrator has switched that on (doc/operations/incident_management).
    """
    if turned(kit, before, after):
        return True
    if before.escalation == after.escalation or after.state in {State.FIXING, State.MONITORING}:
        return False
    return tx.incident_facts.get(after.id, LACKS_STATUS) is None


def turned(kit: Kit, before: Incident, after: Incident) -> bool:
    """Tell whether the issue is closed or opened by a change."""
    review = kit.config.incidents.review_severity
    return states.wants_open(before, review) is not states.wants_open(after, review)


def _by(tx: Tx, incident: Incident, change: Change) -> By:
    person = change.who.person
    account = tx.accounts.get(person) if person else None
    place = incident.room if incident.channel else incident.origin or Place("")
    return By(
        person or incident.declarer, change.who.name, place, change.source,
        account.gitlab_id if account else 0, account.username if account else "",
    )  # fmt: skip


def _keep_episode(tx: Tx, kit: Kit, before: Incident) -> None:
    """Keep the times of the episode that has ended: those of the next take their place (incidents.md 4.3)."""
    names = (
        *states.TIMES,
        *(name for name in states.OF_EPISODE if name not in states.TIMES),
        "state",
        "severity",
    )
    whole = asdict(before)
    kept = {name: whole[name] for name in names} | {"reopened_at": kit.now()}
    tx.incident_facts.put(before.id, f"{EPISODE}{before.episodes}", errands.packed(**kept))


def _hold(tx: Tx, kit: Kit, after: Incident, change: Change) -> None:
    """End the part of whoever commanded, and begin that of who does now: one at a time. Who was assigned is let in."""
    now = tx.holders.now(after.id, COMMANDER)
    if now is not None:
        tx.holders.end(now.id, change.at)
    if after.commander is None:
        return
    if change.origin == GITLAB:
        _bring_in(tx, kit, after)
    mine = change.who.person == after.commander
    how = kit.redact(change.reason) or (
        "assigned in GitLab" if change.origin == GITLAB else "taken" if mine else "handed"
    )
    tx.holders.put(
        Holder(
            kit.new_id(), after.id, COMMANDER, after.commander, after.commander_name, change.at,
            by=change.who.name, how=how,
        )
    )  # fmt: skip


def _bring_in(tx: Tx, kit: Kit, after: Incident) -> None:
    """Bring a commander into the room whom somebody has assigned in GitLab."""
    if after.commander and after.channel:
        key = f"invite.{after.channel}.{after.commander.id}.{after.version}"
        errands.write(tx, errands.new(kit, after, INVITE, key, 2, subject=after.commander.id))


def _next_update(kit: Kit, before: Incident, outcome: Outcome) -> Mapping[str, Any]:
    """Return when the next word is due if that changes: with state and severity."""
    if not {"state", "severity"} & outcome.columns.keys():
        return {}
    settings, after = kit.config.incidents, replace(before, **outcome.columns)
    wait = states.update_after(after, settings.update_minutes, settings.monitoring_minutes)
    return {"next_update": None if wait is None else kit.now() + wait}


def _clock(tx: Tx, before: Incident, after: Incident) -> None:
    """Set the clock of updates; off while it does not burn."""
    if after.next_update == before.next_update:
        return
    if after.next_update is None:
        tx.dues.off(after.id, UPDATE)
        return
    known = tx.dues.of(after.id, UPDATE)
    due = known or Due(after.id, UPDATE, after.next_update, about="{}")
    tx.dues.arm(replace(due, due_at=after.next_update, state="armed", stage=0))


def _send(tx: Tx, kit: Kit, moved: _Moved) -> None:
    """Have GitLab brought to what the incident is now."""
    before, after, change, _ = moved
    person = change.who.person if change.origin == SLACK else None
    if turned(kit, before, after) or not states.shares_label(before.state, after.state):
        want(tx, kit, after, "state", person=person)
    for column, about, priority in _MIRRORED:
        if getattr(before, column) != getattr(after, column):
            want(tx, kit, after, about, priority, person=person)


def want(tx: Tx, kit: Kit, incident: Incident, about: str, priority: int = 1, **more: Any) -> None:
    """
    Have GitLab brought to what an incident is, in its state, severity, status, assignee, title or private.

    What waits already becomes the act of whoever asks now: it will be brought to what they want.
    """
    errand = errands.new(kit, incident, f"gitlab.{about}", about, priority, **more)
    errands.write(tx, errand, again=True)
    tx.errands.change("id = ? AND state = 'ready'", (errand.id,), person=errand.person)
