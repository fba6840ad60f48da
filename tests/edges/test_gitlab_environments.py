"""Environments, deployments, freezes, incidents and protection: GitLab's samples and the sandbox's GitLab."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.edges.gitlab import GitLab
from bot.environments import (
    AccessLevel,
    Deployment,
    Environment,
    FreezePeriod,
    Incident,
    Protection,
)
from bot.errors import GitLabSaidNo, GitLabUnreachable
from tests.edges import wire
from tests.edges.gitlab_calls import NOW, Connect, sample
from tests.sandbox.gitlab_stage import GitLabStage

Speak = Callable[[str], GitLab]
SHOP = 42
LINK = "https://gitlab.example.com/acme/shop/-"


@pytest.fixture(scope="module")
def stage() -> Iterator[GitLabStage]:
    """The sandbox's GitLab."""
    with GitLabStage() as running:
        yield running


@pytest.fixture
def speak(stage: GitLabStage) -> Iterator[Speak]:
    """The sandbox's GitLab as somebody sees it."""
    opened: list[GitLab] = []

    def speak_as(name: str) -> GitLab:
        opened.append(GitLab(stage.fake.url, stage.fake.tokens[name], timeout=(3.0, 5.0), now=lambda: NOW))
        return opened[-1]

    yield speak_as
    for one in opened:
        one.close()


@pytest.fixture
def bot(speak: Speak) -> GitLab:
    """The sandbox's GitLab as its bot sees it."""
    return speak("bot")


def _answered(connect: Connect, body: Any, ask: Any, status: int = 200) -> Any:
    with wire.serve(wire.always(wire.data(body, status))) as server:
        return ask(connect(server))


# GitLab's own samples ----------------------------------------------------------------------------


def test_environments_keep_the_tier_gitlab_gives_them(connect: Connect) -> None:
    """Id, name, tier and state are read from the list."""
    found = _answered(connect, sample("environments_list"), lambda gitlab: gitlab.environments(SHOP))
    assert found == [
        Environment(5, "production", "production", url="https://shop.example.com"),
        Environment(4, "staging", "staging", url="https://staging.shop.example.com"),
    ]


def test_an_environment_without_a_tier_is_given_the_one_of_its_name(connect: Connect) -> None:
    """A null tier is guessed as GitLab guesses it."""
    bare = [{"id": 1, "name": "live-eu", "tier": None}]
    found = _answered(connect, bare, lambda gitlab: gitlab.environments(SHOP))
    assert found == [Environment(1, "live-eu", "production", "available")]


def test_deployments_are_asked_for_newest_first(connect: Connect) -> None:
    """Name, order and number are sent, and a deployment is read whole."""
    with wire.serve(wire.always(wire.data(sample("deployments_list")))) as server:
        found = connect(server).deployments(SHOP, "production", 5)
    assert [one.id for one in found] == [901, 880]
    assert found[0] == Deployment(
        id=901, environment="production", ref="v8.9.2", sha="9a0c7b6de25f4c3d81e4a7750c6b1f9e2d3a4b5c",
        status="success", username="dana", user_id=7, created_at=1_795_101_609_000, pipeline=1201,
        url=f"{LINK}/jobs/5490", job=5490, job_name="deploy_production", finished_at=1_795_101_720_000,
    )  # fmt: skip
    assert found[0].since == 1_795_101_720_000
    assert server.seen[0].query == {
        "environment": "production", "order_by": "id", "sort": "desc", "per_page": "5"
    }  # fmt: skip


def test_deployments_of_all_environments_in_one_state(connect: Connect) -> None:
    """Without a name all environments are meant; a status leaves out the others."""
    with wire.serve(wire.always(wire.data([]))) as server:
        assert connect(server).deployments(SHOP, status="success", most=500) == []
    assert server.seen[0].query == {
        "status": "success",
        "order_by": "id",
        "sort": "desc",
        "per_page": "100",
    }


