"""The team's policy as data: rules, groups, environments, freezes, limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.model import Millis

ALLOW, DENY, CONFIRM, APPROVE = "allow", "deny", "confirm", "approve"
#: GitLab's roles as its numbers (gitlab-api.md 3.2).
ROLES: Mapping[str, int] = MappingProxyType(
    {"guest": 10, "planner": 15, "reporter": 20, "developer": 30, "maintainer": 40, "owner": 50}
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. It fits if every condition that is given fits; within a condition any pattern does.

    Patterns are shell patterns (fnmatch, case matters); one that begins with `!` takes out what it matches.
    """

    name: str
    then: str
    """allow, deny, confirm or approve."""
    line: int = 0
    """Where it stands in the file."""
    commands: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    """Slack ids, or `dm`."""
    people: tuple[str, ...] = ()
    """Members as in a group, or `@group`."""
    role: str = ""
    """Fits people with at least this role in the project."""
    role_below: str = ""
    """Fits people with less than this role in the project."""
    arguments: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Patterns by the name of an input or `name=value` argument; `text` is all that was typed after the job."""
    why: str = ""
    """A sentence for whom it stops."""
    grant_by: tuple[str, ...] = ()
    """Groups whose members may let somebody past a deny for a while; the admins always may."""
    approvals: int = 1
    by: tuple[str, ...] = ()
    """Groups whose members may approve."""
    expires: Millis = 3_600_000
    """How long an approval is waited for."""
    approve_in: str = "slack"
    """slack, or gitlab: then the card is a link, and the protected environment there decides."""
    channel: str = ""
    """Where approvals are asked; empty for where the command was typed."""


@dataclass(frozen=True, slots=True)
class FreezeWindow:
    """A freeze of our own: two moments, or two cron expressions, in a time zone."""

    name: str
    start: str
    end: str
    timezone: str
    environments: tuple[str, ...] = ()
    """Patterns; empty for every environment of the production tier."""
    projects: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is too much. Zero is no limit."""

    person_per_minute: int = 30
    channel_per_minute: int = 120
    all_per_minute: int = 600
    open_runs_per_person: int = 10
    open_runs_per_project: int = 50


@dataclass(frozen=True, slots=True)
class Policy:
    """All of it; the empty policy lets everybody do what GitLab lets them, and confirms production."""

    rules: tuple[Rule, ...] = ()
    """The first that fits decides."""
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Members by name of the group: Slack user ids (U…, W…), Slack user groups (S…), `gitlab:username`."""
    tiers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Tier by environment, for those the configuration declares."""
    default: str = ALLOW
    """allow or deny: what is done when no rule fits."""
    admins: tuple[str, ...] = ()
    """Groups or members who may grant access, break locks and read the audit trail."""
    override: tuple[str, ...] = ()
    """Groups or members who may override freezes, incidents and locks, with a reason."""
    let_in: tuple[str, ...] = ()
    """Ids of people, teams and bots who are let in although they are guests, strangers or bots."""
    shared_channels: tuple[str, ...] = ()
    """Ids of channels shared with other companies in which the bot may be used all the same."""
    confirm_production: bool = True
    gate: tuple[str, ...] = ("critical", "high")
    """Severities of open incidents that hold back what is risky; empty for none."""
    freezes: tuple[FreezeWindow, ...] = ()
    gitlab_freezes: bool = True
    """Whether GitLab's own freeze periods hold back what is risky."""
    lock_for: Millis = 3_600_000
    """How long a lock lasts when nobody says how long."""
    lock_deployments: bool = True
    """Whether a deployment started from chat locks its environment while it runs."""
    limits: Limits = field(default_factory=Limits)
