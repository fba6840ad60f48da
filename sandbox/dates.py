"""Dates as Slack's clients write them: in the reader's own time zone (docs.slack.dev, formatting message text)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo

TOKEN = re.compile(r"\{(\w+)\}")
YEAR_SHOWN_AFTER = timedelta(days=183)
"""Half a year; nearer dates are written without their year."""
NEAR = {-1: "yesterday", 0: "today", 1: "tomorrow"}
SPANS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
OF_RICH_TEXT = {"date_long_full": "date"}
"""A token that only the rich text element has, and what it comes nearest to."""


class Reader(dict[str, str]):
    """Who reads: the names they see by Slack id, their time zone, and what time it is (seconds)."""

    def __init__(self, names: Mapping[str, str], zone: tzinfo, now: float) -> None:
        super().__init__(names)
        self.zone = zone
        self.now = now


def dated(timestamp: object, template: str, names: Mapping[str, str], fallback: str) -> str:
    """`{date_short} at {time}` filled in for the reader.

    The fallback, as in Slack, where the time cannot be read; and where nobody in particular reads.
    """
    if not isinstance(names, Reader):
        return fallback
    try:
        when = datetime.fromtimestamp(int(str(timestamp)), UTC).astimezone(names.zone)
    except (ValueError, OverflowError, OSError):
        return fallback
    now = datetime.fromtimestamp(names.now, UTC).astimezone(names.zone)
    shown = TOKEN.sub(lambda token: _token(token[1], when, now) or token[0], template)
    return shown[:1].upper() + shown[1:]


def _token(name: str, when: datetime, now: datetime) -> str:
    name = OF_RICH_TEXT.get(name, name)
    if name.endswith("_pretty"):
        near = NEAR.get((when.date() - now.date()).days)
        return near or _token(name.removesuffix("_pretty"), when, now)
    write = TOKENS.get(name)
    return write(when, now) if write else ""


def _date(when: datetime, now: datetime) -> str:
    return f"{when:%B} {when.day}{ordinal(when.day)}{_year(when, now)}"


def _short(when: datetime, now: datetime) -> str:
    return f"{when:%b} {when.day}{_year(when, now)}"


def _long(when: datetime, now: datetime) -> str:
    return f"{when:%A}, {_date(when, now)}"


def _year(when: datetime, now: datetime) -> str:
    return f", {when.year}" if abs(when - now) >= YEAR_SHOWN_AFTER else ""


def ordinal(day: int) -> str:
    """The letters after a day of the month: 1st, 2nd, 3rd, 11th."""
    return "th" if 10 < day % 100 < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _time(when: datetime, _now: datetime) -> str:
    return f"{when.hour % 12 or 12}:{when:%M %p}"


def _seconds(when: datetime, _now: datetime) -> str:
    return f"{when.hour % 12 or 12}:{when:%M:%S %p}"


def _ago(when: datetime, now: datetime) -> str:
    """`3 minutes ago`, `in 2 days`."""
    apart = int((now - when).total_seconds())
    size, unit = next(((size, unit) for size, unit in SPANS if abs(apart) >= size), SPANS[-1])
    count = abs(apart) // size
    words = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{words} ago" if apart >= 0 else f"in {words}"


TOKENS: Mapping[str, Callable[[datetime, datetime], str]] = {
    "date_num": lambda when, _now: f"{when:%Y-%m-%d}",
    "date_slash": lambda when, _now: f"{when:%d/%m/%Y}",
    "date": _date,
    "date_short": _short,
    "date_long": _long,
    "day_divider": _long,
    "time": _time,
    "time_secs": _seconds,
    "ago": _ago,
}
