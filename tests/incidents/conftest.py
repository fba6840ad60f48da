"""The bot from its doors to its edges, with people and an incident."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edges.conftest import connect
from tests.evidence.floor import floor_at
from tests.incidents.back import Back
from tests.incidents.crew import Crew
from tests.incidents.stage import Stage

__all__ = ["connect"]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with floor_at(tmp_path) as floor:
        yield Stage(floor)


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    """The same, on which what is due is done as well."""
    with floor_at(tmp_path) as floor:
        made = Crew(floor)
        made.begin()
        yield made


@pytest.fixture
def back(tmp_path: Path) -> Iterator[Back]:
    """The same, looked back at."""
    with floor_at(tmp_path) as floor:
        made = Back(floor)
        made.begin()
        yield made
