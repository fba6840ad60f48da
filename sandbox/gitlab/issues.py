"""What the tracker of the sandbox's GitLab holds: issues and incidents, their notes, labels and events."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.gitlab.nouns import Person, Project

TYPES = ("issue", "incident", "test_case", "task")
SEVERITIES = ("UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL")
#: What GitLab's quick action `/severity` calls S1 to S4.
SHORT_SEVERITIES = {"S1": "CRITICAL", "S2": "HIGH", "S3": "MEDIUM", "S4": "LOW"}


@dataclass(frozen=True, slots=True)
class Label:
    """A label of one project."""

    id: int
    name: str
    color: str
    description: str = ""


@dataclass(slots=True)
class Note:
    """A comment, or one line that GitLab writes itself about a change (`system`)."""

    id: int
    body: str
    author: Person
    created_at: float
    updated_at: float
    discussion: str
    """40 hexadecimal digits; the same for all notes of a discussion."""
    type: str | None = None
    """`DiscussionNote` in a discussion that can be replied to; None for a note by itself."""
    system: bool = False
    internal: bool = False


@dataclass(frozen=True, slots=True)
class StateEvent:
    """An issue was closed or opened again. No note tells of it (doc/api/resource_state_events.md)."""

    id: int
    person: Person
    created_at: float
    state: str


@dataclass(frozen=True, slots=True)
class LabelEvent:
    """A label was put on or taken off. No note tells of it (doc/api/resource_label_events.md)."""

    id: int
    person: Person
    created_at: float
    label: Label
    action: str


@dataclass(slots=True)
class Issue:
    id: int
    iid: int
    project: Project
    title: str
    author: Person
    created_at: float
    updated_at: float
    type: str = "issue"
    severity: str = "UNKNOWN"
    labels: tuple[str, ...] = ()
    state: str = "opened"
    closed_at: float | None = None
    closed_by: Person | None = None
    description: str | None = None
    assignees: tuple[Person, ...] = ()
    confidential: bool = False
    due_date: str | None = None
    discussion_locked: bool | None = None
    moved_to: int | None = None
    """Id of the issue in the other project."""
    notes: list[Note] = field(default_factory=list)
    """Oldest first."""
    state_events: list[StateEvent] = field(default_factory=list)
    label_events: list[LabelEvent] = field(default_factory=list)

    @property
    def reference(self) -> str:
        """`acme/shop#1`."""
        return f"{self.project.path}#{self.iid}"

    @property
    def comments(self) -> list[Note]:
        """What people wrote: `user_notes_count` counts these."""
        return [note for note in self.notes if not note.system]

    def note(self, number: int) -> Note | None:
        return next((note for note in self.notes if note.id == number), None)
