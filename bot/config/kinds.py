"""The kinds of value a policy is written with, each with the sentence for one that is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Any

from bot import values
from bot.config.reading import hint, shown
from bot.environments import TIERS
from bot.errors import ConfigError
from bot.values import Source

#: Slack's ids: people begin with U or W, user groups with S, teams with T or E, bots with B (slack-platform.md 3).
PERSON = re.compile(r"[UW][A-Z0-9]{6,}")
MEMBER = re.compile(r"[UWS][A-Z0-9]{6,}|gitlab:[A-Za-z0-9_][\w.-]*", re.ASCII)
LET_IN = re.compile(r"[UWTEB][A-Z0-9]{6,}")
MEMBER_RULE = "A member is a person (U0123456789) or a user group (S0123456789) of Slack, or gitlab:username"
#: A group's name is never mistaken for a member, a mention or a pattern.
GROUP = re.compile(r"[a-z0-9_][\w.-]{0,49}", re.ASCII)
GROUP_RULE = "1 to 50 letters, digits, dots, dashes and underscores, the first a small letter or a digit"
#: GitLab's severities of incidents (app/models/concerns/issuable_severity.rb); S1 is critical.
SEVERITIES = ("critical", "high", "medium", "low", "unknown")
#: What takes a pattern's matches out, and what makes a name a pattern (fnmatch).
NOT, WILD = "!", frozenset("*?[")
DM = "dm"
#: A sentence for people, and a name on a button (Slack's plain_text in a button: 75 characters).
MOST_WHY, MOST_NAME, MOST_PATTERN = 300, 75, 255


def is_wild(pattern: str) -> bool:
    """Tell whether a name holds a wildcard."""
    return not WILD.isdisjoint(pattern)


def line(most: int) -> values.Read:
    """One line of text; may be empty where it is not required."""

    def read(_source: Source, key: str, value: Any, required: bool) -> str:
        if not isinstance(value, str) or not value.isprintable() or len(value) > most:
            raise ConfigError(
                f"{key} is {shown(value)}. Write one line of up to {most} characters in quotes."
            )
        if required and not value.strip():
            raise ConfigError(f"{key} is missing. Give it a text in quotes.")
        return value.strip()

    return read


def word(*names: str) -> values.Read:
    """One of `names` in any case, told with the nearest; may be empty where it is not required."""

    def read(_source: Source, key: str, value: Any, required: bool) -> str:
        if value == "" and not required:
            return ""
        if value == "":
            raise ConfigError(f"{key} is missing. Write one of {', '.join(names)}.")
        return _word(names, key, value)

    return read


def words(*names: str) -> values.Read:
    """A list of some of `names`."""
    return values.many(lambda key, value: _word(names, key, value))


def _word(names: Sequence[str], key: str, value: Any) -> str:
    if isinstance(value, str) and value.casefold() in names:
        return value.casefold()
    near = hint(value, names) if isinstance(value, str) else f"Write one of {', '.join(names)}."
    raise ConfigError(f"{key} is {shown(value)}. {near}")


def pattern(key: str, value: Any) -> str:
    """A name or a shell pattern; `!` before it takes out what it matches."""
    if not isinstance(value, str) or not value.removeprefix(NOT).strip() or not value.isprintable():
        raise ConfigError(f"{key} holds {shown(value)}. Write a name or a pattern such as v* in quotes.")
    if len(value) > MOST_PATTERN:
        raise ConfigError(f"{key} holds a pattern of {len(value)} characters. Write at most {MOST_PATTERN}.")
    return value


def tier(key: str, value: Any) -> str:
    """One of GitLab's tiers, or a pattern that takes in at least one."""
    given = pattern(key, value)
    name = given.removeprefix(NOT)
    if not any(fnmatchcase(each, name) for each in TIERS):
        raise ConfigError(f"{key} holds {shown(given)}, which is not a tier. {hint(name, TIERS)}")
    return given


def channel(key: str, value: Any) -> str:
    """The id of a Slack channel, or `dm`; `!` before it takes it out."""
    bare = value.removeprefix(NOT) if isinstance(value, str) else value
    if bare == DM:
        return str(value)
    values.channel(key, bare)
    return str(value)


def maybe_channel(_source: Source, key: str, value: Any, _required: bool) -> str:
    """The id of a Slack channel, or nothing."""
    return values.channel(key, value) if value != "" else ""


def member(key: str, value: Any) -> str:
    """One member of a group."""
    if not isinstance(value, str) or not MEMBER.fullmatch(value):
        raise ConfigError(f"{key} holds {shown(value)}. {MEMBER_RULE}.")
    return value


def newcomer(key: str, value: Any) -> str:
    """The id of a person, a team or a bot."""
    if not isinstance(value, str) or not LET_IN.fullmatch(value):
        raise ConfigError(
            f"{key} holds {shown(value)}. Write Slack's id of a person (U…), a team (T…) or a bot (B…)."
        )
    return value


def text(key: str, value: Any) -> str:
    """A name that is checked against the groups later."""
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ConfigError(f"{key} holds {shown(value)}. Write the name of a group in quotes.")
    return value


def arguments(_source: Source, key: str, value: Any, _required: bool) -> Mapping[str, tuple[str, ...]]:
    """Patterns by the name of an argument; one pattern may stand without its list."""
    if not isinstance(value, Mapping):
        raise ConfigError(f'{key} is {shown(value)}. Write a table: {{ version = ["v*"] }}.')
    read = {name: _patterns(f"{key}.{name}", given) for name, given in value.items()}
    return MappingProxyType(read)


def _patterns(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, str | list | tuple) or not value:
        raise ConfigError(f'{key} is {shown(value)}. Write a list of patterns: ["v*"].')
    return tuple(dict.fromkeys(pattern(key, each) for each in ([value] if isinstance(value, str) else value)))


def edge(_source: Source, key: str, value: Any, required: bool) -> str:
    """A moment or a cron expression as text; whether it can be read is looked at with its time zone."""
    if isinstance(value, date):  # a datetime is one, too
        return value.isoformat()
    if isinstance(value, str) and value.strip() and value.isprintable():
        return value.strip()
    what = "is missing" if required and value == "" else f"is {shown(value)}"
    raise ConfigError(
        f'{key} {what}. Write a moment, "2026-12-24T12:00", or a cron expression, "0 12 * * FRI".'
    )


def application_id(_source: Source, key: str, value: Any, _required: bool) -> str:
    """The id of an OAuth application, or nothing; its secret begins with gloas- (GitLab doc/security/tokens)."""
    if isinstance(value, str) and value.startswith("gloas-"):
        raise ConfigError(
            f"{key} holds the secret of the application, which I do not need. Set it to its id."
        )
    if not isinstance(value, str) or (value and not values.TOKEN.fullmatch(value)):
        raise ConfigError(
            f"{key} is {shown(value)}. Write the application id from GitLab in quotes, or leave it empty."
        )
    return value
