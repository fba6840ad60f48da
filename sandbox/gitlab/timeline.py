"""The timeline of an incident as people write it (app/services/incident_management/timeline_events)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.gitlab.incidents import is_incident
from sandbox.gitlab.issue_rights import may_see
from sandbox.gitlab.issues import Issue, Note, TimelineEvent, TimelineTag
from sandbox.gitlab.nouns import Person
from sandbox.gitlab.people import DEVELOPER, level
from sandbox.gitlab.state import State

#: Written by hand, and at all (app/models/incident_management/timeline_event.rb).
LONGEST_BY_HAND, LONGEST = 280, 10_000
#: Tags that every project has (gitlab-api.md 4.3); other ones have to be made first.
PREDEFINED_TAGS = (
    "Start time",
    "End time",
    "Impact detected",
    "Response initiated",
    "Impact mitigated",
    "Cause identified",
)
NO_RIGHT = "You have insufficient permissions to manage timeline events for this incident"


class NotKept(Exception):
    """GitLab's own sentence for why a timeline stays as it is."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What somebody says has happened, and when."""

    note: str
    occurred_at: float
    tags: Sequence[str] = ()


def may_keep(state: State, issue: Issue, person: Person) -> bool:
    """Developers who see the incident, unless the instance denies timeline events altogether."""
    return (
        level(person, issue.project) >= DEVELOPER
        and may_see(person, issue)
        and not issue.project.archived
        and not state.faults.met("timeline")
    )


def keep(state: State, issue: Issue, person: Person, moment: Moment) -> TimelineEvent:
    """A new line. Raises NotKept for a text that is blank or too long, and for tags that are not there."""
    tags = _tags(state, issue, moment.tags)
    _check(moment.note, LONGEST_BY_HAND)
    made = state.tracker.add_event(issue, person, moment.note, moment.occurred_at, state.clock())
    made.tags = tags
    return _noted(state, made, person, "added an incident timeline event")


def promote(state: State, issue: Issue, person: Person, note: Note) -> TimelineEvent:
    """A line that quotes a comment; it may be as long as the table takes. Raises NotKept."""
    kind = "issues/incident" if is_incident(issue) else "issues"
    link = f"{state.url}/{issue.project.path}/-/{kind}/{issue.iid}#note_{note.id}"
    text = f"@{note.author.username} [commented]({link}): '{note.body}'"
    _check(text, LONGEST)
    made = state.tracker.add_event(issue, person, text, note.created_at, state.clock())
    made.promoted_from = note
    return _noted(state, made, person, "added an incident timeline event")


def change(
    state: State,
    event: TimelineEvent,
    person: Person,
    *,
    note: str | None,
    occurred_at: float | None,
    tags: Sequence[str] | None,
) -> TimelineEvent:
    """What is None stays. Raises NotKept, also for a line of GitLab's own."""
    if not event.editable:
        raise NotKept(NO_RIGHT)
    found = event.tags if tags is None else _tags(state, event.incident, tags)
    text = event.note if note is None else note
    _check(text, LONGEST_BY_HAND)
    said = _edited(event, text, occurred_at)
    event.note, event.tags, event.updated_by = text, found, person
    event.occurred_at = event.occurred_at if occurred_at is None else occurred_at
    event.updated_at = state.clock()
    state.touch()
    return event if said is None else _noted(state, event, person, said)


def remove(state: State, event: TimelineEvent, person: Person) -> TimelineEvent:
    """Any line may go, also one that cannot be edited."""
    event.incident.timeline.remove(event)
    return _noted(state, event, person, "deleted an incident timeline event")


def in_order(issue: Issue) -> list[TimelineEvent]:
    """By when it happened, as GitLab lists it."""
    return sorted(issue.timeline, key=lambda one: (one.occurred_at, one.id))


def _check(text: str, longest: int) -> None:
    if not text.strip():
        raise NotKept("Timeline text can't be blank")
    if len(text) > longest:
        raise NotKept(f"Timeline text is too long (maximum is {longest} characters)")


def _tags(state: State, issue: Issue, names: Sequence[str]) -> tuple[TimelineTag, ...]:
    """Case does not matter. Raises NotKept for one that is neither predefined nor made."""
    known = {name.lower(): name for name in PREDEFINED_TAGS}
    unknown = [name.lower() for name in names if name.lower() not in known]
    if unknown:
        listed = ", ".join(f'"{name}"' for name in unknown)
        raise NotKept(f"Following tags don't exist: [{listed}]")
    return tuple(state.tracker.timeline_tag(issue.project, known[name.lower()]) for name in names)


def _edited(event: TimelineEvent, text: str, occurred_at: float | None) -> str | None:
    """What GitLab writes below the incident; None when neither text nor time is another."""
    changed = [
        *(["event time/date"] if occurred_at is not None and occurred_at != event.occurred_at else []),
        *(["text"] if text != event.note else []),
    ]
    return f"edited the {' and '.join(changed)} on incident timeline event" if changed else None


def _noted(state: State, event: TimelineEvent, person: Person, said: str) -> TimelineEvent:
    """Every change by hand is told below the incident, which moves its `updated_at`."""
    state.tracker.add_note(event.incident, person, said, state.clock(), system=True)
    state.touch()
    return event