def test_a_deployment_that_was_only_written_down_has_neither_job_nor_person(connect: Connect) -> None:
    """Null `user` and `deployable` give empty fields."""
    bare = [sample("deployments_list")[0] | {"user": None, "deployable": None}]
    found = _answered(connect, bare, lambda gitlab: gitlab.deployments(SHOP, "production"))[0]
    assert (found.username, found.user_id, found.pipeline, found.url) == ("", 0, None, "")
    assert (found.job, found.job_name, found.since) == (None, "", 1_795_101_721_000)


def test_open_incidents_are_asked_for_and_keep_severity_and_labels(connect: Connect) -> None:
    """Only open incidents are asked for; the severity is told in small letters."""
    with wire.serve(wire.always(wire.data(sample("issues_list")))) as server:
        found = connect(server).incidents(SHOP)
    title, url = "Checkout latency > 5s", f"{LINK}/issues/incident/17"
    assert found == [Incident(17, title, "high", url, ("incident", "service::shop"))]
    assert (server.seen[0].query["issue_type"], server.seen[0].query["state"]) == ("incident", "opened")


def test_an_incident_may_lack_a_severity_and_detail_its_labels(connect: Connect) -> None:
    """No severity is `unknown`, and labels with details are read by their names."""
    bare = sample("issues_list")[0] | {
        "severity": None,
        "labels": [{"name": "env:prod"}],
        "confidential": True,
    }
    found = _answered(connect, [bare], lambda gitlab: gitlab.incidents(SHOP))[0]
    assert (found.severity, found.labels, found.confidential) == ("unknown", ("env:prod",), True)


def test_a_role_is_a_number_and_none_for_who_is_no_member(connect: Connect) -> None:
    """The number comes from the member, 404 is zero."""
    member = sample("project_members_all_get")
    assert _answered(connect, member, lambda gitlab: gitlab.role(SHOP, 7)) == 40
    missing = {"message": "404 Not found"}
    assert _answered(connect, missing, lambda gitlab: gitlab.role(SHOP, 8), 404) == 0


def test_protection_tells_who_may_deploy_and_how_many_approve(connect: Connect) -> None:
    """Roles, people and groups are told apart, and the approvals of all rules are wanted."""
    rows = [{"access_level": 40, "user_id": 7}, {"access_level": 40, "group_id": 134}, {"access_level": 40}]
    rules = [{"required_approvals": 1}, {"required_approvals": 2}]
    body = sample("protected_environments_list")[0] | {"deploy_access_levels": rows, "approval_rules": rules}
    found = _answered(connect, body, lambda gitlab: gitlab.protection(SHOP, "production"))
    assert found == Protection(
        (AccessLevel("", None, 7), AccessLevel("", None, None, 134), AccessLevel("", 40)), approvals=3
    )


def test_approvals_may_be_told_in_the_older_way(connect: Connect) -> None:
    """Without rules the one number counts."""
    body = sample("protected_environments_list")[0] | {"approval_rules": [], "required_approval_count": 2}
    assert _answered(connect, body, lambda gitlab: gitlab.required_approvals(SHOP, "production")) == 2


@pytest.mark.parametrize("status", [403, 404])
def test_approvals_that_are_not_shown_are_none(connect: Connect, status: int) -> None:
    """Neither a licence without protection nor a role below Maintainer is an error."""
    refusal = {"message": f"{status} Forbidden"}
    ask = _answered(connect, refusal, lambda gitlab: gitlab.required_approvals(SHOP, "production"), status)
    assert ask is None


def test_approvals_that_gitlab_cannot_tell_are_an_error(connect: Connect) -> None:
    """A refusal of another kind is not taken for `none`."""
    with pytest.raises(GitLabSaidNo):
        _answered(connect, {"message": "no"}, lambda gitlab: gitlab.required_approvals(SHOP, "x"), 400)


