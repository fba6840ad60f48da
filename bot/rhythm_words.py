"""When something recurs, as people type it: `weekday 9:00 Europe/Berlin`, `monday,thursday 10:00`, `1st 8:00`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, tzinfo
from functools import partial
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from bot.errors import NotUnderstood
from bot.rhythm import DAY_MINUTES, Days, Rhythm, Steps
from bot.words import nearest

#: What recurs more often is a job's own business: GitLab's schedules and its pipelines.
LEAST_MINUTES = 15
#: What recurs more seldom is named by its days.
MOST_MINUTES = 7 * DAY_MINUTES
FORMS = (
    "Type a day and a time, such as `every weekday 9:00 run report`, `every monday,thursday 10:00 Europe/Berlin run"
    " report` or `every 1st 8:00 run report`; or `every hour run report`, `every 15 minutes run report`."
)
NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ALL, _WORKING, _END = tuple(range(7)), tuple(range(5)), (5, 6)
_DAYS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {"day": _ALL, "weekday": _WORKING, "weekend": _END}
    | {name: (at,) for at, name in enumerate(NAMES)}
    | {name[:3]: (at,) for at, name in enumerate(NAMES)}
    | {"tues": (1,), "thur": (3,), "thurs": (3,)}
)
_ORDINAL = re.compile(r"([1-9]|[12]\d|3[01])(?:st|nd|rd|th)")
_STEP = re.compile(r"(?P<number>\d{1,5})?(?P<unit>m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?)")
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)(?P<half>am|pm)?|(1[0-2]|0?[1-9])(?P<bare>am|pm)")
_BETWEEN, _AT = frozenset({"and", "&", ","}), "at"
#: How the names of zones begin, so that a path of a project is not taken for one that is mistyped.
_AREAS = frozenset(
    {
        "africa",
        "america",
        "antarctica",
        "asia",
        "atlantic",
        "australia",
        "etc",
        "europe",
        "indian",
        "pacific",
        "us",
    }
)


class Told(NamedTuple):
    """When, and how many words said so."""

    rhythm: Rhythm
    words: int


def read(typed: Sequence[str], zone: Callable[[], str]) -> Told:
    """
    Return when something recurs, by the first of these words; what follows is the command.

    `zone` gives the IANA name that counts if none is named; it is asked only then. Raises NotUnderstood, whose
    sentence names the word that is missing or wrong.
    """
    small = [word.casefold() for word in typed]
    steps = _steps(small)
    if steps is not None:
        return steps
    days, at = _days(small)
    if at < len(small) and small[at] == _AT:
        at += 1
    minute = _minute(typed[at]) if at < len(small) else None
    if minute is None:
        raise NotUnderstood(f"At what time? {FORMS}")
    named = _zone(typed[at + 1]) if at + 1 < len(typed) else None
    return Told(days(minute, named or known_zone(zone())), at + (2 if named else 1))


def said(rhythm: Rhythm) -> str:
    """
    Return it in words that `read` reads as the same.

    >>> said(Days(540, "Europe/Berlin", (0, 1, 2, 3, 4))), said(Steps(60)), said(Days(480, "UTC", (), (1, 15)))
    ('weekday 9:00 Europe/Berlin', 'hour', '1st,15th 8:00 UTC')
    """
    if isinstance(rhythm, Steps):
        hours, minutes = divmod(rhythm.minutes, 60)
        return f"{rhythm.minutes} minutes" if minutes else "hour" if hours == 1 else f"{hours} hours"
    groups = {_ALL: "day", _WORKING: "weekday", _END: "weekend"}
    weekdays = groups.get(rhythm.weekdays) or ",".join(NAMES[day] for day in rhythm.weekdays)
    days = weekdays or ",".join(map(_ordinal, rhythm.monthdays))
    return f"{days} {rhythm.minute // 60}:{rhythm.minute % 60:02} {rhythm.zone}"


def parsed(text: str) -> Rhythm:
    """Return what `said` wrote."""
    return read(text.split(), lambda: "UTC").rhythm


# Steps ------------------------------------------------------------------------------------------------------


def _steps(small: Sequence[str]) -> Told | None:
    """`hour`, `2 hours`, `15 minutes`, `90m`; None if it is something else."""
    one = _STEP.fullmatch(small[0]) if small else None
    if one and (one["number"] or small[0] in {"hour", "minute"}):
        return Told(_checked(int(one["number"] or 1), one["unit"]), 1)
    two = _STEP.fullmatch(small[1]) if len(small) > 1 and small[0].isdecimal() and len(small[0]) < 6 else None
    if two and not two["number"]:
        return Told(_checked(int(small[0]), two["unit"]), 2)
    return None


def _checked(number: int, unit: str) -> Steps:
    minutes = number * (60 if unit[0] == "h" else 1)
    if minutes < LEAST_MINUTES:
        raise NotUnderstood(f"I do nothing more often than every {LEAST_MINUTES} minutes. {FORMS}")
    if minutes > MOST_MINUTES:
        raise NotUnderstood(f"That is more than a week: name its days instead. {FORMS}")
    return Steps(minutes)


# Days and times ---------------------------------------------------------------------------------------------


def _days(small: Sequence[str]) -> tuple[Callable[[int, str], Days], int]:
    """What makes the rhythm, once its minute and zone are known, and how many words named its days."""
    weekdays, monthdays, at, ended = set[int](), set[int](), 0, 0
    while at < len(small) and (small[at] in _BETWEEN or _are_days(small[at])):
        for part in filter(None, small[at].split(",")):
            weekdays |= set(_named(part))
            monthdays |= {int(found[1]) for found in [_ORDINAL.fullmatch(part)] if found}
        at += 1
        ended = at if small[at - 1] not in _BETWEEN else ended
    if not ended:
        raise NotUnderstood(f"{_unknown(small[0]) if small else 'When?'} {FORMS}")
    if weekdays and monthdays:
        raise NotUnderstood(f"Days of the week and days of the month do not go together. {FORMS}")
    return partial(Days, weekdays=tuple(sorted(weekdays)), monthdays=tuple(sorted(monthdays))), ended


def _are_days(word: str) -> bool:
    parts = [part for part in word.split(",") if part]
    return bool(parts) and all(_named(part) or _ORDINAL.fullmatch(part) for part in parts)


def _named(part: str) -> tuple[int, ...]:
    return _DAYS.get(part) or _DAYS.get(part.removesuffix("s")) or ()


def _unknown(word: str) -> str:
    shown = word[:40].replace("`", "'")
    near = nearest(word, ("day", "weekday", "weekend", "hour", *NAMES))
    hint = f" Did you mean {' or '.join(f'`{one}`' for one in near)}?" if near else ""
    return f"I do not know when `{shown}` is.{hint}"


def _minute(word: str) -> int | None:
    """
    The minute of the day; None if it is no time.

    >>> _minute("9:00"), _minute("17.30"), _minute("9pm"), _minute("12:15am"), _minute("25:00")
    (540, 1050, 1260, 15, None)
    """
    found = _CLOCK.fullmatch(word.casefold())
    if found is None:
        return None
    half = found["half"] or found["bare"]
    hour, minute = int(found[1] or found[4]), int(found[2] or 0)
    if half and not 1 <= hour <= 12:
        return None
    return (hour % 12 + (12 if half == "pm" else 0) if half else hour) * 60 + minute


def _ordinal(day: int) -> str:
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{day}{'th' if 10 < day < 14 else ends.get(day % 10, 'th')}"


# Zones ------------------------------------------------------------------------------------------------------


def _zone(word: str) -> str | None:
    """The time zone of this name, in its own letters; None if it is something else, such as a project."""
    if "/" not in word and word.casefold() not in {"utc", "gmt"}:
        return None
    known = {name.casefold(): name for name in available_timezones()}
    found = known.get(word.casefold())
    if found is None and word.partition("/")[0].casefold() in _AREAS:
        near = nearest(word, known.values())
        hint = f" Did you mean {' or '.join(f'`{one}`' for one in near)}?" if near else ""
        raise NotUnderstood(f"I know no time zone `{word}`.{hint} Write one such as `Europe/Berlin`.")
    return found


def known_zone(zone: str) -> str:
    """Return the name of a time zone as Slack has it. Raises NotUnderstood for one that is not known here."""
    if zone in available_timezones():
        return zone
    raise NotUnderstood(
        f"Slack says that your time zone is `{zone}`, which I do not know. Name one behind the time."
    )


def zone_or_utc(name: str) -> tzinfo:
    """Return a time zone by its name, as Slack has it; UTC for none and for one that is not known here."""
    return ZoneInfo(name) if name in available_timezones() else UTC
