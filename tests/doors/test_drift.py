"""A clock that is set back holds nothing up."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from bot.doors.drift import SET_BACK_MS, Drift
from sandbox.world import World
from tests.sandbox.slack_stage import until


@dataclass
class Moved:
    """A clock that goes with the stopwatch, and can be set."""

    by: int = 0

    def __call__(self) -> int:
        return int(time.monotonic() * 1000) + self.by


def test_only_a_clock_that_is_set_back_counts() -> None:
    """Small steps, and steps ahead, are left alone; each step back is told once."""
    clock, told = Moved(), list[str]()
    drift = Drift(clock, lambda: told.append("back"))
    drift.start()
    drift.stop()
    for by, told_now in ((-1_000, False), (3_600_000, False), (0, True), (0, False)):
        clock.by = by
        assert drift.compare() is told_now
    assert told == ["back"]
    assert SET_BACK_MS < 3_600_000


def test_an_hour_back_delays_no_run(tmp_path: Path) -> None:
    """A job that runs while the bot's clock is set back by an hour is told to its end all the same."""
    with World() as world:
        world.call(world.slack.slash("alice", "C0OPS00001", "/run", "slow 3"))
        until(lambda: world.gitlab.calls["POST /projects/:id/pipeline"] == 1)
        world.move_clock(-3600)
        until(lambda: any("Done after" in str(one.message) for one in world.seen("alice", "C0OPS00001")), 30)
