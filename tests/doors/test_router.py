"""The router: from words and clicks to the command, and its answer to the one who asked."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from bot.command import Click, Request
from bot.edges.store import Store
from bot.model import OFFER, Message, Person, Place
from tests.doors.asking import NOW, Bench, bench

ALICE = Person("T0ACME0001", "U0ALICE001")


@pytest.fixture
def desk(store: Store) -> Iterator[Bench]:
    with bench(store) as (desk, _):
        yield desk


def the(desk: Bench) -> Request:
    """The one request that reached a command."""
    (request,) = desk.asked
    assert isinstance(request, Request)
    return request


def pressed(desk: Bench) -> Click:
    """The one click that reached a button."""
    (click,) = desk.asked
    assert isinstance(click, Click)
    return click


def buttons(message: Message) -> list[tuple[str, str, str]]:
    """Label, action id and value of every button in a message."""
    actions = [block for block in message.blocks if block["type"] == "actions"]
    return [
        (one["text"]["text"], one["action_id"], one["value"]) for each in actions for one in each["elements"]
    ]


def test_a_slash_command_reaches_its_command_and_the_asker(desk: Bench) -> None:
    """The command gets the words as typed; the answer is a whisper in that channel; the request is done."""
    desk.slash("run hello  World")
    request = the(desk)
    assert (request.key, request.person, request.name, request.place) == (
        "k1",
        ALICE,
        "alice",
        Place("C0OPS00001"),
    )
    assert (request.verb, request.project, request.prefix) == ("run", None, "/gitlab ")
    assert request.line.after(0) == "hello  World"
    assert request.verbs == {"help", "run", "go", "act", "refuse"}
    letter = desk.letter()
    assert letter is not None
    assert (letter.kind, letter.place, letter.person) == ("whisper", Place("C0OPS00001"), "U0ALICE001")
    assert desk.answer().text == "run: hello  World"
    assert desk.open_requests() == 0
    assert desk.delivered


def test_a_verb_may_be_a_command_of_its_own(desk: Bench) -> None:
    """`/run hello` is `/gitlab run hello`."""
    desk.slash("hello", command="/run")
    assert (the(desk).verb, the(desk).line.after(0), the(desk).prefix) == ("run", "hello", "/")


def test_an_alias_is_as_good(desk: Bench) -> None:
    """The command sees the word that was typed."""
    desk.slash("go hello")
    assert the(desk).verb == "go"


def test_a_project_may_stand_first(desk: Bench) -> None:
    """The first word is a project when the second one is a verb."""
    desk.slash("acme/shop run hello")
    assert (the(desk).project, the(desk).line.after(0)) == ("acme/shop", "hello")


def test_a_direct_message_is_answered_there(desk: Bench) -> None:
    """By an ordinary message, in the thread where it was asked; the name is Slack's display name."""
    desk.dm("run hello", thread="17.5")
    assert (the(desk).name, the(desk).prefix, the(desk).place) == ("Alice", "", Place("D0ALICEBOT", "17.5"))
    letter = desk.letter()
    assert letter is not None
    assert (letter.kind, letter.place) == ("post", Place("D0ALICEBOT", "17.5"))


def test_a_mention_is_answered_in_its_thread(desk: Bench) -> None:
    """The mention itself is no word of the command."""
    desk.mention("<@U0OPSBOT01> run <@U0BOB00001> hello", thread="17.5")
    assert the(desk).line.after(0).endswith("hello")
    assert the(desk).prefix == "@Signalbox "
    letter = desk.letter()
    assert letter is not None
    assert (letter.kind, letter.place) == ("whisper", Place("C0OPS00001", "17.5"))


@pytest.mark.parametrize("text", ["<@U0OPSBOT01>", "  <@U0OPSBOT01>  ", "<@U0OPSBOT01> \n"])
def test_a_bare_mention_asks_for_help(desk: Bench, text: str) -> None:
    """Somebody who only calls the bot wants to know what it can do."""
    desk.mention(text)
    assert desk.answer().text == "Here is help."


def test_nothing_typed_asks_for_help(desk: Bench) -> None:
    """In a slash command and in a direct message, too."""
    desk.slash("", "k1")
    desk.dm("  ", "k2")
    assert [desk.answer(key).text for key in ("k1", "k2")] == ["Here is help."] * 2


@pytest.mark.parametrize("text", ["ask <@U0OPSBOT01> about it", "thanks to <@U0OPSBOT01> for everything",
                                  'a 5" screen for <@U0OPSBOT01>', '"<@U0OPSBOT01>'])  # fmt: skip
def test_prose_about_the_bot_is_left_alone(desk: Bench, text: str) -> None:
    """Somebody who speaks about the bot hears nothing, not even about their quotes; the request is done."""
    desk.mention(text)
    assert desk.asked == []
    assert desk.letter() is None
    assert desk.open_requests() == 0


