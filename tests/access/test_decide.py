"""The first rule that fits decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.access import conditions
from bot.access.decide import Tried, attempt, decide, kinds, refused_anyway
from bot.deeds import Deed
from bot.ledger import Grant
from bot.model import Person, Place
from bot.policy import ALLOW, APPROVE, CONFIRM, DENY, Policy, Rule

ALICE, BOB = Person("T1", "U0ALICE001"), Person("T1", "U0BOB00001")
OPS = "C0OPS00001"
DEPLOY = Deed(
    ("run",), ALICE, OPS, project="acme/shop", project_id=42, job="deploy", ref="main", environment="production",
    tier="production", arguments="v1 --force=yes size=3", inputs={"region": "eu", "dry": False}, risky=True,
)  # fmt: skip


@dataclass
class Known:
    """Facts that were said before; whatever was not is unknown, or not so."""

    members: Mapping[str, bool | None] = field(default_factory=dict)
    level: int | None = 30
    asked: list[str] = field(default_factory=list)

    def belongs(self, member: str) -> bool | None:
        self.asked.append(member)
        return self.members.get(member, False)

    def role(self) -> int | None:
        self.asked.append("role")
        return self.level


def rule(then: str = DENY, name: str = "r", **conditions: Any) -> Rule:
    return Rule(name, then, **conditions)


def tried(deed: Deed = DEPLOY, facts: Known | None = None, **conditions: Any) -> Tried:
    return attempt(rule(**conditions), deed, facts or Known())


# Order ------------------------------------------------------------------------------------------------------


def test_the_first_rule_that_fits_decides() -> None:
    """Rules are tried from the top, and none after the one that fits."""
    policy = Policy(rules=(rule(DENY, "a", jobs=("hello",)), rule(CONFIRM, "b"), rule(DENY, "c")))
    found = decide(policy, DEPLOY, Known())
    assert (found.then, found.rule and found.rule.name) == (CONFIRM, "b")
    assert [(one.rule.name, one.fits) for one in found.tried] == [("a", False), ("b", True)]


@pytest.mark.parametrize("default", [ALLOW, DENY])
def test_what_no_rule_is_about_follows_the_default(default: str) -> None:
    """Without a rule that fits, the policy's default decides and no rule is named."""
    policy = Policy(rules=(rule(jobs=("hello",)),), default=default)
    found = decide(policy, DEPLOY, Known())
    assert (found.then, found.rule) == (default, None)


@given(st.lists(st.sampled_from([ALLOW, DENY, CONFIRM, APPROVE]), max_size=6), st.data())
def test_the_decision_is_that_of_the_first_fitting_rule(
    kinds_of_rule: list[str], data: st.DataObject
) -> None:
    """However rules are mixed, what is decided is what a reader from the top would say."""
    fits = [data.draw(st.sampled_from([True, False, None])) for _ in kinds_of_rule]
    rules = tuple(rule(then, f"r{n}", people=(f"U{n}",)) for n, then in enumerate(kinds_of_rule))
    facts = Known({f"U{n}": fit for n, fit in enumerate(fits)})
    found = decide(Policy(rules=rules, default=DENY), DEPLOY, facts)
    expected = next(
        (
            one
            for one, fit in zip(rules, fits, strict=True)
            if (fit if fit is not None else one.then != ALLOW)
        ),
        None,
    )
    assert found.rule == expected
    assert found.then == (expected.then if expected else DENY)
    assert len(found.tried) == (rules.index(expected) + 1 if expected else len(rules))


# Conditions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ({}, True),
        ({"commands": ("run",)}, True),
        ({"commands": ("cancel", "log")}, False),
        ({"projects": ("acme/*",)}, True),
        ({"projects": ("Acme/*",)}, True),
        ({"jobs": ("deploy*", "!deploy-docs")}, True),
        ({"jobs": ("*", "!deploy")}, False),
        ({"jobs": ("!hello",)}, True),
        ({"environments": ("prod*",)}, True),
        ({"environments": ("staging",)}, False),
        ({"tiers": ("production",)}, True),
        ({"refs": ("main",)}, True),
        ({"refs": ("v*",)}, False),
        ({"channels": (OPS,)}, True),
        ({"channels": ("dm",)}, False),
        ({"arguments": {"text": ("v1*",)}}, True),
        ({"arguments": {"text": ("v2*",)}}, False),
        ({"arguments": {"size": ("3",)}}, True),
        ({"arguments": {"force": ("yes",)}}, True),
        ({"arguments": {"region": ("eu",), "dry": ("false",)}}, True),
        ({"arguments": {"region": ("us",)}}, False),
        ({"arguments": {"speed": ("*",)}}, False),
        ({"arguments": {"speed": ("!fast",)}}, False),
        ({"jobs": ("deploy",), "channels": ("dm",)}, False),
    ],
)
def test_conditions(conditions: dict[str, Any], fits: bool) -> None:
    """Every condition that is given has to fit; within one any pattern does, and `!` takes out."""
    found = tried(**conditions)
    assert found.fits is fits
    assert found.why


