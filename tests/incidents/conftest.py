"""The bot from its doors to its edges, with people and an incident."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edges.conftest import connect
from tests.evidence.floor import floor_at
from tests.incidents.stage import Stage

__all__ = ["connect"]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with floor_at(tmp_path) as floor:
        yield Stage(floor)
