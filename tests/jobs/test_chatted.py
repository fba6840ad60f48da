"""What GitLab's own slash command starts runs as whom its rules were looked at, and at the commit agreed to, or not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.config import ProjectConfig
from bot.model import Run, RunState
from tests.edges import wire
from tests.jobs.scripted import job_body, script
from tests.jobs.seen import shown
from tests.jobs.stage import OPS, PEOPLE, Shop, shop_at, stage_at
from tests.kits import link

CHAT = {
    "acme/shop": ProjectConfig(
        aliases=("shop",), channels=(OPS,), start="chat", chat_via="mattermost_slash_commands"
    )
}
CANCEL = "POST /jobs/5501/cancel"


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Shop]:
    """A project whose jobs start through GitLab's own slash command."""
    with shop_at(tmp_path, CHAT) as shop:
        yield shop


def test_another_user_in_gitlab_s_own_link_is_called_off(chat: Shop) -> None:
    """Alice has connected bob's account to the bot, and her own to GitLab's chat: the job is canceled, and told."""
    link(chat.kit, PEOPLE["alice"], 8, "bob")
    assert chat.say("run slow") is None
    chat.look()
    run = chat.run()
    assert run.state is RunState.REFUSED
    assert (
        "runs it as @alice, which is not the account that alice connected to me, so I canceled it."
        in run.problem
    )
    assert "so I canceled it" in shown(chat.card())
    (pipeline,) = chat.pipelines("chat")
    assert {job.status for job in pipeline.jobs.list(get_all=True)} <= {"canceled", "canceling"}


def test_the_same_user_goes_on(chat: Shop) -> None:
    """Whoever is the same in both sees nothing of it, and may have it retried by somebody else."""
    chat.say("run chat-only")
    run = chat.ended()
    assert (run.state, run.status, run.problem) == (RunState.DONE, "success", "")


def seen_by(tmp_path: Path, job: dict[str, Any], cancel: wire.Reply, **changes: Any) -> tuple[Run, list[str]]:
    """A run of chat whose job is looked at for the first time; the run then, and what GitLab was asked to change."""
    routes = {"/jobs/5501": [wire.data(job)], CANCEL: [cancel], "/trace": [wire.data("")]}
    with wire.serve(script(routes)) as server, stage_at(tmp_path, server.url, projects=CHAT) as stage:
        first = {
            "state": RunState.RUNNING,
            "called_at": stage.clock.now,
            "job_id": 5501,
            "start": "chat",
            "gitlab_id": 7,
        }
        run = stage.intend("hello", **first | changes)
        stage.look()
        return stage.run(run), [path for path in server.paths() if path.startswith("POST")]


ALICE_S: dict[str, Any] = {"user": {"id": 7, "username": "alice"}}
BOB_S: dict[str, Any] = {"user": {"id": 8, "username": "bob"}}
FINE = wire.data(job_body("canceled"))


def test_another_commit_than_was_agreed_to_is_called_off(tmp_path: Path) -> None:
    """GitLab's answer names no commit, so it is looked at as soon as the job is seen."""
    run, asked = seen_by(tmp_path, job_body("running", **ALICE_S), FINE, sha="4be1c0f1" * 5, agreed="digest")
    assert run.state is RunState.REFUSED
    assert "main moved 4be1c0f1 → c0ffee00 in the moment it started, so I canceled it." in run.problem
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("job", "changes"),
    [
        (ALICE_S, {}),
        (ALICE_S, {"sha": "4be1c0f1" * 5}),
        ({}, {}),
        (BOB_S, {"gitlab_id": 0}),
        (BOB_S, {"start": "api"}),
        (BOB_S, {"status": "pending"}),
        (BOB_S, {"retried_by": "k2"}),
    ],
    ids=[
        "same",
        "nothing agreed to",
        "no user",
        "older run",
        "not by chat",
        "seen before",
        "retried by another",
    ],
)
def test_what_cannot_differ_goes_on(tmp_path: Path, job: dict[str, Any], changes: dict[str, Any]) -> None:
    """Only a first look at a job of chat can tell something new."""
    run, asked = seen_by(tmp_path, job_body("running", **job), FINE, **changes)
    assert (run.state, run.status, asked) == (RunState.RUNNING, "running", [])


@pytest.mark.parametrize(
    ("status", "reply", "said"),
    [
        ("running", wire.data({"message": "403 Forbidden"}, 403), "and I could not cancel it: "),
        ("running", wire.html(502), "and I could not cancel it: "),
        ("success", FINE, "and it had ended (success) before I saw that."),
    ],
)
def test_what_cannot_be_canceled_is_told(tmp_path: Path, status: str, reply: wire.Reply, said: str) -> None:
    """The run is over all the same, and its card says what is left to do."""
    run, _ = seen_by(tmp_path, job_body(status, **BOB_S), reply)
    assert (run.state, run.job_id, run.pipeline) == (RunState.REFUSED, 5501, 77)
    assert said in run.problem
