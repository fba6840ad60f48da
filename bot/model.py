"""The nouns of the bot: frozen records that every room may read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Millis = int
"""A moment: whole milliseconds since the Unix epoch, UTC. Every stored time has this unit."""

Block = dict[str, Any]
"""One Block Kit block, ready for JSON."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in Slack. Only (team, id) from the envelope tells who it is; a name is for display."""

    team: str
    id: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where in Slack something was asked, and where its answer goes."""

    channel: str
    thread: str | None = None

    @property
    def is_dm(self) -> bool:
        """Whether this is a direct message: Slack's ids of those begin with D."""
        return self.channel.startswith("D")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message: a text, or bytes such as those of an image."""

    name: str
    text: str = ""
    data: bytes = b""
    """What it holds where that is no text."""

    @property
    def content(self) -> bytes:
        """All of it; what UTF-8 cannot say is replaced."""
        return self.data or self.text.encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Message:
    """What Slack shows: the blocks, and the text that notifications and screen readers fall back to."""

    text: str
    blocks: tuple[Block, ...] = ()
    file: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """Something to pick, in a message or in a form."""

    label: str
    """What people read; 75 characters are shown."""
    value: str
    """What comes back; at most 150 characters, or it cannot be picked."""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """Something of GitLab that somebody's own token was shown, by its name."""

    id: int
    path: str


# What GitLab holds ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Project:
    """A GitLab project. Its numeric id survives renames, its path is what people type."""

    id: int
    path: str
    url: str
    default_branch: str | None
    """None while the repository is empty."""
    config_path: str = ".gitlab-ci.yml"
    forward_only: bool = False
    """Whether GitLab keeps what is older than what runs on an environment from being deployed there by old jobs."""
    may_go_back: bool = True
    """Whether jobs that have deployed before are left out of that (doc/ci/pipelines/settings.md)."""
    visibility: str = ""
    """public, internal or private (doc/user/public_access.md); empty where GitLab does not say."""


@dataclass(frozen=True, slots=True)
class Commit:
    """The commit a ref points at."""

    sha: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Pipeline:
    id: int
    status: str
    source: str
    ref: str
    sha: str
    url: str
    created_at: Millis
    username: str | None = None
    started_at: Millis | None = None
    finished_at: Millis | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One job of a pipeline as GitLab tells it. Status values are GitLab's own, lower case."""

    id: int
    name: str
    stage: str
    status: str
    url: str
    pipeline: int
    pipeline_url: str
    ref: str
    sha: str
    allow_failure: bool = False
    failure_reason: str | None = None
    """Present only when the job failed."""
    started_at: Millis | None = None
    finished_at: Millis | None = None
    tags: tuple[str, ...] = ()
    user_id: int | None = None
    """As whom it runs."""
    username: str = ""
    archived: bool = False
    """Whether GitLab runs it no more, since its pipeline is too old."""


@dataclass(frozen=True, slots=True)
class GitLabUser:
    id: int
    username: str
    name: str
    is_bot: bool = False
    is_admin: bool = False


#: Action id of the button under a suggestion; its value is the id of the kept command.
OFFER = "offer.try"
#: Action ids of what picks a word that was left out begin so; behind it stands where the options come from.
PICK = "pick."
#: Of options that come along.
PICK_GIVEN = f"{PICK}given"
#: Most options of one select (slack-platform.md 2.1).
MOST_OPTIONS = 100

#: Statuses after which a job does not move by itself (doc/api/jobs.md; gitlab-api.md 2.1).
ENDED = frozenset({"success", "failed", "canceled", "skipped"})
#: Statuses in which it moves only if somebody acts, or at a time that is set for it.
RESTS = ENDED | {"manual", "scheduled"}
#: Statuses in which a job waits for its turn.
WAITING = frozenset(
    {"created", "pending", "preparing", "waiting_for_resource", "waiting_for_callback", "scheduled"}
)


#: Ways to start a job besides `api` and `chat`, as Run.start has them.
PLAIN, PLAY, RETRY = "plain", "play", "retry"
#: Commands that deploy: their runs are tied to their commit.
DEPLOYS = frozenset({"deploy", "rollback"})

# Runs -------------------------------------------------------------------------------------------------------


