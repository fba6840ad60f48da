"""What GitLab's tracker holds: issues, their comments and labels; and where in Slack they are shown."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model import GitLabUser, Millis, Person, Place

OPENED, CLOSED = "opened", "closed"
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
    kind: str = "issue"
    """issue, incident, task or test_case."""
    confidential: bool = False
    moved_to: int | None = None
    """Id of the issue it was moved to; that is no number anybody types."""
    comments: int = 0
    updated_at: Millis = 0
    description: str = ""

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
