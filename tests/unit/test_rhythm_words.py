"""When something recurs is read as people type it, and said so that it is read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import NotUnderstood
from bot.rhythm import DAY_MINUTES, Days, Rhythm, Steps
from bot.rhythm_words import LEAST_MINUTES, MOST_MINUTES, parsed, read, said
from tests.unit.test_rhythm import rhythms

SCRAPS = (
    "every", "day", "weekday", "9:00", "9", "mon,", "and", "1st", "40th", "h", "15", "minutes", "UTC", "a/b", "at", "&",
)  # fmt: skip
ALL, WORKING = tuple(range(7)), tuple(range(5))


def berlin() -> str:
    return "Europe/Berlin"


def nobody() -> str:
    raise AssertionError("the person's zone is asked only if none is named")


@pytest.mark.parametrize(
    ("typed", "rhythm"),
    [
        ("weekday 9:00", Days(540, "Europe/Berlin", WORKING)),
        ("Weekdays at 09:00", Days(540, "Europe/Berlin", WORKING)),
        ("day 7.30", Days(450, "Europe/Berlin", ALL)),
        ("day 7:30pm", Days(1170, "Europe/Berlin", ALL)),
        ("day 12am", Days(0, "Europe/Berlin", ALL)),
        ("monday 10:00 UTC", Days(600, "UTC", (0,))),
        ("mon,wed 10:00 america/new_york", Days(600, "America/New_York", (0, 2))),
        ("fridays and Mondays 10:00", Days(600, "Europe/Berlin", (0, 4))),
        ("tue, thu 10:00", Days(600, "Europe/Berlin", (1, 3))),
        ("weekend 0:00", Days(0, "Europe/Berlin", (5, 6))),
        ("1st 8:00", Days(480, "Europe/Berlin", (), (1,))),
        ("1st and 15th 23:59 UTC", Days(1439, "UTC", (), (1, 15))),
        ("31st,3rd,2nd 8:00", Days(480, "Europe/Berlin", (), (2, 3, 31))),
        ("hour", Steps(60)),
        ("15 minutes", Steps(15)),
        ("15m", Steps(15)),
        ("90 min", Steps(90)),
        ("2 hours", Steps(120)),
        ("2h", Steps(120)),
        ("168 hours", Steps(MOST_MINUTES)),
    ],
)
def test_what_is_read(typed: str, rhythm: Rhythm) -> None:
    """Days, times, zones and steps in the spellings people use; what follows is left."""
    words = typed.split()
    assert read([*words, "run", "hello", "9:00"], berlin) == (rhythm, len(words))


@pytest.mark.parametrize(
    ("typed", "zone", "left"),
    [
        ("day 9:00 acme/shop run x", "Europe/Berlin", "acme/shop run x"),
        ("day 9:00 Europe/Paris acme/shop run x", "Europe/Paris", "acme/shop run x"),
        ("day 9:00 europe shop run x", "Europe/Berlin", "europe shop run x"),
        ("day 9:00 utc run x", "UTC", "run x"),
    ],
)
def test_a_project_is_no_zone(typed: str, zone: str, left: str) -> None:
    """A path behind the time is the project of the command, unless a time zone is called so."""
    words = typed.split()
    told = read(words, berlin)
    assert isinstance(told.rhythm, Days)
    assert told.rhythm.zone == zone
    assert " ".join(words[told.words :]) == left


def test_a_zone_is_asked_for_only_if_none_is_named() -> None:
    """Slack is not asked for what was said."""
    assert read(["day", "9:00", "UTC", "jobs"], nobody).words == 3
    assert read(["hour", "jobs"], nobody).words == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "When?"),
        ("run hello", "I do not know when `run` is."),
        ("wekday 9:00 run x", "Did you mean `weekday`"),
        ("`x` 9:00 run x", "I do not know when `'x'` is."),
        ("day run x", "At what time?"),
        ("day 25:00 run x", "At what time?"),
        ("day 13pm run x", "At what time?"),
        ("day", "At what time?"),
        ("monday 1st 9:00 run x", "do not go together"),
        ("32nd 9:00 run x", "I do not know when `32nd` is."),
        ("0th 9:00 run x", "I do not know when"),
        ("minute run x", "I do nothing more often than every 15 minutes"),
        ("5 minutes run x", "I do nothing more often than every 15 minutes"),
        ("0 hours run x", "I do nothing more often than every 15 minutes"),
        ("169 hours run x", "That is more than a week"),
        ("day 9:00 Europe/Berln run x", "I know no time zone `Europe/Berln`. Did you mean `Europe/Berlin`"),
    ],
)
def test_what_is_not_read(typed: str, sentence: str) -> None:
    """Each sentence says which word is missing or wrong, and shows forms that are read."""
    with pytest.raises(NotUnderstood) as caught:
        read(typed.split(), berlin)
    assert sentence in caught.value.sentence
    assert "Europe/Berlin" in caught.value.sentence


def test_a_zone_of_slack_that_is_unknown() -> None:
    """What Slack says and nobody else knows is told, with what helps."""
    with pytest.raises(NotUnderstood, match="your time zone is `Mars/Base`"):
        read(["day", "9:00", "run"], lambda: "Mars/Base")


@given(rhythms | st.builds(Steps, st.integers(LEAST_MINUTES, MOST_MINUTES)))
def test_what_is_said_is_read(rhythm: Rhythm) -> None:
    """What is written down is read as the same."""
    assert parsed(said(rhythm)) == rhythm
    assert read([*said(rhythm).split(), "jobs"], nobody).rhythm == rhythm


@given(st.lists(st.sampled_from(SCRAPS)))
def test_whatever_is_typed_is_read_or_told(words: list[str]) -> None:
    """Nothing ends in anything but a rhythm or a sentence, and a rhythm is within its bounds."""
    try:
        told = read(words, berlin)
    except NotUnderstood:
        return
    assert 0 < told.words <= len(words)
    if isinstance(told.rhythm, Days):
        assert 0 <= told.rhythm.minute < DAY_MINUTES
        assert bool(told.rhythm.weekdays) != bool(told.rhythm.monthdays)
