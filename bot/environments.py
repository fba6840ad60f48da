"""Environments of a project as GitLab tells of them: deployments, freeze periods, incidents, protection."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.model import Millis

#: GitLab's own guess of the tier by the name, in its order (app/models/environment.rb; gitlab-api.md 2.6).
_TIERS = (
    ("development", re.compile(r"(dev|review|trunk)", re.IGNORECASE)),
    ("testing", re.compile(r"(test|tst|int|ac(ce|)pt|qa|qc|control|quality)", re.IGNORECASE)),
    ("staging", re.compile(r"(st(a|)g|mod(e|)l|pre|demo|non)", re.IGNORECASE)),
    ("production", re.compile(r"(pr(o|)d|live)", re.IGNORECASE)),
)
#: The most careful first.
TIERS = ("production", "staging", "testing", "development", "other")
#: A CI variable inside a name, in each way GitLab expands (lib/expand_variables.rb).
_VARIABLE = re.compile(r"\$\{?\w+\}?|%\w+%", re.ASCII)


def tier_of(name: str) -> str:
    """Return the tier GitLab gives an environment of this name when nobody says otherwise.

    The names of variables in it say nothing: `$PRODUCT/review` is no production.
    """
    known = _VARIABLE.sub("", name)
    return next((tier for tier, pattern in _TIERS if pattern.search(known)), "other")


def is_open(name: str) -> bool:
    """Tell whether a name has variables in it, so that nobody knows yet which environment it will be."""
    return _VARIABLE.search(name) is not None


def may_be(name: str, other: str) -> bool:
    """Tell whether `name`, once its variables are filled in, may be `other`; without any it has to be the same.

    Compared from left to right, each part once: a name full of variables costs no more than another.
    """
    first, *parts = _VARIABLE.split(name)
    if not parts:
        return name == other
    *between, last = parts
    at, end = len(first), len(other) - len(last)
    if at > end or not other.startswith(first) or not other.endswith(last):
        return False
    for part in between:
        found = other.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def most_careful(tiers: Iterable[str]) -> str:
    """Return the tier of these that asks for the most care: production before all others."""
    found = set(tiers)
    return next((tier for tier in TIERS if tier in found), "other")


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment of a project."""

    id: int
    name: str
    tier: str
    state: str = "available"
    """available, stopping or stopped."""
    url: str = ""
    """Where what runs there can be seen; empty if nobody said."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment to an environment, whoever started it."""

    id: int
    environment: str
    ref: str
    sha: str
    status: str
    """created, running, success, failed, canceled or blocked."""
    username: str
    user_id: int
    created_at: Millis
    pipeline: int | None = None
    url: str = ""
    """The page of the job that deploys; empty if there is none."""
    job: int | None = None
    """The job that deploys; None if the deployment was only written down."""
    job_name: str = ""
    tag: bool = False
    """Whether the ref is a tag; False as well if nobody knows."""
    finished_at: Millis | None = None

    @property
    def since(self) -> Millis:
        """Since when it runs there, once it has succeeded."""
        return self.finished_at or self.created_at


@dataclass(frozen=True, slots=True)
class Standing:
    """An environment of a project as it was last seen: what runs on it, and what failed after that."""

    project_id: int
    project: str
    """Full path."""
    name: str
    tier: str
    state: str
    """available, stopping or stopped."""
    ref: str = ""
    """What runs there; empty if nothing was ever deployed, or nobody knows."""
    sha: str = ""
    since: Millis | None = None
    by: str = ""
    """The username of who deployed it."""
    url: str = ""
    """Where what runs there can be seen."""
    job_url: str = ""
    """The page of the job that deployed it."""
    failed_ref: str = ""
    """What was deployed after it and came to nothing, if something was."""
    failed_sha: str = ""
    failed_at: Millis | None = None
    failed_url: str = ""
    seen_at: Millis = 0


@dataclass(frozen=True, slots=True)
class FreezePeriod:
    """A deploy freeze as GitLab keeps it: two cron expressions in a time zone (doc/api/freeze_periods.md)."""

    start: str
    end: str
    timezone: str
    """An IANA name; GitLab's default is UTC."""


@dataclass(frozen=True, slots=True)
class Incident:
    """An open incident of a project."""

    number: int
    title: str
    severity: str
    """critical, high, medium, low or unknown: GitLab's S1 to S4, and none."""
    url: str
    labels: tuple[str, ...] = ()
    confidential: bool = False
    """Whether its title is not for everybody."""


@dataclass(frozen=True, slots=True)
class AccessLevel:
    """One row of who may deploy to a protected environment: a role, a person or a group."""

    said: str
    """GitLab's words for it, such as Maintainers."""
    role: int | None = None
    """30 Developer, 40 Maintainer, 60 administrators; None where a person or a group is named."""
    user_id: int | None = None
    group_id: int | None = None


@dataclass(frozen=True, slots=True)
class Protection:
    """How GitLab protects an environment (doc/api/protected_environments.md)."""

    deploy: tuple[AccessLevel, ...]
    """Whom any of these lets in may deploy there."""
    approvals: int = 0
    """How many have to approve a deployment in GitLab."""
