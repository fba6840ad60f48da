"""What is resolved and needs no review comes to its end by itself."""

from __future__ import annotations

import pytest

from bot.incident import Incident, State
from commands import incident as command
from tests.incidents.stage import Stage

HOUR = 3_600


def later(stage: Stage, hours: int) -> Incident:
    """Some hours pass, and the clock ticks."""
    stage.floor.clock.pass_(hours * HOUR)
    command.tick(stage.kit)
    return stage.incident


@pytest.mark.parametrize("severity", [3, 4])
def test_what_needs_no_review_is_closed_a_day_later(stage: Stage, severity: int) -> None:
    """The room is told once, and its end counts from then."""
    stage.begin(severity=severity)
    stage.change("state", "resolved")
    assert later(stage, 23).state is State.RESOLVED
    one = later(stage, 1)
    assert (one.state, one.closed_at) == (State.CLOSED, stage.kit.now())
    assert stage.said()[-1] == "Signalbox set it to Closed: resolved for a day, and no review is due"
    assert later(stage, 1) == one


def test_what_needs_a_review_waits_for_it(stage: Stage) -> None:
    """So does one that burns again."""
    stage.begin(severity=2)
    stage.change("state", "resolved")
    assert later(stage, 48).state is State.RESOLVED
    stage.change("severity", "3", origin="gitlab")
    stage.change("state", "investigating", reason="it is slow again")
    assert later(stage, 48).state is State.INVESTIGATING
