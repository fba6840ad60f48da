"""What the flow tests share: a world with the real bot in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.world import World


@pytest.fixture
def world() -> Iterator[World]:
    """A fresh world, its bot connected."""
    with World() as world:
        yield world
