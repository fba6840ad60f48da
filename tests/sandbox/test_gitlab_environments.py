"""Deploying by hand from tested pipelines, going back, stopping and writing down, as GitLab does it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gitlab
import pytest

from sandbox.gitlab.yaml_config import read_config
from sandbox.gitlab.yaml_text import ConfigInvalid
from tests.sandbox.gitlab_stage import GitLabStage, sample, until

WEB = "acme/web"


@pytest.fixture
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        yield stage


def refused(error: pytest.ExceptionInfo[gitlab.GitlabError]) -> tuple[int | None, Any]:
    return error.value.response_code, json.loads(error.value.response_body or b"{}")


def pushed(stage: GitLabStage, branch: str = "main", more: str = "") -> Any:
    """The tested pipeline of a push to the web project."""
    stage.act(f"push {branch} web {more}")
    found = stage.project(WEB).pipelines.list(get_all=True, ref=branch, source="push")[0]
    until(lambda: bool(jobs(stage, found, "success")))
    return found


def jobs(stage: GitLabStage, pipeline: Any, *scope: str) -> dict[str, Any]:
    """The jobs of a pipeline in these statuses, by name, as one may act on them."""
    project = stage.project(WEB, "alice")
    rows = project.pipelines.get(pipeline.id).jobs.list(get_all=True, scope=list(scope))
    return {one.name: project.jobs.get(one.id) for one in rows}


def done(stage: GitLabStage, job: Any) -> Any:
    """Play it, and answer its deployment when it has ended."""
    job.play()
    stage.status(job)
    rows = stage.project(WEB).deployments.list(get_all=True, status=job.status)
    return next(one for one in rows if one.deployable and one.deployable["id"] == job.id)


def deployed(stage: GitLabStage, title: str, environment: str = "production") -> Any:
    """A push with this title, deployed by hand; answers its deployment."""
    pipeline = pushed(stage, more=f'"{title}"')
    return done(stage, jobs(stage, pipeline, "manual")[f"deploy-{environment}"])


def test_a_tested_push_waits_to_be_deployed_by_hand(stage: GitLabStage) -> None:
    """Its manual jobs hold nobody up; lint names their environments, and how the person is asked."""
    pipeline = pushed(stage)
    assert stage.status(pipeline) == "success"
    assert sorted(jobs(stage, pipeline, "manual")) == ["deploy-production", "deploy-staging"]
    lint = stage.project(WEB).ci_lint.get(content_ref="main", include_jobs=True)
    places = {one["name"]: one["environment"] for one in lint.jobs}
    assert (places["deploy-staging"], places["deploy-production"]) == ("staging", "production")
    assert places["deploy-review"] == "review/$CI_COMMIT_REF_SLUG"
    assert "manual_confirmation: Do you want everybody to see this?" in lint.merged_yaml
    made = done(stage, jobs(stage, pipeline, "manual")["deploy-staging"])
    assert (made.sha, made.environment["name"]) == (pipeline.sha, "staging")


def test_staging_tells_the_pipeline_that_goes_to_production(stage: GitLabStage) -> None:
    """From an environment to its last deployment, its pipeline, and the manual job of the other environment."""
    deployed(stage, "Draw a banner", "staging")
    project = stage.project(WEB)
    staging = project.environments.list(get_all=True, name="staging")[0]
    last = project.environments.get(staging.id).last_deployment
    pipeline = project.pipelines.get(last["deployable"]["pipeline"]["id"])
    job = jobs(stage, pipeline, "manual")["deploy-production"]
    assert done(stage, job).sha == last["sha"]


def test_a_manual_job_blocks_its_deployment_until_it_is_played(stage: GitLabStage) -> None:
    """It has a deployment as soon as its turn has come: `blocked`, though nobody has to approve it."""
    pipeline = pushed(stage)
    rows = stage.project(WEB).deployments.list(get_all=True)
    assert [(one.status, one.environment["name"]) for one in rows] == [
        ("blocked", "staging"),
        ("blocked", "production"),
    ]
    one = stage.project(WEB).deployments.get(rows[1].id)
    assert (one.pending_approval_count, one.approval_summary) == (0, {"rules": []})
    with pytest.raises(gitlab.GitlabDeploymentApprovalError, match="not waiting for approvals"):
        stage.project(WEB, "alice").deployments.get(one.id).approval("approved")
    assert done(stage, jobs(stage, pipeline, "manual")["deploy-production"]).id == one.id


def test_two_jobs_may_go_to_one_environment(stage: GitLabStage) -> None:
    """On a branch of its own, where neither is called as the environment is."""
    pipeline = pushed(stage, "two-regions")
    waiting = jobs(stage, pipeline, "manual")
    assert sorted(waiting) == ["deploy-eu", "deploy-staging", "deploy-us"]
    assert done(stage, waiting["deploy-us"]).environment["name"] == "production"


def test_going_back_is_retrying_the_job_of_an_older_deployment(stage: GitLabStage) -> None:
    """A new job on the old commit, and a new deployment; nobody else's deployment changes."""
    old, new = deployed(stage, "One"), deployed(stage, "Two")
    job = stage.project(WEB, "alice").jobs.get(old.deployable["id"]).retry()
    assert job["id"] not in (old.deployable["id"], new.deployable["id"])
    good = {"environment": "production", "status": "success", "order_by": "id", "sort": "desc"}
    until(lambda: len(stage.project(WEB).deployments.list(get_all=True, **good)) == 3)
    found = stage.project(WEB).deployments.list(get_all=True, **good)
    assert [one.sha for one in found] == [old.sha, new.sha, old.sha]
    place = stage.project(WEB).environments.list(get_all=True, name="production")[0]
    assert stage.project(WEB).environments.get(place.id).last_deployment["id"] == found[0].id


