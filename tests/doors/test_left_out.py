"""A word that was left out is asked for with a select, and the command goes on with what was picked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import asides, words
from bot.command import Request
from bot.deeds import Permit
from bot.doors.picking import answered, context, kept
from bot.edges.store import Store
from bot.errors import LeftOut
from bot.model import PICK_GIVEN, Message, Option
from tests.doors.asking import Bench, bench

OPTIONS = (Option("staging", "staging"), Option("A long name", "name with blanks", "hint"))


@contextmanager
def asking(store: Store, **how: Any) -> Iterator[Bench]:
    """A desk where `act` asks for its word."""
    with bench(store) as (desk, _):

        def act() -> Message:
            request = desk.asked[-1]
            assert isinstance(request, Request)
            if not request.words:
                raise LeftOut("Which one?", before="act", **({"options": OPTIONS} | how))
            return Message(f"Done with {request.words[0].text}.")

        desk.act = act
        yield desk


def select(message: Message) -> tuple[str, dict[str, Any]]:
    """The select of a question, and the id of the block it stands in."""
    (block,) = [one for one in message.blocks if one["type"] == "actions"]
    (element,) = block["elements"]
    return block["block_id"], element


def test_it_is_asked_with_what_there_is(store: Store) -> None:
    """The question, and a select of the options that came along."""
    with asking(store) as desk:
        desk.slash("act")
        block, element = select(desk.answer())
        assert "Which one?" in desk.answer().text
        assert (block, element["action_id"], element["type"]) == ("k1.pick", PICK_GIVEN, "static_select")
        assert [one["value"] for one in element["options"]] == ["staging", "name with blanks"]


def test_it_is_asked_with_typeahead_where_there_is_much(store: Store) -> None:
    """With a source the options come while somebody types."""
    with asking(store, options=(), source="thing") as desk:
        desk.slash("act")
        _, element = select(desk.answer())
        assert (element["action_id"], element["type"]) == ("pick.thing", "external_select")


def test_without_anything_to_pick_the_sentence_stands_alone(store: Store) -> None:
    """Slack takes no empty select."""
    with asking(store, options=()) as desk:
        desk.slash("act")
        assert all(one["type"] != "actions" for one in desk.answer().blocks)


@pytest.mark.parametrize("value", ["staging", "name with blanks"])
def test_what_is_picked_is_one_word_of_the_command(store: Store, value: str) -> None:
    """However it is written; the answer goes to who picked."""
    with asking(store) as desk:
        desk.slash("act")
        desk.click(PICK_GIVEN, value, block="k1.pick")
        assert desk.answer("c1").text == f"Done with {value}."


def test_what_is_picked_twice_is_the_same_request(store: Store) -> None:
    """The key of the request is made of the question and of what was picked, so that nothing is done twice."""
    with asking(store) as desk:
        desk.slash("act")
        for number, value in enumerate(("staging", "staging", "name with blanks")):
            desk.click(PICK_GIVEN, value, f"c{number}", block="k1.pick")
        first, again, other = [one.key for one in desk.asked[1:]]
        assert first == again != other
        assert re.fullmatch("offer:k1.pick=[0-9a-f]{16}:U0ALICE001", first), (
            "whatever a name holds, the key is plain"
        )


@pytest.mark.parametrize(
    "value", ["--dry-run", "--override", "--reason", "--", "&lt;x&gt;", "<!channel>", "a\u200bb"]
)
def test_what_is_picked_is_what_was_shown(store: Store, value: str) -> None:
    """GitLab has names that look like our options, or like Slack's marks: picked, they are names."""
    with asking(store, options=(Option("It", value),)) as desk:
        desk.slash("act")
        desk.click(PICK_GIVEN, value, block="k1.pick")
        assert desk.answer("c1").text == f"Done with {value}."
        request = desk.asked[-1]
        assert isinstance(request, Request)
        line, permit = asides.read(request.line, request.verbs)
        assert ([word.text for word in line.words], permit) == ([value], Permit())


def test_a_suggestion_is_no_question(store: Store) -> None:
    """A forged block that has the id of a suggested command is answered with a sentence."""
    with asking(store) as desk:
        with store.write() as tx:
            tx.offers.put("k9.0", "act staging", desk.time)
        desk.click(PICK_GIVEN, "staging", block="k9.0")
        assert "no question" in desk.answer("c1").text


def test_the_trigger_of_the_pick_opens_what_comes_next(store: Store) -> None:
    """A command that goes on with a form has a fresh one."""
    with asking(store) as desk:
        desk.slash("act")
        desk.click(PICK_GIVEN, "staging", block="k1.pick", trigger="7.1")
        request = desk.asked[-1]
        assert isinstance(request, Request)
        assert request.trigger == "7.1"


@pytest.mark.parametrize(("block", "value"), [("gone", "staging"), ("k1.pick", "")])
def test_a_question_that_is_forgotten_is_not_answered(store: Store, block: str, value: str) -> None:
    """Nothing is done, and the asker is told to type it again."""
    with asking(store) as desk:
        desk.slash("act")
        desk.click(PICK_GIVEN, value, block=block)
        assert "too old" in desk.answer("c1").text
        assert len(desk.asked) == 1


text = st.text(alphabet=st.characters(blacklist_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Zs"]), min_size=1)


@given(text, st.text())
def test_whatever_is_picked_arrives_as_one_word(value: str, about: str) -> None:
    """Quotes, backslashes and dashes in it change nothing of the command around it."""
    question = kept(LeftOut(before="shop run", after="now", context=about))
    cleaned = words.clean(value)
    line = words.read(answered(question, cleaned), {"run"})
    assert (line.project, line.verb) == ("shop", "run")
    assert [word.text for word in line.words][-1] == "now"
    assert context(question) == about
