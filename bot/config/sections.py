"""The sections of the file: which keys each of them may hold, how each is read, and its default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot import policy, values
from bot.config import kinds
from bot.config.incidents import IncidentsConfig
from bot.environments import TIERS
from bot.model import Millis
from bot.policy import Limits, Policy
from bot.values import read_by as _by

#: Slack allows ten open sockets for one app (slack-platform.md 1).
MOST_CONNECTIONS = 10
#: One worker is one thread; more than this only adds switching.
MOST_WORKERS = 256
#: The two doors of GitLab that still start jobs as chat (gitlab-chatops.md 0.1).
MATTERMOST = "mattermost_slash_commands"
SLACK_APP = "slack_app"
#: A week: whoever needs longer writes a rule.
MOST_MINUTES = 7 * 24 * 60
MINUTE_MS: Millis = 60_000
#: More than anybody waits for.
MOST_APPROVALS = 20
#: A limit above this is none; 0 says so.
MOST_LIMIT = 100_000
KEY_FILE = Path("signalbox.keys")

_NONE = Policy()
_NAMES = values.many(kinds.text)
_PATTERNS = values.many(kinds.pattern)
#: What every key of [limits] holds.
LIMIT = values.number(int, 0, MOST_LIMIT)

_BOT_TOKEN = values.secret(
    begins="xoxb-", what="the Bot User OAuth Token from OAuth & Permissions at https://api.slack.com/apps"
)
_APP_TOKEN = values.secret(
    begins="xapp-",
    what="an app-level token with the scope connections:write from Basic Information at https://api.slack.com/apps",
)
_GITLAB_TOKEN = values.secret(what="an access token with the scope read_api from GitLab's Access tokens page")
_ANY_SECRET = values.secret(what="the token")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackConfig:
    """How the bot reaches Slack."""

    bot_token: str = field(metadata=_by(_BOT_TOKEN), repr=False)
    app_token: str = field(metadata=_by(_APP_TOKEN), repr=False)
    api_url: str = field(metadata=_by(values.url(slash=True)), default="https://slack.com/api/")
    """Ends with a slash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GitLabConfig:
    """How the bot reaches GitLab."""

    token: str = field(metadata=_by(_GITLAB_TOKEN), repr=False)
    url: str = field(metadata=_by(values.url(slash=False, ends_not="/api/v4")), default="https://gitlab.com")
    """Does not end with a slash."""
    slack_app_token: str = field(metadata=_by(_ANY_SECRET), default="", repr=False)
    """Verification token for POST /api/v4/slack/trigger (gitlab-chatops.md 0.5); empty if not used."""
    application_id: str = field(metadata=_by(kinds.application_id), default="")
    """Id of the OAuth application with which people connect their accounts; empty: they paste a token."""
    timeout_seconds: float = field(metadata=_by(values.number(float, 1, 120)), default=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreConfig:
    """Where the bot remembers."""

    path: Path = field(metadata=_by(values.file_to_be), default=Path("signalbox.sqlite3"))
    """In the file relative to the folder of the configuration; here ready to open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BotConfig:
    """How the bot itself works."""

    workers: int = field(metadata=_by(values.number(int, 1, MOST_WORKERS)), default=32)
    connections: int = field(metadata=_by(values.number(int, 1, MOST_CONNECTIONS)), default=2)
    tick_seconds: float = field(metadata=_by(values.number(float, 0.05, 60)), default=1)
    log_level: str = field(metadata=_by(values.choice("DEBUG", "INFO", "WARNING", "ERROR")), default="INFO")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectConfig:
    """What is special about one GitLab project."""

    aliases: tuple[str, ...] = field(metadata=_by(values.many(values.alias)), default=())
    channels: tuple[str, ...] = field(metadata=_by(values.many(values.channel)), default=())
    """Slack ids of the channels where this project is meant when none is named."""
    start: str = field(metadata=_by(values.choice("api", "chat")), default="api")
    chat_token: str = field(metadata=_by(_ANY_SECRET), default="", repr=False)
    chat_via: str = field(metadata=_by(values.choice(MATTERMOST, SLACK_APP)), default=MATTERMOST)
    escape_dollar: bool = field(metadata=_by(values.flag), default=True)
    """Whether `$` in what people type reaches the job as `$$`, so that GitLab does not expand it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessSection:
    """Who may do what, as far as it is not a rule; becomes the policy."""

    default: str = field(metadata=_by(kinds.word(policy.ALLOW, policy.DENY)), default=_NONE.default)
    admins: tuple[str, ...] = field(metadata=_by(_NAMES), default=_NONE.admins)
    override: tuple[str, ...] = field(metadata=_by(_NAMES), default=_NONE.override)
    let_in: tuple[str, ...] = field(metadata=_by(values.many(kinds.newcomer)), default=_NONE.let_in)
    shared_channels: tuple[str, ...] = field(
        metadata=_by(values.many(values.channel)), default=_NONE.shared_channels
    )
    confirm_production: bool = field(metadata=_by(values.flag), default=_NONE.confirm_production)
    gate: tuple[str, ...] = field(metadata=_by(kinds.words(*kinds.SEVERITIES)), default=_NONE.gate)
    gitlab_freezes: bool = field(metadata=_by(values.flag), default=_NONE.gitlab_freezes)
    lock_minutes: float = field(
        metadata=_by(values.number(float, 1, MOST_MINUTES)), default=_NONE.lock_for // MINUTE_MS
    )
    lock_deployments: bool = field(metadata=_by(values.flag), default=_NONE.lock_deployments)
    key_file: Path = field(metadata=_by(values.file_to_be), default=KEY_FILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentSection:
    """What is known of an environment before GitLab is asked."""

    tier: str = field(metadata=_by(kinds.word(*TIERS)), default="")
    """Empty for what GitLab says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSection:
    """One rule as it stands in the file; bot/policy.py says what each key means."""

    name: str = field(metadata=_by(kinds.line(kinds.MOST_NAME)))
    then: str = field(metadata=_by(kinds.word(policy.ALLOW, policy.DENY, policy.CONFIRM, policy.APPROVE)))
    commands: tuple[str, ...] = field(metadata=_by(_PATTERNS), default=())
    projects: tuple[str, ...] = field(metadata=_by(_PATTERNS), default=())
    jobs: tuple[str, ...] = field(metadata=_by(_PATTERNS), default=())
    environments: tuple[str, ...] = field(metadata=_by(_PATTERNS), default=())
    tiers: tuple[str, ...] = field(metadata=_by(values.many(kinds.tier)), default=())
    refs: tuple[str, ...] = field(metadata=_by(_PATTERNS), default=())
    channels: tuple[str, ...] = field(metadata=_by(values.many(kinds.channel)), default=())
    people: tuple[str, ...] = field(metadata=_by(_NAMES), default=())
    role: str = field(metadata=_by(kinds.word(*policy.ROLES)), default="")
    role_below: str = field(metadata=_by(kinds.word(*policy.ROLES)), default="")
    arguments: Mapping[str, tuple[str, ...]] = field(
        metadata=_by(kinds.arguments), default_factory=lambda: MappingProxyType({})
    )
    why: str = field(metadata=_by(kinds.line(kinds.MOST_WHY)), default="")
    grant_by: tuple[str, ...] = field(metadata=_by(_NAMES), default=())
    approvals: int = field(metadata=_by(values.number(int, 1, MOST_APPROVALS)), default=1)
    by: tuple[str, ...] = field(metadata=_by(_NAMES), default=())
    expires_minutes: float = field(metadata=_by(values.number(float, 1, MOST_MINUTES)), default=60)
    approve_in: str = field(metadata=_by(kinds.word("slack", "gitlab")), default="slack")
    channel: str = field(metadata=_by(kinds.maybe_channel), default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeSection:
    """One freeze of our own."""

    name: str = field(metadata=_by(kinds.line(kinds.MOST_NAME)))
    start: str = field(metadata=_by(kinds.edge))
    end: str = field(metadata=_by(kinds.edge))
    timezone: str = field(metadata=_by(kinds.line(kinds.MOST_NAME)), default="UTC")
    environments: tuple[str, ...] = field(metadata=_by(_PATTERNS), default=())
    projects: tuple[str, ...] = field(metadata=_by(_PATTERNS), default=())


SECTIONS: Mapping[str, type[Any]] = MappingProxyType({
    "slack": SlackConfig, "gitlab": GitLabConfig, "store": StoreConfig, "bot": BotConfig,
    "incidents": IncidentsConfig, "access": AccessSection, "limits": Limits,
})  # fmt: skip
"""The sections there is one of, and what they are read as."""
TABLES: Mapping[str, type[Any]] = MappingProxyType({
    "projects": ProjectConfig, "environments": EnvironmentSection, "rules": RuleSection, "freezes": FreezeSection,
})  # fmt: skip
"""The sections there may be several of; `[groups]` is a list of members by name, `[aliases]` a command by its word."""
GROUPS, ALIASES = "groups", "aliases"
