"""Stages for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipelines.stage import Mill, mill_at


@pytest.fixture
def mill(tmp_path: Path) -> Iterator[Mill]:
    """The bot's rooms with the sandbox's GitLab behind them, each person with their own token."""
    with mill_at(tmp_path) as stage:
        yield stage
