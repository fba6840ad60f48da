"""What is known of a person for a rule."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.access import facts
from bot.deeds import Deed
from bot.model import Person
from bot.policy import Policy
from sandbox.slack.groups import set_group
from tests.access.house import ALICE, BOB, DAVE, OPS, TEAM, House, house_at
from tests.sandbox.gitlab_stage import GitLabStage

GROUPS = {"sre": ("U0ALICE001", "gitlab:bob"), "oncall": ("S0ONCALL01",), "nobody": ()}


@pytest.fixture
def staffed(house: House) -> House:
    set_group(house.slack.slack.workspace, "oncall", [BOB.id])
    return house.under(Policy(groups=GROUPS))


@pytest.fixture
def gitlab() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        yield stage


@pytest.fixture
def joined(tmp_path: Path, gitlab: GitLabStage) -> Iterator[House]:
    """A house with the sandbox's GitLab."""
    with house_at(tmp_path, gitlab.fake.url, gitlab.fake.tokens) as house:
        yield house


def of(house: House, person: Person = ALICE, project: str = "", project_id: int = 0) -> facts.Live:
    return facts.live(house.kit, Deed(("run",), person, OPS, project=project, project_id=project_id))


@pytest.mark.parametrize(
    ("person", "member", "belongs"),
    [
        (ALICE, "U0ALICE001", True), (BOB, "U0ALICE001", False), (ALICE, "gitlab:alice", True),
        (ALICE, "gitlab:ALICE", True), (BOB, "gitlab:alice", False), (DAVE, "gitlab:alice", None),
        (BOB, "S0ONCALL01", True), (ALICE, "S0ONCALL01", False), (ALICE, "S0NOBODY", None),
        (ALICE, "@sre", True), (BOB, "sre", True), (DAVE, "@sre", None), (BOB, "@oncall", True),
        (ALICE, "@nobody", False), (ALICE, "@unheard-of", None), (ALICE, "alice", None),
    ],
)  # fmt: skip
def test_members(staffed: House, person: Person, member: str, belongs: bool | None) -> None:
    """Slack ids, Slack's groups, GitLab's usernames and groups of the policy; what nobody can tell is None."""
    assert of(staffed, person).belongs(member) is belongs


def test_slack_away(staffed: House) -> None:
    """Whether somebody is in a user group is not known while Slack is away; who they are themselves is."""
    staffed.slack.slack.break_("500")
    assert of(staffed).belongs("@oncall") is None
    assert of(staffed).belongs("@sre") is True


def test_one_of(staffed: House) -> None:
    """Only what is certain makes somebody one of them."""
    assert facts.is_one_of(staffed.kit, ALICE, ("oncall", "sre"))
    assert not facts.is_one_of(staffed.kit, DAVE, ("sre",))
    assert not facts.is_one_of(staffed.kit, ALICE, ())


@pytest.mark.parametrize(("who", "role"), [("alice", 40), ("bob", 30), ("carol", 20)])
def test_roles(joined: House, who: str, role: int) -> None:
    """A role is GitLab's, asked with the person's own token, by the project's path or its id."""
    person = {"alice": ALICE, "bob": BOB, "carol": Person(TEAM, "U0CAROL001")}[who]
    assert of(joined, person, "acme/shop").role() == role
    project_id = joined.kit.gitlab_as(person).project("acme/shop").id
    assert of(joined, person, "acme/shop", project_id).role() == role


def test_a_role_is_asked_once_a_request(joined: House, gitlab: GitLabStage) -> None:
    """Within one request GitLab is asked once; the next one asks again, so that a lost role counts at once."""
    known = of(joined, ALICE, "acme/shop")
    assert known.role() == 40
    before = sum(gitlab.fake.calls.values())
    assert known.role() == 40
    assert sum(gitlab.fake.calls.values()) == before
    assert of(joined, ALICE, "acme/shop").role() == 40
    assert sum(gitlab.fake.calls.values()) > before


def test_roles_nobody_can_tell(house: House) -> None:
    """Without an account, without a project, or with GitLab away, a role is not known."""
    assert of(house, DAVE, "acme/shop", 42).role() is None
    assert of(house, ALICE).role() is None
    assert of(house, ALICE, "acme/shop", 42).role() is None