class RunState(StrEnum):
    """Where a run is on its way; it moves only forward, by one conditional UPDATE."""

    HELD = "held"  # it waits for an approval or for a lock; GitLab has not been called
    ASKED = "asked"  # the row is there, GitLab has not been called
    CALLING = "calling"  # GitLab is being asked to start it; its answer is not known yet
    RUNNING = "running"  # GitLab has the job; it is being watched
    REPLYING = "replying"  # the job has ended; its log is being read
    DONE = "done"  # answered
    REFUSED = "refused"  # GitLab said no, or it was called off before it began; nothing was started
    UNKNOWN = "unknown"  # GitLab's answer was lost and nothing was found; nothing is repeated


#: States in which a run still needs somebody to look after it.
OPEN_STATES = (RunState.HELD, RunState.ASKED, RunState.CALLING, RunState.RUNNING, RunState.REPLYING)


@dataclass(frozen=True, slots=True)
class Run:
    """One job that somebody started from chat. Its id is the request id GitLab sees, and the id of its card."""

    id: str
    source: str
    """Key of the request that made it; unique, so that one request makes one run."""
    person: Person
    asker: str
    """The asker's name as Slack shows it, for cards: a name does not ring, a mention does."""
    place: Place
    """Where it was asked; the card is posted there."""
    project: str
    project_id: int
    job: str
    ref: str
    arguments: str
    """What was typed after the job, as the job will see it in CHAT_INPUT."""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    """The variables of its configuration that were set, as GitLab is sent them."""
    start: str = "api"
    """
    How GitLab is asked: api, chat (its own slash-command endpoint), plain (a pipeline without variables), play (a
    manual job that is there already) or retry (a job that has run before).
    """
    state: RunState = RunState.ASKED
    asked_at: Millis = 0
    called_at: Millis | None = None
    sha: str = ""
    pipeline: int | None = None
    pipeline_url: str = ""
    job_id: int | None = None
    job_url: str = ""
    status: str = ""
    """The job's status in GitLab's words, as last seen; empty before there is a job."""
    failure_reason: str = ""
    others: int = 0
    """How many other jobs the pipeline holds."""
    progress: str = ""
    """The current section or the last line of the log."""
    problem: str = ""
    """A sentence: why it was refused, or what is not known."""
    started_at: Millis | None = None
    finished_at: Millis | None = None
    cancelled_by: str = ""
    """Name of the person who asked for it to be cancelled."""
    retried_by: str = ""
    """Key of the request that retried it last, so that one request retries once."""
    next_look: Millis = 0
    looks: int = 0
    fails: int = 0
    """Looks in a row that failed."""
    environment: str = ""
    """The environment the job deploys to, if it does."""
    tier: str = ""
    definition: str = ""
    """Digest of the job's definition when it was asked for."""
    hold: str = ""
    """What a held run waits for: approval, gitlab (an approval there) or lock."""
    hold_said: str = ""
    """The same in words, with how far it has come."""
    hold_until: Millis | None = None
    approved_by: str = ""
    overridden: str = ""
    """Who overrode what, and why, in words."""
    eased: str = ""
    """Names of the steps that were overridden, with spaces between."""
    agreed: str = ""
    """Digest of what its start is tied to, by a confirmation, an approval or its tier; empty if it is not."""
    asked_in: str = ""
    """The channel it was asked in, if its card stands in another."""
    gitlab_id: int = 0
    """GitLab id of who asked for it."""
    command: str = "run"
    """The command it was asked for with: run, again, deploy or rollback."""
    was: str = ""
    """For a deployment: what ran on its environment before it was asked for, in words."""
    changes: str = ""
    """How many commits come and go with it, in words."""
    changes_url: str = ""
    """GitLab's page of them."""
    landed: str = ""
    """What runs on its environment after it has succeeded, as a sentence."""
    page: str = ""
    """Where that can be seen."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a job's log holds for chat."""

    text: str | None
    """The reply; empty if the job printed none; None if the log has no place to look."""
    complete: bool
    """Whether more may still come: False while the section that was read is not closed."""
    tail: tuple[str, ...] = ()
    """The last lines of the job's own output, for a job that failed."""
    section: str = ""
    """Name of the section that was open at the end of what was read."""
    line: str = ""
    """The last non-empty line."""
    answered: bool = False
    """Whether the text is what the job put into `chat_reply`, and not all that its script printed."""
    exit_code: int | None = None
    """What the script of a failed job ended with, as the runner tells it."""
    clipped: bool = False
    """Whether the text was longer than the parser keeps."""
