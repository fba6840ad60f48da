"""Connections to a scripted GitLab and to the sandbox's, closed when a test is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bot.edges.gitlab import GitLab
from tests.edges.gitlab_calls import NOW, TOKEN, Connect
from tests.edges.wire import Server
from tests.sandbox.gitlab_stage import GitLabStage


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


@pytest.fixture(scope="module")
def stage() -> Iterator[GitLabStage]:
    """The sandbox's GitLab."""
    with GitLabStage() as running:
        yield running


@pytest.fixture
def speak(stage: GitLabStage) -> Iterator[Callable[[str], GitLab]]:
    """The sandbox's GitLab as somebody sees it."""
    opened: list[GitLab] = []

    def speak_as(name: str) -> GitLab:
        opened.append(GitLab(stage.fake.url, stage.fake.tokens[name], timeout=(3.0, 5.0), now=lambda: NOW))
        return opened[-1]

    yield speak_as
    for one in opened:
        one.close()
