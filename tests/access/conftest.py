"""Stages for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.access.house import House, house_at
from tests.access.linked import Linked, linked_at


@pytest.fixture
def linked(tmp_path: Path) -> Iterator[Linked]:
    """The bot's rooms with the sandbox's GitLab, in which nobody has connected an account."""
    with linked_at(tmp_path) as stage:
        yield stage


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A bot with the sandbox's Slack, and nobody at GitLab's address."""
    with house_at(tmp_path) as built:
        yield built