def test_a_command_begins_where_the_bot_is_spoken_to(desk: Bench) -> None:
    """What stands before the mention is for people; the words after it are the command."""
    desk.mention("please <@U0OPSBOT01> help")
    assert desk.answer().text == "Here is help."


@pytest.mark.parametrize("text", ["<@U0OPSBOT01>, run hello", "hey <@U0OPSBOT01>: run hello"])
def test_a_comma_after_the_name_is_no_word(desk: Bench, text: str) -> None:
    """People write to the bot as they write to people."""
    desk.mention(text)
    assert the(desk).line.after(0) == "hello"


def test_the_name_of_the_bot_is_a_word_in_a_direct_message(desk: Bench) -> None:
    """In front it is left out; further on it is what was typed."""
    desk.dm("<@U0OPSBOT01> run hello")
    assert the(desk).line.after(0) == "hello"
    desk.asked.clear()
    desk.dm("run say hello to <@U0OPSBOT01>", "k2")
    assert the(desk).line.after(0).startswith("say hello to ")


def test_an_unknown_verb_is_answered_with_a_button_that_works(desk: Bench) -> None:
    """The suggestion keeps what followed the wrong word, and pressing it does just that, as the presser."""
    desk.slash("rnu hello World")
    answer = desk.answer()
    assert "I don't know `rnu`" in answer.text
    assert "`/gitlab run hello World`" in answer.text
    label, action, value = buttons(answer)[0]
    assert label == "run hello World"
    assert action.startswith(OFFER)
    assert desk.asked == []
    desk.click(action, value, person="U0BOB00001", name="bob")
    assert (the(desk).person, the(desk).name) == (Person("T0ACME0001", "U0BOB00001"), "bob")
    assert (the(desk).key, the(desk).verb, the(desk).line.after(0)) == (
        "offer:k1.0:U0BOB00001",
        "run",
        "hello World",
    )
    assert desk.answer("c1").text == "run: hello World"


@pytest.mark.parametrize(("ask", "shown"), [
    ("slash", "`/gitlab help`"), ("dm", "`help`"), ("mention", "`@Signalbox help`"),
])  # fmt: skip
def test_an_unknown_word_says_how_to_get_help_here(desk: Bench, ask: str, shown: str) -> None:
    """In the words that work where it was typed."""
    text = "<@U0OPSBOT01> zzzzzzzz" if ask == "mention" else "zzzzzzzz"
    getattr(desk, ask)(text)
    assert shown in desk.answer().text
    assert buttons(desk.answer()) == []


def test_an_unknown_command_of_its_own_names_the_main_one(desk: Bench) -> None:
    """`/frob` may be registered by somebody else's manifest; `/help` would not be ours."""
    desk.slash("x", command="/frob")
    assert "`/gitlab help`" in desk.answer().text


def test_a_suggestion_that_is_gone_says_so(desk: Bench) -> None:
    """An old button, or one whose command is no longer understood, asks for the words instead."""
    desk.click(f"{OFFER}.0", "forgotten")
    assert "too old" in desk.answer("c1").text
    with desk.store.write() as tx:
        tx.offers.put("strange", "frobnicate it", NOW)
    desk.click(f"{OFFER}.0", "strange", "c2")
    assert "no longer understand" in desk.answer("c2").text


@pytest.mark.parametrize("action", ["run.press", "run.press.7"])
def test_a_button_reaches_its_command(desk: Bench, action: str) -> None:
    """By its action id, numbered or not; the answer to a click on a message is whispered in the channel."""
    desk.click(action, "run-1")
    click = pressed(desk)
    assert (click.key, click.person, click.value, click.thread) == ("c1", ALICE, "run-1", "17.1")
    letter = desk.letter("c1")
    assert letter is not None
    assert (letter.kind, letter.place) == ("whisper", Place("C0OPS00001"))


def test_a_click_in_a_thread_is_answered_there(desk: Bench) -> None:
    """Where the eyes are."""
    desk.click("run.press", thread="17.0")
    assert pressed(desk).thread == "17.0"
    letter = desk.letter("c1")
    assert letter is not None
    assert letter.place == Place("C0OPS00001", "17.0")


def test_a_button_of_another_version_says_so(desk: Bench) -> None:
    """Nobody presses into the void."""
    desk.click("frob.nicate")
    assert "I don't know this button any more" in desk.answer("c1").text
    assert desk.asked == []


def test_a_command_that_answers_by_its_card_whispers_nothing(desk: Bench) -> None:
    """None is no answer; the request is done all the same."""
    desk.act = lambda: None
    desk.slash("act")
    assert desk.letter() is None
    assert desk.open_requests() == 0


def test_a_whole_answer_is_kept_as_json(desk: Bench) -> None:
    """Blocks survive the way through the outbox."""
    blocks = ({"type": "divider"},)
    desk.act = lambda: Message("Hm", blocks)
    desk.slash("act")
    letter = desk.letter()
    assert letter is not None
    assert json.loads(letter.body)["blocks"] == list(blocks)
