"""Managed blocks hold what they shall, and never cost a person a letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import markdown
from bot.incidents.crew import blocks_of
from bot.incidents.crew.blocks_of import Edited, get, put, remove
from sandbox.gitlab.quick_actions import extract

NAMES = st.sampled_from(["tasks", "links", "roles"])
#: What somebody writes who would like to break it.
HOSTILE = st.sampled_from(
    [
        "<!-- signalbox begin tasks 0123abcd -->", "<!-- signalbox end tasks -->", "<!-- signalbox end links -->",
        "<!-- signalbox begin tasks -->", "<!--", "-->", "/close", "```", "\n", "\n\n", "- [x] 1. Roll back", "\r\n",
    ]
)  # fmt: skip
TEXTS = st.lists(st.one_of(st.text(max_size=20), HOSTILE), max_size=8).map("".join)


def put_or_leave(text: str, name: str, body: str) -> str:
    """What the text becomes; one in which a person changed that block stays as it is."""
    try:
        return put(text, name, body)
    except Edited:
        return text


def outside(text: str) -> str:
    """The words of people in a text, without the blank lines that part a block from them."""
    for name in ("tasks", "links", "roles"):
        block = get(text, name)
        while block is not None and not block.is_edited:
            text = text[: block.start] + text[block.end :]
            block = get(text, name)
    return text.replace("\n", "")


@given(TEXTS, st.lists(st.tuples(NAMES, TEXTS), max_size=6))
def test_what_is_outside_stays_as_it_is(text: str, wishes: list[tuple[str, str]]) -> None:
    """Whatever people wrote, whatever is put, and in whatever order."""
    before = outside(text)
    for name, body in wishes:
        text = put_or_leave(text, name, body)
        assert outside(text) == before


@given(TEXTS, NAMES, TEXTS)
def test_a_block_holds_what_was_put_and_is_known_as_ours(text: str, name: str, body: str) -> None:
    """No body can end its block, begin another, or be taken for a person's."""
    try:
        text = put(text, name, body)
    except Edited:
        return
    block = get(text, name)
    if not blocks_of.harmless(body):
        assert block is None or not block.is_edited
        return
    assert block is not None
    assert block.body == blocks_of.harmless(body)
    assert not block.is_edited
    assert extract(block.body)[1] == ()


@given(TEXTS, NAMES, TEXTS)
def test_putting_it_again_changes_nothing(text: str, name: str, body: str) -> None:
    """Also of what was harmless already."""
    once = put_or_leave(text, name, body)
    assert put_or_leave(once, name, body) == once
    assert put_or_leave(once, name, blocks_of.harmless(body)) == once


@given(st.text(), TEXTS, TEXTS)
def test_what_comes_before_and_after_a_block_is_kept_to_the_byte(
    before: str, first: str, second: str
) -> None:
    """When the block is changed, and when it is taken away again."""
    if not before.strip() or "signalbox" in before or not blocks_of.harmless(first):
        return
    text = f"{put(before, 'tasks', first)}\n\nSeen by Bob. \r\n"
    changed = put_or_leave(text, "tasks", second)
    assert changed.startswith(before)
    assert changed.endswith("\n\nSeen by Bob. \r\n")
    assert remove(text, "tasks") == f"{before}\n\nSeen by Bob. \r\n"


def test_a_block_that_somebody_changed_is_theirs() -> None:
    """It is neither written over nor taken away; beside it others still are."""
    text = put(put("Checkout is down.", "links", "In Slack: #inc-4"), "tasks", "- [ ] 1. Roll back")
    text = text.replace("Roll back", "Roll back at once")
    with pytest.raises(Edited):
        put(text, "tasks", "- [ ] 1. Wait")
    with pytest.raises(Edited):
        remove(text, "tasks")
    assert "In Slack: #inc-5" in put(text, "links", "In Slack: #inc-5")


def test_ticking_a_box_is_no_edit() -> None:
    """Whoever ticks a task in GitLab wants it done, and the block to go on."""
    text = put("", "tasks", "- [ ] 1. Roll back\n- [ ] 2. Tell support")
    ticked = text.replace("- [ ] 2.", "- [x] 2.")
    block = get(ticked, "tasks")
    assert block is not None
    assert not block.is_edited
    assert put(ticked, "tasks", "- [x] 1. Roll back") == put(text, "tasks", "- [x] 1. Roll back")


def test_a_hidden_mark_stays_the_last_line() -> None:
    """By it the issue is known again."""
    text = put(markdown.marked("Checkout is down.", "i=i1 m=issue h=0123abcd"), "tasks", "- [ ] 1. Roll back")
    assert markdown.mark_of(text) == "i=i1 m=issue h=0123abcd"
    assert text.startswith("Checkout is down.\n\n<!-- signalbox begin tasks ")


def test_line_ends_of_windows_are_no_edit() -> None:
    """A browser may have sent them."""
    text = put("Checkout", "tasks", "- [ ] 1. Roll back\n- [ ] 2. Tell").replace("\n", "\r\n")
    assert put(text, "tasks", "- [ ] 1. Roll back\n- [ ] 2. Tell") == text


@given(TEXTS)
def test_no_line_of_a_disarmed_text_is_a_quick_action(text: str) -> None:
    """In code or not; and it reads the same."""
    disarmed = blocks_of.disarmed(text + "\n/close\n```\n/close\n```\n/assign me")
    assert extract(disarmed)[1] == ()
    assert blocks_of.disarmed(disarmed) == disarmed


def test_a_name_that_cannot_be_one_is_refused() -> None:
    """It would be a marker that nobody finds again."""
    for name in ("", "Tasks", "a b", "a-->", "x" * 50):
        with pytest.raises(ValueError, match="cannot be called"):
            put("", name, "text")
