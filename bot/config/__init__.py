"""The configuration: what the file may hold, and how it is read and checked."""

from __future__ import annotations

from bot.config.incidents import IncidentsConfig
from bot.config.keys import create_keys, read_keys
from bot.config.loading import AccessConfig, Config, load, parse
from bot.config.reading import ConfigProblems, Problem
from bot.config.sections import (
    MATTERMOST,
    MOST_CONNECTIONS,
    MOST_WORKERS,
    SECTIONS,
    SLACK_APP,
    TABLES,
    BotConfig,
    GitLabConfig,
    ProjectConfig,
    SlackConfig,
    StoreConfig,
)
from bot.config.verbs import check_commands

__all__ = [
    "MATTERMOST",
    "MOST_CONNECTIONS",
    "MOST_WORKERS",
    "SECTIONS",
    "SLACK_APP",
    "TABLES",
    "AccessConfig",
    "BotConfig",
    "Config",
    "ConfigProblems",
    "GitLabConfig",
    "IncidentsConfig",
    "Problem",
    "ProjectConfig",
    "SlackConfig",
    "StoreConfig",
    "check_commands",
    "create_keys",
    "load",
    "parse",
    "read_keys",
]