def test_going_back_may_be_forbidden(stage: GitLabStage) -> None:
    """Without `ci_forward_deployment_rollback_allowed` the old job is nobody's to touch: 403, and GraphQL says so."""
    old = deployed(stage, "One")
    deployed(stage, "Two")
    stage.act("setting ci_forward_deployment_rollback_allowed=no web")
    job = stage.project(WEB, "alice").jobs.get(old.deployable["id"])
    for act in (job.retry, job.cancel):
        with pytest.raises(gitlab.GitlabError) as error:
            act()
        assert refused(error) == (403, sample("error_403"))
    with pytest.raises(ValueError, match="is older than what production has by now"):
        stage.act(f"retry {job.id}")
    stage.act("setting ci_forward_deployment_enabled=no web")
    assert job.retry()["status"] == "pending"


def test_an_older_pipeline_cannot_deploy_past_a_newer_one(stage: GitLabStage) -> None:
    """Its manual job is not played any more once a newer one has deployed, unless that is switched off."""
    older, newer = pushed(stage), pushed(stage)
    done(stage, jobs(stage, newer, "manual")["deploy-production"])
    job = jobs(stage, older, "manual")["deploy-production"]
    with pytest.raises(gitlab.GitlabJobPlayError) as error:
        job.play()
    assert refused(error) == (403, sample("error_403"))
    query = (
        f'{{project(fullPath:"{WEB}"){{job(id:"gid://gitlab/Ci::Build/{job.id}"){{canPlayJob playable}}}}}}'
    )
    answer: Any = stage.client("alice").http_post(f"{stage.fake.url}/api/graphql", post_data={"query": query})
    assert answer["data"]["project"]["job"] == {"canPlayJob": False, "playable": True}
    stage.act("setting ci_forward_deployment_enabled=no web")
    assert done(stage, job).status == "success"


def test_jobs_that_cannot_run_again_say_so(stage: GitLabStage) -> None:
    """403 with a reason for one that was retried already, plain 403 for one that is archived."""
    old = deployed(stage, "One")
    job = stage.project(WEB, "alice").jobs.get(old.deployable["id"])
    job.retry()
    with pytest.raises(gitlab.GitlabError) as error:
        job.retry()
    assert refused(error) == (403, sample("job_retry_not_retryable"))
    made = deployed(stage, "Two")
    stage.act(f"archive-job {made.deployable['id']}")
    archived = stage.project(WEB, "alice").jobs.get(made.deployable["id"])
    assert archived.archived is True
    for act in (archived.retry, archived.play):
        with pytest.raises(gitlab.GitlabError) as error:
            act()
        assert refused(error) == (403, sample("error_403"))


def test_a_job_can_be_made_to_fail_before_it_begins(stage: GitLabStage) -> None:
    """`fail-next REASON` gives the next job of the project that reason, and its deployment fails."""
    pipeline = pushed(stage)
    stage.act("fail-next failed_outdated_deployment_job web")
    job = jobs(stage, pipeline, "manual")["deploy-production"]
    assert done(stage, job).status == "failed"
    assert (job.failure_reason, job.started_at) == ("failed_outdated_deployment_job", None)
    assert done(stage, jobs(stage, pipeline, "manual")["deploy-staging"]).status == "success"


