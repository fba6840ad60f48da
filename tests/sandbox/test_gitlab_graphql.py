"""The sandbox's GraphQL: alias batches, limits, and errors answered with 200."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox.gitlab_stage import GitLabStage, until

SAMPLES = Path(__file__).parents[1] / "fixtures" / "gitlab"


@pytest.fixture(scope="module")
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        yield stage


def ask(stage: GitLabStage, query: str, variables: dict[str, Any] | None = None, token: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token or stage.fake.bot_token}"}
    body = {"query": query, "variables": variables or {}}
    answer = stage.session.post(f"{stage.fake.url}/api/graphql", json=body, headers=headers, timeout=5)
    return answer.json() | ({} if answer.status_code == 200 else {"status": answer.status_code})


def jobs(count: int, fields: str = "status finishedAt") -> str:
    """Aliases for so many jobs, each in a project selection of its own."""
    one = 'p{n}:project(fullPath:"acme/shop"){{j{n}:job(id:"gid://gitlab/Ci::Build/{n}"){{{fields}}}}}'
    return "{" + " ".join(one.format(n=n, fields=fields) for n in range(1, count + 1)) + "}"


def test_jobs_are_asked_for_by_alias(stage: GitLabStage) -> None:
    """Statuses are upper case, moments whole seconds; what is unknown or unseen is null."""
    pipeline = stage.start("hello-world")
    stage.status(pipeline)
    job = stage.job(pipeline).id
    query = (
        f'query{{p0: project(fullPath: "acme/shop") {{ a: job(id: "gid://gitlab/Ci::Build/{job}")'
        ' { status finishedAt } b: job(id: "gid://gitlab/Ci::Build/1") { status } }'
        ' p1: project(fullPath: "acme/vault") { id } }'
    )
    data = ask(stage, query)["data"]
    assert data["p0"]["a"]["status"] == "SUCCESS"
    assert len(data["p0"]["a"]["finishedAt"]) == len("2026-11-20T10:00:33Z")
    assert (data["p0"]["b"], data["p1"]) == (None, None)


def test_sixty_two_jobs_fit_and_sixty_three_do_not(stage: GitLabStage) -> None:
    """Complexity is counted as GitLab does: four for a job with two fields in a project of its own."""
    assert set(ask(stage, jobs(62))) == {"data"}
    error = ask(stage, jobs(63))["errors"][0]["message"]
    assert error == "Query has complexity of 252, which exceeds max complexity of 250"
    assert sorted(ask(stage, jobs(63))) == sorted(_sample("graphql_error_complexity"))


def test_a_query_may_not_be_too_long(stage: GitLabStage) -> None:
    """More than 10,000 characters are refused."""
    assert "errors" in ask(stage, "{currentUser{id}}" + " " * 10_000)


def test_a_connection_costs_by_its_page(stage: GitLabStage) -> None:
    """A list multiplies what it holds, and says its score when asked."""
    query = (
        "query($ids:[ID!]){projects(ids:$ids,first:100){nodes{id pipelines(first:20){nodes{id status finishedAt}}}}"
        " queryComplexity{score limit}}"
    )
    data = ask(stage, query, {"ids": ["gid://gitlab/Project/42"]})["data"]
    assert data["queryComplexity"] == {"score": 23, "limit": 250}
    assert [one["id"] for one in data["projects"]["nodes"]] == ["gid://gitlab/Project/42"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{currentUser{shoeSize}}", "Field 'shoeSize' doesn't exist on type 'UserCore'"),
        ("{project{id}}", "Field 'project' is missing required arguments: fullPath"),
        ('{project(fullPath:"a/b",size:1){id}}', "Field 'project' doesn't accept argument 'size'"),
        ("{currentUser{id}", "Parse error on end of document at line 1"),
    ],
)
def test_wrong_queries_are_answered_with_200_and_errors(stage: GitLabStage, query: str, message: str) -> None:
    """A query that asks for what does not exist gets no data."""
    answer = ask(stage, query)
    assert answer["errors"][0]["message"] == message
    assert "data" not in answer


def test_a_wrong_token_is_a_401(stage: GitLabStage) -> None:
    """The body is that of GitLab, and nobody is `currentUser` without a token."""
    assert ask(stage, "{currentUser{id}}", token="nope") == _sample("graphql_error_401") | {"status": 401}
    query = {"query": "{currentUser{username}}"}
    answer = requests.post(f"{stage.fake.url}/api/graphql", json=query, timeout=5)
    assert answer.json() == {"data": {"currentUser": None}}
    assert ask(stage, query["query"])["data"]["currentUser"]["username"] == "signalbox"


def test_the_tail_of_a_log_comes_as_html(stage: GitLabStage) -> None:
    """`htmlSummary` holds the last lines, escaped, beside the exit code."""
    job = stage.job(stage.start("fail"))
    stage.log(job)
    query = (
        f'{{project(fullPath:"acme/shop"){{job(id:"gid://gitlab/Ci::Build/{job.id}")'
        "{exitCode status trace{htmlSummary(lastLines: 3)}}}}"
    )
    found = ask(stage, query)["data"]["project"]["job"]
    assert (found["exitCode"], found["status"]) == (3, "FAILED")
    until(lambda: "ERROR: Job failed" in found["trace"]["htmlSummary"])


def _sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
