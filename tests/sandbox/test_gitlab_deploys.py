"""The sandbox's environments and deployments answer as GitLab's do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gitlab
import pytest

from sandbox.gitlab.deploys import guess_tier
from sandbox.gitlab.variables import environment_slug
from sandbox.gitlab.yaml_config import read_config
from sandbox.gitlab.yaml_text import ConfigInvalid
from tests.sandbox.gitlab_stage import GitLabStage, sample, until


@pytest.fixture
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        yield stage


def deployed(stage: GitLabStage, line: str, name: str = "alice") -> Any:
    """Deploy from GitLab's own pages, and wait until the newest deployment has ended."""
    stage.act(f"deploy {line}", name)

    def newest() -> Any:
        return stage.project().deployments.list(sort="desc", per_page=1, get_all=False)[0]

    until(lambda: newest().status not in ("created", "running"))
    return newest()


def refused(error: pytest.ExceptionInfo[gitlab.GitlabError]) -> tuple[int | None, Any]:
    return error.value.response_code, json.loads(error.value.response_body or b"{}")


def test_the_shop_has_its_environments_before_anything_was_deployed(stage: GitLabStage) -> None:
    """Staging and production are there with their tiers, and no last deployment."""
    project = stage.project()
    rows = project.environments.list(get_all=True)
    assert [(one.name, one.tier) for one in rows] == [("production", "production"), ("staging", "staging")]
    assert set(rows[0].asdict()) == set(sample("environments_list")[0])
    one = project.environments.get(rows[0].id)
    assert set(one.attributes) == {*sample("environment_get"), "project_id"}
    assert one.last_deployment is None
    assert project.deployments.list(get_all=True) == []
    assert stage.project("acme/infra").environments.list(get_all=True) == []


def test_a_deployment_follows_its_job(stage: GitLabStage) -> None:
    """Queued it is `created`, then `running`, then what became of the job; its sha is the pipeline's."""
    pipeline = stage.start("deploy-staging")
    until(lambda: bool(stage.project().deployments.list(get_all=True)))
    stage.status(pipeline)
    made = stage.project().deployments.list(get_all=True, environment="staging")[0]
    assert (made.status, made.sha, made.ref, made.iid) == ("success", pipeline.sha, "main", 1)
    assert set(made.attributes) == {*sample("deployments_list")[0], "project_id"}
    assert set(made.deployable) == set(sample("deployments_list")[0]["deployable"])
    whole = stage.project().deployments.get(made.id)
    assert set(whole.attributes) == {*sample("deployment_get_blocked"), "project_id"}
    staging = stage.project().environments.get(made.environment["id"])
    assert staging.last_deployment["id"] == made.id
    assert set(staging.last_deployment) == set(sample("environment_get")["last_deployment"])


def test_a_deployment_from_gitlabs_pages_is_played_for_real(stage: GitLabStage) -> None:
    """`deploy ENV REF` makes a web pipeline on the ref and starts the job there, by hand if need be."""
    made = deployed(stage, "production v8.9.0", "bob")
    assert (made.status, made.ref, made.user["username"]) == ("success", "v8.9.0", "bob")
    assert made.environment["external_url"] == "https://shop.example.com"
    job = stage.project().jobs.get(made.deployable["id"])
    assert (job.name, job.pipeline["source"]) == ("deploy-production", "web")
    assert "Deployed v8.9.0 to production." in stage.log(job)


def test_a_retried_job_deploys_again(stage: GitLabStage) -> None:
    """Retrying the job of an older deployment makes a new one of the older commit: a rollback."""
    old = deployed(stage, "staging v8.9.0")
    deployed(stage, "staging v8.10.0")
    stage.project(name="alice").jobs.get(old.deployable["id"]).retry()
    until(lambda: len(stage.project().deployments.list(get_all=True, status="success")) == 3)
    rows = stage.project().deployments.list(get_all=True, order_by="id", sort="desc")
    assert (rows[0].sha, rows[0].id > old.id) == (old.sha, True)


def test_deployments_are_filtered_and_oldest_come_first(stage: GitLabStage) -> None:
    """Ascending unless asked; a time filter wants the order of the same time."""
    first, second = deployed(stage, "staging main"), deployed(stage, "production main")
    rows = stage.project().deployments
    assert [one.id for one in rows.list(get_all=True)] == [first.id, second.id]
    assert rows.list(get_all=True, sort="desc", order_by="finished_at")[0].id == second.id
    assert [one.id for one in rows.list(get_all=True, environment="production")] == [second.id]
    assert rows.list(get_all=True, status="failed") == []
    after = {"updated_after": first.updated_at, "order_by": "updated_at"}
    assert len(rows.list(get_all=True, **after)) == 2
    finished = {"finished_after": "2100-01-01T00:00:00Z", "order_by": "finished_at", "status": "success"}
    assert rows.list(get_all=True, **finished) == []
    for wrong in (
        {"updated_after": first.updated_at},
        {"status": "done"},
        {"finished_after": first.updated_at, "order_by": "finished_at"},
    ):
        with pytest.raises(gitlab.GitlabListError) as error:
            rows.list(get_all=True, **wrong)
        assert error.value.response_code == 400


