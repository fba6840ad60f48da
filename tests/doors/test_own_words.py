"""Own words at the door: typed, suggested, offered and echoed."""

from __future__ import annotations

from bot.command import Request
from bot.edges.store import Store
from bot.own import OwnWord
from tests.doors.asking import ALICE, BOT, Bench, bench
from tests.jobs.seen import buttons, shown


def keep(stage: Bench, name: str, line: str) -> None:
    with stage.store.write() as tx:
        tx.own_words.put(ALICE["team"], ALICE["person"], OwnWord(name, line, "person"), 1)


def asked(stage: Bench) -> Request:
    (request,) = stage.asked
    assert isinstance(request, Request)
    return request


def test_a_word_does_its_command(store: Store) -> None:
    """Typed in a slash command, a message or behind a mention, it is the command, with what follows."""
    with bench(store) as (stage, _):
        keep(stage, "d", "run hello")
        stage.slash("d  World", "k1")
        stage.dm("D World", "k2")
        stage.mention(f"<@{BOT}> d World", "k3")
        read = [(one.verb, one.line.after(0)) for one in stage.asked if isinstance(one, Request)]
        assert read == [("run", "hello  World"), ("run", "hello World"), ("run", "hello World")]


def test_somebody_only_spoken_of_does_nothing(store: Store) -> None:
    """A word behind a mention in the middle of a sentence is part of the sentence."""
    with bench(store) as (stage, _):
        keep(stage, "d", "run hello")
        stage.mention(f"I asked <@{BOT}> d World")
        assert stage.asked == []
        assert stage.letter() is None


def test_options_beside_a_word(store: Store) -> None:
    """What is said beside a command may stand behind a word, too."""
    with bench(store, changes=("run",)) as (stage, _):
        keep(stage, "d", "run hello")
        stage.slash("d World --dry-run")
        assert asked(stage).permit.dry_run
        assert asked(stage).line.after(0) == "hello World"


def test_a_word_is_suggested_and_offered(store: Store) -> None:
    """A word that is nearly one is offered, and the button does what it stands for."""
    with bench(store) as (stage, _):
        keep(stage, "nightly", "run hello")
        stage.slash("nigthly World")
        assert buttons(stage.answer()) == ["nightly World"]
        stage.click("offer.try.0", "k1.0")
        assert asked(stage).line.after(0) == "hello World"


def test_an_error_tells_what_a_word_stands_for(store: Store) -> None:
    """Beside what was typed stands what was read, since a person would wonder."""
    with bench(store) as (stage, _):
        keep(stage, "d", "refuse it")
        stage.slash("d now")
        assert "You typed: d now (d is refuse it)" in shown(stage.answer())


def test_a_verb_is_no_word(store: Store) -> None:
    """Whatever stands in the store, a command is that command."""
    with bench(store) as (stage, _):
        keep(stage, "run", "help")
        stage.slash("run hello")
        assert asked(stage).verb == "run"