def test_a_deployment_knows_the_merge_requests_it_brought(stage: GitLabStage) -> None:
    """Those merged since the last good deployment there; all for the first, none for one that failed."""
    for name in ("basket", "lamp"):
        stage.act(f'push {name} web "Draw a {name}"')
        stage.act(f"mr {name} Draw a {name} project=web")
    stage.act("merge-mr !1 web")
    first = deployed(stage, "One")
    stage.act("merge-mr !2 web")
    second = deployed(stage, "Two")

    def brought(made: Any) -> list[int]:
        path = f"/projects/{made.project_id}/deployments/{made.id}/merge_requests"
        return [one["iid"] for one in stage.client().http_list(path, get_all=True)]

    assert (brought(first), brought(second)) == ([1], [2])
    body: Any = stage.client().http_get(
        f"/projects/{first.project_id}/deployments/{first.id}/merge_requests?state=merged"
    )
    assert set(body[0]) == set(sample("merge_requests_list")[0])
    pipeline = pushed(stage)
    stage.act("fail-next runner_system_failure web")
    assert brought(done(stage, jobs(stage, pipeline, "manual")["deploy-production"])) == []


def test_a_deployment_may_be_written_down_without_a_job(stage: GitLabStage) -> None:
    """`deployable` is null, and it counts as the last one; only such are changed by hand."""
    head = stage.project(WEB).branches.get("main").commit["id"]
    body = {"environment": "production", "sha": head, "ref": "main", "tag": False, "status": "running"}
    made = stage.project(WEB, "bob").deployments.create(body)
    assert set(made.attributes) >= set(sample("deployment_create"))
    assert (made.deployable, made.status, made.user["username"]) == (None, "running", "bob")
    made.status = "success"
    made.save()
    place = stage.project(WEB).environments.list(get_all=True, name="production")[0]
    last = stage.project(WEB).environments.get(place.id).last_deployment
    assert (last["id"], last["deployable"], last["sha"]) == (made.id, None, head)
    made.status = "running"
    with pytest.raises(gitlab.GitlabUpdateError) as error:
        made.save()
    assert error.value.response_code == 400
    played = stage.project(WEB, "bob").deployments.get(deployed(stage, "One").id)
    played.status = "failed"
    with pytest.raises(gitlab.GitlabUpdateError, match="created using GitLab CI"):
        played.save()
    assert "recorded" in stage.act("record-deployment production v1.0.0 failed web", "bob")
    assert stage.project(WEB).deployments.list(get_all=True, status="failed")[0].ref == "v1.0.0"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"status": "created"}, 400),
        ({"tag": "perhaps"}, 400),
        ({"sha": "0" * 40}, 400),
        ({"ref": "nowhere"}, 400),
        ({"environment": "vault"}, 403),
    ],
)
def test_what_cannot_be_written_down_is_refused(
    stage: GitLabStage, change: dict[str, Any], status: int
) -> None:
    """Unknown words and commits, and environments that are protected; Reporters write nothing down."""
    stage.act("protect-environment vault maintainer web")
    head = stage.project(WEB).branches.get("main").commit["id"]
    body = {"environment": "x", "sha": head, "ref": "main", "tag": False, "status": "success"}
    with pytest.raises(gitlab.GitlabCreateError) as error:
        stage.project(WEB, "bob").deployments.create(body | change)
    assert error.value.response_code == status
    with pytest.raises(gitlab.GitlabCreateError) as error:
        stage.project(WEB, "carol").deployments.create(body)
    assert error.value.response_code == 403
    with pytest.raises(gitlab.GitlabHttpError, match="sha is missing"):
        stage.client().http_post(
            f"/projects/{stage.project(WEB).id}/deployments", post_data={"environment": "x"}
        )


def test_an_environment_is_stopped_by_its_job(stage: GitLabStage) -> None:
    """`stopping` while the job runs, then `stopped`; deploying opens it again. Without a job it is at once."""
    pipeline = pushed(stage, "feature/banner")
    review = jobs(stage, pipeline)["deploy-review"]
    stage.status(review)

    def place() -> Any:
        rows = stage.project(WEB, "bob").environments.list(get_all=True, search="review")
        return stage.project(WEB, "bob").environments.get(rows[0].id)

    assert (place().name, place().state) == ("review/feature-banner", "available")
    place().stop()
    until(lambda: bool(place().state == "stopped"))
    assert stage.status(jobs(stage, pipeline)["stop-review"]) == "success"
    assert stage.project(WEB).environments.list(get_all=True, states="stopped")[0].id == place().id
    review.retry()
    until(lambda: bool(place().state == "available"))
    assert "it is stopping" in stage.act("stop review/feature-banner web", "bob")
    until(lambda: bool(place().state == "stopped"))
    assert "it is stopped" in stage.act("stop staging web", "bob")


