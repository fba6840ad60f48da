"""How what recurs went: what is told, what counts, and when it stops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from blocks import voice
from bot.deeds import Deed, Halted, Mark, Step, Verdict
from bot.errors import (
    BotError,
    GitLabBusy,
    GitLabSaidNo,
    GitLabUnreachable,
    LinkLost,
    NotFound,
    NotLinked,
    NotUnderstood,
    Refused,
    SlackBusy,
)
from bot.model import Message, Place, RunState
from bot.own import Recurring
from bot.personal import outcomes
from bot.personal.outcomes import MOST_HALTS, Came, Tried
from tests.jobs.seen import buttons, shown
from tests.jobs.stage import OPS, PEOPLE, Stage, stage_at

ALICE, HERE, DM = PEOPLE["alice"], Place(OPS), Place("D0ALICEBOT")
ONE = Recurring("r1", 1, ALICE, "alice", HERE, "run x", "hour", 0, 10**14, 0)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with stage_at(tmp_path, "http://127.0.0.1:9") as stage:
        yield stage


def keep(stage: Stage, **changes: Any) -> None:
    with stage.store.write() as tx:
        assert tx.recurring.add(replace(ONE, **changes))


def now(stage: Stage) -> Recurring:
    with stage.store.read() as tx:
        found = tx.recurring.get("r1")
    assert found is not None
    return found


def settle(
    stage: Stage, came: Came, said: str = "No.", answer: str = "Answer.", key: str = "k"
) -> Message | None:
    with stage.store.write() as tx:
        tried = Tried("r1", key, came, "" if came is Came.DONE else said)
        return outcomes.settle(stage.kit, tx, voice, tried, Message(answer) if answer else None, DM)


def halted(name: str, mark: Mark = Mark.STOP, *, passing: bool = False) -> Halted:
    return Halted(Verdict(Deed(("run",), ALICE, OPS), (Step(name, mark, "No.", passing=passing),)))


# How it came ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trouble", "came"),
    [
        (None, Came.DONE),
        (GitLabUnreachable(), Came.PASSED),
        (GitLabBusy(), Came.PASSED),
        (SlackBusy(), Came.PASSED),
        (halted("freeze", passing=True), Came.PASSED),
        (halted("freeze"), Came.HALTED),
        (halted("confirmation", Mark.ASK), Came.HALTED),
        (halted("approval", Mark.ASK), Came.HALTED),
        (halted("rules"), Came.ENDED),
        (halted("rules", passing=True), Came.PASSED),
        (halted("person"), Came.ENDED),
        (NotLinked(), Came.ENDED),
        (LinkLost(), Came.ENDED),
        (GitLabSaidNo(status=403), Came.ENDED),
        (GitLabSaidNo(status=400), Came.HALTED),
        (NotFound(status=404), Came.HALTED),
        (NotUnderstood(), Came.HALTED),
        (Refused(), Came.HALTED),
        (BotError(), Came.HALTED),
    ],
)  # fmt: skip
def test_what_each_trouble_means(stage: Stage, trouble: BotError | None, came: Came) -> None:
    """What passes by itself counts for nothing, a right that is gone ends it, and the rest is its owner's to mend."""
    assert outcomes.tried(stage.kit, "r1", "k", ALICE, HERE, trouble).came is came


def test_a_secret_is_not_repeated(stage: Stage) -> None:
    """What is kept of a trouble holds no secret."""
    assert outcomes.tried(stage.kit, "r1", "k", ALICE, HERE, BotError("a canary")).said == "a *"


# What is told -----------------------------------------------------------------------------------------------


def test_done(stage: Stage) -> None:
    """It is written down, nobody is told but by the answer, and what went wrong before counts no more."""
    keep(stage, halts=2, last_said="No.")
    answer = settle(stage, Came.DONE)
    assert "From `run x` every hour in <#C0OPS00001>" in shown(answer)
    assert shown(answer).startswith("Answer.")
    one = now(stage)
    assert (one.halts, one.last_said, one.last_key, one.last_at) == (0, "", "k", stage.clock.now)
    assert stage.letter("k.missed") is None
    assert settle(stage, Came.DONE, answer="") is None


def test_halted(stage: Stage) -> None:
    """Its place hears that it does not come, without the reason; its owner hears that; it goes on."""
    keep(stage)
    assert "Answer." in shown(settle(stage, Came.HALTED))
    told = shown(stage.letter("k.missed"))
    assert told == "`run x` every hour, which alice has me do here, was not done this time. alice hears why."
    assert (now(stage).halts, now(stage).state, now(stage).last_said) == (1, "on", "No.")
    assert stage.letter("k.stopped") is None


def test_several_in_a_row(stage: Stage) -> None:
    """After some in a row it pauses, its owner hears so, and has a button to let it go on."""
    keep(stage)
    for number in range(MOST_HALTS):
        assert now(stage).state == "on"
        assert settle(stage, Came.HALTED, key=f"k{number}") is not None
    assert (now(stage).state, now(stage).why) == ("paused", "No.")
    told = stage.letter(f"k{MOST_HALTS - 1}.stopped")
    assert shown(told).startswith("I paused `run x` every hour: No.")
    assert buttons(told) == ["Resume", "Remove"]


def test_what_passes_counts_for_nothing(stage: Stage) -> None:
    """However often GitLab does not answer, it goes on."""
    keep(stage)
    for number in range(MOST_HALTS + 1):
        settle(stage, Came.PASSED, key=f"k{number}")
    assert (now(stage).state, now(stage).halts) == ("on", 0)
    assert stage.letter("k0.missed") is not None


def test_its_end(stage: Stage) -> None:
    """Without a right it stops at once, and its owner hears it once."""
    keep(stage)
    assert settle(stage, Came.ENDED) is None
    assert (now(stage).state, now(stage).why) == ("paused", "No.")
    assert stage.letter("k.stopped") is not None
    assert stage.letter("k.missed") is not None


def test_out_of_bounds(stage: Stage) -> None:
    """Where nothing is done any more, nothing is said."""
    keep(stage)
    settle(stage, Came.SHUT_OUT)
    assert stage.letter("k.missed") is None
    assert stage.letter("k.stopped") is not None


def test_in_direct_messages(stage: Stage) -> None:
    """There is nobody else to tell."""
    keep(stage, place=DM)
    assert "From `run x` every hour; `every` lists" in shown(settle(stage, Came.HALTED))
    assert stage.letter("k.missed") is None


def test_what_was_paused_meanwhile(stage: Stage) -> None:
    """Asked for besides and refused, it stays paused as it was, and nobody hears of a pause."""
    keep(stage, state="paused", why="", halts=MOST_HALTS)
    settle(stage, Came.HALTED)
    assert (now(stage).state, now(stage).why) == ("paused", "")
    assert stage.letter("k.stopped") is None


def test_what_was_taken_away_meanwhile(stage: Stage) -> None:
    """Its last answer is told as it is."""
    assert settle(stage, Came.HALTED) == Message("Answer.")


def test_a_run_that_gitlab_refused(stage: Stage) -> None:
    """Its card says it, so that its place hears no more; in a row it counts."""
    keep(stage)
    stage.intend("x", source="k", state=RunState.REFUSED, problem="GitLab said no.")
    settle(stage, Came.DONE)
    assert (now(stage).halts, now(stage).last_said) == (1, "GitLab said no.")
    assert stage.letter("k.missed") is None
