"""When freezes begin and end: moments, cron expressions, time zones and clocks that are put forward and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import windows
from bot.model import Millis
from bot.windows import State, Unreadable

MINUTE: Millis = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]
#: From 2026 to 2030: many changes of the clock, in both halves of the world.
MOMENTS = st.integers(min_value=1_767_225_600_000, max_value=1_893_456_000_000)
MINUTES, HOURS = st.integers(0, 59), st.integers(0, 23)
DAYS = st.sampled_from(["*", "1", "*/7", "1-5", "15,31", "L"])
WEEKDAYS = st.sampled_from(["*", "0", "5", "1-5", "MON", "fri#1"])
CRON = st.builds("{} {} {} * {}".format, MINUTES, HOURS, DAYS, WEEKDAYS)


def millis(text: str, zone: str = "UTC", *, fold: int = 0) -> Millis:
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return int(moment.timestamp() * 1000)


def at(start: str, end: str, zone: str, moment: Millis) -> State:
    return windows.read(start, end, zone).at(moment)


WEEKEND = ("0 18 * * 5", "0 7 * * 1")


@pytest.mark.parametrize(
    ("moment", "in_force", "until"),
    [
        ("2026-11-20 17:59:59", False, "2026-11-20 18:00"),
        ("2026-11-20 18:00", True, "2026-11-23 07:00"),
        ("2026-11-22 12:00", True, "2026-11-23 07:00"),
        ("2026-11-23 06:59:59", True, "2026-11-23 07:00"),
        ("2026-11-23 07:00", False, "2026-11-27 18:00"),
    ],
)
def test_a_weekend_freeze_holds_from_friday_evening_to_monday_morning(
    moment: str, in_force: bool, until: str
) -> None:
    """The start is in it, the end is not, and the hours are those of its time zone."""
    zone = "Europe/Berlin"
    assert at(*WEEKEND, zone, millis(moment, zone)) == State(in_force, millis(until, zone))


def test_a_weekend_in_which_the_clock_is_put_back_ends_by_the_wall_clock() -> None:
    """Over the end of summer time the freeze lasts an hour longer, and still ends at seven."""
    zone = "Europe/Berlin"
    began, ends = millis("2026-10-23 18:00", zone), millis("2026-10-26 07:00", zone)
    assert at(*WEEKEND, zone, began) == State(in_force=True, until=ends)
    assert ends - began == 62 * HOUR


def test_a_start_that_the_clock_jumps_over_is_met_at_the_first_minute_after_it() -> None:
    """02:30 does not exist on the day summer time begins: the freeze begins at 03:00."""
    zone = "Europe/Berlin"
    three = millis("2026-03-29 03:00", zone)
    assert at("30 2 * * *", "0 6 * * *", zone, three - MINUTE) == State(in_force=False, until=three)
    assert at("30 2 * * *", "0 6 * * *", zone, three).in_force


@pytest.mark.parametrize("fold", [0, 1])
def test_a_time_that_comes_twice_begins_a_freeze_the_first_time(fold: int) -> None:
    """In the hour that is repeated a freeze that began in its first half is still in force."""
    zone = "Europe/Berlin"
    moment = millis("2026-10-25 02:15", zone, fold=fold)
    ends = millis("2026-10-25 06:00", zone)
    begins = millis("2026-10-25 02:10", zone)
    assert at("10 2 * * *", "0 6 * * *", zone, moment) == State(in_force=True, until=ends)
    assert at("10 2 * * *", "0 6 * * *", zone, begins - MINUTE) == State(in_force=False, until=begins)


def test_an_end_inside_the_repeated_hour_is_never_said_to_lie_in_the_past() -> None:
    """After 02:30 was there once, it is not waited for a second time that night."""
    zone = "Europe/Berlin"
    moment = millis("2026-10-25 02:15", zone, fold=1)
    assert at("0 1 * * *", "30 2 * * *", zone, moment) == State(
        in_force=False, until=millis("2026-10-26 01:00", zone)
    )


def test_of_several_starts_in_a_row_the_first_one_begins_the_freeze() -> None:
    """A start each day of December's end freezes until the one end in January."""
    moment, ends = millis("2026-12-25 12:00"), millis("2027-01-02 00:00")
    assert at("0 0 20-31 12 *", "0 0 2 1 *", "UTC", moment) == State(in_force=True, until=ends)


def test_a_start_on_the_minute_of_an_end_begins_nothing() -> None:
    """A freeze that would end as it begins is never in force and never announced."""
    assert at("0 * * * *", "* * * * *", "UTC", millis("2026-11-20 10:00")) == State(
        in_force=False, until=None
    )


def test_a_freeze_of_leap_days_finds_its_start_years_away() -> None:
    """A start on 29 February is found in the next leap year."""
    assert at("0 0 29 2 *", "0 0 1 3 *", "UTC", millis("2026-11-20")) == State(
        in_force=False, until=millis("2028-02-29")
    )


@pytest.mark.parametrize(
    ("start", "end", "zone", "began", "ended"),
    [
        ("2026-12-20 18:00", "2027-01-04 07:00", "Europe/Berlin", "2026-12-20T17:00", "2027-01-04T06:00"),
        ("2026-12-20", "2027-01-04", "UTC", "2026-12-20T00:00", "2027-01-04T00:00"),
        ("2026-12-20T18:00+05:00", "2027-01-04T07:00Z", "Europe/Berlin", "2026-12-20T13:00", "2027-01-04T07:00"),
    ],
)  # fmt: skip
def test_two_moments_freeze_what_lies_between_them(
    start: str, end: str, zone: str, began: str, ended: str
) -> None:
    """Moments are meant in the time zone unless they bring their own offset."""
    first, last = millis(began), millis(ended)
    assert at(start, end, zone, first - 1) == State(in_force=False, until=first)
    assert at(start, end, zone, first) == State(in_force=True, until=last)
    assert at(start, end, zone, last - 1).in_force
    assert at(start, end, zone, last) == State(in_force=False, until=None)


