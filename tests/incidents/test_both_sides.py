"""Whatever people do to an incident on both sides, in whatever order, in the end both sides say the same."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from random import Random

import pytest

from bot.incident import State
from bot.incidents import states
from bot.incidents.held import holding
from bot.incidents.life import LACKS_STATUS
from bot.incidents.rules import STRANGER
from tests.incidents.stage import Stage

LABELS = sorted(set(states.LABELS.values()))
STEPS, ROUNDS = 30, 6


def acts(stage: Stage, chance: Random) -> list[Callable[[], object]]:
    """What people may do next, and what the bot does meanwhile."""
    name, state = chance.choice(("alice", "bob")), chance.choice(list(State)).value
    severity, status = chance.randint(1, 4), chance.choice(("triggered", "acknowledged", "resolved"))
    number = f"#{stage.iid}"
    in_slack = [
        lambda: stage.change("state", state, name=name, reason="because it is so"),
        lambda: stage.change("severity", str(severity), name=name),
        lambda: stage.change("commander", f"{stage.person(name).team}/{stage.person(name).id}", name=name),
    ]
    in_gitlab = [
        lambda: stage.act(f"label {number} +Incident::{chance.choice(LABELS)}", name),
        lambda: stage.act(f"severity {number} S{severity}", name),
        lambda: stage.act(f"status {number} {status}", name),
        lambda: stage.act(f"assign {number} {chance.choice(('alice', 'bob', 'carol'))}", "alice"),
        lambda: stage.act(f"unassign {number}", "alice"), lambda: stage.act(f"close {number}", name),
        lambda: stage.act(f"reopen {number}", name),
    ]  # fmt: skip
    return [*in_slack, *in_gitlab, stage.look, stage.look, stage.settle, stage.settle]


@pytest.mark.parametrize("seed", range(30))
def test_in_the_end_both_sides_say_the_same(stage: Stage, seed: int) -> None:
    """One label, the same severity, status and assignee, open where it has to be; and then nothing moves any more."""
    chance = Random(seed)
    stage.begin(severity=chance.randint(1, 4))
    done = []
    for _ in range(STEPS):
        stage.floor.clock.pass_(chance.choice((0.2, 3, 40)))
        with suppress(Exception):  # What is refused is refused on both sides.
            done.append(chance.choice(acts(stage, chance))())
    for _ in range(ROUNDS):
        stage.settle(70)
        stage.look()
    _check(stage)
    quiet, updated = stage.incident, stage.in_gitlab().updated_at
    stage.settle(70)
    assert (stage.look(), stage.in_gitlab().updated_at) == (quiet, updated)


def _check(stage: Stage) -> None:
    one, issue = stage.incident, stage.in_gitlab()
    assert stage.labels() == [states.label("Incident", one.state)]
    assert (issue.state == "opened") is states.wants_open(one, 2)
    severity, status = stage.facts()
    assert severity == holding.severity_name(one)
    # A commander who is a Reporter cannot set the status; then the label says it alone.
    assert status == one.escalation.lower() or stage.fact(LACKS_STATUS) is not None
    if one.commander_name.startswith(STRANGER):
        assert stage.assignees() == [one.commander_name.removeprefix(STRANGER)]
    else:
        assert stage.assignees() == ([one.commander_name.lower()] if one.commander else [])
    known = [at for name in states.TIMES if (at := getattr(one, name)) is not None]
    assert known == sorted(known)
