"""What the flow tests share: worlds with the real bot in them, several at a time."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from sandbox.scenario import run_script
from sandbox.script import read_file
from sandbox.world import World

AT_ONCE = 6
"""Scenarios mostly wait, each in a world of its own, so that several share the machine without noticing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a scenario: why it failed, if it did, and its transcript."""

    problem: str | None
    transcript: str


Outcomes = Callable[[Path], Outcome]


@pytest.fixture
def world() -> Iterator[World]:
    """A fresh world, its bot connected."""
    with World() as world:
        yield world


@pytest.fixture(scope="session")
def outcome_of(request: pytest.FixtureRequest) -> Iterator[Outcomes]:
    """Waits for the outcome of a scenario; all that were selected are under way at once, in their order."""
    paths = [item.callspec.params["path"] for item in request.session.items if hasattr(item, "callspec")
             and "outcome_of" in getattr(item, "fixturenames", ())]  # fmt: skip
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="scenario")
    futures: dict[Path, Future[Outcome]] = {path: pool.submit(play, path) for path in paths}
    yield lambda path: futures[path].result()
    pool.shutdown(cancel_futures=True)


def play(path: Path) -> Outcome:
    """Play a scenario in a fresh world."""
    screen = io.StringIO()
    problem = run_script(read_file(path), Console(file=screen, width=100, markup=False, emoji=False))
    return Outcome(problem, screen.getvalue())