def test_stopping_wants_the_right_and_may_be_forced(stage: GitLabStage) -> None:
    """Reporters and those whom a protected environment leaves out get 403; `force` runs no job."""
    stage.status(jobs(stage, pushed(stage, "feature/banner"))["deploy-review"])
    number = stage.project(WEB).environments.list(get_all=True, search="review")[0].id
    with pytest.raises(gitlab.GitlabStopError) as error:
        stage.project(WEB, "carol").environments.get(number).stop()
    assert refused(error) == (403, sample("error_403"))
    path = f"/projects/{stage.project(WEB).id}/environments/{number}/stop"
    stopped: Any = stage.client("bob").http_post(path, post_data={"force": True})
    assert stopped["state"] == "stopped"
    stage.act("protect-environment production maintainer web")
    with pytest.raises(ValueError, match="may not stop production"):
        stage.act("stop production web", "bob")


def test_deploying_from_gitlabs_pages_waits_for_the_tests(stage: GitLabStage) -> None:
    """`deploy ENV REF` presses play on a job whose turn has not come yet."""
    stage.act("deploy production v1.1.0 web", "bob")
    until(lambda: bool(stage.project(WEB).deployments.list(get_all=True, status="success")))
    made = stage.project(WEB).deployments.list(get_all=True, status="success")[0]
    assert (made.ref, made.environment["name"]) == ("v1.1.0", "production")


@pytest.mark.parametrize("act", ["play", "retry", "stop", "create"])
def test_work_whose_answer_was_lost_is_done(stage: GitLabStage, act: str) -> None:
    """`502-after` does the work of every changing call first, and once."""
    made = deployed(stage, "One")
    project = stage.project(WEB, "alice")
    head = {"environment": "x", "sha": made.sha, "ref": "main", "tag": False, "status": "success"}
    calls = {
        "play": jobs(stage, pushed(stage), "manual")["deploy-staging"].play,
        "retry": project.jobs.get(made.deployable["id"]).retry,
        "stop": project.environments.get(made.environment["id"]).stop,
        "create": lambda: project.deployments.create(head),
    }
    before = (
        len(project.deployments.list(get_all=True, environment="x")),
        len(project.jobs.list(get_all=True)),
    )
    stage.fake.break_("502-after")
    with pytest.raises(gitlab.GitlabError) as error:
        calls[act]()
    assert error.value.response_code == 502
    states = [one.state for one in project.environments.list(get_all=True, name="production")]
    after = len(project.deployments.list(get_all=True, environment="x")), len(project.jobs.list(get_all=True))
    assert (states, before, after) == {
        "play": (["available"], before, before),
        "retry": (["available"], before, before),
        "stop": (["stopped"], before, before),
        "create": (["available"], before, (1, before[1])),
    }[act]
    waiting = [one.name for one in project.jobs.list(get_all=True, scope=["manual"])]
    assert waiting.count("deploy-staging") == (1 if act == "play" else 2)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ("down: {script: x}", "on_stop job down does not have environment defined"),
        ("down: {script: x, environment: {name: b, action: stop}}", "have different environment name"),
        ("down: {script: x, environment: a}", "needs to have action stop defined"),
        ("up: {script: x}", "on_stop job down is not defined"),
    ],
)
def test_a_job_that_is_to_stop_has_to_fit(other: str, why: str) -> None:
    """`on_stop` names a job of the same environment whose action is `stop`."""
    with pytest.raises(ConfigInvalid, match=why):
        read_config(f"start: {{script: x, environment: {{name: a, on_stop: down}}}}\n{other}\n")


@pytest.mark.parametrize(
    "line",
    [
        "stop",
        "stop moon web",
        "record-deployment production web",
        "record-deployment production nowhere web",
        "archive-job 1",
        "archive-job",
        "fail-next",
    ],
)
def test_lines_about_environments_that_cannot_be_done_say_why(stage: GitLabStage, line: str) -> None:
    """What cannot be done raises a sentence."""
    with pytest.raises(ValueError, match=r"\.$"):
        stage.act(line)


def test_the_web_project_is_read_from_its_folder() -> None:
    """Its configuration is valid as it stands."""
    folder = Path(__file__).parents[2] / "sandbox" / "projects" / "acme" / "web"
    config = read_config((folder / ".gitlab-ci.yml").read_text("utf-8"))
    assert config.jobs["deploy-review"].target is not None
    assert config.jobs["deploy-review"].target.on_stop == "stop-review"
