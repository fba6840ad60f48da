"""Whoever is turned away at the door leaves a line in the trail, once for each request; a flood leaves none."""

from __future__ import annotations

from typing import Any

import pytest

from bot.edges.store import Store
from bot.ledger import Entry
from bot.model import Person, Place
from bot.policy import Limits, Policy, Rule
from tests.doors.asking import Bench, bench
from tests.doors.test_admission import WAYS, people
from tests.kits import link

NO_RUNS = Rule("no runs", "deny", commands=("run",), why="Not on a Friday.")
ALICE = Person("T0ACME0001", "U0ALICE001")


def trail(desk: Bench) -> list[Entry]:
    with desk.store.read() as tx:
        return list(reversed(list(tx.audit.backwards())))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("who", "said"),
    [
        ({"is_restricted": True}, "a guest"), ({"deleted": True}, "deactivated"), ({"is_bot": True}, "an app"),
        ({"team_id": "T0PARTNER1"}, "belong to another"),
    ],
)  # fmt: skip
def test_who_is_nobody_s_member_leaves_a_line(store: Store, way: str, who: dict[str, Any], said: str) -> None:
    """By whichever way they come: who, where, what they wanted and why not."""
    with bench(store, people(**who)) as (desk, _):
        WAYS[way](desk)
        (line,) = trail(desk)
        assert (line.decision, line.command, line.person, line.gitlab_id) == ("denied", "run", ALICE, 0)
        assert said in line.detail


def test_a_stranger_of_the_payload_and_a_shared_channel_leave_a_line(store: Store) -> None:
    """What is not understood has no command, and is written down all the same."""
    with bench(store, people({"is_ext_shared": True})) as (desk, _):
        desk.slash("what is this", stranger="yes")
        desk.slash("x", "k2", command="/run")
        first, second = trail(desk)
        assert (first.command, first.name, first.place) == ("", "alice", Place("C0OPS00001"))
        assert "members of my own workspace" in first.detail
        assert (second.command, "shared with another company" in second.detail) == ("run", True)


@pytest.mark.parametrize("changes", [(), ("run",)])
def test_what_the_rules_take_away_leaves_a_line(store: Store, changes: tuple[str, ...]) -> None:
    """Typed and pressed, changing and reading; with the rule, and the account if there is one."""
    with bench(store, policy=Policy(rules=(NO_RUNS,)), changes=changes) as (desk, _):
        link(desk.router.kit, ALICE, 7, "alice")
        desk.slash("run x")
        desk.click("run.press")
        desk.slash("act", "k3")
        assert [(one.decision, one.command, one.rule, one.username) for one in trail(desk)] == [
            ("denied", "run", "no runs", "alice")
        ] * 2
        assert "Not on a Friday." in trail(desk)[0].detail


def test_a_redelivery_leaves_no_second_line(store: Store) -> None:
    """One request, one line."""
    with bench(store, policy=Policy(rules=(NO_RUNS,))) as (desk, _):
        row = desk.accept("slash", WAYS_BODY)
        desk.router.do(row)
        desk.router.do(row)
        assert len(trail(desk)) == 1


def test_what_the_brake_skips_leaves_none(store: Store) -> None:
    """Who floods fills no trail: neither the one that is told, nor those that are met with silence."""
    policy = Policy(rules=(NO_RUNS,), limits=Limits(person_per_minute=2))
    with bench(store, policy=policy) as (desk, _):
        for number in range(9):
            desk.slash("run x", f"k{number}")
        assert len(trail(desk)) == 2


def test_what_is_allowed_leaves_no_line_at_the_door(store: Store) -> None:
    """What commands do they write down themselves, and help is nobody's business."""
    with bench(store, policy=Policy(rules=(NO_RUNS,))) as (desk, _):
        desk.slash("help")
        desk.slash("act", "k2")
        desk.slash("frobnicate", "k3")
        assert trail(desk) == []


WAYS_BODY = {
    "team": ALICE.team, "person": ALICE.id, "channel": "C0OPS00001", "name": "alice", "command": "/gitlab",
    "text": "run x",
}  # fmt: skip
