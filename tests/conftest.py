"""What tests of several rooms share: a store on disk for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from bot.edges.store import Store

# A machine that is busy with something else makes no property false: none is timed. The same examples each time tell
# a change that broke something from luck; HYPOTHESIS_PROFILE=search looks for new ones.
settings.register_profile("signalbox", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "signalbox"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "signalbox.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store(path)
    yield store
    store.close()
