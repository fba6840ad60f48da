"""Freeze periods of the sandbox's GitLab: two cron lines and a time zone (doc/api/freeze_periods.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.gitlab.answers import Refused, moment
from sandbox.gitlab.nouns import Project

#: The lowest and highest number of each field of a cron line.
FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
PART = re.compile(r"(?:\*|(?P<first>\d+)(?:-(?P<last>\d+))?)(?:/(?P<step>[1-9]\d*))?")
LENGTH_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class FreezePeriod:
    id: int
    project: Project
    start: str
    end: str
    timezone: str
    created_at: float


def check(start: str, end: str, timezone: str) -> None:
    """Raises Refused (400) naming each line that is no cron line, or the zone."""
    wrong = {name: text for name, text in (("freeze_start", start), ("freeze_end", end)) if not is_cron(text)}
    if not _is_zone(timezone):
        wrong["cron_timezone"] = timezone
    if wrong:
        raise Refused(400, {"message": {name: [" is invalid syntax"] for name in wrong}})


def is_cron(text: str) -> bool:
    """Five fields of numbers in their ranges; names of days and months are not taken here."""
    parts = text.split()
    return len(parts) == len(FIELDS) and all(
        _fits(part, low, high)
        for field, (low, high) in zip(parts, FIELDS, strict=True)
        for part in field.split(",")
    )


def _fits(part: str, low: int, high: int) -> bool:
    found = PART.fullmatch(part)
    if found is None:
        return False
    numbers = [int(one) for one in (found["first"], found["last"]) if one is not None]
    return all(low <= one <= high for one in numbers) and numbers == sorted(numbers)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def around(now: float) -> tuple[str, str]:
    """Two cron lines between which `now` lies: from the minute before it to an hour after."""
    return _cron(now - 60), _cron(now + LENGTH_SECONDS)


def _cron(at: float) -> str:
    when = datetime.fromtimestamp(at, UTC)
    return f"{when.minute} {when.hour} {when.day} {when.month} *"


def freeze_body(freeze: FreezePeriod) -> dict[str, Any]:
    return {
        "id": freeze.id,
        "freeze_start": freeze.start,
        "freeze_end": freeze.end,
        "cron_timezone": freeze.timezone,
        "created_at": moment(freeze.created_at),
        "updated_at": moment(freeze.created_at),
    }
