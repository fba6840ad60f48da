"""Which environments a project has is known as far as GitLab tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.command import Click
from bot.edges.slack import Slack
from bot.edges.slack_people import People
from bot.errors import GitLabUnreachable, NotUnderstood, Refused
from bot.jobs import environments
from bot.model import Place
from tests.access.lock_stage import IDS, PEOPLE, SHOP, Stage, stage_at
from tests.edges import wire
from tests.jobs.seen import shown

TOKENS = {name: f"glpat-{name}" for name in ("bot", "alice")}
PROJECT = {
    "id": SHOP, "path_with_namespace": "acme/shop", "web_url": "https://gitlab.example.com/acme/shop",
    "default_branch": "main", "ci_config_path": None,
}  # fmt: skip
MEMBER = {"id": IDS["alice"], "username": "alice", "access_level": 30}


def gitlab(answers: Mapping[str, wire.Reply]) -> wire.Script:
    """A GitLab that knows the project and its member, and says this of the rest; 404 for what is not there."""

    def answer(seen: wire.Seen) -> wire.Reply:
        for part, reply in answers.items():
            if part in seen.path:
                return reply
        if "/members/" in seen.path:
            return wire.data(MEMBER)
        if seen.path.endswith("/user"):
            return wire.data(MEMBER | {"name": "Alice"})
        return (
            wire.data(PROJECT) if seen.path.endswith("shop") else wire.data({"message": "404 Not found"}, 404)
        )

    return answer


@contextmanager
def stage(path: Path, answers: Mapping[str, wire.Reply], **tiers: str) -> Iterator[Stage]:
    with wire.serve(gitlab(answers)) as server, stage_at(path, server.url, TOKENS) as made:
        yield made.with_policy(tiers=tiers)


FORBIDDEN, AWAY = wire.data({"message": "403 Forbidden"}, 403), wire.data({}, 502)


def test_what_the_bot_may_not_see(tmp_path: Path) -> None:
    """Without environments and without jobs there is what the configuration declares."""
    with stage(tmp_path, {"/environments": FORBIDDEN}, production="production") as made:
        assert made.say("lock production") is None
        with pytest.raises(NotUnderstood, match="It has `production`"):
            made.say("lock staging")


def test_a_project_without_environments(tmp_path: Path) -> None:
    """It says so, and guesses nothing."""
    with stage(tmp_path, {}) as made:
        with pytest.raises(NotUnderstood, match="It has none that I know"):
            made.say("lock staging")
        assert "acme/shop has no environment." in shown(made.say("who"))


@pytest.mark.parametrize("part", ["/environments", "/repository"])
def test_gitlab_is_away(tmp_path: Path, part: str) -> None:
    """An environment is not called unknown because GitLab did not answer."""
    with stage(tmp_path, {part: AWAY}) as made, pytest.raises(GitLabUnreachable):
        made.say("lock staging")


def test_deployments_that_are_not_shown(tmp_path: Path) -> None:
    """`who` tells of the locks all the same."""
    with stage(tmp_path, {"/deployments": FORBIDDEN}, staging="staging") as made:
        made.say("lock staging")
        assert "*staging* is locked by alice" in shown(made.say("who staging"))


def test_the_tier_of_a_deed(tmp_path: Path) -> None:
    """It is declared, else guessed by the name while GitLab does not say."""
    click = Click("k", PEOPLE["alice"], "alice", Place("C0OPS00001"), "v")
    with stage(tmp_path, {"/environments": AWAY}, blue="production") as made:
        deed = environments.deed(made.kit, click, ("lock",), (SHOP, "acme/shop"), "staging")
        assert (deed.tier, deed.environment, deed.project, deed.risky) == (
            "staging",
            "staging",
            "acme/shop",
            False,
        )
        assert environments.deed(made.kit, click, ("lock",), (SHOP, "acme/shop"), "blue").tier == "production"


def test_slack_does_not_tell_the_time_zone(tmp_path: Path) -> None:
    """A time of day is refused with what can be said instead."""
    with stage(tmp_path, {}, staging="staging") as made:
        away = wire.closed_port()
        people = People(Slack("xoxb-canary", f"http://127.0.0.1:{away}/api/", timeout=1), made.clock)
        with pytest.raises(Refused, match="does not tell me your time zone"):
            replace(made, kit=replace(made.kit, people=people)).say("lock staging until 18:00")
