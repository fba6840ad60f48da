"""Who is let in, by whichever way they come: full members, in channels of their own, as often as is good."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.command import Command, Request
from bot.deeds import Halted
from bot.doors.admission import Admission
from bot.doors.asked import asked
from bot.doors.brake import Brake
from bot.edges.store import Store
from bot.errors import Refused
from bot.policy import Limits, Policy, Rule
from tests.doors.asking import SLASH, Bench, bench, knows_people, member
from tests.edges import wire

NO_RUNS = Rule("no runs", "deny", commands=("run",), why="Not on a Friday.")
WAYS: dict[str, Callable[[Bench], None]] = {
    "slash": lambda desk: desk.slash("run x"),
    "dm": lambda desk: desk.dm("run x"),
    "mention": lambda desk: desk.mention("<@U0OPSBOT01> run x"),
    "click": lambda desk: desk.click("run.press", key="k1"),
}
every_way = pytest.mark.parametrize("ask", WAYS.values(), ids=WAYS)


def people(channel: dict[str, Any] | None = None, **who: Any) -> wire.Script:
    """A Slack in which everybody, and every channel, is so."""

    def script(seen: wire.Seen) -> wire.Reply:
        if seen.path.endswith("users.info"):
            return wire.data({"ok": True, "user": member(seen.form["user"], **who)})
        if seen.path.endswith("conversations.info"):
            return wire.data({"ok": True, "channel": {"id": seen.form["channel"], **(channel or {})}})
        return knows_people(seen)

    return script


@every_way
@pytest.mark.parametrize(
    ("who", "said"),
    [
        ({"is_restricted": True}, "you are a guest"),
        ({"is_ultra_restricted": True, "is_restricted": True}, "you are a guest"),
        ({"deleted": True}, "deactivated"),
        ({"is_bot": True}, "you are an app"),
        ({"team_id": "T0PARTNER1"}, "you belong to another"),
    ],
    ids=["guest", "single-channel guest", "gone", "bot", "stranger"],
)
def test_who_is_no_full_member_gets_nothing_done(
    store: Store, ask: Callable[[Bench], None], who: dict[str, Any], said: str
) -> None:
    """Whatever they send, no command sees it, and they are told why."""
    with bench(store, people(**who)) as (desk, _):
        ask(desk)
        assert desk.asked == []
        assert said in desk.answer().text
        assert desk.open_requests() == 0


@pytest.mark.parametrize(
    ("who", "let_in", "served"),
    [
        ({"is_restricted": True}, "U0ALICE001", True),
        ({"is_bot": True}, "U0ALICE001", True),
        ({"team_id": "T0PARTNER1"}, "T0PARTNER1", True),
        ({"team_id": "T0PARTNER1"}, "T0PARTNER2", False),
        ({"is_restricted": True}, "U0BOB00001", False),
        ({"deleted": True}, "U0ALICE001", False),
    ],
)
def test_who_is_named_in_the_configuration_is_let_in(
    store: Store, who: dict[str, Any], let_in: str, served: bool
) -> None:
    """By their own id or their company's; but nobody whose account is gone."""
    with bench(store, people(**who), Policy(let_in=(let_in,))) as (desk, _):
        desk.slash("run x")
        assert bool(desk.asked) is served


def test_a_stranger_of_the_payload_is_let_in_by_name(store: Store) -> None:
    """What the envelope tells of somebody counts before Slack is asked."""
    with bench(store, policy=Policy(let_in=("U0ALICE001",))) as (desk, server):
        desk.slash("run x", stranger="yes")
        assert len(desk.asked) == 1
        desk.slash("run x", "k2", stranger="yes", person="U0EVE00001")
        assert len(desk.asked) == 1
        assert "members of my own workspace" in desk.answer("k2").text
        assert sum(seen.form.get("user") == "U0EVE00001" for seen in server.seen) == 0


@pytest.mark.parametrize(
    "ask", [WAYS["slash"], WAYS["mention"], WAYS["click"]], ids=["slash", "mention", "click"]
)
def test_a_channel_that_others_read_is_no_place_for_commands(
    store: Store, ask: Callable[[Bench], None]
) -> None:
    """Unless the configuration names it; a direct message is never shared."""
    shared = people({"is_ext_shared": True})
    with bench(store, shared) as (desk, _):
        ask(desk)
        assert desk.asked == []
        assert "shared with another company" in desk.answer().text
        desk.dm("run x", "k2")
        assert len(desk.asked) == 1


def test_a_shared_channel_may_be_named(store: Store) -> None:
    """Whoever runs the bot decides."""
    with bench(store, people({"is_ext_shared": True}), Policy(shared_channels=("C0OPS00001",))) as (desk, _):
        desk.slash("run x")
        assert len(desk.asked) == 1


