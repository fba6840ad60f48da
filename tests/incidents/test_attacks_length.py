"""Whatever somebody writes in GitLab, however long, is read in a time that grows with what is shown of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import blocks.incident_talk as talk
from bot.incident import GITLAB, Incident, State
from bot.incident_work import Mirrored
from bot.incidents.chart import chart_words
from bot.incidents.crew import blocks_of, tasks
from bot.incidents.hindsight import review_material, review_talk
from bot.markdown import to_slack
from bot.model import Person
from tests.evidence.floor import floor_at
from tests.incidents.back import Back
from tests.incidents.stage import ID

#: What was wrong took from twenty seconds to hours.
MOST_SECONDS = 25
HOME = "https://gitlab.example/acme/shop"
ALICE = Person("T1", "U1")
ONE = Incident(
    "i1",
    1,
    "k",
    "T1",
    "Checkout",
    2,
    State.FIXING,
    "acme/shop",
    ALICE,
    "alice",
    1,
    iid=4,
    url=f"{HOME}/-/issues/4",
)
ROW = Mirrored("m1", "i1", GITLAB, "talk", "C1", "1.0", "", 1, "mallory", "Mallory", note_id=9)


@contextmanager
def soon() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < MOST_SECONDS


LONG = {
    "a tag that never ends": "<div\n<" + "a" * 40_000,
    "brackets": "[" * 400_000,
    "images": "![" * 200_000,
    "links in links": "[a](" * 100_000,
    "lines": "line\n" * 190_000,
    "rows of a table": "|a|b|\n|-|-|\n" + "|x|y|\n" * 150_000,
}  # fmt: skip


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_the_copy_of_a_comment(text: str) -> None:
    """No more of a comment is read than is shown of it."""
    with soon():
        message = talk.copy(ONE, replace(ROW, wanted=text))
    assert len(str(message.blocks)) < 60_000


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_line_of_the_timeline(text: str) -> None:
    """It has room for a part of it."""
    with soon():
        assert len(chart_words.read(text, ONE)) < 20_000


def test_a_paragraph_of_the_review(tmp_path: Path) -> None:
    """A review is written however long the comments are that it quotes."""
    with floor_at(tmp_path) as floor:
        back = Back(floor)
        back.begin()
        rows = [
            replace(ROW, id=f"m{at}", incident=ID, ts=f"{at}.0", note_id=at, wanted=text)
            for at, text in enumerate(LONG.values(), 900)
        ]
        with back.kit.store.write() as tx:
            for one in rows:
                tx.mirror.put(one)
        with soon():
            said = list(
                review_talk.talk(back.kit, review_material.gather(back.kit, back.incident, confidential=True))
            )
        assert len(said) == len(rows)
        assert all(one.endswith("…") for one in said)


def test_a_comment_that_is_shown_whole_and_one_that_is_not() -> None:
    """Whoever reads a part of it is shown the way to the rest."""
    assert "Open in GitLab" not in str(talk.copy(ONE, replace(ROW, wanted="Short")).blocks)
    assert "Open in GitLab" in str(talk.copy(ONE, replace(ROW, wanted="word " * 900)).blocks)


def test_brackets_are_shown_as_they_stand() -> None:
    """What nobody reads as links is no less to be seen."""
    assert "[[[[" in str(to_slack("[" * 4_000, base=HOME, limit=2_900))


@pytest.mark.parametrize("filler", ["\n" * 300_000, " " * 300_000, "\n -" * 100_000, "\r" * 300_000])
def test_a_block_that_somebody_has_filled(filler: str) -> None:
    """Whoever may edit a description cannot keep us looking for boxes in it."""
    text = f"<!-- signalbox begin tasks 00000000 -->\n{filler}\n<!-- signalbox end tasks -->"
    with soon():
        block = blocks_of.get(text, "tasks")
        assert block is not None
        assert block.is_edited
        assert tasks.boxes(block.body) == {}
