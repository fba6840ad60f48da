"""The transcript: what is printed, when it is printed again, and that it fits a terminal."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from sandbox.drawing import pictured
from sandbox.mrkdwn import mrkdwn
from sandbox.screen import parts
from sandbox.session import Shown
from sandbox.slack.workspace import Seen
from sandbox.transcript import MOST_LINES, Transcript


def shown(text: str, *, number: int = 1, ephemeral: bool = False, **rest: Any) -> Shown:
    """A message of alice's in #ops."""
    message = {"text": text, **rest}
    seen = Seen(
        f"1.{number}", "alice", ephemeral, message, rest.get("thread_ts"), edited=False, files=[], fired=[]
    )
    return Shown(number, "C0OPS00001", seen, parts(message, {}))


@pytest.fixture
def screen() -> io.StringIO:
    """What was printed."""
    return io.StringIO()


@pytest.fixture
def transcript(screen: io.StringIO) -> Transcript:
    """A transcript on a terminal of 80 columns."""
    return Transcript(Console(file=screen, width=80, markup=False, emoji=False))


def test_printed_once_in_each_form(transcript: Transcript, screen: io.StringIO) -> None:
    """A message is printed when it is new and when it has changed, and never otherwise."""
    assert transcript.news([shown("one"), shown("two", number=2)]) == 2
    assert transcript.news([shown("one"), shown("two", number=2)]) == 0
    assert transcript.news([shown("uno"), shown("two", number=2)]) == 1
    assert screen.getvalue().count("two") == 1
    assert "1 alice  now\n    uno" in screen.getvalue()


def test_another_reader_is_no_news(transcript: Transcript, screen: io.StringIO) -> None:
    """A time of day that reads otherwise in another zone is not printed again; what is written anew is."""
    one = shown("until noon")
    transcript.news([one])
    elsewhere = replace(one, parts=parts({"text": "until six"}, {}))
    assert transcript.news([elsewhere]) == 0
    assert transcript.news([shown("until seven")]) == 1
    assert "until six" not in screen.getvalue()


def test_long_messages_are_cut(transcript: Transcript, screen: io.StringIO) -> None:
    """A long message is cut and says so; shown whole, it is not."""
    long = shown("\n".join(f"line {n}" for n in range(500)))
    transcript.news([long])
    assert "line 22" in screen.getvalue()
    assert f"… {500 - MOST_LINES + 1} more lines" in screen.getvalue()
    transcript.whole(long)
    assert "line 499" in screen.getvalue()


def test_replies_are_indented(transcript: Transcript, screen: io.StringIO) -> None:
    """A reply stands further right than its root, and what only one person sees is marked."""
    transcript.news([shown("root"), shown("reply", number=2, ephemeral=True, thread_ts="1.1")])
    assert "    root\n" in screen.getvalue()
    assert "    ↳  2 alice  only you can see this\n        reply\n" in screen.getvalue()


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        (":x: failed at 10:30:00", "❌ failed at 10:30:00"),
        ("`:x:` :nonsense:", ":x: :nonsense:"),
        ("a\n\nb", "a\n\nb"),
    ],
)
def test_emoji(source: str, seen: str) -> None:
    """Emoji codes are printed as emoji, but neither in code nor where there is no such emoji."""
    assert pictured(mrkdwn(source, {})[0]).plain == seen


@given(st.text(max_size=300))
def test_nothing_is_wider_than_the_terminal(text: str) -> None:
    """Whatever a message holds, no printed line is wider than 80 columns."""
    screen = io.StringIO()
    card = [
        {"type": "section", "text": {"type": "mrkdwn", "text": text}},
        {"type": "context", "elements": []},
    ]
    Transcript(Console(file=screen, width=80, markup=False)).news(
        [shown(text), shown("", number=2, blocks=card)]
    )
    assert all(Text(line).cell_len <= 80 for line in screen.getvalue().splitlines())
