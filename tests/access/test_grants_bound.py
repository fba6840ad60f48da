"""Access is granted to one account of GitLab, and what was refused goes on in the transaction that grants it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.access import grants
from bot.access.decide import decide
from bot.access.facts import live
from bot.deeds import Deed
from bot.errors import NotUnderstood, Refused
from bot.policy import DENY, Policy, Rule
from tests.access.house import ALICE, BOB, OPS, House

NIGHT = Rule("night", DENY, jobs=("deploy",), grant_by=("leads",))
POLICY = Policy(rules=(NIGHT,), groups={"leads": (BOB.id,)})
DEPLOY = Deed(("run",), ALICE, OPS, project="acme/shop", job="deploy", environment="production")


@pytest.fixture
def night(house: House) -> House:
    """Alice was refused by the rule “night”, and her request is kept as k1."""
    house.keep(ALICE)
    return house.under(POLICY)


def asked(house: House, kept_id: str = "k1") -> str:
    house.press("access.ask", kept_id, ALICE)
    return house.grants()[-1].id


def then(house: House) -> str:
    return decide(POLICY, DEPLOY, live(house.kit, DEPLOY), grants.in_force(house.kit, ALICE)).then


class Killed(BaseException):
    """The machine is gone."""


def test_a_kill_after_the_grant_loses_nothing(night: House) -> None:
    """The card says it is done, so it is in the inbox by then, even if nobody is told any more."""

    def killed() -> None:
        raise Killed

    grant = asked(night)
    with pytest.raises(Killed):
        replace(night, kit=replace(night.kit, deliver=killed)).press("access.hour", grant, BOB)
    assert "is done now" in night.letter(f"{grant}.answer")[1].text
    assert night.waiting() == ["kept:k1"]


def test_what_no_key_opens_is_granted_all_the_same(night: House) -> None:
    """The asker is told to type it again."""
    grant = asked(night)
    with night.kit.store.write() as tx:
        one = tx.kept.get("k1")
        assert one is not None
        tx.kept.reseal("k1", one.body, "lost")
    night.press("access.hour", grant, BOB)
    assert night.waiting() == []
    assert "Type the command again" in night.letter(f"{grant}.answer")[1].text
    assert then(night) == "allow"


def test_another_account_has_nothing_of_it(night: House) -> None:
    """Who parts with an account, or connects another one, has no access; with the first one they have it again."""
    night.press("access.hour", asked(night), BOB)
    assert then(night) == "allow"
    with night.kit.store.write() as tx:
        tx.accounts.drop(ALICE)
    assert then(night) == DENY
    night.connect(ALICE, 77, "alice-two")
    assert then(night) == DENY
    night.connect(ALICE, 7, "alice")
    assert then(night) == "allow"


def test_another_account_asks_anew(night: House) -> None:
    """What the other one has, or asks for, is not theirs."""
    first = asked(night)
    night.connect(ALICE, 77, "alice-two")
    second = asked(night)
    assert first != second
    with pytest.raises(Refused, match="asked for that already"):
        night.press("access.ask", "k1", ALICE)
    night.press("access.hour", second, BOB)
    assert then(night) == "allow"
    with pytest.raises(NotUnderstood, match="not connected any more to the GitLab account that asked"):
        night.press("access.hour", first, BOB)
    assert night.grant(first).state == "asked"
    night.press("access.decline", first, BOB)
    assert night.grant(first).state == "declined"
