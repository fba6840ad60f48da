"""Who somebody is to GitLab, and what they may do here by which rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from bot.config import ProjectConfig
from bot.ledger import Grant, Lock
from bot.model import Person, Place, Run
from bot.policy import Policy, Rule
from tests.access.house import ALICE, BOB, CAROL, DAVE, OPS, START, House, house_at
from tests.jobs.seen import shown
from tests.sandbox.gitlab_stage import GitLabStage

SHOP = MappingProxyType({"acme/shop": ProjectConfig(channels=(OPS,))})
RULES = (
    Rule("only sre", "deny", environments=("production",), people=("!@sre",)),
    Rule("logs", "deny", commands=("log",), people=("@sre",)),
    Rule("careful", "confirm", commands=("cancel",), role="developer"),
    Rule("four eyes", "approve", commands=("retry",)),
)
POLICY = Policy(rules=RULES, groups={"sre": ("U0ALICE001",), "away": ("S0NOBODY01",)}, admins=("sre",))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house with both services of the sandbox, a project and a policy."""
    with GitLabStage() as gitlab, house_at(tmp_path, gitlab.fake.url, gitlab.fake.tokens) as built:
        yield built.under(POLICY, projects=SHOP)


def said(house: House, person: Person = ALICE, text: str = "whoami", channel: str = OPS) -> str:
    return shown(house.say(text, person, channel))


def test_both_identities(house: House) -> None:
    """It names the Slack id, the GitLab account, how and since when it is connected."""
    text = said(house)
    assert "<@U0ALICE001>" in text
    assert "`U0ALICE001`" in text
    assert "*@alice* (Alice, id 7), connected by a personal access token since" in text
    assert f"<!date^{START // 1000}^" in text


@pytest.mark.parametrize(("person", "role"), [(ALICE, "maintainer"), (BOB, "developer"), (CAROL, "reporter")])
def test_the_role_here(house: House, person: Person, role: str) -> None:
    """The role is that of the project meant here."""
    assert f"Your role in acme/shop, the project meant here: {role}." in said(house, person)


def test_groups(house: House) -> None:
    """Groups one is in are named, and those of which that is not known just now."""
    assert "Groups of the policy: sre." in said(house)
    assert "Groups of the policy" not in said(house, BOB)
    assert "Not known just now whether you are in: away." in said(house)


def test_what_may_be_done_by_which_rule(house: House) -> None:
    """Commands are grouped by what decides about them; rules that need to know more are named."""
    text = said(house)
    assert "Denied by rule “logs”: `log`." in text
    assert "Allowed once you confirm it by rule “careful”: `cancel`." in text
    assert "Allowed with an approval by rule “four eyes”: `retry`." in text
    assert "`run`" in line(text, "Allowed by default")
    assert "`whoami`" in line(text, "Always allowed")
    assert "once the job, its environment or its arguments are known" not in text


def test_rules_that_need_to_know_more(house: House) -> None:
    """A rule about environments may decide otherwise for a job, and is named to whom it may concern."""
    text = said(house, BOB)
    assert "once the job, its environment or its arguments are known: “only sre”." in text
    assert "`log`" in line(text, "Allowed by default")


def test_nobody_connected(house: House) -> None:
    """Without an account it says how to connect one; what is not known is told calmly."""
    text = said(house, DAVE)
    assert "You are not connected to GitLab" in text
    assert "`/gitlab link`" in text
    assert "The project meant here: acme/shop." in text


def test_a_dead_connection(house: House) -> None:
    """A connection GitLab no longer accepts is told, with the way to mend it."""
    house.connect(ALICE, 7, "alice", state="dead")
    assert "GitLab no longer accepts that connection. Connect again with `/gitlab link`" in said(house)


@pytest.mark.parametrize(
    ("refresh", "ahead", "told"),
    [
        ("sealed", 1, "I renew the connection by myself"),
        ("", 1, "The token expires"),
        ("", 0, "The token expired"),
    ],
)
def test_how_long_a_token_lasts(house: House, refresh: str, ahead: int, told: str) -> None:
    """A connection renews itself; a token that was pasted has an end."""
    house.connect(ALICE, 7, "alice", refresh=refresh, expires_at=START + ahead, method="device")
    assert told in said(house)
    assert "by signing in to GitLab" in said(house)


def test_no_project(house: House) -> None:
    """Where no project is meant, no role is told."""
    bare = house.under(POLICY, projects=MappingProxyType({}))
    assert "Your role" not in said(bare)
    assert "Your role in acme/infra" in said(bare, text="acme/infra whoami")


def test_grants_and_locks(house: House) -> None:
    """Access past a rule and environments one holds are told with their end."""
    place, until = Place(OPS), START + 3_600_000
    grant = Grant("g1", ALICE, "alice", "logs", "log", "", "", "", place, START, gitlab_id=7)
    lock = Lock("l1", 42, "acme/shop", "staging", ALICE, "alice", 7, START, until, "", place)
    with house.kit.store.write() as tx:
        tx.grants.ask(grant)
        tx.grants.allow("g1", "bob", until)
        tx.locks.add(lock)
        tx.locks.add(replace(lock, id="l2", environment="production", person=BOB))
        tx.runs.add(Run("r1", "s1", BOB, "bob", place, "acme/shop", 42, "hello", "main", ""))
    text = said(house)
    assert "`log` past “logs”, granted by bob until" in text
    assert "`log`" in line(text, "Allowed by default")
    assert "You hold staging of acme/shop since" in text
    assert "production of acme/shop" not in text


def test_slack_and_gitlab_away(house: House) -> None:
    """With both away it still answers, and says what it does not know."""
    away = house.under(POLICY, projects=SHOP)
    away.slack.slack.break_("500")
    known = replace(away.kit, gitlab_as=lambda person: house.kit.gitlab)
    assert "not known just now" in shown(replace(away, kit=known).say("whoami", ALICE))


def line(text: str, begins: str) -> str:
    return next(one for one in text.splitlines() if f"• {begins}" in one)
