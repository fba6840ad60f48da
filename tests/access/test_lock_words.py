"""How long and why somebody wants a lock is read from what they type."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.access.lock_words import LEAST_MS, LONGEST_MS, Told, read, span
from bot.errors import NotUnderstood

MINUTE, HOUR = 60_000, 3_600_000
#: A Friday noon in winter, UTC; in Berlin it is one o'clock.
NOON = round(datetime(2026, 1, 9, 12, tzinfo=UTC).timestamp() * 1000)


def told(text: str, zone: str = "Europe/Berlin", now: int = NOON) -> Told:
    return read(text.split(), now, lambda: zone)


@pytest.mark.parametrize(
    ("text", "length", "reason"),
    [
        ("for 2h", 2 * HOUR, ""),
        ("for 90m the migration", 90 * MINUTE, "the migration"),
        ("for 30 min because of the migration", 30 * MINUTE, "the migration"),
        ("for 1h30m", 90 * MINUTE, ""),
        ("for 1 hour 30 minutes load test", 90 * MINUTE, "load test"),
        ("for an hour", HOUR, ""),
        ("for 1.5h", 90 * MINUTE, ""),
        ("for 1d", 24 * HOUR, ""),
        ("for 7 days", 168 * HOUR, ""),
        ("2h load test", 2 * HOUR, "load test"),
        ("load test for 2h", 2 * HOUR, "load test"),
        ("FOR 2H", 2 * HOUR, ""),
    ],
)
def test_a_span(text: str, length: int, reason: str) -> None:
    """However it is written, the length is read and the rest is the reason."""
    assert told(text) == Told(NOON + length, reason)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", ""),
        ("the migration", "the migration"),
        ("because of the migration", "the migration"),
        ("because I wait for 2h", "I wait for 2h"),
        ("for testing the new release", "for testing the new release"),
        ("waiting for 2 builds", "waiting for 2 builds"),
        ("testing until bob is back", "testing until bob is back"),
        ("x " * 300, ("x " * 300)[:199] + "…"),
    ],
)
def test_no_span(text: str, reason: str) -> None:
    """Where nothing is said of time, all is the reason, on one line of a card's length."""
    found = told(text)
    assert found.until is None
    assert found.reason.rstrip("…").rstrip() == reason.rstrip("…").rstrip()


@pytest.mark.parametrize(
    ("text", "zone", "hours"),
    [
        ("until 18:00", "Europe/Berlin", 5),
        ("until 18.00", "UTC", 6),
        ("until 12:30", "Europe/Berlin", 23.5),
        ("until 9:00", "America/New_York", 2),
        ("until 18:00", "Nowhere/Land", 6),
        ("until 18:00", "", 6),
        ("until 18:00", "../etc/passwd", 6),
    ],
)
def test_a_time_of_day(text: str, zone: str, hours: float) -> None:
    """It is the next such time where the person is; a zone that nobody knows is UTC."""
    assert told(text, zone) == Told(NOON + round(hours * HOUR), "")


def test_a_time_of_day_over_the_change_to_summer_time() -> None:
    """The night the clocks go forward is an hour shorter."""
    eve = round(datetime(2026, 3, 28, 22, tzinfo=UTC).timestamp() * 1000)
    assert told("until 9:00", now=eve) == Told(eve + 9 * HOUR, "")


@pytest.mark.parametrize(
    "text", ["for 0m", "for 30s", "for 2x", "for 8 days", "for 1000000h", "until late", "until 25:00"]
)
def test_what_is_no_span(text: str) -> None:
    """A span or a time that cannot be is told with what can."""
    with pytest.raises(NotUnderstood, match=r"for 2h|a week at most"):
        told(text)


@given(
    st.lists(
        st.sampled_from(["for", "until", "because", "2h", "18:00", "1", "min", "an", "hour", "é", "9" * 30])
        | st.text(),
        max_size=8,
    )
)
def test_whatever_is_typed(words: list[str]) -> None:
    """It is a lock of a minute to a week, no time at all, or a sentence; never anything else."""
    try:
        found = read(words, NOON, lambda: "Asia/Tokyo")
    except NotUnderstood:
        return
    assert found.until is None or NOON < found.until <= NOON + LONGEST_MS
    assert len(found.reason) <= 200


@given(st.integers(1, 9_999), st.sampled_from("dhm"))
def test_a_span_is_its_number_of_units(number: int, unit: str) -> None:
    """Glued or apart it is the same."""
    each = {"d": 24 * HOUR, "h": HOUR, "m": MINUTE}[unit]
    assert span(f"{number}{unit}") == span(f"{number} {unit}") == number * each
    assert LEAST_MS == MINUTE
