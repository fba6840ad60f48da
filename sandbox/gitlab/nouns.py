"""What the sandbox's GitLab holds: people, projects, commits, pipelines and jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.gitlab.trace import Trace

ENDED = frozenset({"success", "failed", "canceled", "skipped"})
#: Jobs that somebody may start again (`Ci::Build#retryable?`).
RETRYABLE = frozenset({"success", "failed", "canceled"})
#: Jobs that wait for a runner and can be called off at once.
UNSTARTED = frozenset({"created", "pending", "manual", "scheduled", "preparing", "waiting_for_resource"})

LEVELS: Mapping[str, int] = {
    "none": 0,
    "guest": 10,
    "planner": 15,
    "reporter": 20,
    "developer": 30,
    "maintainer": 40,
    "owner": 50,
}
ADMIN = 60
#: How refs are written out, where a branch and a tag may have the same name.
HEADS, TAGS = "refs/heads/", "refs/tags/"
#: What `git rev-parse --short` gives at least.
SHORTEST_SHA = 7


@dataclass(frozen=True, slots=True)
class Person:
    """An account of the sandbox's GitLab."""

    id: int
    username: str
    name: str
    bot: bool = False
    admin: bool = False


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit with all its files by path."""

    sha: str
    title: str
    author: str
    created_at: float
    parent: str | None
    files: Mapping[str, str]
    merged: str | None = None
    """Of a merge commit: its second parent, the head of the branch that was merged."""
    body: str = ""
    """What its message says below the title."""

    @property
    def parents(self) -> list[str]:
        return [sha for sha in (self.parent, self.merged) if sha is not None]


@dataclass(frozen=True, slots=True)
class Target:
    """The environment of a job, as its `environment` says (doc/ci/yaml, environment)."""

    name: str
    tier: str | None = None
    action: str = "start"
    url: str | None = None
    on_stop: str | None = None
    """The job that stops what this one started."""


@dataclass(frozen=True, slots=True)
class Protected:
    """A protected environment: who may deploy to it, and how many of them have to approve each deployment."""

    level: int
    approvals: int = 0


@dataclass(slots=True, eq=False)
class Namespace:
    """A group, or the place of one person's own projects."""

    id: int
    path: str
    """The full one: `acme/labs`."""
    name: str
    kind: str = "group"
    parent: Namespace | None = None
    members: dict[str, int] = field(default_factory=dict)
    """Whom it makes members itself; those of its parent are members too."""
    creation: str = "developer"
    """project_creation_level: developer, maintainer, or noone."""

    def level(self, username: str) -> int:
        """The role of somebody in it, inherited or its own."""
        above = self.parent.level(username) if self.parent is not None else 0
        return max(above, self.members.get(username, 0))


@dataclass(slots=True)
class Settings:
    """What Maintainers choose for a project, by the names that `GET /projects/:id` has for it."""

    only_allow_merge_if_pipeline_succeeds: bool = False
    ci_forward_deployment_enabled: bool = True
    ci_forward_deployment_rollback_allowed: bool = True
    approvals_before_merge: int = 0


@dataclass(slots=True)
class Project:
    id: int
    path: str
    description: str
    folder: Path
    """Where the files of a push come from."""
    created_at: float
    default_branch: str | None = None
    branches: dict[str, Commit] = field(default_factory=dict)
    tags: dict[str, Commit] = field(default_factory=dict)
    history: dict[str, Commit] = field(default_factory=dict)
    """Every commit there ever was, by its SHA, in the order in which they were made."""
    protected: dict[str, int] = field(default_factory=dict)
    """By protected branch: the level that may run pipelines there."""
    members: dict[str, int] = field(default_factory=dict)
    protected_environments: dict[str, Protected] = field(default_factory=dict)
    variables_role: str = "developer"
    """ci_pipeline_variables_minimum_override_role: developer, maintainer, owner or no_one_allowed."""
    chat_token: str = ""
    settings: Settings = field(default_factory=Settings)
    pipelines: int = 0
    namespace: Namespace | None = None
    title: str = ""
    """Its name, when that is not the last part of its path."""
    visibility: str = "private"
    archived: bool = False

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def group(self) -> str:
        return self.path.rpartition("/")[0]

    def commit(self, ref: str) -> Commit | None:
        """The commit of a tag, a branch or a SHA (also a short one); None when there is none.

        Of a tag and a branch with one name the tag is meant (gitrevisions), unless the ref is written out.
        """
        if ref == "HEAD" and self.default_branch:
            return self.branches[self.default_branch]
        if ref.startswith(HEADS):
            return self.branches.get(ref.removeprefix(HEADS))
        named = self.tags.get(ref.removeprefix(TAGS)) or self.branches.get(ref)
        return named or self._by_sha(ref)

    def _by_sha(self, start: str) -> Commit | None:
        if len(start) < SHORTEST_SHA:
            return None
        return next((one for one in self.history.values() if one.sha.startswith(start)), None)


@dataclass(slots=True)
class Pipeline:
    id: int
    iid: int
    project: Project
    commit: Commit
    ref: str
    source: str
    user: Person
    created_at: float
    updated_at: float
    name: str | None = None
    variables: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, Any] = field(default_factory=dict)
    stages: tuple[str, ...] = ()
    jobs: list[Job] = field(default_factory=list)
    status: str = "created"
    started_at: float | None = None
    finished_at: float | None = None
    tag: bool = False
    """Whether its ref is a tag."""


@dataclass(slots=True)
class Job:
    id: int
    pipeline: Pipeline
    name: str
    stage: str
    user: Person
    created_at: float
    trace: Trace
    script: tuple[str, ...] = ()
    after_script: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    """The job's own: from the configuration, and what it was played with."""
    target: Target | None = None
    when: str = "on_success"
    allow_failure: bool = False
    tags: tuple[str, ...] = ()
    status: str = "created"
    queued_at: float | None = None
    started_at: float | None = None
    finished_at: float | None = None
    failure_reason: str | None = None
    exit_code: int | None = None
    retried: bool = False
    held: bool = False
    """Whether its deployment waits for approvals (`waiting_for_deployment_approval?`)."""
    at_once: bool = False
    """Whether somebody has pressed play already, before its turn came (`enqueue_immediately?`)."""
    archived: bool = False
    """Whether it is too old to be touched (doc/administration/settings/continuous_integration.md)."""

    @property
    def environment(self) -> str | None:
        return None if self.target is None else self.target.name

    @property
    def manual(self) -> bool:
        return self.when == "manual"

    @property
    def cancelable(self) -> bool:
        return self.status not in ENDED and self.status != "canceling"

    @property
    def retryable(self) -> bool:
        touchable = not self.archived and self.failure_reason != "deployment_rejected"
        return self.status in RETRYABLE and not self.retried and touchable

    @property
    def playable(self) -> bool:
        waits = self.status == "manual" and not self.archived
        return self.manual and not self.held and (waits or self.retryable)
