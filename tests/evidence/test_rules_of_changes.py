"""Rules hold for changes that start no job as they hold for those that do, however they are asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.policy import APPROVE, DENY, Policy, Rule
from tests.evidence.floor import DEV, NO_LIMITS, Floor, floor_at

POLICY = Policy(
    rules=(
        Rule("not-in-acme", DENY, commands=("project",), projects=("acme/*",), channels=(DEV,)),
        Rule(
            "four-eyes",
            APPROVE,
            commands=("project", "alias", "every", "incident"),
            by=("U0CAROL001",),
            channels=(f"!{DEV}",),
        ),
    ),
    limits=NO_LIMITS,
)


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    with floor_at(tmp_path_factory.mktemp("rules"), POLICY) as made:
        yield made


@pytest.mark.parametrize(
    "line",
    [
        "project use acme/shop", "project use -", "project alias depot acme/shop",
        "project create depot in acme private", "incident declare sev2 It burns --project acme/shop",
    ],
)  # fmt: skip
def test_a_reason_is_no_approval(floor: Floor, line: str) -> None:
    """What cannot wait for an approval is refused where a rule wants one, also when a reason is given at once."""
    before = floor.state()
    key = floor.slash("alice", f'{line} --reason "it is due"')
    assert "cannot wait for one" in floor.told(key)
    assert floor.state() == before


@pytest.mark.parametrize("line", ["alias here d = run hello", "every hour run hello"])
def test_what_reads_no_reason_is_refused_as_well(floor: Floor, line: str) -> None:
    """No button for asking is offered that would do it without anybody's approval."""
    before = floor.state()
    key = floor.slash("alice", line)
    assert "cannot wait for one" in floor.told(key)
    assert floor.state() == before


@pytest.mark.parametrize("named", ["acme", "ACME", "number"])
def test_a_group_is_the_same_however_it_is_named(floor: Floor, named: str) -> None:
    """GitLab takes a group's path in any case, and its number; rules know it by its path."""
    number = floor.asks(lambda state: state.groups.named("acme").id)
    before = floor.state()
    group = str(number) if named == "number" else named
    key = floor.slash("alice", f"project create depot in {group} private", DEV)
    assert "not-in-acme" in floor.told(key)
    assert floor.state() == before


def test_one_s_own_namespace_has_a_name(floor: Floor) -> None:
    """A project in nobody's group is known to rules, and kept in the trail, by its whole path."""
    floor.slash("bob", "project create shelf private", DEV)
    with floor.store.read() as tx:
        assert [one.project for one in tx.audit.since(0)][-1] == "bob/shelf"
