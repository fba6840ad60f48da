"""Parameters of a request by their types, refused as Grape refuses them (`{"error": "x is invalid"}`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sandbox.gitlab.answers import NO, YES, Refused, read_moment

Given = Mapping[str, Any]


def wrong(name: str) -> Refused:
    """400 for a value that is not of the parameter's type."""
    return Refused(400, {"error": f"{name} is invalid"})


def no_such(name: str) -> Refused:
    """400 for a value that is none of those the parameter takes."""
    return Refused(400, {"error": f"{name} does not have a valid value"})


def text(given: Given, name: str) -> str | None:
    value = given.get(name)
    if isinstance(value, (dict, list)):
        raise wrong(name)
    return value if value is None else _plain(value)


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def chosen(given: Given, name: str, values: Collection[str]) -> str | None:
    """One of these values; None when it is not given."""
    value = text(given, name)
    if value is not None and value not in values:
        raise no_such(name)
    return value


def whole(given: Given, name: str) -> int | None:
    """A whole number; empty counts as not given."""
    value = text(given, name)
    if value is None or not value.strip():
        return None
    try:
        return int(value)
    except ValueError as error:
        raise wrong(name) from error


def yes(given: Given, name: str) -> bool | None:
    """A yes or no, in the spellings Grape takes."""
    value = text(given, name)
    if value is None or not value:
        return None
    if value.lower() not in YES | NO:
        raise wrong(name)
    return value.lower() in YES


def names(given: Given, name: str) -> list[str] | None:
    """A list of names, or one text with commas; blanks around them do not count."""
    value = given.get(name, given.get(f"{name}[]"))
    if isinstance(value, dict):
        raise wrong(name)
    parts = value if isinstance(value, list) else [value]
    if value is None:
        return None
    return [word.strip() for part in parts for word in _plain(part).split(",") if word.strip()]


def numbers(given: Given, name: str) -> list[int] | None:
    """A list of whole numbers; a single one counts as a list, an empty text as one without any."""
    value = given.get(name, given.get(f"{name}[]"))
    if value is None:
        return None
    parts = value if isinstance(value, list) else [value]
    try:
        return [int(part) for part in parts if part not in ("", None)]
    except (TypeError, ValueError) as error:
        raise wrong(name) from error


def day(given: Given, name: str) -> str | None:
    """A date as GitLab keeps it. One it cannot read becomes none, without a word (Rails casts it so)."""
    try:
        return date.fromisoformat((text(given, name) or "").strip()).isoformat()
    except ValueError:
        return None


def at(given: Given, name: str) -> float | None:
    """A moment, as seconds since the epoch."""
    value = text(given, name)
    return read_moment(value, name) if value else None