@pytest.mark.parametrize(
    ("start", "end", "zone", "said"),
    [
        ("every day at noon", "0 7 * * 1", "UTC", "`every day at noon`"),
        ("@daily", "0 7 * * 1", "UTC", "`@daily`"),
        ("0 18 * * 5", "0 7 * * fri-mon", "UTC", "`0 7 * * fri-mon`"),
        ("0 18 * * 5 Europe/Berlin", "0 7 * * 1", "UTC", "`0 18 * * 5 Europe/Berlin`"),
        ("0 0 30 2 *", "0 7 * * 1", "UTC", "`0 0 30 2 *`"),
        ("", "0 7 * * 1", "UTC", "``"),
        (f"{'0,' * 300}0 1 * * *", "0 7 * * 1", "UTC", "0,0,"),
        ("0 18 * * 5", "2026-12-20", "UTC", "a moment and an expression"),
        ("2026-12-20", "2026-12-20", "UTC", "does not come after"),
        ("0 18 * * 5", "0 7 * * 1", "Eastern Time (US & Canada)", "`Eastern Time (US & Canada)`"),
        ("0 18 * * 5", "0 7 * * 1", "Atlantis/Nowhere", "`Atlantis/Nowhere`"),
        ("0 18 * * 5", "0 7 * * 1", "../etc/passwd", "`../etc/passwd`"),
        ("0 18 * * 5", "0 7 * * 1", "Europe", "`Europe`"),
        ("0 18 * * 5", "0 7 * * 1", "", "``"),
    ],
)
def test_what_cannot_be_read_is_named(start: str, end: str, zone: str, said: str) -> None:
    """The sentence repeats the expression or the time zone that is not understood."""
    with pytest.raises(Unreadable) as caught:
        windows.read(start, end, zone)
    assert said in caught.value.sentence


def read_or_named(start: str, end: str, zone: str) -> State | str:
    """What a window is now, or the sentence that says why it cannot be read."""
    try:
        return windows.read(start, end, zone).at(millis("2026-11-20"))
    except Unreadable as error:
        return error.sentence


@given(start=st.text(), end=st.text(), zone=st.text(max_size=40))
def test_any_text_is_read_or_named_unreadable(start: str, end: str, zone: str) -> None:
    """No text, however odd, raises anything but Unreadable."""
    assert read_or_named(start, end, zone)


@given(fields=st.lists(st.text("0123456789*/,-#LWlw MONmon", max_size=12), min_size=5, max_size=5))
def test_expressions_that_are_nearly_right_are_read_or_named(fields: list[str]) -> None:
    """Whatever looks like cron is either read, and then answers, or is Unreadable."""
    assert read_or_named(" ".join(fields), "0 7 * * 1", "UTC")
    assert read_or_named("0 18 * * 5", " ".join(fields), "Europe/Berlin")


@given(start=CRON, end=CRON, zone=st.sampled_from(ZONES), now=MOMENTS)
def test_a_state_lasts_until_the_moment_it_names(start: str, end: str, zone: str, now: Millis) -> None:
    """`until` lies ahead; a millisecond before it nothing has changed, and at it everything has."""
    window = windows.read(start, end, zone)
    state = window.at(now)
    if state.until is None:
        assert start == end or not state.in_force
        return
    assert state.until > now
    assert window.at(state.until - 1) == state
    assert window.at(state.until).in_force is not state.in_force


@given(start=CRON, end=CRON, now=MOMENTS)
def test_a_freeze_is_in_force_just_when_a_start_came_after_the_last_end(
    start: str, end: str, now: Millis
) -> None:
    """Counted minute by minute over the last 70 days, the answer is the same as by search."""
    minute = datetime.fromtimestamp(now // 1000, UTC).replace(second=0)
    began, ended = _last(start, minute), _last(end, minute)
    if began or ended:
        expected = began is not None and (ended is None or began > ended)
        assert windows.read(start, end, "UTC").at(now).in_force is expected


def _last(expression: str, minute: datetime) -> datetime | None:
    """The slow way: the days of the past, one after the other."""
    wanted = expression.split()
    for days in range(70):
        found = (minute - timedelta(days=days)).replace(hour=int(wanted[1]), minute=int(wanted[0]))
        if found <= minute and _fits(found, wanted[2], wanted[4]):
            return found
    return None


def _fits(moment: datetime, day: str, weekday: str) -> bool:
    by_day, by_weekday = _day(moment, day), _weekday(moment, weekday)
    # crontab(5): both have to fit if either begins with a star, else either does.
    return (by_day and by_weekday) if "*" in {day[0], weekday[0]} else (by_day or by_weekday)


def _day(moment: datetime, text: str) -> bool:
    days = {"*": range(1, 32), "1": [1], "*/7": range(1, 32, 7), "1-5": range(1, 6), "15,31": [15, 31]}
    if text == "L":
        return (moment + timedelta(days=1)).day == 1
    return moment.day in days[text]


def _weekday(moment: datetime, text: str) -> bool:
    number = moment.isoweekday()
    if text == "fri#1":
        return number == 5 and moment.day <= 7
    return number in {"*": range(1, 8), "0": [7], "5": [5], "1-5": range(1, 6), "MON": [1]}[text]
