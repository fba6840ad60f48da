"""The work grows with the length of a text and nothing else, whoever wrote it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from bot.markdown import Nameless, from_slack, title, to_slack

PATTERNS = [
    "*a* ", "*a", "_", "`a", "```", "<", "<a|", "[", "](", "@a ", "\n/", "\n&gt; ", "\n- a", "    - a\n", "\\",
    "\n1. a", "https://a.b/( ", "x://", ":a", "|-|\n", "&#", "<b>", "<!--", "![x](y){", ">>>\n", "~~~\n", "_a_", " ",
    "é",
]  # fmt: skip
SIZE = 900


def steps(work: Callable[[str], object], text: str) -> int:
    """How many functions are called."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work(text)
    finally:
        sys.setprofile(before)
    return count


def from_blocks(text: str) -> str:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return from_slack("", [{"type": "rich_text", "elements": [section]}], names=Nameless())


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize(
    "work",
    [
        lambda text: from_slack(text, names=Nameless()),
        from_blocks,
        title,
        lambda text: to_slack(text, base="https://gitlab.example.com/a/b", limit=len(text)),
    ],
    ids=["mrkdwn", "blocks", "title", "markdown"],
)
def test_twice_the_text_is_twice_the_work(work: Callable[[str], object], pattern: str) -> None:
    """A text of twice the length takes at most about twice the steps."""
    one = steps(work, pattern * (SIZE // len(pattern)))
    two = steps(work, pattern * (2 * SIZE // len(pattern)))
    assert two < 2.5 * one + 1_000


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_longest_messages_are_read(pattern: str) -> None:
    """As much as five messages of Slack's hold comes to an end, whatever it is made of."""
    long = pattern * (20_000 // len(pattern))
    assert isinstance(from_slack(long, names=Nameless()), str)
    assert to_slack(long, base="", limit=3_000) is not None
