"""The states of an incident: which may follow which, what GitLab shows of each, and what each does to its times."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from bot.incident import BURNING, ENDED, OVER, Incident, State
from bot.incidents.measures import Cadence
from bot.model import Millis

#: Where an incident may go from each state (incidents.md 4.3). Going back to Investigating from one that is over or
#: ended is to reopen it.
LEGAL: Mapping[State, tuple[State, ...]] = MappingProxyType({
    State.TRIAGE: (State.INVESTIGATING, State.DECLINED, State.CANCELED, State.MERGED),
    State.INVESTIGATING: (State.FIXING, State.MONITORING, State.RESOLVED, State.CANCELED, State.MERGED),
    State.FIXING: (State.INVESTIGATING, State.MONITORING, State.RESOLVED, State.CANCELED, State.MERGED),
    State.MONITORING: (State.INVESTIGATING, State.FIXING, State.RESOLVED, State.CANCELED, State.MERGED),
    State.RESOLVED: (State.INVESTIGATING, State.REVIEW, State.CLOSED, State.CANCELED, State.MERGED),
    State.REVIEW: (State.INVESTIGATING, State.CLOSED, State.CANCELED, State.MERGED),
    State.CLOSED: (State.INVESTIGATING,),
    State.DECLINED: (State.INVESTIGATING,),
    State.CANCELED: (State.INVESTIGATING,),
    State.MERGED: (State.INVESTIGATING,),
})  # fmt: skip
#: A reason to reopen has at least so many characters (incidents.md 4.3); one to decline or cancel has some.
REOPEN_LEAST = 10
#: What the label of each state says behind the prefix: GitLab's own production vocabulary (incidents.md 4.3).
LABELS: Mapping[State, str] = MappingProxyType({
    State.TRIAGE: "Triage", State.INVESTIGATING: "Active", State.FIXING: "Active", State.MONITORING: "Mitigated",
    State.RESOLVED: "Resolved", State.REVIEW: "Resolved", State.CLOSED: "Resolved", State.DECLINED: "Declined",
    State.CANCELED: "Canceled", State.MERGED: "Merged",
})  # fmt: skip
#: The state that somebody means who puts a label on; of several that share it the first.
_MEANT: Mapping[str, State] = MappingProxyType(
    {name: state for state, name in reversed(tuple(LABELS.items()))}
)
BETWEEN = "::"
#: GitLab's escalation status (doc/api/graphql, IssueEscalationStatus).
TRIGGERED, ACKNOWLEDGED, DONE = "TRIGGERED", "ACKNOWLEDGED", "RESOLVED"
#: Times of an incident that never run backwards, in their order; what each is called, and GitLab's tag for it
#: (app/models/incident_management/timeline_event_tag.rb).
TIMES: Mapping[str, tuple[str, str]] = MappingProxyType({
    "started_at": ("its impact began", "Start time"),
    "detected_at": ("it was detected", "Impact detected"),
    "mitigated_at": ("it was mitigated", "Impact mitigated"),
    "resolved_at": ("it was resolved", "End time"),
})  # fmt: skip
#: The times that belong to one episode and begin anew when an incident is reopened.
OF_EPISODE = ("acked_at", "mitigated_at", "resolved_at", "closed_at")
#: What people type for a state besides its name.
_WORDS: Mapping[str, State] = MappingProxyType({
    "active": State.INVESTIGATING, "accept": State.INVESTIGATING, "accepted": State.INVESTIGATING,
    "investigate": State.INVESTIGATING, "fix": State.FIXING, "mitigated": State.MONITORING,
    "monitor": State.MONITORING, "resolve": State.RESOLVED, "fixed": State.RESOLVED, "close": State.CLOSED,
    "decline": State.DECLINED, "cancel": State.CANCELED, "cancelled": State.CANCELED,
})  # fmt: skip
#: Words for severities: GitLab's own, and those with a number (incidents.md 2.1).
_NAMES: Mapping[str, int] = MappingProxyType({"critical": 1, "high": 2, "medium": 3, "low": 4})
LEAST_SEVERE = 4
_GRADE = re.compile(r"(?P<scale>sev(?:erity)?[-_:]?|s)?(?P<number>\d):?")


def legal(incident: Incident) -> tuple[State, ...]:
    """Return the states that may follow."""
    return LEGAL[incident.state]


def named(state: State) -> str:
    """Return a state as people read it."""
    return state.value.capitalize()


def listed(states: tuple[State, ...]) -> str:
    """Return states as a choice: `Fixing, Monitoring or Resolved`."""
    *first, last = [named(one) for one in states] or ["nothing else"]
    return f"{', '.join(first)} or {last}" if first else last


def openly(incident: Incident) -> str:
    """Return what an incident is called before people of whom not all may know of it."""
    return "another incident" if incident.private else incident.reference


def typed(word: str) -> State | None:
    """Return the state that somebody means by a word; None if it is none."""
    small = word.strip().lower().rstrip(".")
    return _WORDS.get(small) or next((state for state in State if state.value == small), None)


def graded(word: str, *, bare: bool = True) -> int | None:
    """
    Return the severity that a word says, which may be one there is not; None for a word that says none.

    Without `bare` a number alone says none.

    >>> graded("sev2:"), graded("S1"), graded("critical"), graded("3"), graded("2", bare=False), graded("Checkout")
    (2, 1, 1, 3, None, None)
    """
    small = word.strip().casefold()
    found = _GRADE.fullmatch(small)
    if found is None or not (found["scale"] or bare):
        return _NAMES.get(small.rstrip(":"))
    return int(found["number"])


def is_reopening(before: State, after: State) -> bool:
    return after in BURNING and before not in BURNING


def shares_label(before: State, after: State) -> bool:
    """Tell whether GitLab shows both alike."""
    return LABELS[before] == LABELS[after]


# What GitLab shows ------------------------------------------------------------------------------------------


def label(prefix: str, state: State) -> str:
    """Return the label of a state, such as `Incident::Active`."""
    return f"{prefix}{BETWEEN}{LABELS[state]}"


def labels(prefix: str) -> frozenset[str]:
    """Return all labels that say in which state an incident is; an issue shall have one of them."""
    return frozenset(label(prefix, state) for state in State)


def meant(prefix: str, name: str) -> State | None:
    """Return the state that a label says; None for another label."""
    scope, _, said = name.rpartition(BETWEEN)
    return _MEANT.get(said) if scope == prefix else None


def needs_review(incident: Incident, review_severity: int) -> bool:
    """Tell whether an incident has to have a review; `review_severity` is the least severe that has."""
    return 0 < incident.severity <= review_severity


def wants_open(incident: Incident, review_severity: int) -> bool:
    """Tell whether the issue shall be open: while it burns, and until the review that is due is done."""
    if incident.state in OVER:
        return incident.state is State.REVIEW or needs_review(incident, review_severity)
    return incident.state not in ENDED


# Times ------------------------------------------------------------------------------------------------------


def entering(incident: Incident, state: State, at: Millis) -> dict[str, Any]:
    """
    Return the columns that change when an incident comes into a state; each time is set once in an episode.

    Moments are kept in their order: GitLab's clock and ours differ by a little.
    """
    changes: dict[str, Any] = {"state": state}
    if is_reopening(incident.state, state):
        changes |= dict.fromkeys(OF_EPISODE)
        return changes | {"episodes": incident.episodes + 1, "escalation": TRIGGERED, "merged_into": ""}
    began = [getattr(incident, name) or 0 for name in TIMES]
    when = max(at, *began)
    if state in BURNING and state is not State.TRIAGE:
        changes |= _first(incident, "acked_at", at)
        changes |= {"escalation": ACKNOWLEDGED} if incident.escalation == TRIGGERED else {}
    if state is State.MONITORING:
        changes |= _first(incident, "mitigated_at", when)
    if state in OVER or state is State.CLOSED:
        changes |= _first(incident, "resolved_at", when)
    if state in ENDED:
        changes |= _first(incident, "closed_at", max(when, at))
    return changes | ({} if state in BURNING else {"escalation": DONE})


def _first(incident: Incident, name: str, at: Millis) -> dict[str, Millis]:
    return {name: at} if getattr(incident, name) is None else {}


def misplaced(incident: Incident, name: str, at: Millis) -> str:
    """Return why a time cannot be that moment, in words that follow `but`; empty if it can."""
    order = list(TIMES)
    place = order.index(name)
    for other in order[:place]:
        moment = getattr(incident, other)
        if moment is not None and moment > at:
            return f"{TIMES[other][0]} later"
    for other in order[place + 1 :]:
        moment = getattr(incident, other)
        if moment is not None and moment < at:
            return f"{TIMES[other][0]} before that"
    return ""


def update_after(
    incident: Incident, update_minutes: tuple[int, ...], monitoring_minutes: tuple[int, ...]
) -> Millis | None:
    """Return how long after a word on it the next is due; None while it does not burn."""
    if not incident.is_burning:
        return None
    cadence = Cadence(update_minutes, monitoring_minutes)
    return cadence.wait(incident.severity, monitoring=incident.state is State.MONITORING)
