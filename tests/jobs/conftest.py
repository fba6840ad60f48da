"""Stages for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.stage import Shop, shop_at


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """The bot's rooms with the sandbox's GitLab behind them."""
    with shop_at(tmp_path) as stage:
        yield stage
