"""What is typed as a moment is read in the zone of whoever types it, and what cannot be meant is asked about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.errors import LeftOut
from bot.incident import Incident, State
from bot.incidents.chart import moments
from bot.model import Person

#: Monday, 30 March 2026, 14:00 UTC: the day after clocks were put forward in Berlin.
NOW = 1_774_879_200_000
HOUR, DAY = 3_600_000, 86_400_000
ONE = Incident(
    "i1", 7, "key1", "T1", "Checkout", 2, State.FIXING, "acme/shop", Person("T1", "U1"), "alice", NOW - HOUR
)


@pytest.mark.parametrize(
    ("text", "wanted", "rest"),
    [
        ("14:03 it began", "2026-03-30T12:03:00Z", "it began"),
        ("9:05:10 it began", "2026-03-30T07:05:10Z", "it began"),
        ("today at 14:03 x", "2026-03-30T12:03:00Z", "x"),
        ("yesterday 01:30 x", "2026-03-29T00:30:00Z", "x"),
        ("yesterday 14:03 x", "2026-03-29T12:03:00Z", "x"),
        ("-15m x", "2026-03-30T13:45:00Z", "x"),
        ("-15min x", "2026-03-30T13:45:00Z", "x"),
        ("-1h30m x", "2026-03-30T12:30:00Z", "x"),
        ("5m ago x", "2026-03-30T13:55:00Z", "x"),
        ("1h30m ago x", "2026-03-30T12:30:00Z", "x"),
        ("-2d x", "2026-03-28T14:00:00Z", "x"),
        ("2026-03-28T14:03 x", "2026-03-28T13:03:00Z", "x"),
        ("2026-03-28 14:03:22 x", "2026-03-28T13:03:22Z", "x"),
        ("2026-03-28T14:03+05:30 x", "2026-03-28T08:33:00Z", "x"),
        ("2026-03-28T14:03Z x", "2026-03-28T14:03:00Z", "x"),
    ],
)  # fmt: skip
def test_a_moment_is_read(text: str, wanted: str, rest: str) -> None:
    """What follows is what happened then."""
    told = moments.read(text, NOW, lambda: "Europe/Berlin")
    assert (moments.iso(told.at), told.rest) == (wanted, rest)


@pytest.mark.parametrize(
    "text",
    ["it began", "-x it", "- 5m", "yesterday we saw it", "25:00 is no time", "14:035 neither", "2026-13-45T10:00 no",
     "-", "14 workers died", "12:30pm is lunch", "5m later", "5 pods ago", "0001-01-01T00:00+14:00 no"],
)  # fmt: skip
def test_what_is_no_moment_belongs_to_the_words(text: str) -> None:
    """Then now is meant, and nobody is asked for a zone."""
    told = moments.read(text, NOW, lambda: pytest.fail("asked for a zone"))
    assert (told.at, told.rest, told.typed) == (NOW, text, "")


def test_of_two_moments_the_last_that_is_over_is_meant() -> None:
    """When clocks were put back half past two came twice."""
    night = 1_761_449_400_000  # 2025-10-26T03:30Z
    assert moments.iso(moments.read("02:30 x", night, lambda: "Europe/Berlin").at) == "2025-10-26T01:30:00Z"
    earlier = night - 9_000_000
    assert moments.iso(moments.read("02:30 x", earlier, lambda: "Europe/Berlin").at) == "2025-10-26T00:30:00Z"


def test_a_zone_nobody_knows_is_utc() -> None:
    """As it is where Slack has none."""
    for zone in ("", "Mars/Base", "../etc"):
        assert moments.iso(moments.read("12:00 x", NOW, lambda zone=zone: zone).at) == "2026-03-30T12:00:00Z"  # type: ignore[misc]


def test_a_moment_to_come_is_asked_about() -> None:
    """The same time a day earlier is offered, and now."""
    told = moments.read("23:00 it began", NOW, lambda: "UTC")
    with pytest.raises(LeftOut, match="23:00 is still to come") as asked:
        moments.check(told, ONE, NOW, before="incident timeline inc-7")
    assert [one.value for one in asked.value.options] == ["2026-03-29T23:00:00Z", "-0m"]
    assert (asked.value.before, asked.value.after) == ("incident timeline inc-7", "it began")


def test_a_moment_long_before_is_asked_about_once() -> None:
    """What is picked says that it is meant."""
    told = moments.read("-10d it began", NOW, lambda: "UTC")
    with pytest.raises(LeftOut, match="9 days before") as asked:
        moments.check(told, ONE, NOW, before="incident timeline inc-7")
    sure = moments.read(f"{asked.value.options[0].value} it began", NOW, lambda: "UTC")
    assert (sure.at, sure.is_sure) == (told.at, True)
    moments.check(sure, ONE, NOW, before="incident timeline inc-7")
    moments.check(moments.read("-6d it began", NOW, lambda: "UTC"), ONE, NOW, before="")


@given(some.integers(min_value=0, max_value=4_000_000_000))
def test_what_is_written_is_read_again(second: int) -> None:
    """In whatever zone."""
    written = moments.iso(second * 1000)
    assert moments.read(f"{written} x", NOW, lambda: "Asia/Tokyo").at == second * 1000


@given(some.text(max_size=40))
def test_whatever_is_typed_is_read(text: str) -> None:
    """Nothing breaks, and no words are lost."""
    told = moments.read(text, NOW, lambda: "America/New_York")
    assert text.strip().endswith(told.rest)
