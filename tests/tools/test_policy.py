"""`run_bot.py policy explain`: what the rules say of a command, from the configuration and the store alone."""

from __future__ import annotations

import argparse
import io
from contextlib import closing
from pathlib import Path
from types import MappingProxyType

import pytest

import commands
from bot.catalogues import Catalogue, ChatJob
from bot.config import Config, GitLabConfig, ProjectConfig, SlackConfig, StoreConfig
from bot.edges.store import Store
from bot.errors import NotUnderstood
from bot.jobs import catalogue
from bot.ledger import Account, Grant, Lock
from bot.model import Person, Place, Project
from bot.policy import FreezeWindow, Policy, Rule
from bot.tools import policy

NOW = 1_763_650_000_000  # Thursday, 2025-11-20 14:46 UTC
ALICE = Person("T1", "U0ALICE001")
OPS = Place("C0OPS00001")
SHOP = Project(42, "acme/shop", "https://gitlab.example/acme/shop", "main")
JOBS = (
    ChatJob("deploy", "deploy", environment="production"),
    ChatJob("hello", "test"),
    ChatJob("odd@name", "test"),
)
RULES = (
    Rule(
        "prod",
        "deny",
        environments=("production",),
        people=("!@sre",),
        why="Ask sre.",
        line=7,
        grant_by=("sre",),
    ),
    Rule("tags", "approve", commands=("run",), refs=("v*",), by=("sre",)),
    Rule("last", "confirm", commands=("retry",)),
)
POLICY = Policy(
    rules=RULES,
    groups={"sre": ("gitlab:alice",)},
    freezes=(
        FreezeWindow("winter", "2025-11-20", "2025-11-21", "UTC"),
        FreezeWindow("past", "2024-11-20", "2024-11-21", "UTC", environments=("prod*",)),
        FreezeWindow("broken", "soon", "later", "UTC"),
        FreezeWindow("infra", "2025-11-20", "2025-11-21", "UTC", projects=("acme/infra",)),
    ),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of a store that knows alice, a second Alice, the jobs of the shop and a lock."""
    where = tmp_path / "signalbox.sqlite3"
    found = Catalogue(SHOP, "main", "a" * 40, JOBS)
    with closing(Store(where)) as store, store.write() as tx:
        tx.catalogues.put(42, found.sha, catalogue.dumps(found), NOW)
        for person, number, username in ((ALICE, 7, "alice"), (Person("T1", "U0ALICE002"), 70, "alice2")):
            tx.accounts.put(Account(person, number, username, "Alice Archer", "token", "s", "", None, NOW))
        tx.locks.add(Lock("l1", 42, "acme/shop", "production", ALICE, "alice", 7, NOW, NOW + 60_000, "", OPS))
        tx.places.set_alias("T1", "store", "acme/shop")
        tx.places.set_default("T1", "C0INFRA001", "acme/infra")
    return where


def explained(path: Path, line: str, *options: str, rules: Policy = POLICY) -> tuple[int, str]:
    """The exit code and what is printed, for bob unless somebody else is named."""
    config = Config(
        slack=SlackConfig(bot_token="xoxb-canary", app_token="xapp-canary"), gitlab=GitLabConfig(token="glpat-canary"),
        store=StoreConfig(path=path), policy=rules,
        projects=MappingProxyType({"acme/shop": ProjectConfig(aliases=("shop",), channels=(OPS.channel,))}),
    )  # fmt: skip
    parser, out = argparse.ArgumentParser(), io.StringIO()
    policy.describe(parser)
    parser.set_defaults(commands=commands.load)
    who = () if "--as" in options else ("--as", "gitlab:bob")
    where = () if "--in" in options else ("--in", OPS.channel)
    given = parser.parse_args(["explain", *who, *where, *options, line])
    return policy.run(given, config, out, now=lambda: NOW), out.getvalue()


def test_a_refusal(path: Path) -> None:
    """Every rule is there with why, the one that decided with its line and sentence; rules below are not looked at."""
    code, said = explained(path, "run deploy v1 production")
    assert code == 1
    assert (
        "✅  “prod” (deny): the environment production is among production; the person is among !@sre" in said
    )
    assert "·  “tags” (approve): not looked at" in said
    assert "Decision: deny, by the rule “prod”, line 7. Ask sre." in said
    assert "run deploy@main of acme/shop on production (tier production)" in said


def test_what_else_is_looked_at(path: Path) -> None:
    """Locks come from the store, freezes are computed, and what only GitLab knows is named."""
    said = explained(path, "run deploy")[1]
    assert "lock: alice holds production until 2025-11-20 14:47 UTC" in said
    assert "freeze: “winter” is in force, until 2025-11-21 00:00 UTC" in said
    assert "freeze: “past” is not in force now" in said
    assert "freeze: “broken” cannot be read" in said
    assert "infra" not in said
    assert "confirmation: production is confirmed by whoever asks" in said
    assert "asked at the time: the account" in said
    assert "open incidents" in said


def test_what_is_not_risky_meets_no_lock(path: Path) -> None:
    """Cancelling and locking start nothing."""
    for line in ("cancel deploy", "lock production", "log deploy"):
        assert "lock:" not in explained(path, line)[1]


def test_nothing_holds_it(path: Path) -> None:
    """Where nobody holds the environment and no window is about it, it says so."""
    said = explained(path, "run deploy", "--environment", "staging")[1]
    assert "lock: nobody holds staging" in said
    assert "freeze: no window of the configuration is about it" in said


@pytest.mark.parametrize("who", ["alice", "@alice", "ALICE", "U0ALICE001", "gitlab:alice"])
def test_somebody_the_store_knows(path: Path, who: str) -> None:
    """A Slack id and a GitLab username lead to the same account."""
    code, said = explained(path, "run deploy", "--as", who)
    assert "U0ALICE001 is @alice in GitLab" in said
    assert (code, "✗  “prod”" in said) == (0, True)


def test_two_of_one_name(path: Path) -> None:
    """A name of several accounts is asked back."""
    with pytest.raises(NotUnderstood, match=r"U0ALICE001 \(@alice\), U0ALICE002 \(@alice2\)"):
        explained(path, "run deploy", "--as", "Alice Archer")


def test_somebody_unknown(path: Path) -> None:
    """Of a Slack id that is not connected nobody knows the GitLab name: the rule stays open, and counts."""
    code, said = explained(path, "run deploy", "--as", "U0DAVE0001")
    assert code == 1
    assert "nobody of that name is connected" in said
    assert "?  “prod” (deny): the person is not known to be among !@sre" in said
    assert "as long as that is open it counts" in said


@pytest.mark.parametrize("groups", ["sre", "@sre", "a, sre"])
def test_groups_can_be_told(path: Path, groups: str) -> None:
    """What only Slack knows can be said on the command line."""
    assert explained(path, "run deploy", "--as", "U0DAVE0001", "--groups", groups)[0] == 0


@pytest.mark.parametrize(
    ("options", "mark"),
    [((), "?"), (("--role", "guest"), "✅"), (("--role", "none"), "✅"), (("--role", "Maintainer"), "✗")],
)
def test_roles_can_be_told(path: Path, options: tuple[str, ...], mark: str) -> None:
    """A role is GitLab's to know; without one the rule stays open."""
    rules = Policy(rules=(Rule("juniors", "deny", role_below="developer"),))
    code, said = explained(path, "run hello", *options, rules=rules)
    assert f"{mark}  “juniors”" in said
    assert code == (0 if mark == "✗" else 1)


def test_an_environment_nobody_knows(path: Path) -> None:
    """Of a job the store does not have it says how to tell the environment; `-` is none."""
    code, said = explained(path, "run unheard-of")
    assert (
        "?  “prod” (deny): the environment is not known: give it with --environment NAME, or - for none"
        in said
    )
    assert code == 1
    assert explained(path, "run unheard-of", "--environment", "-")[0] == 0
    assert explained(path, "run unheard-of", "--as", "alice", "--environment", "production")[0] == 0


def test_a_ref_nobody_knows(path: Path) -> None:
    """Without a store the default branch is not known."""
    code, said = explained(path.with_name("none.sqlite3"), "run hello", "--environment", "-")
    assert "There is no store yet" in said
    assert "?  “tags” (approve): the ref is not known: give it as JOB@REF" in said
    assert (code, path.with_name("none.sqlite3").exists()) == (0, False)


@pytest.mark.parametrize(
    ("line", "about"),
    [
        ("/gitlab run hello@v1 a b", "run hello@v1 of acme/shop"),
        ("/run hello", "run hello@main of acme/shop"),
        ("shop run hello", "run hello@main of acme/shop"),
        ("store retry hello", "retry hello@main of acme/shop"),
        ("acme/infra run hello", "run hello of acme/infra"),
        ("deploy v1 production", "deploy of acme/shop on production (tier production)"),
        ("deploy staging to production", "deploy of acme/shop on production (tier production)"),
        ("rollback staging", "rollback of acme/shop on staging (tier staging)"),
        ("unlock staging", "unlock of acme/shop on staging (tier staging)"),
        ("run deploy --dry-run", "run deploy@main of acme/shop on production"),
        ("again", "again of acme/shop"),
        ("audit", "audit of acme/shop"),
        ("stop hello", "cancel hello@main of acme/shop"),
        ("shop jobs", "jobs of acme/shop"),
    ],
)
def test_what_is_typed(path: Path, line: str, about: str) -> None:
    """A command is read as in Slack, with its project, ref and environment."""
    assert about in explained(path, line)[1].splitlines()[1]


def test_the_place_has_a_project(path: Path) -> None:
    """A channel's project is the one that was set for it, else that of the configuration, else the only one."""
    assert "of acme/infra" in explained(path, "jobs", "--in", "C0INFRA001")[1]
    said = explained(path, "jobs", "--in", "dm")[1]
    assert "in a direct message" in said
    assert "of acme/shop" in said


def test_a_grant_in_force_counts(path: Path) -> None:
    """Access that was granted takes the rule away here, too."""
    person = Person("T1", "U0BOB00001")
    with closing(Store(path)) as store, store.write() as tx:
        tx.accounts.put(Account(person, 8, "bob", "Bob", "token", "s", "", None, NOW))
        tx.grants.ask(Grant("g1", person, "bob", "prod", "run", "acme/shop", "", "", OPS, NOW, gitlab_id=8))
        tx.grants.allow("g1", "alice", NOW + 1)
    code, said = explained(path, "run deploy", "--as", "bob")
    assert (code, "alice granted access past it" in said) == (0, True)


def test_no_rules(path: Path) -> None:
    """Without rules the default decides."""
    code, said = explained(path, "run deploy", rules=Policy(default="deny"))
    assert "There are no rules." in said
    assert "Decision: deny, since no rule fits (the default)." in said
    assert code == 1


@pytest.mark.parametrize(
    ("line", "options", "sentence"),
    [
        ("jobs", ("--in", "#ops"), "no channel id"),
        ("jobs", ("--role", "boss"), "no role"),
        ("", (), "as it is typed in Slack"),
        ("shop", (), "as it is typed in Slack"),
        ("deploy v1", (), "Type it as"),
        ('run "hello', (), "never closed"),
    ],
)
def test_what_cannot_be_read(path: Path, line: str, options: tuple[str, ...], sentence: str) -> None:
    """What is not understood is told in a sentence; the exit code is then 2."""
    with pytest.raises(NotUnderstood, match=sentence):
        explained(path, line, *options)


@pytest.mark.parametrize(
    ("line", "denied"),
    [
        ("issue move #4 to acme/infra", True),
        ("/issue move to acme/infra", True),
        ("shop issue move 4 acme/infra", True),
        ("issue move shop#4 to acme/infra", True),
        ("issue close #4", False),
        ("issue create move #4", False),
        ("issue", False),
        ("shop issue new Payroll from last 5", True),
    ],
)
def test_what_is_done_with_an_issue(path: Path, line: str, denied: bool) -> None:
    """Rules see the act, the number and the words, as they do in Slack."""
    rule = Rule(
        "stay",
        "deny",
        commands=("issue",),
        projects=("acme/shop",),
        arguments={"text": ("move #*", "create Payroll")},
    )
    assert explained(path, line, rules=Policy(rules=(rule,)))[0] == int(denied)
