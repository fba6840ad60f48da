"""Branches, tags, comparisons and what was merged: GitLab's samples and the sandbox's GitLab."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.changes import Change, Merged
from bot.edges.gitlab import GitLab
from bot.errors import GitLabUnreachable, NotFound
from tests.edges import wire
from tests.edges.gitlab_calls import NOW, Connect, sample
from tests.sandbox.gitlab_stage import GitLabStage

SHOP = 42


@pytest.fixture
def bot(speak: Callable[[str], GitLab]) -> GitLab:
    """It as its bot sees it."""
    return speak("bot")


def test_a_comparison_is_read_newest_first(connect: Connect) -> None:
    """Sha, title, author and time of each commit, and the page of all of them."""
    body = sample("repository_compare")
    older = body["commits"][0] | {"id": "0" * 40, "title": None, "author_name": None}
    whole = body | {"commits": [older, *body["commits"]]}
    with wire.serve(wire.always(wire.data(whole))) as server:
        found = connect(server).compare(SHOP, "9a0c7b6d", "4be1c0f1")
    assert found.commits == (
        Change("4be1c0f1a9d34d7a2f0f5be2f0b8f6a1c7d9e013", "Raise worker pool size", "Dana Reyes", 1_795_168_682_000),
        Change("0" * 40, "", "", 1_795_168_682_000),
    )  # fmt: skip
    assert found.url.endswith("/-/compare/9a0c7b6de25f4c3d81e4a7750c6b1f9e2d3a4b5c..." + found.commits[0].sha)
    assert server.seen[0].query == {"from": "9a0c7b6d", "to": "4be1c0f1", "straight": "false"}


def test_a_commit_that_is_gone_cannot_be_compared(connect: Connect) -> None:
    """404 is told as that."""
    with (
        wire.serve(wire.always(wire.data({"message": "404 Ref Not Found"}, 404))) as server,
        pytest.raises(NotFound, match="GitLab cannot compare 9a0c7b6d with 4be1c0f1: one of them is gone"),
    ):
        connect(server).compare(SHOP, "9a0c7b6de25f", "4be1c0f1a9d3")


def test_what_is_no_comparison(connect: Connect) -> None:
    """An answer of another shape is no answer."""
    with wire.serve(wire.always(wire.data({"commits": [{}]}))) as server, pytest.raises(GitLabUnreachable):
        connect(server).compare(SHOP, "a", "b")


def test_merge_requests_keep_the_commits_they_left(connect: Connect) -> None:
    """Which of the three there are depends on how it was merged."""
    body = sample("merge_requests_list")[0] | {"merge_commit_sha": "m", "squash_commit_sha": None, "sha": "s"}
    with wire.serve(wire.always(wire.data([body]))) as server:
        found = connect(server).merged(SHOP, NOW)
    assert found == [
        Merged(body["iid"], body["title"], body["author"]["username"], body["web_url"], ("m", "s"))
    ]
    assert server.seen[0].query == {
        "state": "merged", "updated_after": "2026-11-20T10:00:00.000Z", "order_by": "updated_at", "sort": "desc",
        "per_page": "100",
    }  # fmt: skip


def test_branches_and_tags_by_name(bot: GitLab) -> None:
    """Exactly this name, slashes and all; None for what there is not, and for what is no name."""
    head = bot.head(SHOP, "feature/x")
    found = bot.branch(SHOP, "feature/x")
    assert found is not None
    assert found.sha == head.sha
    tag = bot.tag(SHOP, "v8.10.0")
    assert tag is not None
    assert tag.sha == bot.head(SHOP, "v8.10.0").sha
    assert (bot.tag(SHOP, "main"), bot.branch(SHOP, "v8.10.0"), bot.branch(SHOP, "..")) == (None, None, None)
    assert bot.refs(SHOP) == [*bot.branches(SHOP), *bot.tags(SHOP)]
    assert {"main", "feature/x"} <= set(bot.branches(SHOP))
    assert {"v8.9.0", "v8.10.0"} <= set(bot.tags(SHOP))


def test_between_two_releases(bot: GitLab) -> None:
    """The commits of the one that the other lacks, and none the other way."""
    forward = bot.compare(SHOP, "v8.9.0", "v8.10.0")
    assert [one.title for one in forward.commits] == [
        "Release v8.10.0", "Let a basket hold a hundred things", "Round prices to whole cents",
    ]  # fmt: skip
    assert bot.compare(SHOP, "v8.10.0", "v8.9.0").commits == ()


def test_pipelines_of_a_commit(stage: GitLabStage, bot: GitLab) -> None:
    """Newest first, of one ref if it is named."""
    stage.act("push main web")
    stage.act("tag v9 web")
    web = bot.project("acme/web").id
    sha = bot.head(web, "main").sha
    found = bot.pipelines_of(web, sha)
    assert [one.ref for one in found] == ["v9", "main"]
    assert [one.ref for one in bot.pipelines_of(web, sha, "main")] == ["main"]
    assert bot.pipelines_of(web, "0" * 40) == []
