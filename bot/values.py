"""The kinds of value the configuration file may hold, each with the sentence for one that is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from bot.errors import ConfigError

#: GitLab's full path: group/project, with any number of groups (doc/user/reserved_names.md).
PROJECT_PATH = re.compile(r"[A-Za-z0-9_][\w.-]*(?:/[A-Za-z0-9_][\w.-]*)+", re.ASCII)
#: Like GitLab's own chat aliases, but never mistaken for a path or a mention (gitlab-chatops.md 3).
ALIAS = re.compile(r"[a-z0-9_][\w.-]{1,49}", re.ASCII | re.IGNORECASE)
ALIAS_RULE = "2 to 50 letters, digits, dots, dashes and underscores, the first a letter or a digit"
#: What somebody calls a whole command: like a short name, but one letter is enough (product.md, `alias d = …`).
WORD = re.compile(r"[a-z0-9_][\w.-]{0,49}", re.ASCII | re.IGNORECASE)
WORD_RULE = "1 to 50 letters, digits, dots, dashes and underscores, the first a letter or a digit"
#: Longest command that a word of somebody's own stands for, in characters: a line that people still read.
LONGEST_WORDING = 500
#: Public and newer private channels begin with C, older private ones with G (slack-platform.md 3).
CHANNEL = re.compile(r"[CG][A-Z0-9]{6,}")
#: Printable ASCII without blanks: all a header may carry, and all a token is made of.
TOKEN = re.compile(r"[!-~]+")
#: The bit of a file's mode that lets everybody read it.
WORLD_READABLE = 0o004
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

#: What a token is, by its beginning (docs.slack.dev/authentication/tokens; GitLab doc/security/tokens).
KINDS: Mapping[str, str] = {
    "xoxb-": "a Slack bot token, which belongs at slack.bot_token",
    "xapp-": "a Slack app-level token, which belongs at slack.app_token",
    "xoxp-": "a Slack user token",
    "xoxe": "a rotating Slack token, which I cannot renew",
    "glptt-": "a GitLab pipeline trigger token",
    "gldt-": "a GitLab deploy token",
    "glrt-": "a GitLab runner token",
    "glft-": "a GitLab feed token",
    "glimt-": "a GitLab incoming mail token",
    "glagent-": "a GitLab agent token",
    "glpat-": "a GitLab access token",
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where values come from, and what was noticed while they were read."""

    environ: Mapping[str, str]
    base: Path
    warnings: list[str] = field(default_factory=list)
    literals: list[str] = field(default_factory=list)
    """Keys of the secrets that stand in the file itself."""


Read = Callable[[Source, str, Any, bool], Any]
"""(source, key, value as TOML gives it, whether it is required) -> the value; raises ConfigError."""


def read_by(read: Read) -> Mapping[str, Any]:
    """Metadata of a field of a section that `read` reads."""
    return {"read": read}


def secret(*, what: str, begins: str = "") -> Read:
    """A token: itself, `env:NAME` or `file:PATH`. Its value is in no sentence."""

    def read(source: Source, key: str, value: Any, required: bool) -> str:
        if not isinstance(value, str):
            raise ConfigError(f'{key} has to be text in quotes: the token itself, "env:NAME" or "file:PATH".')
        token = _follow(source, key, value)
        if not token and not required:
            return token
        if not token:
            raise ConfigError(f"{key} is missing. Set it to {what}.")
        _check_token(key, token, begins, what)
        return token

    return read


def _follow(source: Source, key: str, value: str) -> str:
    """The secret that `value` points at, or is."""
    scheme, _, name = value.partition(":")
    if scheme == "env":
        return _from_environment(source, key, name)
    if scheme == "file":
        return _from_file(source, key, name)
    if value:
        source.literals.append(key)
    return value


def _from_environment(source: Source, key: str, name: str) -> str:
    if not source.environ.get(name):
        raise ConfigError(
            f"{key} is to come from the environment variable {name or '(no name)'}, which is not set."
        )
    return source.environ[name].rstrip("\r\n")


def _from_file(source: Source, key: str, name: str) -> str:
    path = source.base / name
    try:
        token = path.read_text("utf-8").rstrip("\r\n")
    except OSError as error:
        raise ConfigError(f"{key} is to come from the file {path}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{key} is to come from the file {path}, which is not text.") from None
    if not token:
        raise ConfigError(f"{key} is to come from the file {path}, which is empty.")
    if path.stat().st_mode & WORLD_READABLE:
        source.warnings.append(
            f"{key} comes from {path}, which everybody on this machine can read. Close it with: chmod 600 {path}"
        )
    return token