def test_the_name_of_an_environment_is_one_segment_of_the_path(connect: Connect) -> None:
    """The slash of `review/x` is escaped."""
    with wire.serve(wire.always(wire.data(sample("protected_environments_list")[0]))) as server:
        connect(server).protection(SHOP, "review/x")
    assert server.seen[0].target.endswith("/protected_environments/review%2Fx")


READS = {
    "environments": lambda gitlab: gitlab.environments(SHOP),
    "deployments": lambda gitlab: gitlab.deployments(SHOP, "production"),
    "freeze_periods": lambda gitlab: gitlab.freeze_periods(SHOP),
    "incidents": lambda gitlab: gitlab.incidents(SHOP),
    "role": lambda gitlab: gitlab.role(SHOP, 7),
    "protection": lambda gitlab: gitlab.protection(SHOP, "production"),
}


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("body", [[{}], [None], ["x"], {"a": 1}])
def test_an_answer_gitlab_does_not_document_is_no_answer(connect: Connect, read: str, body: Any) -> None:
    """Other JSON than expected is GitLabUnreachable, never a crash."""
    with pytest.raises(GitLabUnreachable):
        _answered(connect, body, READS[read])


# The sandbox's GitLab ----------------------------------------------------------------------------


def test_the_sandbox_tells_its_environments_one_and_all(bot: GitLab) -> None:
    """The list holds staging and production; one is found by its exact name."""
    assert {one.name: one.tier for one in bot.environments(SHOP)} == {
        "staging": "staging", "production": "production"
    }  # fmt: skip
    one = bot.environment(SHOP, "staging")
    assert one is not None
    assert one.tier == "staging"
    assert bot.environment(SHOP, "stag") is None


def test_the_sandbox_tells_a_deployment_and_who_made_it(stage: GitLabStage, bot: GitLab) -> None:
    """What alice deployed to staging is the newest deployment there, and production has none."""
    stage.act("deploy staging main")
    newest = bot.deployments(SHOP, "staging")[0]
    assert (newest.environment, newest.ref, newest.username) == ("staging", "main", "alice")
    assert newest.pipeline
    assert newest.url
    assert bot.deployments(SHOP, "production") == []


def test_the_sandbox_tells_its_freeze_periods(stage: GitLabStage, bot: GitLab) -> None:
    """A freeze has two expressions and a time zone."""
    weekend = {"freeze_start": "0 18 * * 5", "freeze_end": "0 7 * * 1"}
    stage.client("alice").http_post(f"/projects/{SHOP}/freeze_periods", post_data=weekend)
    assert bot.freeze_periods(SHOP) == [FreezePeriod("0 18 * * 5", "0 7 * * 1", "UTC")]


def test_the_sandbox_tells_its_roles(speak: Speak, bot: GitLab) -> None:
    """Maintainer, Developer, Reporter, and nobody."""
    roles = [bot.role(SHOP, speak(name).me().id) for name in ("alice", "bob", "carol")]
    assert [*roles, bot.role(SHOP, 999_999)] == [40, 30, 20, 0]


def test_the_sandbox_shows_protection_to_maintainers(stage: GitLabStage, speak: Speak) -> None:
    """alice sees that production is for Maintainers; bob is not shown it."""
    stage.act("protect-environment production maintainer")
    found = speak("alice").protection(SHOP, "production")
    assert found == Protection((AccessLevel("Maintainers", 40),))
    assert speak("alice").required_approvals(SHOP, "production") == 0
    assert speak("bob").required_approvals(SHOP, "production") is None
    with pytest.raises(GitLabSaidNo):
        speak("bob").protection(SHOP, "production")


def test_the_sandbox_tells_open_incidents_alone(stage: GitLabStage, bot: GitLab) -> None:
    """An incident is there until it is closed."""
    stage.act("incident The till is on fire")
    (found,) = bot.incidents(SHOP)
    assert found.title == "The till is on fire"
    stage.act(f"close #{found.number}")
    assert bot.incidents(SHOP) == []
