"""How many runs may be open at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.access import limits
from bot.deeds import Deed, Mark
from bot.model import OPEN_STATES, Run, RunState
from bot.policy import Limits, Policy
from tests.jobs.stage import OPS, PEOPLE, Stage, stage_at


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A bot that lets a person have two open runs, and a project three."""
    with stage_at(tmp_path, "http://127.0.0.1:9") as stage:
        yield limited(stage, 2, 3)


def limited(stage: Stage, person: int, project: int) -> Stage:
    most = Limits(open_runs_per_person=person, open_runs_per_project=project)
    return stage.with_kit(config=replace(stage.kit.config, policy=Policy(limits=most)))


def deed(*commands: str, name: str = "alice", project_id: int = 42) -> Deed:
    return Deed(commands or ("run",), PEOPLE[name], OPS, project="acme/shop", project_id=project_id)


def begin(stage: Stage, *names: str, state: RunState = RunState.RUNNING, project_id: int = 42) -> list[Run]:
    return [stage.intend(person=PEOPLE[name], state=state, project_id=project_id) for name in names]


def test_there_is_room(stage: Stage) -> None:
    """Below both limits nothing is in the way, and the ladder shows how far it is to them."""
    begin(stage, "alice", "bob")
    step = limits.step(stage.kit, deed())
    assert (step.name, step.mark) == ("limits", Mark.FINE)
    assert step.said == "Open runs: you have 1 of 2, acme/shop 2 of 3."


@pytest.mark.parametrize("state", OPEN_STATES)
def test_a_person_has_enough(stage: Stage, state: RunState) -> None:
    """Whoever has as many open runs as one may have starts no other one, wherever theirs are."""
    begin(stage, "alice", state=state)
    begin(stage, "alice", state=state, project_id=7)
    step = limits.step(stage.kit, deed("retry", "run"))
    assert step.mark is Mark.STOP
    assert step.said.startswith("You have 2 open runs, and one person may have 2 at once.")
    assert "`cancel`" in step.said
    assert limits.step(stage.kit, deed(name="bob")).mark is Mark.FINE


def test_a_project_has_enough(stage: Stage) -> None:
    """A project that is full takes no run of anybody; others do."""
    begin(stage, "alice", "bob", "carol")
    step = limits.step(stage.kit, deed(name="dave"))
    assert step.mark is Mark.STOP
    assert step.said.startswith("acme/shop has 3 open runs, and one project may have 3 at once.")
    assert limits.step(stage.kit, deed(name="dave", project_id=7)).mark is Mark.FINE


@pytest.mark.parametrize("state", [state for state in RunState if state not in OPEN_STATES])
def test_what_is_over_does_not_count(stage: Stage, state: RunState) -> None:
    """Only runs that somebody still looks after are counted."""
    begin(stage, "alice", "alice", "alice", state=state)
    assert limits.step(stage.kit, deed()).said == "Open runs: you have 0 of 2, acme/shop 0 of 3."


def test_a_held_run_is_not_in_its_own_way(stage: Stage) -> None:
    """A run that is released from waiting is looked at without itself."""
    held, _ = begin(stage, "alice", "alice", state=RunState.HELD)
    assert limits.step(stage.kit, deed()).mark is Mark.STOP
    assert limits.step(stage.kit, deed(), run=held.id).mark is Mark.FINE


def test_only_what_starts_a_run_is_limited(stage: Stage) -> None:
    """A lock, or a cancel, is possible with however many runs."""
    begin(stage, "alice", "alice", "alice")
    assert limits.step(stage.kit, deed("cancel")).mark is Mark.FINE


@pytest.mark.parametrize(
    ("person", "project", "said"),
    [
        (0, 0, "No limit of open runs applies."),
        (0, 9, "Open runs: you have 4, acme/shop 4 of 9."),
        (9, 0, "Open runs: you have 4 of 9, acme/shop 4."),
    ],
)
def test_zero_is_no_limit(stage: Stage, person: int, project: int, said: str) -> None:
    """A limit of zero holds nobody up."""
    begin(stage, *["alice"] * 4)
    step = limits.step(limited(stage, person, project).kit, deed())
    assert (step.mark, step.said) == (Mark.FINE, said)
