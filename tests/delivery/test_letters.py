"""How messages become rows, and how fast Slack lets us speak."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.delivery import letters
from bot.delivery.pace import KEPT_FOR_NEWS, POST_EVERY_MS, UPDATE_BURST, UPDATES_PER_MINUTE, Pace
from bot.edges.store import Store
from bot.model import Attachment, Message
from tests.delivery.post_office import ALICE, DM, OPS, run, said

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(st.none() | st.booleans() | st.integers() | TEXT, st.lists, max_leaves=5)
BLOCKS = st.lists(st.dictionaries(TEXT, VALUES, max_size=3), max_size=3).map(tuple)
MESSAGES = st.builds(Message, TEXT, BLOCKS, st.none() | st.builds(Attachment, TEXT, TEXT, st.binary()))


@given(MESSAGES)
def test_a_message_survives_the_way_through_a_row(message: Message) -> None:
    """What is loaded is what was dumped, and dumping it again gives the same text."""
    text = letters.dump(message)
    assert letters.load(text) == message
    assert letters.dump(letters.load(text)) == text


@given(MESSAGES, MESSAGES)
def test_messages_that_differ_have_different_digests(one: Message, other: Message) -> None:
    """And equal ones the same."""
    same = letters.dump(one) == letters.dump(other)
    assert (letters.digest(letters.dump(one)) == letters.digest(letters.dump(other))) == same


def test_a_text_is_kept_as_it_always_was() -> None:
    """A file of text has no bytes in its row, so that rows of older versions are read as well."""
    text = letters.dump(Message("Hi", file=Attachment("a.log", "a line")))
    assert '"file":{"name":"a.log","text":"a line"}' in text


def test_the_order_of_keys_does_not_make_another_message() -> None:
    """A card drawn by another version of the code is not edited for nothing."""
    assert letters.dump(Message("x", ({"a": 1, "b": 2},))) == letters.dump(Message("x", ({"b": 2, "a": 1},)))


def test_an_answer_is_put_once(store: Store) -> None:
    """A request that is done again after a crash does not answer twice."""
    with store.write() as tx:
        for text in ("first", "second"):
            letters.answer(tx, "k", said(text, "log"), person=ALICE, place=OPS, now=1)
        assert letters.load(tx.outbox.get("k").body).text == "first"  # type: ignore[union-attr]  # it is there
        assert [one.id for one in tx.outbox.heads(1, (), 9)] == ["k"]


def test_a_courtesy_has_an_id_of_its_own(store: Store) -> None:
    """So that the answer can strike it out; it is due at its time and not before."""
    with store.write() as tx:
        letters.courtesy(tx, "k", said("soon"), person=ALICE, place=DM, at=2_000, now=1)
        assert tx.outbox.heads(1_999, (), 9) == []
        (letter,) = tx.outbox.heads(2_000, (), 9)
        assert (letter.id, letter.kind) == (letters.courtesy_id("k"), "post")


def test_a_reply_to_a_run_in_a_thread_needs_no_card(store: Store) -> None:
    """It goes to the thread where it was asked."""
    with store.write() as tx:
        letters.in_thread(tx, "a", said("a"), run(place=type(OPS)("C1", "17.1")), 1)
        letters.in_thread(tx, "b", said("b"), run("r2"), 1)
        assert tx.outbox.get("a").under == ""  # type: ignore[union-attr]  # it is there
        assert tx.outbox.get("b").under == "r2"  # type: ignore[union-attr]  # it is there


def test_one_channel_waits_and_another_does_not() -> None:
    """About a message a second for each channel."""
    pace = Pace()
    assert pace.post_at("C1") == 0
    pace.posted("C1", 10_000)
    assert pace.post_at("C1") == 10_000 + POST_EVERY_MS
    assert pace.post_at("C2") == 0


def test_the_same_channel_told_twice_is_no_storm() -> None:
    """Only a second channel within five seconds means the method."""
    pace = Pace()
    pace.told_to_wait("post", "C1", 1_000, 31_000)
    pace.told_to_wait("post", "C1", 2_000, 32_000)
    assert pace.post_at("C2") == 0
    pace.told_to_wait("post", "C2", 60_000, 90_000)
    assert pace.post_at("C3") == 0
    pace.told_to_wait("post", "C3", 64_000, 94_000)
    assert pace.post_at("C4") == 94_000


def test_edits_refill_with_the_clock_and_not_beyond_the_burst() -> None:
    """A clock that is set back refills nothing and breaks nothing."""
    pace = Pace()
    for _ in range(UPDATE_BURST):
        assert pace.update_at(100_000) == 0
        pace.updated(100_000)
    wait = pace.update_at(100_000) - 100_000
    assert 0 < wait <= 60_000 / UPDATES_PER_MINUTE + 1
    assert pace.update_at(50_000) > 50_000
    assert pace.update_at(10_000_000) == 0
    for _ in range(UPDATE_BURST):
        pace.updated(10_000_000)
    assert pace.update_at(10_000_000) > 10_000_000


def test_some_edits_are_kept_for_changes_of_state() -> None:
    """When cards that only show time passing have used up their share, what is news still goes."""
    pace = Pace()
    for _ in range(UPDATE_BURST - KEPT_FOR_NEWS):
        assert pace.update_at(100_000, news=False) == 0
        pace.updated(100_000)
    assert pace.update_at(100_000, news=False) > 100_000
    assert pace.update_at(100_000) == 0