@pytest.mark.parametrize(
    "conditions",
    [
        {"projects": ("*",)}, {"jobs": ("*",)}, {"environments": ("!staging",)}, {"tiers": ("*",)}, {"refs": ("*",)},
        {"arguments": {"text": ("*",)}}, {"role": "guest"}, {"role_below": "owner"},
    ],
)  # fmt: skip
def test_what_a_deed_does_not_have_fits_nothing(conditions: dict[str, Any]) -> None:
    """A rule about environments says nothing of a deed without one, not even by taking out."""
    found = tried(Deed(("help",), ALICE, OPS), **conditions)
    assert found.fits is False
    assert "there is no" in found.why


def test_a_rule_about_run_is_not_got_round_by_another_word() -> None:
    """A retry, a repetition and a deployment are runs, too, unless the rule takes them out."""
    for command in ("retry", "again", "deploy", "rollback"):
        deed = replace(DEPLOY, commands=kinds(command))
        assert tried(deed, commands=("run",)).fits is True
        assert tried(deed, commands=("run", f"!{command}")).fits is False
        assert tried(deed, commands=(command,)).fits is True
    assert kinds("jobs") == ("jobs",)


def test_a_direct_message_is_dm() -> None:
    """`dm` means every direct message."""
    deed = replace(DEPLOY, channel="D0ALICEBOT")
    assert tried(deed, channels=("dm",)).fits is True
    assert tried(deed, channels=("C*",)).fits is False


@pytest.mark.parametrize("ref", ["main", "refs/heads/main"])
def test_a_branch_is_the_same_by_its_long_name(ref: str) -> None:
    """GitLab takes both, so a rule about `main` means both."""
    assert tried(replace(DEPLOY, ref=ref), refs=("main",)).fits is True
    assert tried(replace(DEPLOY, ref=ref), refs=("*", "!main")).fits is False


@pytest.mark.parametrize("then", [ALLOW, DENY, CONFIRM, APPROVE])
def test_a_value_given_twice_counts_against(then: str) -> None:
    """Nobody knows which of two values a job takes: then nothing is allowed by one, and refused by either."""
    deed = replace(DEPLOY, arguments="version=1 version=2")
    found = attempt(rule(then, arguments={"version": ("2",)}), deed, Known())
    assert (found.fits, found.counts) == (None, then != ALLOW)
    assert tried(deed, arguments={"version": ("?",)}).fits is True


@pytest.mark.parametrize(
    ("environment", "patterns", "fits"),
    [
        ("review/$CI_COMMIT_REF_SLUG", ("review/*",), True),
        ("review/$CI_COMMIT_REF_SLUG", ("*",), True),
        ("review/$CI_COMMIT_REF_SLUG", ("production",), False),
        ("review/$CI_COMMIT_REF_SLUG", ("prod*",), False),
        ("review/$CI_COMMIT_REF_SLUG", ("review/main",), None),
        ("$WHERE", ("production",), None),
        ("$WHERE", ("prod*",), None),
        ("$WHERE", ("*", "!production"), None),
        ("${WHERE}", ("!production",), None),
        ("prod-$REGION", ("!prod*",), False),
    ],
)
def test_a_name_with_variables_may_be_more_than_one(
    environment: str, patterns: tuple[str, ...], fits: bool | None
) -> None:
    """What a job's environment becomes only the job knows; a rule that may be about it counts against."""
    found = tried(replace(DEPLOY, environment=environment), environments=patterns)
    assert found.fits is fits
    assert found.counts is (fits is not False)


# Who --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("people", "fits"),
    [
        (("U0ALICE001",), True), (("@sre",), False), (("@sre", "U0ALICE001"), True), (("@away",), None),
        (("U0ALICE001", "@away"), True), (("@sre", "@away"), None), (("!@sre",), True), (("!U0ALICE001",), False),
        (("U0ALICE001", "!@away"), None), (("@sre", "!@away"), False), (("!@away",), None),
    ],
)  # fmt: skip
def test_people(people: tuple[str, ...], fits: bool | None) -> None:
    """Members and groups take in or out; what is not known leaves it open only where it matters."""
    assert tried(facts=Known({"U0ALICE001": True, "@away": None}), people=people).fits is fits


