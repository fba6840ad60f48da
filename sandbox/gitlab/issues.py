"""What the tracker of the sandbox's GitLab holds: issues and incidents, their notes, labels and events."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.gitlab.nouns import Person, Project

TYPES = ("issue", "incident", "test_case", "task")
SEVERITIES = ("UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL")
#: What GitLab's quick action `/severity` calls S1 to S4.
SHORT_SEVERITIES = {"S1": "CRITICAL", "S2": "HIGH", "S3": "MEDIUM", "S4": "LOW"}
#: The escalation status of an incident (app/models/concerns/incident_management/escalatable.rb).
STATUSES = ("TRIGGERED", "ACKNOWLEDGED", "RESOLVED", "IGNORED")


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


@dataclass(frozen=True, slots=True)
class TimelineTag:
    """A tag of timeline events, of one project."""

    id: int
    name: str


@dataclass(slots=True)
class TimelineEvent:
    """One line of an incident's timeline: somebody's, or one that GitLab writes about a change."""

    id: int
    incident: Issue = field(repr=False, compare=False)
    author: Person
    note: str
    occurred_at: float
    created_at: float
    updated_at: float
    action: str = "comment"
    editable: bool = True
    tags: tuple[TimelineTag, ...] = ()
    updated_by: Person | None = None
    promoted_from: Note | None = None


@dataclass(frozen=True, slots=True, eq=False)
class IssueLink:
    """Two issues that have to do with each other; Free knows no other kind (doc/api/issue_links.md)."""

    id: int
    source: Issue
    target: Issue
    created_at: float

    def other(self, issue: Issue) -> Issue:
        return self.target if self.source is issue else self.source


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
    duplicate_of: Issue | None = field(default=None, repr=False, compare=False)
    status: str | None = None
    """The escalation status; incidents alone have one."""
    notes: list[Note] = field(default_factory=list)
    """Oldest first."""
    state_events: list[StateEvent] = field(default_factory=list)
    label_events: list[LabelEvent] = field(default_factory=list)
    timeline: list[TimelineEvent] = field(default_factory=list)
    """In the order in which they were written down."""

    @property
    def reference(self) -> str:
        """`acme/shop#1`."""
        return f"{self.project.path}#{self.iid}"

    def named_from(self, project: Project) -> str:
        """How a text of that project names it: `#1`, `shop#1` in the same group, or `acme/shop#1`."""
        if project is self.project:
            return f"#{self.iid}"
        return f"{self.project.name}#{self.iid}" if project.group == self.project.group else self.reference

    @property
    def comments(self) -> list[Note]:
        """What people wrote: `user_notes_count` counts these."""
        return [note for note in self.notes if not note.system]

    def note(self, number: int) -> Note | None:
        return next((note for note in self.notes if note.id == number), None)
