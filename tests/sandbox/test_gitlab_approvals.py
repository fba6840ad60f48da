"""The sandbox's GitLab holds deployments back until they are approved, as GitLab Premium does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import gitlab
import pytest

from tests.sandbox.gitlab_stage import GitLabStage, sample, until

DEPLOYMENTS = "/projects/42/deployments"


@pytest.fixture
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        stage.act("protect-environment production developer approvals=1")
        stage.act("protect-environment staging developer approvals=1")
        yield stage


def blocked(stage: GitLabStage, job: str = "deploy-production", name: str = "bob") -> Any:
    """The newest deployment, of a run by bob that GitLab holds back."""
    pipeline = stage.start(job, name=name)
    stage.status(pipeline, "manual")
    return stage.project().deployments.list(sort="desc", per_page=1, get_all=False)[0]


def whole(stage: GitLabStage, deployment: Any) -> Any:
    return stage.project().deployments.get(deployment.id)


def decide(stage: GitLabStage, deployment: Any, name: str, status: str = "approved", **more: str) -> Any:
    return stage.client(name).http_post(
        f"{DEPLOYMENTS}/{deployment.id}/approval", post_data={"status": status, **more}
    )


def job_of(stage: GitLabStage, deployment: Any, name: str = "bob") -> Any:
    return stage.project(name=name).jobs.get(deployment.deployable["id"])


def refusal(error: pytest.ExceptionInfo[gitlab.GitlabError]) -> tuple[int | None, Any]:
    return error.value.response_code, json.loads(error.value.response_body or b"{}")


def keys(value: Any) -> Any:
    """The names in a body, however deep, without what the values are."""
    if isinstance(value, dict):
        return {key: keys(each) for key, each in value.items()}
    return [keys(each) for each in value[:1]] if isinstance(value, list) else None


def test_a_protected_environment_tells_how_many_have_to_approve(stage: GitLabStage) -> None:
    """Maintainers read one rule of the same level; Developers still read nothing."""
    found = stage.project(name="alice").protected_environments.list(get_all=True)[0]
    assert keys(found.approval_rules) == keys(sample("protected_environments_list")[0]["approval_rules"])
    rule = found.approval_rules[0]
    assert (rule["access_level"], rule["required_approvals"], found.required_approval_count) == (30, 1, 0)
    with pytest.raises(gitlab.GitlabGetError) as error:
        stage.project(name="bob").protected_environments.get("production")
    assert refusal(error) == (403, sample("error_403"))


@pytest.mark.parametrize("job", ["deploy-production", "deploy-staging"])
def test_a_deployment_is_blocked_and_its_job_cannot_be_played(stage: GitLabStage, job: str) -> None:
    """A job by hand and an automatic one both wait as `manual`; nobody plays what is not approved."""
    made = whole(stage, blocked(stage, job))
    wanted = sample("deployment_get_blocked")
    assert keys(made.asdict()["approval_summary"]) == keys(wanted["approval_summary"])
    assert (made.status, made.pending_approval_count, made.approvals) == ("blocked", 1, [])
    assert (made.status, made.deployable["status"]) == (wanted["status"], wanted["deployable"]["status"])
    assert [one.id for one in stage.project().deployments.list(get_all=True, status="blocked")] == [made.id]
    for name in ("bob", "alice"):
        with pytest.raises(gitlab.GitlabJobPlayError) as error:
            job_of(stage, made, name).play()
        assert refusal(error) == (400, sample("job_play_unplayable"))
    with pytest.raises(ValueError, match="no playable job"):
        stage.act("play")


@pytest.mark.parametrize("job", ["deploy-production", "deploy-staging"])
def test_after_the_approval_the_job_waits_to_be_played(stage: GitLabStage, job: str) -> None:
    """GitLab starts neither kind by itself; played, it deploys under the same deployment."""
    made = blocked(stage, job)
    given = decide(stage, made, "alice", comment="LGTM from Slack")
    wanted = sample("deployment_approval")
    assert keys(given) == keys(wanted)
    assert (given["status"], given["comment"]) == (wanted["status"], wanted["comment"])
    after = whole(stage, made)
    assert (after.status, after.pending_approval_count, after.approvals) == ("created", 0, [given])
    assert after.approval_summary["rules"][0]["deployment_approvals"] == [given]
    job_of(stage, made).play()
    until(lambda: whole(stage, made).status == "success")
    assert len(stage.project().deployments.list(get_all=True)) == 1


def test_who_asked_and_who_may_not_deploy_cannot_approve(stage: GitLabStage) -> None:
    """400 for the one who triggered it and for a Reporter; 400 again once nothing waits."""
    made = blocked(stage)
    for name in ("bob", "carol"):
        with pytest.raises(gitlab.GitlabHttpError, match="don't have permission") as error:
            decide(stage, made, name)
        assert error.value.response_code == 400
    with pytest.raises(gitlab.GitlabHttpError, match="status is missing"):
        stage.client("alice").http_post(f"{DEPLOYMENTS}/{made.id}/approval")
    with pytest.raises(gitlab.GitlabHttpError, match="valid value"):
        decide(stage, made, "alice", "perhaps")
    decide(stage, made, "alice")
    with pytest.raises(gitlab.GitlabHttpError, match="not waiting"):
        decide(stage, made, "dave")
    with pytest.raises(gitlab.GitlabHttpError, match="404"):
        stage.client("alice").http_post(f"{DEPLOYMENTS}/99/approval", post_data={"status": "approved"})
    assert stage.fake.calls["POST /projects/:id/deployments/:id/approval"] == 7


def test_two_approvals_are_of_two_people(stage: GitLabStage) -> None:
    """The same person twice counts once."""
    stage.act("protect-environment production developer approvals=2")
    made = blocked(stage)
    assert "1 more to come" in stage.act("approve-deployment production", "alice")
    stage.act("approve-deployment production", "alice")
    assert whole(stage, made).pending_approval_count == 1
    assert "can be played" in stage.act("approve-deployment production", "dave")
    assert whole(stage, made).status == "created"


def test_a_rejected_deployment_fails_its_job(stage: GitLabStage) -> None:
    """The job ends with GitLab's own reason, and the deployment with it."""
    made = blocked(stage)
    assert decide(stage, made, "alice", "rejected")["status"] == "rejected"
    job = job_of(stage, made)
    assert (job.status, job.failure_reason, whole(stage, made).status) == (
        "failed", "deployment_rejected", "failed",
    )  # fmt: skip


def test_a_retry_and_a_canceled_job_are_approved_anew(stage: GitLabStage) -> None:
    """A new job is a new deployment, which waits again; a canceled one waits for nothing."""
    first = blocked(stage)
    job_of(stage, first).cancel()
    assert (whole(stage, first).status, whole(stage, first).pending_approval_count) == ("canceled", 0)
    job_of(stage, first).retry()
    assert [one.status for one in stage.project().deployments.list(get_all=True)] == ["canceled", "blocked"]


def test_the_lines_of_a_scenario(stage: GitLabStage) -> None:
    """Deploying from GitLab's pages waits too; what cannot be done says why."""
    assert "waits for approval" in stage.act("deploy production main", "bob")
    for line in (
        "approve-deployment staging",
        "approve-deployment",
        "protect-environment staging admin approvals=x",
    ):
        with pytest.raises(ValueError, match=r"\.$"):
            stage.act(line)
    with pytest.raises(ValueError, match="permission"):
        stage.act("approve-deployment production", "bob")
    stage.act("approve-deployment production")
    stage.act("play", "bob")
    until(lambda: stage.project().deployments.list(get_all=True)[0].status == "success")
