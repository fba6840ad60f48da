"""What Slack's message box makes of what people type: lists, quotes, code, marks, emoji."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.mrkdwn import rich_text
from sandbox.slack.checks import Problems
from sandbox.slack.composer import composed
from sandbox.slack.keyboard import escaped
from sandbox.slack.richtext import check


def text(words: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": words, **({"style": style} if style else {})}


def section(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}


INLINE = {
    "plain": [text("plain")],
    "a *b* c": [text("a "), text("b", bold=True), text(" c")],
    "*_both_*": [text("both", bold=True, italic=True)],
    "~gone~ 2*3*4 snake_case_name": [text("gone", strike=True), text(" 2*3*4 snake_case_name")],
    "`*code* &lt;b&gt;`": [text("*code* <b>", code=True)],
    "at 12:30:45 :nosuchemoji:": [text("at 12:30:45 :nosuchemoji:")],
    ":tada: done": [{"type": "emoji", "name": "tada", "unicode": "1f389"}, text(" done")],
    "<@U0BOB00001> <#C0OPS00001|ops> <!here>": [
        {"type": "user", "user_id": "U0BOB00001"}, text(" "), {"type": "channel", "channel_id": "C0OPS00001"},
        text(" "), {"type": "broadcast", "range": "here"},
    ],
    "*<https://x.example/?a=1&amp;b=2|here>*": [
        {"type": "link", "url": "https://x.example/?a=1&b=2", "text": "here", "style": {"bold": True}}
    ],
}  # fmt: skip


@pytest.mark.parametrize(("typed", "elements"), INLINE.items())
def test_a_line(typed: str, elements: list[dict[str, Any]]) -> None:
    """Marks become styles, and mentions, links and emoji elements of their own; the text stays as typed."""
    made = composed(typed)
    assert made.elements == [section(*elements)]
    assert made.text == typed


def test_lists_quotes_and_code() -> None:
    """Each is a part of its own, and the text of the message has Slack's own signs for them."""
    typed = "Steps:\n- one\n- *two*\n  - deeper\n1. first\n2. second\n&gt; said\n&gt; twice\n```\na *b*\n  c\n```\nend"
    made = composed(typed)
    assert [(each["type"], each.get("style"), each.get("indent")) for each in made.elements] == [
        ("rich_text_section", None, None),
        ("rich_text_list", "bullet", 0),
        ("rich_text_list", "bullet", 1),
        ("rich_text_list", "ordered", 0),
        ("rich_text_quote", None, None),
        ("rich_text_preformatted", None, None),
        ("rich_text_section", None, None),
    ]
    assert made.elements[0]["elements"] == [text("Steps:\n")]
    assert made.elements[1]["elements"][1] == section(text("two", bold=True))
    assert made.elements[4]["elements"] == [text("said\ntwice")]
    assert made.elements[5]["elements"] == [text("a *b*\n  c")]
    assert made.text == (
        "Steps:\n• one\n• *two*\n    ◦ deeper\n1. first\n2. second\n&gt; said\n&gt; twice\n```a *b*\n  c```\nend"
    )


def test_what_is_no_list() -> None:
    """A dash without a blank, a number that is not the first, an empty item."""
    for typed in ("-x", "3. three", "- ", "--dry-run", "2026. a year"):
        assert composed(typed).elements == [section(text(typed))]


def test_an_emoji_is_its_name() -> None:
    """However it was typed, Slack sends its short name."""
    assert composed("🎉 done").text == ":tada: done"


@given(st.text(st.characters(exclude_categories=["C"], include_characters="\n")))
def test_any_text_is_rich_text_that_slack_takes(typed: str) -> None:
    """Whatever is typed, the block is one that Slack's own check lets pass."""
    made = composed(escaped(typed))
    problems = Problems()
    if made.elements:
        check(made.block(), "", problems)
    assert problems.found == []


@given(st.lists(st.text("abc xyz.,", min_size=1).map(str.strip).filter(bool), min_size=1))
def test_plain_lines_are_read_as_they_were_typed(lines: list[str]) -> None:
    """Words without marks come out as they went in."""
    typed = "\n".join(lines)
    assert rich_text(composed(typed).block(), {})[0].plain == typed
