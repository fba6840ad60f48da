"""The small checks Block Kit rules are made of; each notes a problem with the place it was found at."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

SHORT_ID = 255
"""Characters in a block_id or an action_id (slack-platform.md 2.1)."""


@dataclass(slots=True)
class Problems:
    """What is wrong with a payload, in Slack's words, and the ids it has used so far."""

    found: list[str] = field(default_factory=list)
    block_ids: set[str] = field(default_factory=set)
    markdown_used: int = 0
    tables: int = 0

    def note(self, what: str, path: str) -> None:
        """Note a problem at a JSON pointer."""
        self.found.append(f"{what} [json-pointer:{path}]")


def is_object(value: Any, path: str, problems: Problems) -> bool:
    """Note anything but a JSON object."""
    if isinstance(value, Mapping):
        return True
    problems.note("must be an object", path)
    return False


def kind_of(value: Mapping[str, Any]) -> str:
    """The `type` of an object, whatever was sent there, as text."""
    return str(value.get("type"))


def keys(value: Mapping[str, Any], path: str, problems: Problems, need: str = "", may: str = "") -> bool:
    """Note missing and unknown keys; `need` and `may` are names parted by blanks. True if none is missing."""
    needed, known = need.split(), {"type", *need.split(), *may.split()}
    missing = [key for key in needed if value.get(key) is None]
    for key in missing:
        problems.note(f"missing required field: {key}", path)
    for key in value:
        if key not in known:
            problems.note(f"invalid additional property: {key}", path)
    return not missing


def string(value: Any, path: str, problems: Problems, most: int, least: int = 1) -> None:
    """Note anything but a string of `least` to `most` characters. None is passed over."""
    if value is None:
        return
    if not isinstance(value, str):
        problems.note("must be a string", path)
    elif len(value) > most:
        problems.note(f"must be less than {most + 1} characters", path)
    elif len(value) < least:
        problems.note(f"must be more than {least - 1} characters", path)


def strings(of: Mapping[str, Any], path: str, problems: Problems, **most: int) -> None:
    """`string` for several keys of an object."""
    for key, limit in most.items():
        string(of.get(key), f"{path}/{key}", problems, limit)


def items(value: Any, path: str, problems: Problems, most: int, least: int = 1) -> list[Any]:
    """Note anything but a list of `least` to `most` items; answers the items there are."""
    if not isinstance(value, list):
        problems.note("must be an array", path)
        return []
    if len(value) > most:
        problems.note(f"no more than {most} items allowed", path)
    elif len(value) < least:
        problems.note(f"no less than {least} items required", path)
    return value


def one_of(value: Any, path: str, problems: Problems, allowed: Collection[str]) -> None:
    """Note a value outside the allowed ones. None is passed over."""
    if value is not None and value not in allowed:
        problems.note(f"must be one of: {', '.join(sorted(allowed))}", path)


def flag(value: Any, path: str, problems: Problems) -> None:
    """Note anything but a boolean. None is passed over."""
    if value is not None and not isinstance(value, bool):
        problems.note("must be a boolean", path)


def whole(value: Any, path: str, problems: Problems, least: int, most: int) -> None:
    """Note anything but a whole number in that range. None is passed over."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        problems.note(f"must be a whole number from {least} to {most}", path)


def text(value: Any, path: str, problems: Problems, most: int, *, plain: bool = True) -> None:
    """Note anything but a text object of up to `most` characters; `plain` forbids mrkdwn. None passes."""
    if value is None or not is_object(value, path, problems):
        return
    kind = kind_of(value)
    if kind not in (("plain_text",) if plain else ("plain_text", "mrkdwn")):
        problems.note(f"unsupported type: {kind}", f"{path}/type")
        return
    if keys(value, path, problems, need="text", may="emoji" if kind == "plain_text" else "verbatim"):
        string(value["text"], f"{path}/text", problems, most)
    flag(value.get("emoji"), f"{path}/emoji", problems)
    flag(value.get("verbatim"), f"{path}/verbatim", problems)


def web_url(value: Any, path: str, problems: Problems) -> None:
    """Note anything but a web or mail address of at most 3 000 characters. None is passed over."""
    string(value, path, problems, 3_000)
    if isinstance(value, str) and not value.lower().startswith(("http://", "https://", "mailto:", "slack:")):
        problems.note("must be a valid url", path)