def test_while_slack_is_away_nobody_is_let_in(store: Store) -> None:
    """Nothing is done for somebody who may be anybody."""
    with bench(store, wire.always(wire.html(503))) as (desk, _):
        desk.slash("run x")
        assert desk.asked == []
        assert "Slack does not tell me just now who you are" in desk.answer().text


def test_too_much_is_told_once_and_then_left(store: Store) -> None:
    """The first one above the limit is told, the next is silence; all are done with, and others are served."""
    policy = Policy(limits=Limits(person_per_minute=2))
    with bench(store, policy=policy) as (desk, _):
        for number in range(1, 5):
            desk.slash("run x", f"k{number}")
        assert len(desk.asked) == 2
        assert "more than 2 things" in desk.answer("k3").text
        assert desk.letter("k4") is None
        desk.slash("run x", "k5", person="U0BOB00001")
        assert len(desk.asked) == 3
        assert desk.open_requests() == 0


# What the rules say of a command as such --------------------------------------------------------------------------


def looked_at(desk: Bench, project: str | None = None, **command: Any) -> None:
    """The rules are asked about the command `run` as if it were so."""
    plain = Command("run", "run", "Runs.", ("run",), lambda request, kit: None)
    row = desk.accept("slash", SLASH | {"text": "run x"}, f"k{desk.time}")
    desk.time += 1
    kit = desk.router.kit
    Admission(kit, Brake(Limits(), kit.now)).command(asked(row), replace(plain, **command), project)


def test_a_rule_takes_a_command_away(store: Store) -> None:
    """Typed, and under the button of the same command; the reason is the rule's own."""
    with bench(store, policy=Policy(rules=(NO_RUNS,))) as (desk, _):
        desk.slash("run x")
        desk.slash("go x", "k2")
        desk.click("run.press")
        assert desk.asked == []
        assert all("Not on a Friday." in json.dumps(desk.answer(key).blocks) for key in ("k1", "k2", "c1"))
        desk.slash("act", "k3")
        assert len(desk.asked) == 1


def test_help_and_connecting_cannot_be_taken_away(store: Store) -> None:
    """No rule is asked about them."""
    with bench(store, policy=Policy(rules=(NO_RUNS,))) as (desk, _):
        with pytest.raises(Halted):
            looked_at(desk)
        looked_at(desk, always=True)


def test_what_is_refused_whatever_it_is_about_is_refused_at_the_door(store: Store) -> None:
    """What climbs the whole ladder by itself is let through as long as a rule needs to know more of it."""
    with bench(store, policy=Policy(rules=(NO_RUNS,))) as (desk, _), pytest.raises(Halted):
        looked_at(desk, changes=True)
    with bench(store, policy=Policy(rules=(replace(NO_RUNS, environments=("production",)),))) as (desk, _):
        desk.time += 10
        looked_at(desk, changes=True)


@pytest.mark.parametrize(("admins", "named"), [((), "nobody is so far"), (("U0BOB00001",), "U0BOB00001")])
def test_what_is_for_admins_is_for_nobody_else(store: Store, admins: tuple[str, ...], named: str) -> None:
    """Others hear whom they can ask; while the configuration names nobody, it is for nobody."""
    with bench(store, policy=Policy(admins=admins)) as (desk, _), pytest.raises(Refused, match=named):
        looked_at(desk, for_admins=True)


def test_what_is_for_admins_is_for_them(store: Store) -> None:
    """By what the configuration says of them."""
    with bench(store, policy=Policy(admins=("U0ALICE001",))) as (desk, _):
        looked_at(desk, for_admins=True)
        assert desk.letter() is None


def test_a_rule_about_a_project_is_about_the_one_that_is_meant(store: Store) -> None:
    """The one that is named, by its path or a short name, else the one of the place."""
    rule = replace(NO_RUNS, projects=("acme/shop",))
    with bench(store, policy=Policy(rules=(rule,))) as (desk, _):
        looked_at(desk)
        looked_at(desk, "acme/infra")
        with pytest.raises(Halted):
            looked_at(desk, "acme/shop")
        with store.write() as tx:
            tx.places.set_default("T0ACME0001", "C0OPS00001", "acme/shop")
        with pytest.raises(Halted):
            looked_at(desk)
        looked_at(desk, "acme/infra")


def test_what_is_changed_gets_what_was_said_beside_it(store: Store) -> None:
    """A command that changes something is handed its line without the options; another one gets all of it."""
    with bench(store, changes=("run",)) as (desk, _):
        desk.slash('run x --reason "a fix" --dry-run')
        desk.slash("act x --dry-run", "k2")
        run, act = desk.asked
        assert isinstance(run, Request)
        assert isinstance(act, Request)
        assert (run.line.after(0), run.permit.reason, run.permit.dry_run) == ("x", "a fix", True)
        assert (act.line.after(0), act.permit.dry_run) == ("x --dry-run", False)
        assert desk.answer().text == "run: x"
