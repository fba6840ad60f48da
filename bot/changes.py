"""What lies between two commits, and what a deployment would change: told before anything is done."""

from __future__ import annotations

from dataclasses import dataclass

from bot.environments import Deployment
from bot.model import Millis, Project


@dataclass(frozen=True, slots=True)
class Change:
    """One commit."""

    sha: str
    title: str
    author: str
    at: Millis


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge request that was merged, and the commits it left on its target."""

    number: int
    title: str
    author: str
    """A username."""
    url: str
    shas: tuple[str, ...] = ()
    at: Millis | None = None
    """When; None if GitLab does not say."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The commits of one that another lacks."""

    commits: tuple[Change, ...]
    """Newest first."""
    url: str = ""
    """GitLab's page of it."""


#: Nothing lies between a commit and itself.
NOTHING = Comparison(())


@dataclass(frozen=True, slots=True)
class Preview:
    """What runs on an environment now, and what would run there."""

    environment: str
    ref: str
    sha: str
    runs: Deployment | None = None
    """What runs there now; None if nothing does."""
    source: str = ""
    """The environment it is taken from, if it is."""
    comes: Comparison | None = NOTHING
    """What would come; None if GitLab does not tell."""
    goes: Comparison | None = NOTHING
    """What would be taken back; None if GitLab does not tell."""
    merged: tuple[Merged, ...] = ()
    """The merge requests among the commits of both."""
    checks: str = ""
    """Status of the newest pipeline of the commit that would come, in GitLab's words; empty if it has none."""
    checks_url: str = ""
    how: str = ""
    """What would be done for it, as a sentence."""
    typed: str = ""
    """The line that does the same."""
    state: str = "available"
    """The environment's, in GitLab's words; empty if it does not exist yet."""

    @property
    def is_same(self) -> bool:
        """Whether that very commit runs there already."""
        return self.runs is not None and self.runs.sha == self.sha

    @property
    def goes_back(self) -> bool:
        """Whether it only takes back: everything that would run there runs there already."""
        return bool(self.goes and self.goes.commits) and self.comes is not None and not self.comes.commits


@dataclass(frozen=True, slots=True)
class Target:
    """An earlier deployment that can be gone back to."""

    deployment: Deployment
    undoes: Comparison | None
    """What runs now and would not any more; None if GitLab does not tell."""
    merged: tuple[Merged, ...] = ()
    """The merge requests among it."""


@dataclass(frozen=True, slots=True)
class History:
    """What runs on an environment, and what ran there before."""

    project: Project
    environment: str
    runs: Deployment
    targets: tuple[Target, ...]
    """Newest first. The first is what runs by GitLab's count, if something failed since."""
    failed: Deployment | None = None
    """What was deployed since and came to nothing."""
    more: int = 0
    """How many that are older still are left out."""
