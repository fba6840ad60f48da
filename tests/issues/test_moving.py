"""Issues are moved once, by whom the rules of both projects let, and are searched and shown to who may see them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.policy import CONFIRM, DENY, Policy, Rule
from tests.evidence.floor import NO_LIMITS, OPS, dm, floor_at
from tests.issues.stage import Stage

INFRA = (43, "acme/infra")


def test_a_move(stage: Stage) -> None:
    """Its card goes with it, and what was typed may say `to`."""
    number = stage.issue()
    stage.type(f"issue open {number}")
    card = stage.card(number)
    assert stage.type(f"issue move {number} to acme/infra") == ""
    (moved,) = stage.cards(1, INFRA)
    assert moved.id == card.id
    assert f"Moved from acme/shop#{number} by bob" in str(stage.look(moved))
    assert stage.in_gitlab(number).state == "closed"
    assert [one.decision for one in stage.trail()] == ["moved"]


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_a_move_whose_answer_is_lost(stage: Stage, how: str) -> None:
    """The issue itself tells where it went."""
    number = stage.issue()
    stage.break_(how, times=1)
    assert "I am looking" in stage.type(f"issue move {number} acme/infra")
    stage.tick(2)
    assert stage.cards(1, INFRA)
    assert stage.calls("POST /projects/:id/issues/:issue_iid/move") == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("issue move 1", "Where shall acme/shop#1 go?"), ("issue move 1 to", "`to` is no project"),
        ("issue move 1 to two words", "is no project"), ("issue move 1 acme/infr", "Did you mean `acme/infra`?"),
        ("issue move 1 to acme/shop", "is in `acme/shop` already"), ("issue move 1 acme/vault", "I find no project"),
    ],
)  # fmt: skip
def test_where_to_has_to_be_said(stage: Stage, line: str, said: str) -> None:
    """Each mistake with what to type or pick."""
    stage.issue()
    assert said in stage.type(line)
    assert stage.calls("POST /projects/:id/issues/:issue_iid/move") == 0


def test_gitlabs_own_refusal_is_told(stage: Stage) -> None:
    """In its words."""
    number = stage.issue()
    stage.act("role bob guest acme/infra", "root")
    assert "insufficient permissions" in stage.type(f"issue move {number} acme/infra")


@pytest.fixture
def ruled(tmp_path: Path) -> Iterator[Stage]:
    """A bot whose rules keep issues out of one project, and want moves confirmed."""
    rules = (
        Rule("not into infra", DENY, commands=("issue",), projects=("acme/infra",)),
        Rule("with care", CONFIRM, commands=("issue",), arguments={"text": ("move *",)}),
    )
    with floor_at(tmp_path, Policy(rules=rules, limits=NO_LIMITS)) as floor:
        yield Stage(floor)


def test_the_rules_of_both_projects_count(ruled: Stage) -> None:
    """Nothing comes to where it may not be made."""
    number = ruled.issue()
    assert "not into infra" in ruled.type(f"issue move {number} acme/infra")
    assert "not into infra" in ruled.type("acme/infra issue search basket")
    assert "not into infra" in ruled.type("acme/infra issue create Basket")
    assert ruled.calls("POST /projects/:id/issues/:issue_iid/move") == 0
    assert [one.decision for one in ruled.trail()] == ["denied", "denied"]


# Showing and searching --------------------------------------------------------------------------------------


def test_a_search(stage: Stage) -> None:
    """Open and closed ones, with a button each; what somebody may not see is not found."""
    first, second, hidden = (
        stage.issue("Basket loses"),
        stage.issue("Basket full"),
        stage.issue("Basket keys"),
    )
    stage.act(f"close #{second}")
    stage.act(f"confidential #{hidden}")
    stage.act("role carol guest acme/shop", "root")
    said = stage.type("issue search basket", "carol")
    assert "2 issues with `basket` in acme/shop" in said
    assert f"#{first}> Basket loses" in said
    assert "Basket full (closed)" in said
    assert "keys" not in said
    assert "No issue with `zebra`" in stage.type("issue search zebra")
    assert "What for?" in stage.type("issue search")


def test_a_button_of_a_search(stage: Stage) -> None:
    """Shows the issue as it is then."""
    number = stage.issue()
    stage.type("issue search basket")
    with stage.kit.store.read() as tx:
        message = tx.outbox.get(stage.keys[-1])
    assert message is not None
    value = message.body.partition('"issue.show.0"')[2].partition('"value":"')[2].partition('"')[0]
    stage.act(f"close #{number}")
    assert "closed" in stage.press("show", value)


def test_showing_is_for_who_asks(stage: Stage) -> None:
    """In a channel nothing is posted; in direct messages the card lives."""
    number = stage.issue()
    assert f"#{number} Basket" in stage.type(f"issue show {number}")
    assert stage.cards(number) == []
    channel = dm(stage.floor.user("bob"))
    assert stage.type(f"shop issue show {number}", channel=channel) == ""
    assert stage.card(number).place.channel == channel
    stage.type(f"issue close {number}")
    assert {one.place.channel for one in stage.cards(number)} == {channel, OPS}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("issue show 99", "There is no issue #99 there, or you may not see it"),
        ("issue show 1 2", "takes nothing behind the number"),
        ("issue show basket", "`basket` is no number of an issue"),
        ("issue show nowhere#1", "I find no project `nowhere`"),
        ("issue shwo 1", "Did you mean `/gitlab issue show`?"),
    ],
)  # fmt: skip
def test_what_cannot_be_shown(stage: Stage, line: str, said: str) -> None:
    """Each mistake with what to type."""
    stage.issue()
    assert said in stage.type(line)
