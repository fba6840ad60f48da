"""The whole configuration, and how it is read from its file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.config import policy as policies
from bot.config.freezes import freezes
from bot.config.incidents import IncidentsConfig, check_incidents
from bot.config.keys import read_keys
from bot.config.own_words import own_words
from bot.config.projects import projects
from bot.config.reading import ConfigProblems, Problem, Reading, refuse_unknown, section
from bot.config.sections import (
    ALIASES,
    GROUPS,
    KEY_FILE,
    LIMIT,
    SECTIONS,
    TABLES,
    BotConfig,
    GitLabConfig,
    ProjectConfig,
    SlackConfig,
    StoreConfig,
)
from bot.errors import ConfigError
from bot.policy import Policy
from bot.values import WORLD_READABLE, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessConfig:
    """What [access] says beside the policy."""

    key_file: Path = KEY_FILE
    """Where the keys of the vault are kept unless they are handed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All of it."""

    slack: SlackConfig
    gitlab: GitLabConfig
    store: StoreConfig = field(default_factory=StoreConfig)
    bot: BotConfig = field(default_factory=BotConfig)
    incidents: IncidentsConfig = field(default_factory=IncidentsConfig)
    access: AccessConfig = field(default_factory=AccessConfig)
    policy: Policy = field(default_factory=Policy)
    projects: Mapping[str, ProjectConfig] = field(default_factory=lambda: MappingProxyType({}))
    """By full path."""
    aliases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Commands by the word that stands for each of them, for everybody."""
    keys: tuple[str, ...] = field(default=(), repr=False)
    """Of the vault; the first seals, all open. Empty before the first start."""
    warnings: tuple[str, ...] = ()
    """Sentences for the log: what works, but is better changed."""

    def project(self, path: str) -> ProjectConfig:
        """What is special about the project of this full path; the defaults for one that is not listed."""
        return self.projects.get(path) or ProjectConfig()

    def secrets(self) -> frozenset[str]:
        """Every secret value the bot holds; none of them may reach Slack or a log."""
        held = {self.slack.bot_token, self.slack.app_token, self.gitlab.token, self.gitlab.slack_app_token}
        held.update(project.chat_token for project in self.projects.values())
        return frozenset((held | set(self.keys)) - {""})


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """The configuration in the file at `path`.

    Raises:
        ConfigError: the file cannot be read; ConfigProblems: it holds mistakes, one sentence a line, each
            naming line and key.
    """
    text = _contents(path)
    return _read(text, Source(environ, path.absolute().parent), path)


def parse(text: str, environ: Mapping[str, str], base: Path) -> Config:
    """The configuration written in `text`; files named in it are relative to `base`.

    Raises:
        ConfigProblems: as `load`.
    """
    return _read(text, Source(environ, base), None)


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


def _read(text: str, source: Source, path: Path | None) -> Config:
    document = _document(text)
    reading = Reading.of(text, source)
    refuse_unknown(reading, (), document, (*SECTIONS, *TABLES, GROUPS, ALIASES))
    read = _sections(reading, document)
    if path:
        _refuse_open(reading, path)
    access = read.pop("access")
    keys = _keys(reading, access.key_file) if access else ()
    if reading.problems:
        raise ConfigProblems(reading.problems)
    told = (*source.warnings, *map(str, sorted(reading.warnings, key=lambda one: one.line)))
    return Config(**read, access=AccessConfig(key_file=access.key_file), keys=keys, warnings=told)


def _document(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"The configuration is not valid TOML: {error}.") from None
    except RecursionError:
        raise ConfigError("The configuration is not valid TOML: its brackets lie too deep.") from None


def _sections(reading: Reading, document: Mapping[str, Any]) -> dict[str, Any]:
    """Every section of the file as a field of Config, and `access` as it stands there."""
    read: dict[str, Any] = {
        name: section(reading, (name,), kind, document.get(name, {}), LIMIT)
        for name, kind in SECTIONS.items()
    }
    check_incidents(reading, read["incidents"])
    read["projects"] = MappingProxyType(projects(reading, document.get("projects", {}), read["gitlab"]))
    read["aliases"] = MappingProxyType(own_words(reading, document.get(ALIASES, {}), read["projects"]))
    known = policies.names(reading, document, read["projects"])
    frozen = freezes(reading, document.get("freezes", []), known)
    policy = policies.policy(reading, document.get("rules", []), known, read["access"], frozen)
    limits = read.pop("limits")
    read["policy"] = replace(policy, limits=limits) if limits else policy
    return read


def _refuse_open(reading: Reading, path: Path) -> None:
    """Tokens that stand in a file are everybody's who can read it."""
    if reading.source.literals and path.stat().st_mode & WORLD_READABLE:
        reading.problems.append(
            Problem(
                0,
                f"{path} holds {', '.join(reading.source.literals)} and everybody on this machine can read it."
                f" Close it with: chmod 600 {path}",
            )
        )


def _keys(reading: Reading, path: Path) -> tuple[str, ...]:
    try:
        return read_keys(path, reading.source.environ).keys
    except ConfigError as error:
        reading.problems.append(Problem(0, error.sentence, "access.key_file"))
        return ()