def test_environments_are_searched(stage: GitLabStage) -> None:
    """By whole name or by three letters and more, never both; states are known words."""
    rows = stage.project().environments
    assert [one.name for one in rows.list(get_all=True, name="staging")] == ["staging"]
    assert [one.name for one in rows.list(get_all=True, search="prod")] == ["production"]
    assert rows.list(get_all=True, states="stopped") == []
    for wrong in ({"search": "pr"}, {"name": "staging", "search": "stag"}, {"states": "gone"}):
        with pytest.raises(gitlab.GitlabListError) as error:
            rows.list(get_all=True, **wrong)
        assert error.value.response_code == 400


def test_guests_see_no_environments(stage: GitLabStage) -> None:
    """Environments, deployments and freezes are for Reporters; an unknown one is not found."""
    assert len(stage.project(name="carol").environments.list(get_all=True)) == 2
    with pytest.raises(gitlab.GitlabGetError, match="404 Not found"):
        stage.project().environments.get(99)
    with pytest.raises(gitlab.GitlabGetError, match="404 Not found"):
        stage.project().deployments.get(99)
    stage.act("role carol guest")
    for path in ("environments", "environments/1", "deployments", "deployments/1", "freeze_periods"):
        with pytest.raises(gitlab.GitlabHttpError) as error:
            stage.client("carol").http_get(f"/projects/42/{path}")
        assert refused(error) == (403, sample("error_403"))


def test_environments_come_with_the_pipeline_and_stop_by_their_job(tmp_path: Path) -> None:
    """A name may hold variables; the tier is said or guessed; `action: stop` closes it and deploys nothing."""
    folder = tmp_path / "acme" / "shop"
    folder.mkdir(parents=True)
    (folder / ".gitlab-ci.yml").write_text(
        "up:\n  script: [echo up $CI_ENVIRONMENT_SLUG]\n  environment:\n    name: review/$CI_COMMIT_REF_NAME\n"
        "    deployment_tier: testing\n    url: https://$CI_ENVIRONMENT_TIER.example.com\n"
        "down:\n  stage: deploy\n  when: manual\n  script: [echo down]\n"
        "  environment: {name: review/$CI_COMMIT_REF_NAME, action: stop}\n",
        "utf-8",
    )
    with GitLabStage(tmp_path) as stage:
        pipeline = stage.project().pipelines.create({"ref": "main"})
        stage.status(pipeline)
        made = stage.project().environments.list(get_all=True, name="review/main")[0]
        assert (made.tier, made.state) == ("testing", "available")
        assert made.slug == environment_slug("review/main")
        stage.act("play")
        until(lambda: bool(stage.project().environments.list(get_all=True, states="stopped")))
        assert len(stage.project().deployments.list(get_all=True)) == 1


@pytest.mark.parametrize(
    ("name", "tier"),
    [
        ("review/x", "development"),
        ("integration", "testing"),
        ("pre-prod", "staging"),
        ("PROD-eu", "production"),
        ("live", "production"),
        ("devprod", "development"),
        ("customer-7", "other"),
    ],
)
def test_a_tier_is_guessed_by_the_name(name: str, tier: str) -> None:
    """The first family that fits counts, in GitLab's order."""
    assert guess_tier(name) == tier


@pytest.mark.parametrize("environment", ["{name: x, action: begin}", "{name: x, deployment_tier: gold}"])
def test_an_environment_of_unknown_words_is_no_configuration(environment: str) -> None:
    """`action` and `deployment_tier` are words that GitLab knows."""
    with pytest.raises(ConfigInvalid, match="jobs:x:environment"):
        read_config(f"x:\n  script: echo\n  environment: {environment}\n")


def test_slugs_of_environments() -> None:
    """A plain short name stays; another is cut and ends with six letters of its own."""
    assert environment_slug("production") == "production"
    assert environment_slug("review/A b").startswith("review-a-b-")
    assert len(environment_slug("9" * 80)) == 24
    assert environment_slug("a_b") != environment_slug("a b")


@pytest.mark.parametrize(
    "line",
    [
        "deploy staging",
        "deploy staging nowhere",
        "deploy moon main",
        "deploy staging stable",
        "deploy staging main acme/nothing",
        "protect-environment production king",
        "freeze acme/nothing",
    ],
)
def test_lines_about_deploying_that_cannot_be_done_say_why(stage: GitLabStage, line: str) -> None:
    """What cannot be done raises a sentence."""
    with pytest.raises(ValueError, match=r"\.$"):
        stage.act(line, "bob")
