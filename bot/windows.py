"""When a freeze is in force: from one moment to another, or from one cron expression to another, in a time zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from bot.errors import BotError
from bot.model import Millis

#: Minute, hour, day, month, day of the week (doc/api/freeze_periods.md; crontab.5).
FIELDS = 5
#: Longest expression that is read: 60 minutes written out are shorter.
LONGEST = 200
#: No clock is put back or forward by more at a time (tzdata: two hours at Troll); local hours repeat or are
#: missing within it, so a search that begins this far off meets every time in its order.
_SHIFT = timedelta(hours=3)
#: Starts that fall on an end, and so begin nothing, that are passed over before the search is given up.
_PASSED_OVER = 100


class Unreadable(BotError):
    """I cannot read when the freeze begins and ends."""


@dataclass(frozen=True, slots=True)
class State:
    """Whether a window is in force at a moment, and for how long that stays so."""

    in_force: bool
    until: Millis | None
    """When it ends if it is in force, else when it begins; None for never."""


@dataclass(frozen=True, slots=True)
class Moments:
    """From one moment, which is in it, to another, which is not."""

    start: Millis
    end: Millis

    def at(self, now: Millis) -> State:
        """How it is at this moment."""
        if now < self.start:
            return State(in_force=False, until=self.start)
        return State(in_force=now < self.end, until=self.end if now < self.end else None)


@dataclass(frozen=True, slots=True)
class Cron:
    """From each time the first expression names to the next that the second one names.

    It is in force when the last start came after the last end: where starts and ends take turns, that is what
    GitLab says (app/models/ci/freeze_period.rb). Of several starts in a row GitLab counts only the last; here it
    is the first, as whoever wrote them means it. An end at the same minute as a start goes before it.
    """

    start: str
    end: str
    zone: ZoneInfo

    def at(self, now: Millis) -> State:
        """How it is at this moment."""
        began, ended = self._last(self.start, now), self._last(self.end, now)
        if began is not None and (ended is None or began > ended):
            return State(in_force=True, until=next(self._after(self.end, now), None))
        starts = islice(self._after(self.start, now), _PASSED_OVER)
        return State(in_force=False, until=next((one for one in starts if self._begins(one)), None))

    def _begins(self, start: Millis) -> bool:
        return self._last(self.end, start) != start

    def _last(self, expression: str, now: Millis) -> Millis | None:
        """The last time it named, this moment included; None if it never did (cronsim looks 50 years back)."""
        found = CronSim(expression, self._local(now, _SHIFT), reverse=True)
        return next((at for at in map(_millis, found) if at <= now), None)

    def _after(self, expression: str, now: Millis) -> Iterator[Millis]:
        """The times it names after this moment, for at most 50 years."""
        found = CronSim(expression, self._local(now, -_SHIFT))
        return (at for at in map(_millis, found) if at > now)

    def _local(self, now: Millis, shift: timedelta) -> datetime:
        return (datetime.fromtimestamp(now // 1000, UTC) + shift).astimezone(self.zone)


Window = Moments | Cron


def read(start: str, end: str, timezone: str) -> Window:
    """
    Return the window between two moments or two cron expressions.

    A moment is ISO 8601; without an offset it is meant in the time zone, and a day alone is its first minute.
    An expression has the five fields of crontab(5). `timezone` is an IANA name.
    Raises Unreadable, whose sentence names what cannot be read.
    """
    zone = _zone(timezone)
    moments = _moment(start, zone), _moment(end, zone)
    if moments[0] is not None and moments[1] is not None:
        return _between(moments[0], moments[1], start, end)
    for text, moment in zip((start, end), moments, strict=True):
        if moment is None:
            _check(text)
    if moments != (None, None):
        raise Unreadable(f"`{start}` and `{end}` are a moment and an expression. Write two of a kind.")
    return Cron(start, end, zone)


def _between(start: Millis, end: Millis, *said: str) -> Moments:
    if end <= start:
        raise Unreadable(f"`{said[1]}` does not come after `{said[0]}`.")
    return Moments(start, end)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:  # no such zone; a folder of zones; a name that leaves it
        raise Unreadable(f"`{name}` is no time zone I know. Write one such as `Europe/Berlin`.") from error


def _moment(text: str, zone: ZoneInfo) -> Millis | None:
    """The moment; None if this is none."""
    try:
        found = datetime.fromisoformat(text.strip())
        return _millis(found if found.tzinfo else found.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        return None


def _check(expression: str) -> None:
    """Raises Unreadable unless cronsim reads it: GitLab's own reader (fugit) takes more than crontab(5)."""
    said = (
        f"`{expression[:LONGEST]}` is neither a moment nor a cron expression of five fields that I can read."
    )
    if len(expression) > LONGEST or len(expression.split()) != FIELDS:
        raise Unreadable(said)
    try:
        CronSim(expression, datetime.fromtimestamp(0, UTC))
    except (CronSimError, ValueError, AssertionError) as error:
        raise Unreadable(said) from error


def _millis(moment: datetime) -> Millis:
    return int(moment.timestamp()) * 1000
