"""Merge requests of the sandbox's GitLab: one branch asking to get into another of the same project."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sandbox.gitlab.history import between, merge_base
from sandbox.gitlab.nouns import Commit, Person, Project

FIRST_MERGE_REQUEST_ID = 9900
STATES = ("opened", "closed", "locked", "merged")
#: A title that begins so is a draft's (doc/user/project/merge_requests/drafts.md).
DRAFT = re.compile(r"\s*(\[draft\]|\(draft\)|draft:)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Options:
    """How somebody wants it merged; None where they did not say."""

    squash: bool | None = None
    remove_source: bool | None = None


@dataclass(frozen=True, slots=True)
class Auto:
    """Somebody asked for it to be merged as soon as nothing is in the way."""

    person: Person
    options: Options


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of it: the commits that were made, and the head of the target before them."""

    person: Person
    at: float
    commit: Commit
    squash: Commit | None
    start: Commit


@dataclass(slots=True)
class MergeRequest:
    id: int
    iid: int
    project: Project
    title: str
    author: Person
    source: str
    target: str
    created_at: float
    updated_at: float
    last: Commit
    """The head of the source branch when it was last seen: it stays when the branch goes."""
    description: str = ""
    assignees: tuple[Person, ...] = ()
    reviewers: tuple[Person, ...] = ()
    labels: tuple[str, ...] = ()
    approvals: dict[str, tuple[Person, float]] = field(default_factory=dict)
    """By user name: who approved, and when."""
    state: str = "opened"
    closed_at: float | None = None
    closed_by: Person | None = None
    auto: Auto | None = None
    merged: Merged | None = None
    checking: int = 0
    """How often looking at it still answers that GitLab is checking whether it can be merged."""

    @property
    def draft(self) -> bool:
        return DRAFT.match(self.title) is not None

    @property
    def reference(self) -> str:
        return f"!{self.iid}"

    @property
    def head(self) -> Commit:
        """The head of the source branch, or what it was when the merge request ended."""
        if self.state == "opened":
            self.last = self.project.branches.get(self.source, self.last)
        return self.last

    @property
    def start(self) -> Commit:
        """The head of the target branch, before the merge if there was one."""
        return self.project.branches.get(self.target, self.last) if self.merged is None else self.merged.start

    @property
    def base(self) -> Commit:
        return merge_base(self.project, self.start, self.head) or self.start

    def commits(self) -> list[Commit]:
        """What it brings, oldest first."""
        return between(self.project, self.start, self.head)

    def holds(self, sha: str) -> bool:
        """Whether a commit came with it, as one of its own or as one that the merge made."""
        made = [] if self.merged is None else [self.merged.commit, self.merged.squash]
        return sha in {one.sha for one in (*self.commits(), *made) if one is not None}

    def close(self, person: Person, now: float) -> None:
        self.state, self.closed_at, self.closed_by, self.updated_at = "closed", now, person, now
        self.auto = None

    def reopen(self, now: float) -> None:
        self.state, self.closed_at, self.closed_by, self.updated_at = "opened", None, None, now

    def pushed(self, now: float) -> None:
        """A commit more: what was to be merged by itself is not any longer."""
        self.updated_at, self.auto = now, None
