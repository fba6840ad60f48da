"""Stages for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reviews.stage import Reviews, reviews_at


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Reviews]:
    """The bot's rooms with the sandbox's GitLab behind them, each person with their own token."""
    with reviews_at(tmp_path) as stage:
        yield stage
