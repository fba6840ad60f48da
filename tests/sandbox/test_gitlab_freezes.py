"""The sandbox's freeze periods and protected environments answer as GitLab's do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import gitlab
import pytest

from sandbox.gitlab.freezes import around, is_cron
from tests.sandbox.gitlab_stage import GitLabStage, sample

FREEZES = "/projects/42/freeze_periods"


@pytest.fixture
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        yield stage


def freezes(stage: GitLabStage, name: str = "bot") -> Any:
    """The shop's freeze periods; python-gitlab has no class for them."""
    return stage.client(name).http_list(FREEZES, get_all=True)


def refused(error: pytest.ExceptionInfo[gitlab.GitlabError]) -> tuple[int | None, Any]:
    return error.value.response_code, json.loads(error.value.response_body or b"{}")


def test_a_freeze_is_in_force_when_it_is_made(stage: GitLabStage) -> None:
    """`freeze` makes a period around this moment, of the whole project; `unfreeze` takes it away."""
    assert "frozen" in stage.act("freeze production")
    period = freezes(stage)[0]
    now = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    assert around(now.timestamp()) == ("29 23 21 11 *", "30 0 22 11 *")
    assert is_cron(period["freeze_start"])
    assert is_cron(period["freeze_end"])
    assert period["cron_timezone"] == "UTC"
    stage.act("unfreeze")
    assert freezes(stage) == []
    with pytest.raises(ValueError, match="wants maintainer"):
        stage.act("freeze", "bob")


def test_freezes_are_changed_by_maintainers(stage: GitLabStage) -> None:
    """A Reporter reads; a Maintainer adds and deletes; a line that is no cron line is refused."""
    mine, theirs = stage.client("alice"), stage.client()
    given = {"freeze_start": "0 23 * * 5", "freeze_end": "0 8 * * 1", "cron_timezone": "Europe/Berlin"}
    made: Any = mine.http_post(FREEZES, post_data=given)
    assert set(made) == {"id", "created_at", "updated_at", *given}
    assert theirs.http_get(f"{FREEZES}/{made['id']}") == made == freezes(stage)[0]
    with pytest.raises(gitlab.GitlabHttpError) as error:
        theirs.http_post(FREEZES, post_data=given)
    assert refused(error) == (403, sample("error_403"))
    for wrong in ({"freeze_end": "soon"}, {"freeze_start": "61 * * * *"}, {"cron_timezone": "Moon"}):
        with pytest.raises(gitlab.GitlabHttpError) as error:
            mine.http_post(FREEZES, post_data=given | wrong)
        assert refused(error) == (400, {"message": {next(iter(wrong)): [" is invalid syntax"]}})
    with pytest.raises(gitlab.GitlabHttpError, match="403 Forbidden"):
        theirs.http_delete(f"{FREEZES}/{made['id']}")
    mine.http_delete(f"{FREEZES}/{made['id']}")
    with pytest.raises(gitlab.GitlabHttpError, match="404 Freeze Period Not Found"):
        mine.http_get(f"{FREEZES}/{made['id']}")


def test_protected_environments_are_told_to_maintainers(stage: GitLabStage) -> None:
    """404 while there is none; then one level by name, which a Developer may not read."""
    with pytest.raises(gitlab.GitlabListError) as error:
        stage.project(name="alice").protected_environments.list(get_all=True)
    assert error.value.response_code == 404
    stage.act("protect-environment production maintainer")
    found = stage.project(name="alice").protected_environments.get("production")
    wanted = sample("protected_environments_list")[0]
    assert set(found.attributes) == {*wanted, "project_id"}
    assert found.deploy_access_levels == wanted["deploy_access_levels"]
    with pytest.raises(gitlab.GitlabListError) as error:
        stage.project().protected_environments.list(get_all=True)
    assert error.value.response_code == 403
    stage.act("protect-environment production none")
    with pytest.raises(gitlab.GitlabGetError):
        stage.project(name="alice").protected_environments.get("production")


def test_a_protected_environment_fails_the_job_of_whoever_may_not(stage: GitLabStage) -> None:
    """Started in a pipeline the job fails, and its deployment with it; a Maintainer's runs."""
    stage.act("protect-environment staging maintainer")
    pipeline = stage.start("deploy-staging", name="bob")
    assert stage.status(pipeline) == "failed"
    job = stage.job(pipeline)
    assert (job.failure_reason, job.started_at) == ("protected_environment_failure", None)
    assert [one.status for one in stage.project().deployments.list(get_all=True)] == ["failed"]
    with pytest.raises(gitlab.GitlabJobRetryError) as error:
        stage.project(name="bob").jobs.get(job.id).retry()
    assert refused(error) == (403, sample("error_403"))
    assert stage.status(stage.start("deploy-staging", name="alice")) == "success"


def test_a_protected_job_is_played_only_by_those_it_names(stage: GitLabStage) -> None:
    """Playing it is 403 for a Developer; by Maintainers it runs; GraphQL says so beforehand."""
    stage.act("protect-environment production maintainer")
    pipeline = stage.start("deploy-production", name="bob")
    stage.status(pipeline, "manual")
    job = stage.job(pipeline)
    query = f'{{project(fullPath:"acme/shop"){{job(id:"gid://gitlab/Ci::Build/{job.id}"){{canPlayJob}}}}}}'
    answers: list[Any] = [
        stage.client(name).http_post(f"{stage.fake.url}/api/graphql", post_data={"query": query})
        for name in ("bob", "alice")
    ]
    assert [one["data"]["project"]["job"]["canPlayJob"] for one in answers] == [False, True]
    with pytest.raises(gitlab.GitlabJobPlayError) as error:
        stage.project(name="bob").jobs.get(job.id).play()
    assert refused(error) == (403, sample("error_403"))
    for line in ("play", "deploy production main"):
        with pytest.raises(ValueError, match="may not deploy to"):
            stage.act(line, "bob")
    stage.project(name="alice").jobs.get(job.id).play()
    assert stage.status(pipeline) == "success"


def test_calls_about_deploying_are_counted_by_route(stage: GitLabStage) -> None:
    """Numbers become `:id`, names keep theirs."""
    project = stage.client("alice").projects.get("acme/shop", lazy=True)
    project.environments.get(1)
    project.environments.list(get_all=True)
    project.deployments.list(get_all=True)
    freezes(stage)
    with pytest.raises(gitlab.GitlabGetError):
        project.protected_environments.get("production")
    assert set(stage.fake.calls) == {
        "GET /projects/:id/environments/:id",
        "GET /projects/:id/environments",
        "GET /projects/:id/deployments",
        "GET /projects/:id/freeze_periods",
        "GET /projects/:id/protected_environments/:name",
    }
