"""What GitLab's tracker holds: issues, their comments and labels; and where in Slack they are shown."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model import GitLabUser, Millis, Person, Place

OPENED, CLOSED = "opened", "closed"
#: Kinds of issues (doc/api/issues.md, issue_type).
PLAIN, INCIDENT = "issue", "incident"
#: GitLab refuses longer titles (doc/api/issues.md).
TITLE_LIMIT = 255


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue or an incident as one identity sees it."""

    id: int
    iid: int
    """Its number in the project, after the `#`."""
    project_id: int
    project: str
    """Full path of the project, as GitLab's full reference has it."""
    title: str
    state: str
    """opened or closed."""
    url: str
    labels: tuple[str, ...] = ()
    assignees: tuple[GitLabUser, ...] = ()
    author: str = ""
    """Username."""
    due: str = ""
    """`YYYY-MM-DD`, or empty."""
    kind: str = PLAIN
    """issue, incident, task or test_case."""
    confidential: bool = False
    moved_to: int | None = None
    """Id of the issue it was moved to; that is no number anybody types."""
    comments: int = 0
    updated_at: Millis = 0
    description: str = ""
    severity: str = ""
    """critical, high, medium, low or unknown, where GitLab tells it."""
    created_at: Millis = 0

    @property
    def is_open(self) -> bool:
        return self.state == OPENED

    @property
    def reference(self) -> str:
        """Project and number: `acme/shop#4`."""
        return f"{self.project}#{self.iid}"

    @property
    def home(self) -> str:
        """The address of its project, which completes links in its texts."""
        return self.url.partition("/-/")[0]


@dataclass(frozen=True, slots=True)
class Comment:
    """A note below an issue: a person's, or one line of GitLab's own (`system`)."""

    id: int
    body: str
    author: str
    """Username."""
    name: str
    """As GitLab shows its author."""
    author_id: int
    created_at: Millis
    system: bool = False
    internal: bool = False
    """Whether only members from Planner up may read it."""
    updated_at: Millis = 0
    in_discussion: bool = False
    """Whether it was written in a thread; which one, `discussions_of` tells."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a project, or of a group above it."""

    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class NewIssue:
    """What an issue is to be made of; texts are Markdown in which nothing acts."""

    title: str
    description: str = ""
    labels: tuple[str, ...] = ()
    assignee: int | None = None
    """GitLab id."""
    confidential: bool = False
    kind: str = PLAIN
    due: str = ""
    """`YYYY-MM-DD`, or empty."""


@dataclass(frozen=True, slots=True)
class IssueLink:
    """An issue that is tied to another."""

    id: int
    kind: str
    """relates_to, blocks or is_blocked_by."""
    issue: Issue


@dataclass(frozen=True, slots=True)
class LabelEvent:
    """Somebody put a label on an issue, or took it off."""

    id: int
    at: Millis
    author: str
    """Username; empty if the account is gone."""
    author_id: int
    label: str
    """Empty if the label itself was deleted since."""
    added: bool


@dataclass(frozen=True, slots=True)
class StateEvent:
    """Somebody closed an issue, or opened it again."""

    id: int
    at: Millis
    author: str
    """Username; empty if the account is gone."""
    author_id: int
    state: str
    """closed or reopened."""


@dataclass(frozen=True, slots=True)
class IncidentFacts:
    """What only GraphQL tells of an incident."""

    severity: str
    """critical, high, medium, low or unknown."""
    status: str = ""
    """triggered, acknowledged, resolved or ignored; empty where none was ever set."""
    asked: Millis = 0
    """When that was asked, by our clock; 0 for just now."""


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One line of an incident's timeline."""

    gid: str
    """Its global id, by which it is changed and dropped."""
    text: str
    at: Millis
    """When it happened, which may be long before it was written down."""
    author: str = ""
    """Username; GitLab's own lines have whoever caused them."""
    action: str = ""
    """comment for what people wrote, else what GitLab noticed, such as issue_closed."""
    editable: bool = False
    tags: tuple[str, ...] = ()
    updated_at: Millis = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form of a new issue begins with, as people fill it in."""

    project: str = ""
    """Full path."""
    title: str = ""
    text: str = ""
    labels: tuple[str, ...] = ()
    about: str = ""
    """A sentence on the message it was opened on."""


# In Slack ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subject:
    """The issue that a thread, a channel or a conversation is about."""

    project_id: int
    project: str
    """Full path."""
    iid: int


@dataclass(frozen=True, slots=True)
class IssueCard:
    """A message of ours that shows an issue; its id is what its buttons carry."""

    id: str
    person: Person
    """Who had it shown."""
    place: Place
    subject: Subject
    living: bool
    """Whether it is edited as the issue changes: what only one person sees cannot be."""
    remark: str = ""
    """What was done last, in words."""
    at: Millis = 0