def _check_token(key: str, token: str, begins: str, what: str) -> None:
    if not TOKEN.fullmatch(token):
        raise ConfigError(
            f"{key} holds a blank or another character that no token has. Copy it again: {what}."
        )
    kind = next((kind for start, kind in KINDS.items() if token.startswith(start)), None)
    if begins and not token.startswith(begins):
        held = f"holds {kind}" if kind else f"does not begin with {begins}"
        raise ConfigError(f"{key} {held}. Set it to {what} (it begins with {begins}).")
    if not begins and kind and kind != KINDS["glpat-"]:
        raise ConfigError(f"{key} holds {kind}. Set it to {what}.")


def url(*, slash: bool, ends_not: str = "") -> Read:
    """An http or https address, ending with a slash or not, whichever the caller needs."""

    def read(source: Source, key: str, value: Any, _required: bool) -> str:
        parts = _split_url(key, _text(key, value))
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            source.warnings.append(
                f"{key} is {value}: tokens travel unencrypted. Use https if the server can."
            )
        bare = str(value).rstrip("/")
        if ends_not and bare.endswith(ends_not):
            raise ConfigError(f"{key} is {value}. Leave out {ends_not}.")
        return bare + "/" if slash else bare

    return read


def _split_url(key: str, value: str) -> SplitResult:
    if "@" in value:  # may hold a password, so it is not shown
        raise ConfigError(f"{key} holds a user name or password. Write the address alone.")
    try:
        parts = urlsplit(value)
        port = parts.port  # raises for one that is no port
    except ValueError:
        parts, port = SplitResult("", "", "", "", ""), 0
    named = parts.scheme in {"http", "https"} and parts.hostname and port != 0
    if not named or not TOKEN.fullmatch(value) or parts.query or parts.fragment:
        raise ConfigError(
            f"{key} is {_shown(value)}, which is not a web address. Write one such as https://host.example."
        )
    return parts


def number(kind: type[int | float], low: float, high: float) -> Read:
    """A number from `low` to `high`; whole if `kind` is int."""
    name = "a whole number" if kind is int else "a number"

    def read(_source: Source, key: str, value: Any, _required: bool) -> float:
        fits = isinstance(value, int if kind is int else int | float) and not isinstance(value, bool)
        if not fits or not low <= value <= high:
            raise ConfigError(
                f"{key} is {_shown(value)}. Write {name} from {low:g} to {high:g}, without quotes."
            )
        return kind(value)

    return read


def choice(*names: str) -> Read:
    """One of `names`, in any case."""

    def read(_source: Source, key: str, value: Any, _required: bool) -> str:
        for name in names:
            if isinstance(value, str) and value.casefold() == name.casefold():
                return name
        quoted = ", ".join(f'"{name}"' for name in names)
        raise ConfigError(f"{key} is {_shown(value)}. Write one of {quoted}.")

    return read


def flag(_source: Source, key: str, value: Any, _required: bool) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise ConfigError(f"{key} is {_shown(value)}. Write true or false, without quotes.")
    return value


def many(read_one: Callable[[str, Any], str]) -> Read:
    """A list, each of whose items `read_one` accepts; kept in order, each once."""

    def read(_source: Source, key: str, value: Any, _required: bool) -> tuple[str, ...]:
        if not isinstance(value, list | tuple):
            raise ConfigError(f'{key} is {_shown(value)}. Write a list: ["…", "…"].')
        return tuple(dict.fromkeys(read_one(key, item) for item in value))

    return read


def alias(key: str, value: Any) -> str:
    """A short name for a project: one word without a slash."""
    if not isinstance(value, str) or not ALIAS.fullmatch(value):
        raise ConfigError(f"{key} holds {_shown(value)}. An alias is {ALIAS_RULE}.")
    return value


def channel(key: str, value: Any) -> str:
    """The id of a Slack channel."""
    if not isinstance(value, str) or not CHANNEL.fullmatch(value):
        raise ConfigError(
            f"{key} holds {_shown(value)}, which is not a channel id."
            " Copy the id, such as C0123456789, from the end of the channel's details in Slack."
        )
    return value


def file_to_be(source: Source, key: str, value: Any, _required: bool) -> Path:
    """A file that need not exist, in a folder that does; relative to the folder of the configuration."""
    path = source.base / (value if isinstance(value, Path) else _text(key, value))
    if path.is_dir():
        raise ConfigError(f"{key} is {path}, which is a folder. Name a file in it.")
    if not path.parent.is_dir():
        raise ConfigError(
            f"{key} is {path}, but the folder {path.parent} does not exist. Make it, or name another."
        )
    return path


def _text(key: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ConfigError(f"{key} is {_shown(value)}. Write text in quotes.")
    return value


def _shown(value: Any) -> str:
    """A value as it stands in the file, near enough to be found there."""
    return json.dumps(value, ensure_ascii=False, default=str)