@pytest.mark.parametrize(
    ("level", "conditions", "fits"),
    [
        (40, {"role": "maintainer"}, True), (30, {"role": "maintainer"}, False),
        (30, {"role_below": "maintainer"}, True),
        (40, {"role_below": "maintainer"}, False), (0, {"role_below": "guest"}, True), (None, {"role": "guest"}, None),
        (None, {"role_below": "owner"}, None), (50, {"role": "owner", "role_below": "maintainer"}, False),
    ],
)  # fmt: skip
def test_roles(level: int | None, conditions: dict[str, Any], fits: bool | None) -> None:
    """`role` fits from that role on, `role_below` below it; a role that is not known leaves it open."""
    assert tried(facts=Known(level=level), **conditions).fits is fits


def test_a_role_has_a_name() -> None:
    """A role is called by the highest of GitLab's names that it reaches."""
    assert [conditions.role_name(one) for one in (0, 5, 10, 30, 35, 60)] == [
        "none", "none", "guest", "developer", "developer", "owner"
    ]  # fmt: skip


def test_what_is_not_known_counts_against() -> None:
    """With Slack and GitLab away an allow does not count, and everything else does."""
    away = Known({"@sre": None}, level=None)
    for then in (DENY, CONFIRM, APPROVE):
        assert decide(Policy(rules=(rule(then, people=("@sre",)),)), DEPLOY, away).then == then
        assert decide(Policy(rules=(rule(then, role_below="owner"),)), DEPLOY, away).then == then
    allowed = Policy(rules=(rule(ALLOW, people=("@sre",)), rule(ALLOW, role="guest")), default=DENY)
    assert decide(allowed, DEPLOY, away).then == DENY


def test_nobody_is_asked_without_need() -> None:
    """Facts cost a call: they are looked at last, and only while everything else fits."""
    facts = Known({"@sre": False})
    tried(facts=facts, jobs=("hello",), people=("@sre",), role="owner")
    assert facts.asked == []
    tried(facts=facts, people=("@sre",), role="owner")
    assert facts.asked == ["@sre"]


# Grants -----------------------------------------------------------------------------------------------------

GRANT = Grant(
    "g1",
    ALICE,
    "alice",
    "r",
    "run",
    "acme/shop",
    "deploy",
    "production",
    Place(OPS),
    0,
    state="granted",
    by="bob",
)


@pytest.mark.parametrize(
    ("changes", "passes"),
    [
        ({}, True),
        ({"command": "", "project": "", "job": "", "environment": ""}, True),
        ({"rule": "other"}, False),
        ({"person": BOB}, False),
        ({"command": "cancel"}, False),
        ({"project": "acme/infra"}, False),
        ({"job": "hello"}, False),
        ({"environment": "staging"}, False),
    ],
)
def test_a_grant_takes_a_rule_away(changes: dict[str, Any], passes: bool) -> None:
    """A grant lets one person past one rule, for what it names; the rules below are tried as ever."""
    policy = Policy(rules=(rule(), rule(CONFIRM, "below")))
    found = decide(policy, DEPLOY, Known(), [replace(GRANT, **changes)])
    assert found.then == (CONFIRM if passes else DENY)
    assert not passes or "bob granted access" in found.tried[0].why


def test_a_grant_spares_no_approval() -> None:
    """Only what denies is passed by a grant."""
    for then in (CONFIRM, APPROVE):
        assert decide(Policy(rules=(rule(then),)), DEPLOY, Known(), [GRANT]).then == then


@given(st.text(max_size=60))
def test_any_text_can_be_judged(text: str) -> None:
    """Whatever was typed after a job, quotes that never close too, `text` is all of it."""
    deed = replace(DEPLOY, arguments=text)
    assert tried(deed, arguments={"text": ("*",)}).fits is (bool(text) or False)
    assert text == "" or text in conditions.values_of(deed, "text")


def test_a_role_is_asked_in_a_project_and_not_before() -> None:
    """Of a command as such nobody knows a role: a rule about roles neither refuses it nor leaves it without hope."""
    allowed = Policy(rules=(Rule("developers", ALLOW, role="developer"),), default="deny")
    assert refused_anyway(allowed, Deed(("run",), ALICE, "C1"), Known()) is None
    denied = Policy(rules=(Rule("guests", DENY, role_below="developer"),))
    assert refused_anyway(denied, Deed(("run",), ALICE, "C1"), Known()) is None
    closed = Policy(rules=(Rule("nobody", DENY, commands=("run",)),))
    refused = refused_anyway(closed, Deed(("run",), ALICE, "C1"), Known())
    assert refused is not None
    assert refused.rule == closed.rules[0]
