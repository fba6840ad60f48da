"""When something that recurs is due: once on each of its days, whatever the clocks there do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Millis
from bot.rhythm import DAY_MINUTES, MINUTE_MS, Days, Steps, latest, midnight

#: Clocks that jump at night, at midnight, by half an hour, by two, by a day, in the other half of the year, or never.
ZONES = (
    "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Antarctica/Troll",
    "Pacific/Apia", "Africa/Casablanca", "Asia/Beirut", "America/Havana", "Asia/Kathmandu", "Asia/Tehran", "UTC",
)  # fmt: skip
DAY_MS = DAY_MINUTES * MINUTE_MS
#: From 1995 to 2037, to the second.
moments = st.integers(788_918_400, 2_114_380_800).map(lambda second: second * 1000)
weekly = st.sets(st.integers(0, 6), min_size=1).map(lambda days: {"weekdays": tuple(sorted(days))})
monthly = st.sets(st.integers(1, 31), min_size=1, max_size=4).map(
    lambda days: {"monthdays": tuple(sorted(days))}
)
rhythms = st.builds(
    lambda minute, zone, days: Days(minute, zone, **days),
    st.integers(0, DAY_MINUTES - 1), st.sampled_from(ZONES), weekly | monthly,
)  # fmt: skip


def at(text: str, zone: str = "UTC") -> Millis:
    """The moment a clock there shows this, the first of two."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1000


def local(moment: Millis, zone: str) -> datetime:
    """What a clock there shows."""
    return datetime.fromtimestamp(moment / 1000, UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def fits(day: date, rhythm: Days) -> bool:
    if rhythm.weekdays:
        return day.weekday() in rhythm.weekdays
    last = (day + timedelta(days=1)).day == 1
    return day.day in rhythm.monthdays or (last and max(rhythm.monthdays) > day.day)


def reached(day: date, rhythm: Days) -> Millis:
    """The first full minute at which a clock there shows the wanted time or a later one, by looking at each."""
    wanted = datetime.combine(day, time(rhythm.minute // 60, rhythm.minute % 60))
    moment = int(wanted.replace(tzinfo=UTC).timestamp()) * 1000 - 27 * 60 * MINUTE_MS
    while local(moment, rhythm.zone) < wanted:
        moment += MINUTE_MS
    return moment


@given(rhythms, moments)
def test_each_day_has_its_moment(rhythm: Days, after: Millis) -> None:
    """
    What follows is the first moment at which a clock shows the time of a day that fits, of all such days around.

    So a time that is left out comes when the clock jumps, and one that is shown twice comes once.
    """
    found = rhythm.following(after)
    assert found > after
    days = [local(after, rhythm.zone).date() + timedelta(days=number) for number in range(-1, 64)]
    due = [reached(day, rhythm) for day in islice((day for day in days if fits(day, rhythm)), 3)]
    assert found == min(moment for moment in due if moment > after)


@given(rhythms, moments)
def test_no_day_is_left_out_and_none_comes_twice(rhythm: Days, after: Millis) -> None:
    """Over two months it is due as often as there are days that fit."""
    begin = rhythm.following(after)
    end, due = begin + 60 * DAY_MS, [begin]
    while due[-1] < end:
        due.append(rhythm.following(due[-1]))
    assert due == sorted(set(due))
    first = local(begin, rhythm.zone).date() - timedelta(days=2)
    days = (first + timedelta(days=number) for number in range(70))
    wanted = [rhythm._on(day, ZoneInfo(rhythm.zone)) for day in days if fits(day, rhythm)]
    assert [one for one in due if one <= end] == [one for one in wanted if begin <= one <= end]


@pytest.mark.parametrize(
    ("rhythm", "after", "due"),
    [
        # The clock jumps from 2:00 to 3:00.
        (Days(150, "Europe/Berlin", tuple(range(7))), "2026-03-29T01:59", "2026-03-29T03:00"),
        (Days(150, "Europe/Berlin", tuple(range(7))), "2026-03-29T03:00", "2026-03-30T02:30"),
        # It is 2:30 twice, at 0:30 and at 1:30 UTC.
        (Days(150, "Europe/Berlin", tuple(range(7))), "2026-10-25T02:29", "2026-10-25T02:30"),
        (Days(150, "Europe/Berlin", tuple(range(7))), "2026-10-25T02:30", "2026-10-26T02:30"),
        # Midnight was left out.
        (Days(0, "America/Sao_Paulo", tuple(range(7))), "2018-11-03T12:00", "2018-11-04T01:00"),
        # A whole day was left out; its nine o'clock is the moment the next day began.
        (Days(540, "Pacific/Apia", tuple(range(7))), "2011-12-29T09:00", "2011-12-31T00:00"),
        (Days(540, "Pacific/Apia", tuple(range(7))), "2011-12-31T00:00", "2011-12-31T09:00"),
        # February has no 31st.
        (Days(480, "UTC", (), (31,)), "2026-02-01T00:00", "2026-02-28T08:00"),
        (Days(480, "UTC", (), (31,)), "2028-02-01T00:00", "2028-02-29T08:00"),
        (Days(480, "UTC", (), (1, 30)), "2026-02-02T00:00", "2026-02-28T08:00"),
        (Days(480, "UTC", (), (1, 30)), "2026-03-28T09:00", "2026-03-30T08:00"),
    ],
)  # fmt: skip
def test_clocks_and_calendars(rhythm: Days, after: str, due: str) -> None:
    """Cases that can be looked up, in the clock's own time."""
    assert local(rhythm.following(at(after, rhythm.zone)), rhythm.zone) == datetime.fromisoformat(due)


def test_the_second_of_two_is_passed_over() -> None:
    """Half an hour after the first 2:30 the clock shows 2:30 once more; it is due the next day."""
    daily = Days(150, "Europe/Berlin", tuple(range(7)))
    first = at("2026-10-25T00:30")
    assert daily.following(first - 1) == first
    assert daily.following(first) == at("2026-10-26T01:30")


@given(st.integers(15, 7 * DAY_MINUTES), moments, moments)
def test_steps_are_counted_as_time_passes(minutes: int, since: Millis, after: Millis) -> None:
    """A step is due a whole number of steps from where they are counted, and within one step."""
    due = Steps(minutes).following(after, since)
    assert (due - since) % (minutes * MINUTE_MS) == 0
    assert after < due <= after + minutes * MINUTE_MS


@given(rhythms | st.builds(Steps, st.integers(15, 3000)), moments, st.integers(0, 3 * DAY_MS))
def test_the_latest(rhythm: Days | Steps, after: Millis, gone: int) -> None:
    """Of what was due meanwhile the last is found; nothing if nothing was."""
    now = after + gone
    found = latest(rhythm, now, 0, after)
    if found is None:
        assert rhythm.following(after, 0) > now
    else:
        assert after < found <= now < rhythm.following(found, 0)


@given(moments, st.sampled_from(ZONES))
def test_midnight(moment: Millis, zone: str) -> None:
    """A day begins at its first moment, be midnight itself left out."""
    begin = midnight(moment, zone)
    assert begin <= moment
    assert local(begin, zone).date() == local(moment, zone).date()
    assert local(begin - 1000, zone).date() < local(begin, zone).date()
