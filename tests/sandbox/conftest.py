"""A world with a bot that only echoes, and somebody at its keyboard."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from rich.console import Console

from sandbox.scenario import Player
from sandbox.session import Session
from sandbox.transcript import Transcript
from sandbox.world import World
from tests.sandbox.echoing import COLUMNS, ECHO


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A world with the echoing bot, shared by the tests of one file."""
    with World(command=ECHO) as world:
        yield world


@pytest.fixture
def screen() -> io.StringIO:
    """What is printed."""
    return io.StringIO()


@pytest.fixture
def player(world: World, screen: io.StringIO) -> Player:
    """Alice at a keyboard of 80 columns, in #ops."""
    console = Console(file=screen, width=COLUMNS, markup=False, emoji=False, highlight=False)
    return Player(Session(world), Transcript(console))
