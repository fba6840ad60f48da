"""Connections to a scripted GitLab, closed when a test is over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.edges.gitlab import GitLab
from tests.edges.gitlab_calls import NOW, TOKEN, Connect
from tests.edges.wire import Server


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Opens GitLab at a scripted server, or at any address."""
    opened: list[GitLab] = []

    def open_one(server: Server | str, timeout: tuple[float, float] = (3.0, 5.0)) -> GitLab:
        url = server if isinstance(server, str) else server.url
        opened.append(GitLab(url, TOKEN, timeout=timeout, now=lambda: NOW))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()
