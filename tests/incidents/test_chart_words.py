"""A line of GitLab's timeline is as long as GitLab takes, does nothing, and is known again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.edges.gitlab_incidents import TIMELINE_LIMIT
from bot.incident import Event, Incident, State, Who
from bot.incidents.chart import chart_words
from bot.model import Person
from bot.tracker import TimelineEvent
from tests.blocks.looks import hostile

ALICE = Person("T1", "U1")
INCIDENT = Incident(
    "i1", 7, "key", "T1", "Checkout", 2, State.FIXING, "acme/shop", ALICE, "alice", 0, iid=4,
    url="https://gitlab.example.com/acme/shop/-/issues/4",
)  # fmt: skip
EVENT = Event(
    "e1", "i1", 86_400_000, 86_400_500, "timeline", Who("bob", ALICE), "slack", "The workers are down", "s"
)
LINK = "https://acme.slack.com/archives/C1/p1000000100?thread_ts=1000.000100&cid=C1"
texts = (
    some.text(max_size=900)
    | hostile
    | some.sampled_from(["word " * 100, "x" * 600, "*_~`<&\\" * 60, "😀" * 300])
)


@given(
    text=texts,
    by=some.sampled_from(["", "carol", "*" * 200]),
    link=some.sampled_from(["", LINK]),
    note=some.sampled_from([0, 3301]),
)
def test_whatever_is_said(text: str, by: str, link: str, note: int) -> None:
    """The line fits, and GitLab's answer with the same words is known for ours."""
    event = replace(EVENT, text=text, link=link, note_id=note)
    line = chart_words.line(event, INCIDENT, by=by)
    assert len(line) <= TIMELINE_LIMIT
    assert not line.startswith("/")
    back = TimelineEvent("gid://1", chart_words.line(event, INCIDENT), event.at + 999, "bob")
    assert chart_words.is_line(event, INCIDENT, back)
    assert not chart_words.is_line(event, INCIDENT, replace(back, at=event.at + 1_000))


def test_a_long_one_is_cut_at_a_word() -> None:
    """And leads to the message, or else to the note, that holds all of it."""
    words = "The payment workers do not answer " * 20
    line = chart_words.line(replace(EVENT, text=words, link=LINK), INCIDENT, by="carol")
    assert line.endswith(f"… [the whole]({LINK}) (carol in Slack)")
    assert words.startswith(line.partition("…")[0])
    assert words[len(line.partition("…")[0])] == " "
    noted = chart_words.line(replace(EVENT, text=words, note_id=3301), INCIDENT)
    assert noted.endswith("[the whole](https://gitlab.example.com/acme/shop/-/issues/4#note_3301)")
    assert "[the whole]" not in chart_words.line(replace(EVENT, text=words, link="javascript:x"), INCIDENT)


@pytest.mark.parametrize(
    ("recorded", "begins"),
    [(86_400_500, "🕒 00:00 UTC The"), (2 * 86_400_000, "🕒 1970-01-02 00:00 UTC The")],
)
def test_a_note_says_when(recorded: int, begins: str) -> None:
    """With the day if it was written down on another; its mark names the event and no copy of a text."""
    note = chart_words.note(replace(EVENT, recorded_at=recorded), INCIDENT, by="carol")
    assert note.startswith(begins)
    assert note.endswith("(carol in Slack)\n\n<!-- signalbox i=i1 e=e1 -->")


def test_what_gitlab_shows_is_read() -> None:
    """Markdown becomes the words that people read."""
    assert chart_words.read("Saw it in **staging**, [here](https://x.example) and `there`", INCIDENT) == (
        "Saw it in staging, here and there"
    )
