"""When something that recurs is due: days of the week or of the month at a time of day somewhere, or steps of time."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from bot.model import Millis

MINUTE_MS: Millis = 60_000
DAY_MINUTES = 24 * 60
#: No clock is put forward or back by more at a time: a whole day, where the date line moved (tzdata: Apia, 2011).
_SHIFT = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Steps:
    """Every so many minutes, counted as time passes: a clock that is put forward or back changes nothing."""

    minutes: int

    def following(self, after: Millis, since: Millis) -> Millis:
        """Return the first time it is due after that moment; `since` is one from which steps are counted."""
        step = self.minutes * MINUTE_MS
        return since + ((after - since) // step + 1) * step


@dataclass(frozen=True, slots=True)
class Days:
    """
    At a time of day, on some days of the week or of the month, as clocks and calendars somewhere tell.

    Each such day it is due once. A time that a clock put forward leaves out is due at the moment the clock jumps; of a
    time that a clock put back shows twice, the first counts. A day that a month does not have is its last.
    """

    minute: int
    """Of the day."""
    zone: str
    """An IANA name."""
    weekdays: tuple[int, ...] = ()
    """Monday is 0; in order. Empty if days of the month are meant."""
    monthdays: tuple[int, ...] = ()
    """From 1; in order."""

    def following(self, after: Millis, since: Millis = 0) -> Millis:
        """Return the first time it is due after that moment."""
        del since
        zone = ZoneInfo(self.zone)
        first = _local(after, zone).date() - _SHIFT
        return next(due for day in self._from(first) if (due := self._on(day, zone)) > after)

    def _from(self, first: date) -> Iterator[date]:
        return (day for number in count() if self._fits(day := first + timedelta(days=number)))

    def _fits(self, day: date) -> bool:
        if self.weekdays:
            return day.weekday() in self.weekdays
        last = calendar.monthrange(day.year, day.month)[1]
        return day.day in self.monthdays or (day.day == last and self.monthdays[-1] > last)

    def _on(self, day: date, zone: ZoneInfo) -> Millis:
        """The moment it is due on a day, be that day one that clocks leave out."""
        wanted = datetime.combine(day, time(self.minute // 60, self.minute % 60), zone)
        if _exists(wanted):
            return _millis(wanted)
        # The two readings of a time that is missing lie on both sides of the jump (PEP 495).
        before, after = wanted.replace(fold=1).astimezone(UTC), wanted.astimezone(UTC)
        return _millis(_jump(before, after, zone))


Rhythm = Steps | Days


def latest(rhythm: Rhythm, now: Millis, since: Millis, after: Millis) -> Millis | None:
    """Return the last time it was due after the moment `after` and not later than `now`; None if it was not."""
    found, due = None, rhythm.following(after, since)
    while due <= now:
        found, due = due, rhythm.following(due, since)
    return found


def midnight(moment: Millis, zone: str) -> Millis:
    """Return when the day of a moment began somewhere: steps are counted from there, so that hours are full hours."""
    day = _local(moment, ZoneInfo(zone)).date()
    return Days(0, zone, weekdays=(day.weekday(),))._on(day, ZoneInfo(zone))


def _local(moment: Millis, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(moment // 1000, UTC).astimezone(zone)


def _millis(moment: datetime) -> Millis:
    return int(moment.timestamp()) * 1000


def _exists(wanted: datetime) -> bool:
    """Whether some clock there ever showed it."""
    there = wanted.astimezone(UTC).astimezone(wanted.tzinfo)
    return there.replace(tzinfo=None, fold=0) == wanted.replace(tzinfo=None, fold=0)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between these two, to the second, at which clocks are put forward."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
