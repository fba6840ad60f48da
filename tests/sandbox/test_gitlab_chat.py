"""The sandbox's GitLab takes slash commands itself, and breaks when it is told to."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import gitlab
import pytest
import requests

from tests.sandbox.gitlab_stage import GitLabStage, listed

ALICE, CAROL, DAVE = "U0ALICE001", "U0CAROL001", "U0DAVE0001"


@pytest.fixture
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        yield stage


def form(
    token: str, text: str, user: str = ALICE, answers: str = "http://127.0.0.1:1/answers"
) -> dict[str, str]:
    names = {"team_id": "T0ACME0001", "team_domain": "acme", "user_id": user, "user_name": "somebody"}
    return {"token": token, "text": text, "channel_id": "C0OPS00001", "response_url": answers, **names}


def command(stage: GitLabStage, text: str, **more: str) -> Any:
    """What the shop's integration answers."""
    url = "/projects/acme%2Fshop/integrations/mattermost_slash_commands/trigger"
    return stage.client().http_post(url, post_data=form(stage.fake.chat_tokens["acme/shop"], text, **more))


def test_a_chat_pipeline_keeps_only_the_named_job(stage: GitLabStage) -> None:
    """`run chat-only` makes a pipeline of source chat as the linked person, and says the job's id."""
    answer = command(stage, "run chat-only some words")
    found = re.fullmatch(r"Your ChatOps job \[#(\d+)\]\((http\S+)\) has been created!", answer["text"])
    assert found is not None
    job = stage.project().jobs.get(int(found[1]))
    pipeline = stage.project().pipelines.list(get_all=True, source="chat", username="alice")[0]
    assert (job.name, job.pipeline["id"]) == ("chat-only", pipeline.id)
    variables = stage.run(stage.fake.get(f"pipelines/{pipeline.id}/variables", "acme/shop"))
    assert {one["key"]: one["value"] for one in variables} == {
        "CHAT_INPUT": "some words",
        "CHAT_CHANNEL": "C0OPS00001",
        "CHAT_USER_ID": ALICE,
    }
    assert "Only chat runs this." in stage.log(job)


def test_slacks_own_answer_address_gets_the_silent_answer(stage: GitLabStage) -> None:
    """For hooks.slack.com the answer names no job."""
    answer = command(stage, "run hello", answers="https://hooks.slack.com/commands/T/1/x")
    assert (answer["text"], answer["response_type"]) == ("", "in_channel")


@pytest.mark.parametrize("text", ["run no-chat", "run nothing", "run .deploy"])
def test_what_chat_may_not_run_has_one_answer(stage: GitLabStage, text: str) -> None:
    """An unknown job and one that its rules keep from chat are refused in the same words."""
    assert command(stage, text)["text"].startswith("The command could not be scheduled.")


def test_people_without_a_link_or_a_role_are_turned_away(stage: GitLabStage) -> None:
    """Dave gets the link to connect his account; Carol is not allowed."""
    assert "connect your GitLab account](http" in command(stage, "run hello", user=DAVE)["text"]
    assert command(stage, "run hello", user=CAROL)["text"].startswith("Whoops! This action is not allowed")


def test_a_wrong_integration_token_is_not_found(stage: GitLabStage) -> None:
    """Nothing tells a wrong token from an integration that is not there."""
    url = f"{stage.fake.url}/api/v4/projects/acme%2Fshop/integrations/mattermost_slash_commands/trigger"
    answer = requests.post(url, data=form("wrong", "run hello"), timeout=5)
    assert (answer.status_code, answer.json()) == (404, {"message": "404 Integration Not Found"})


@pytest.mark.parametrize("name", ["acme/infra", "infra"])
def test_the_slack_app_takes_the_project_from_the_text(stage: GitLabStage, name: str) -> None:
    """`/gitlab <project or alias> run …` reaches that project."""
    url = f"{stage.fake.url}/api/v4/slack/trigger"
    answer = requests.post(url, data=form(stage.fake.slack_app_token, f"{name} run scale"), timeout=5)
    assert "has been created!" in answer.json()["text"]
    answer = requests.post(url, data=form(stage.fake.slack_app_token, "nowhere run scale"), timeout=5)
    assert answer.json()["text"] == "GitLab error: project or alias not found"


@pytest.mark.parametrize(("how", "seen"), [("502-after", 502), ("cut-after", None)])
def test_the_next_changing_call_does_its_work_and_loses_its_answer(
    stage: GitLabStage, how: str, seen: int | None
) -> None:
    """The pipeline is made although the answer is lost; reading is not disturbed."""
    project = stage.project()
    stage.fake.break_(how)
    project.pipelines.list(get_all=True)
    body = {"ref": "main", "variables": listed({"CHATOPS_JOB": "quiet"})}
    with pytest.raises((gitlab.GitlabError, requests.ConnectionError)) as lost:
        project.pipelines.create(body)
    assert getattr(lost.value, "response_code", None) == seen
    assert len(project.pipelines.list(get_all=True)) == 1
    assert project.pipelines.create(body).id


def test_the_rate_limit_is_plain_text_with_its_headers(stage: GitLabStage) -> None:
    """429 says `Retry later` and how long; the other limiter answers JSON and no time."""
    stage.fake.break_("429", times=1, arg=7)
    stage.fake.break_("429-json", times=1)
    headers = {"PRIVATE-TOKEN": stage.fake.bot_token}
    application = requests.get(f"{stage.fake.url}/api/v4/user", headers=headers, timeout=5)
    assert (application.status_code, "Retry-After" in application.headers) == (429, False)
    assert "too many times" in application.json()["message"]["error"]
    everything = requests.get(f"{stage.fake.url}/api/v4/user", headers=headers, timeout=5)
    assert (everything.text, everything.headers["Retry-After"]) == ("Retry later\n", "7")
    assert everything.headers["RateLimit-Remaining"] == "0"
    assert requests.get(f"{stage.fake.url}/api/v4/user", headers=headers, timeout=5).status_code == 200


def test_down_slow_and_500_last_until_they_are_mended(stage: GitLabStage) -> None:
    """A GitLab that is down cuts every connection and counts no call."""
    client = stage.client()
    stage.fake.break_("down")
    with pytest.raises(requests.ConnectionError):
        client.auth()
    assert not stage.fake.calls
    stage.fake.mend()
    stage.fake.break_("500", times=1)
    with pytest.raises(gitlab.GitlabGetError, match="500 Internal Server Error"):
        client.auth()
    stage.fake.break_("slow", times=1, arg=0.2)
    before = time.monotonic()
    client.auth()
    assert time.monotonic() - before >= 0.2


def test_an_unknown_fault_is_refused(stage: GitLabStage) -> None:
    """`break` names the faults there are."""
    with pytest.raises(ValueError, match="502-after"):
        stage.fake.break_("tired")
