"""The sandbox lists issues by what GitLab lists them by, and refuses what GitLab refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.gitlab_stage import GitLabStage

ISSUES = "/projects/acme%2Fshop/issues"


@pytest.fixture
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        yield stage


def made(stage: GitLabStage, name: str = "alice", **wish: Any) -> Any:
    """A new issue of the shop."""
    return stage.project(name=name).issues.create({"title": "Checkout is slow"} | wish)


def test_lists_filter_as_gitlab_filters(stage: GitLabStage) -> None:
    """People by number or name, words in title or description, numbers, secrecy, labels, order."""
    made(stage, title="Search is slow", labels=["bug", "urgent"], due_date="2026-12-01")
    made(
        stage, "bob", title="Search is down", description="Checkout, too", assignee_ids=[9], confidential=True
    )
    made(stage, "bob", title="Colours", issue_type="incident", due_date="2026-11-01")
    issues = stage.project().issues

    def found(**query: Any) -> list[int]:
        return [one.iid for one in issues.list(get_all=True, **query)]

    assert (found(author_id=8), found(author_username="Alice")) == ([3, 2], [1])
    assert (found(assignee_id="None"), found(assignee_id="Any"), found(assignee_id=9)) == ([3, 1], [2], [2])
    assert (found(assignee_username="carol"), found(assignee_username="bob")) == ([2], [])
    assert (found(search="search slow"), found(search="checkout")) == ([1], [2])
    assert (found(search="checkout", **{"in": "title"}), found(search="se")) == ([], [])
    assert (found(iids=[1, 3]), found(confidential=True), found(confidential=False)) == ([3, 1], [2], [3, 1])
    assert (found(**{"not[labels]": "bug"}), found(labels=["urgent"])) == ([3, 2], [1])
    assert found(order_by="due_date", sort="asc") == [3, 1, 2]
    assert found(order_by="title", sort="asc") == [3, 2, 1]
    assert (found(milestone="Any"), found(scope="created_by_me"), found(scope="assigned_to_me")) == (
        [],
        [],
        [],
    )


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("author_id=7&author_username=alice", "author_id, author_username are mutually exclusive"),
        (
            "assignee_username[]=bob&assignee_username[]=carol",
            "assignee_username allows one value, but found 2: bob, carol",
        ),
        ("scope=mine", "scope does not have a valid value"),
        ("sort=up", "sort does not have a valid value"),
        ("in=body&search=x", "in does not have a valid value"),
        ("author_id=bob", "author_id is invalid"),
        ("iids[]=one", "iids[] is invalid"),
        ("confidential=perhaps", "confidential is invalid"),
        ("updated_after=yesterday", "updated_after is invalid"),
    ],
)
def test_filters_that_make_no_sense_are_refused(stage: GitLabStage, query: str, error: str) -> None:
    """400 that names the parameter."""
    made(stage)
    answer = stage.send("GET", f"{ISSUES}?{query}")
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_issues_of_all_projects_are_those_of_oneself(stage: GitLabStage) -> None:
    """`GET /issues` means one's own unless `scope` says otherwise; a group's list means everybody's."""
    made(stage)
    made(stage, "bob", assignee_ids=[7])
    stage.act("issue Elsewhere project=acme/infra", "bob")
    stage.act("issue Hidden project=acme/vault")

    def titles(path: str, name: str = "alice") -> list[str]:
        return [one["references"]["relative"] for one in stage.send("GET", path, name=name).json()]

    assert titles("/issues") == ["acme/vault#1", "acme/shop#1"]
    assert titles("/issues?scope=assigned_to_me") == ["acme/shop#2"]
    assert titles("/issues?scope=all", "bob") == ["acme/infra#1", "acme/shop#2", "acme/shop#1"]
    assert titles("/groups/acme/issues?search=elsewhere", "bob") == ["acme/infra#1"]
    assert stage.send("GET", "/groups/nobody/issues").json() == {"message": "404 Group Not Found"}
