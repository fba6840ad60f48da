"""The configuration: what the file may hold, and how it is read and checked."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from bot import values
from bot.errors import ConfigError
from bot.values import Source

T = TypeVar("T")

#: Slack allows ten open sockets for one app (slack-platform.md 1).
MOST_CONNECTIONS = 10
#: One worker is one thread; more than this only adds switching.
MOST_WORKERS = 256
WORLD_READABLE = 0o004
#: The two doors of GitLab that still start jobs as chat (gitlab-chatops.md 0.1).
MATTERMOST = "mattermost_slash_commands"
SLACK_APP = "slack_app"

_BOT_TOKEN = values.secret(
    begins="xoxb-", what="the Bot User OAuth Token from OAuth & Permissions at https://api.slack.com/apps"
)
_APP_TOKEN = values.secret(
    begins="xapp-",
    what="an app-level token with the scope connections:write from Basic Information at https://api.slack.com/apps",
)
_GITLAB_TOKEN = values.secret(what="an access token with the scope api from GitLab's Access tokens page")
_ANY_SECRET = values.secret(what="the token")


def _by(read: values.Read) -> Mapping[str, Any]:
    """Metadata of a field that `read` reads."""
    return {"read": read}


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
class Config:
    """All of it."""

    slack: SlackConfig
    gitlab: GitLabConfig
    store: StoreConfig = field(default_factory=StoreConfig)
    bot: BotConfig = field(default_factory=BotConfig)
    projects: Mapping[str, ProjectConfig] = field(default_factory=lambda: MappingProxyType({}))
    """By full path."""
    warnings: tuple[str, ...] = ()
    """Sentences for the log: what works, but is better changed."""

    def project(self, path: str) -> ProjectConfig:
        """What is special about the project of this full path; the defaults for one that is not listed."""
        return self.projects.get(path) or ProjectConfig()

    def secrets(self) -> frozenset[str]:
        """Every secret value the bot holds; none of them may reach Slack or a log."""
        held = {self.slack.bot_token, self.slack.app_token, self.gitlab.token, self.gitlab.slack_app_token}
        held.update(project.chat_token for project in self.projects.values())
        return frozenset(held - {""})


SECTIONS: Mapping[str, type[Any]] = MappingProxyType(
    {"slack": SlackConfig, "gitlab": GitLabConfig, "store": StoreConfig, "bot": BotConfig}
)


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """The configuration in the file at `path`.

    Raises:
        ConfigError: the file cannot be read, or holds mistakes: one sentence a line, each naming its key.
    """
    source = Source(environ, path.absolute().parent)
    config = _read(_contents(path), source)
    if source.literals and path.stat().st_mode & WORLD_READABLE:
        source.warnings.append(
            f"{path} holds {', '.join(source.literals)} and everybody on this machine can read it."
            f" Close it with: chmod 600 {path}"
        )
    return replace(config, warnings=tuple(source.warnings))


def parse(text: str, environ: Mapping[str, str], base: Path) -> Config:
    """The configuration written in `text`; files named in it are relative to `base`.

    Raises:
        ConfigError: as `load`.
    """
    source = Source(environ, base)
    return replace(_read(text, source), warnings=tuple(source.warnings))


def _contents(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        make = f"cp config.example.toml {path}"
        raise ConfigError(f"There is no configuration file {path}. Make one with: {make}") from None
    except OSError as error:
        raise ConfigError(f"I cannot read the configuration file {path}: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text (byte {error.start}). Save it as UTF-8.") from None


def _read(text: str, source: Source) -> Config:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"The configuration is not valid TOML: {error}.") from None
    _refuse_unknown("", document, (*SECTIONS, "projects"), source)
    sections: dict[str, Any] = {
        name: _section(name, kind, document.get(name, {}), source) for name, kind in SECTIONS.items()
    }
    projects = _projects(document.get("projects", {}), source)
    _check_projects(projects, sections["gitlab"], source)
    if source.problems:
        raise ConfigError("\n".join(source.problems))
    return Config(**sections, projects=MappingProxyType(projects))


def _section(name: str, kind: type[T], table: Any, source: Source) -> T | None:
    """One table as its dataclass; None if it holds mistakes, which are then among the problems."""
    if not isinstance(table, dict):
        source.problems.append(f"{name} is a section, not a value: write [{name}] and its keys below.")
        return None
    known = {each.name: each for each in fields(kind)}  # type: ignore[arg-type]  # every section is a dataclass
    before = len(source.problems)
    _refuse_unknown(f"{name}.", table, known, source)
    read = {
        key: _value(f"{name}.{key}", about, table.get(key, MISSING), source) for key, about in known.items()
    }
    return kind(**read) if len(source.problems) == before else None


def _value(key: str, about: Field[Any], raw: object, source: Source) -> Any:
    """What stands in the file at `key`, else the default; mistakes go to the problems."""
    required = about.default is MISSING
    value = ("" if required else about.default) if raw is MISSING else raw
    try:
        return about.metadata["read"](source, key, value, required)
    except ConfigError as error:
        source.problems.append(error.sentence)
        return None


def _refuse_unknown(prefix: str, table: Mapping[str, Any], known: Iterable[str], source: Source) -> None:
    names = sorted(known)
    for name in table.keys() - set(names):
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"Did you mean {prefix}{near[0]}?" if near else f"I know {', '.join(names)}."
        source.problems.append(f"{prefix}{name} is not a key I know. {hint}")


def _projects(tables: Any, source: Source) -> dict[str, ProjectConfig]:
    if not isinstance(tables, dict):
        source.problems.append(
            'projects is not a value: write a section [projects."group/project"] for each.'
        )
        return {}
    read = {path: _project(path, table, source) for path, table in tables.items()}
    return {path: project for path, project in read.items() if project}


def _project(path: str, table: Any, source: Source) -> ProjectConfig | None:
    if not values.PROJECT_PATH.fullmatch(path):
        source.problems.append(
            f"projects.{path} is not the full path of a project."
            ' Write it as in GitLab, in quotes: [projects."group/project"].'
        )
        return None
    return _section(f'projects."{path}"', ProjectConfig, table, source)


def _check_projects(
    projects: Mapping[str, ProjectConfig], gitlab: GitLabConfig | None, source: Source
) -> None:
    _refuse_shared("aliases", {path: each.aliases for path, each in projects.items()}, source)
    _refuse_shared("channels", {path: each.channels for path, each in projects.items()}, source)
    for path, project in projects.items():
        missing = _missing_for_chat(path, project, gitlab)
        if missing:
            source.problems.append(
                f'{missing} is missing, but projects."{path}".start is "chat". Set it, or use "api".'
            )


def _refuse_shared(key: str, lists: Mapping[str, Iterable[str]], source: Source) -> None:
    """One alias or channel means one project."""
    first: dict[str, str] = {}
    for path, items in lists.items():
        for item in items:
            other = first.setdefault(item.casefold(), path)
            if other != path:
                source.problems.append(
                    f'projects."{path}".{key} holds {item}, which projects."{other}" has already.'
                    " Take one of them out."
                )


def _missing_for_chat(path: str, project: ProjectConfig, gitlab: GitLabConfig | None) -> str | None:
    """The key that starting by GitLab's own slash command needs and does not have."""
    if project.start != "chat":
        return None
    if project.chat_via == SLACK_APP:
        return "gitlab.slack_app_token" if gitlab and not gitlab.slack_app_token else None
    return None if project.chat_token else f'projects."{path}".chat_token'
