"""What `doctor` finds: every failure is a line with what to do, and none of them hides the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.deeds import Mark, Step
from bot.edges.gitlab import GitLab
from bot.edges.slack import Slack
from bot.edges.slack_people import People
from bot.edges.store import Letter
from bot.jobs import doctor
from bot.model import Place
from tests.edges import wire
from tests.jobs.stage import PEOPLE, Stage, stage_at

SCOPES = ",".join(doctor.SCOPES)


class World:
    """A Slack and a GitLab that answer what a test says."""

    def __init__(self) -> None:
        self.scopes = SCOPES
        self.channel: dict[str, Any] = {"is_member": True}
        self.version = "18.2.1-ee"
        self.token: dict[str, Any] = {"scopes": ["read_api"], "expires_at": None}
        self.project_status = self.environments_status = 200

    def answer(self, seen: wire.Seen) -> wire.Reply:
        method = seen.path.rpartition("/")[2]
        if method == "auth.test":
            body = {"ok": True, "user_id": "U0", "team_id": "T0ACME0001", "user": "signalbox"}
            return wire.data(body, x_oauth_scopes=self.scopes)
        if method == "conversations.info":
            return wire.data({"ok": True, "channel": {"id": "C0OPS00001", **self.channel}})
        bodies = {
            "metadata": {"version": self.version}, "self": self.token,
            "user": {"id": 7, "username": "alice", "name": "Alice"},
        }  # fmt: skip
        if method == "environments":
            return wire.data([], self.environments_status)
        if "/projects/" in seen.path:
            own = "canary" in str(seen.headers.get("Authorization"))
            project = {"id": 42, "path_with_namespace": "acme/shop", "web_url": "https://x.test/acme/shop"}
            return wire.data(project, self.project_status if own else 200)
        return wire.data(bodies[method])


@contextmanager
def examined(tmp_path: Path, world: World, *, linked: bool = True) -> Iterator[Stage]:
    with wire.serve(world.answer) as server, stage_at(tmp_path, server.url) as plain:
        theirs = GitLab(server.url, "glpat-theirs", now=plain.clock)
        slack = Slack("xoxb-1", f"{server.url}/api/")
        gitlab = replace(plain.kit.config.gitlab, application_id="app")
        stage = plain.with_kit(
            slack=slack, people=People(slack, plain.clock), gitlab_as=lambda person: theirs,
            config=replace(plain.kit.config, gitlab=gitlab),
        )  # fmt: skip
        if not linked:
            with stage.store.write() as tx:
                tx.accounts.drop(PEOPLE["alice"])
        yield stage
        theirs.close()


def found(stage: Stage, text: str = "shop doctor") -> dict[str, Step]:
    return {step.name: step for step in doctor.look(stage.kit, stage.request(text))}


def test_all_is_well(tmp_path: Path) -> None:
    """Each thing is told, and none of them asks for anything."""
    with examined(tmp_path, World()) as stage:
        steps = found(stage)
    assert {step.mark for step in steps.values()} == {Mark.FINE}
    assert set(steps) == {
        "your account", "this place", "the project", "GitLab", "my GitLab token", "Slack", "work"
    }  # fmt: skip


def changed(**changes: Any) -> World:
    world = World()
    for name, value in changes.items():
        setattr(world, name, value)
    return world


@pytest.mark.parametrize(
    ("world", "name", "mark", "said"),
    [
        (changed(scopes="chat:write"), "Slack", Mark.WARN, "commands (slash commands)"),
        (changed(channel={"is_member": False}), "this place", Mark.STOP, "/invite"),
        (changed(channel={"is_member": True, "is_ext_shared": True}), "this place", Mark.STOP, "another company"),
        (changed(version="16.11.0"), "GitLab", Mark.WARN, "Before 17.9"),
        (changed(token={"scopes": ["read_user"], "expires_at": None}), "my GitLab token", Mark.STOP, "read_api"),
        (changed(project_status=404), "the project", Mark.STOP, "I do not see acme/shop myself"),
        (changed(environments_status=403), "the project", Mark.WARN, "role Reporter"),
    ],
)  # fmt: skip
def test_each_trouble_is_told(tmp_path: Path, world: World, name: str, mark: Mark, said: str) -> None:
    """With what to do about it."""
    with examined(tmp_path, world) as stage:
        step = found(stage)[name]
    assert step.mark is mark
    assert said in step.said


def test_a_token_that_ends_soon_is_told(tmp_path: Path) -> None:
    """Whoever runs the bot has two weeks to make another."""
    world = World()
    with examined(tmp_path, world) as stage:
        for days, mark in ((20, Mark.FINE), (5, Mark.WARN)):
            ends = datetime.fromtimestamp((stage.clock.now + days * doctor.DAY_MS) / 1000, UTC)
            world.token = {"scopes": ["api"], "expires_at": ends.date().isoformat()}
            assert found(stage)["my GitLab token"].mark is mark


def test_who_is_not_connected_is_told_how(tmp_path: Path) -> None:
    """That is no fault of the bot."""
    with examined(tmp_path, World(), linked=False) as stage:
        assert found(stage)["your account"].mark is Mark.ASK


def test_letters_that_wait_or_were_given_up_are_told(tmp_path: Path) -> None:
    """A courier that does not get on, and messages that nobody will read."""
    with examined(tmp_path, World()) as stage:
        late = Letter("l1", "q", "post", Place("C1"), "", "{}", created_at=stage.clock.now - 120_000)
        lost = replace(late, id="l2", queue="q2", created_at=stage.clock.now - 1_000)
        with stage.store.write() as tx:
            tx.outbox.put(late)
            tx.outbox.put(lost)
            tx.outbox.dead("l2", "is_archived")
        told = [step.said for step in doctor.look(stage.kit, stage.request("shop doctor"))]
    assert "1 message waiting for over a minute." in told
    assert "1 message was given up in a day, last: is_archived" in told


def test_a_gitlab_that_is_away_hides_nothing_else(tmp_path: Path) -> None:
    """Each look stands alone."""
    with stage_at(tmp_path, "http://127.0.0.1:9") as stage:
        steps = found(stage)
    assert steps["GitLab"].mark is Mark.STOP
    assert steps["work"].mark is Mark.FINE
