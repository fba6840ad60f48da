"""Dates, people and groups in a text, as one reader sees them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.dates import Reader, dated, ordinal
from sandbox.mrkdwn import mrkdwn
from sandbox.screen import parts, words

NOON = 1_763_640_000
"""Thursday, 20 November 2025, 12:00 UTC."""
NAMES = {"U0BOB00001": "bob", "S0ONCALL01": "oncall"}


def reader(zone: str = "UTC", now: float = NOON) -> Reader:
    """Somebody who reads in that zone at that time."""
    return Reader(NAMES, ZoneInfo(zone), now)


TOKENS = {
    "{date_num}": "2025-11-20",
    "{date_slash}": "20/11/2025",
    "{date}": "November 20th",
    "{date_short}": "Nov 20",
    "{date_long}": "Thursday, November 20th",
    "{date_pretty}": "Today",
    "until {date_short_pretty}": "Until today",
    "{date_long_pretty} at {time}": "Today at 12:00 PM",
    "{time}": "12:00 PM",
    "{time_secs}": "12:00:00 PM",
    "{ago}": "0 seconds ago",
    "{colour}": "{colour}",
}


@pytest.mark.parametrize(("template", "shown"), TOKENS.items())
def test_tokens(template: str, shown: str) -> None:
    """Each token is written as Slack's clients write it; an unknown one stays."""
    assert mrkdwn(f"<!date^{NOON}^{template}|then>", reader())[0].plain == shown


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("America/New_York", "2025-11-20 7:00 AM"),
        ("Europe/Berlin", "2025-11-20 1:00 PM"),
        ("Asia/Tokyo", "2025-11-20 9:00 PM"),
    ],
)
def test_zone_of_the_reader(zone: str, shown: str) -> None:
    """A date is written in the reader's own zone."""
    assert dated(NOON, "{date_num} {time}", reader(zone), "then") == shown


@pytest.mark.parametrize(
    ("apart", "shown"),
    [
        (0, "Today, 0 seconds ago"),
        (86_400, "Yesterday, 1 day ago"),
        (-86_400, "Tomorrow, in 1 day"),
        (2 * 86_400, "Nov 20, 2 days ago"),
        (200 * 86_400, "Nov 20, 2025, 200 days ago"),
        (180, "Today, 3 minutes ago"),
        (-7_200, "Today, in 2 hours"),
    ],
)
def test_nearness(apart: int, shown: str) -> None:
    """Near days have words, days within half a year have no year."""
    assert dated(NOON, "{date_short_pretty}, {ago}", reader(now=NOON + apart), "then") == shown


def test_a_day_ends_at_the_readers_midnight() -> None:
    """The same moment is today in one zone and tomorrow in another."""
    late = NOON + 4 * 3_600
    assert dated(late, "{date_pretty}", reader("UTC"), "") == "Today"
    assert dated(late, "{date_pretty}", reader("Asia/Tokyo"), "") == "Tomorrow"


@pytest.mark.parametrize("stamp", ["soon", "", "1e400", "9" * 30])
def test_fallback(stamp: str) -> None:
    """What is no time shows the fallback; so does any date where nobody in particular reads."""
    assert mrkdwn(f"<!date^{stamp}^{{date}}|then>", reader())[0].plain == "then"
    assert mrkdwn(f"<!date^{NOON}^{{date}}|then>", NAMES)[0].plain == "then"


def test_link_of_a_date() -> None:
    """The address behind a date can be looked for."""
    shown, urls = mrkdwn(f"<!date^{NOON}^{{date_num}}^https://x.example/a|then>", reader())
    assert (shown.plain, urls) == ("2025-11-20", ("https://x.example/a",))


def test_names_of_people_and_groups() -> None:
    """Mentions are shown by name, in text and in rich text, whatever label they carry."""
    assert mrkdwn("<@U0BOB00001> <!subteam^S0ONCALL01|@x>", reader())[0].plain == "@bob @oncall"
    inline = [
        {"type": "usergroup", "usergroup_id": "S0ONCALL01"},
        {"type": "text", "text": " "},
        {"type": "date", "timestamp": NOON, "format": "{date_short} {time}", "fallback": "then"},
    ]
    section = {"type": "rich_text_section", "elements": inline}
    block = {"type": "rich_text", "elements": [section]}
    assert words(parts({"blocks": [block]}, reader("Europe/Berlin"))) == "@oncall Nov 20 1:00 PM"


def test_ordinals() -> None:
    """1st, 2nd, 3rd, and the teens with th."""
    shown = [f"{day}{ordinal(day)}" for day in (1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 31)]
    assert shown == ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "23rd", "31st"]


@given(st.integers(), st.text())
def test_any_date_is_written(stamp: int, template: str) -> None:
    """Whatever stands in a date, it is written or its fallback is."""
    assert isinstance(dated(stamp, template, reader(), "then"), str)
