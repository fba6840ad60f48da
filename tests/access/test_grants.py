"""Access for a while: asked for, granted or declined, over by itself."""

from __future__ import annotations

import threading

import pytest

from bot.access import grants
from bot.access.decide import decide
from bot.access.facts import live
from bot.access.kept import drop
from bot.deeds import Deed
from bot.errors import BotError, NotLinked, NotUnderstood, Refused
from bot.model import Person
from bot.policy import DENY, Policy, Rule
from commands import access
from tests.access.house import ALICE, ALICE2, BOB, CAROL, DAVE, OPS, House

NIGHT = Rule("night", DENY, jobs=("deploy",), why="Nobody deploys <at> night.", grant_by=("leads",))
POLICY = Policy(
    rules=(NIGHT, Rule("gate", "approve")),
    groups={"leads": (BOB.id, ALICE2.id), "root": ("gitlab:carol",)},
    admins=("root",),
)
DEPLOY = Deed(
    ("run",), ALICE, OPS, project="acme/shop", project_id=42, job="deploy", environment="production"
)


@pytest.fixture
def night(house: House) -> House:
    """Alice was refused by the rule “night”, and her request is kept as k1."""
    house.keep(ALICE)
    return house.under(POLICY)


def asked(house: House) -> str:
    house.press("access.ask", "k1", ALICE)
    return house.grants()[0].id


def then(house: House, person: Person = ALICE) -> str:
    deed = DEPLOY if person == ALICE else Deed(("run",), person, OPS, job="deploy")
    return decide(POLICY, deed, live(house.kit, deed), grants.in_force(house.kit, person)).then


def decisions(house: House) -> list[str]:
    return [one.decision for one in house.trail()]


# Asking -----------------------------------------------------------------------------------------------------


def test_somebody_asks(night: House) -> None:
    """The card names who asks, for what, past which rule and who may answer; the trail has it."""
    said = night.press("access.ask", "k1", ALICE)
    assert said is not None
    assert "somebody of leads or root can answer" in said.text
    grant = night.grants()[0]
    assert (grant.state, grant.gitlab_id, grant.kept) == ("asked", 7, "k1")
    card = night.card(grant.id)
    for part in (
        "alice", "run deploy", "production", "acme/shop", "night", "Nobody deploys &lt;at&gt; night.", "<@U0BOB00001>",
        "carol", "access.hour", "access.day", "access.decline",
    ):  # fmt: skip
        assert part in card
    assert decisions(night) == ["access asked"]
    assert night.trail()[0].rule == "night"
    assert night.woken == ["courier"]
    assert then(night) == DENY


def test_asking_twice(night: House) -> None:
    """What waits for an answer, or was granted, is not asked for again."""
    grant = asked(night)
    with pytest.raises(Refused, match="asked for that already"):
        night.press("access.ask", "k1", ALICE)
    night.press("access.hour", grant, BOB)
    with pytest.raises(Refused, match="have that access already"):
        night.press("access.ask", "k1", ALICE)
    assert len(night.grants()) == 1


def test_a_button_of_somebody_else(night: House) -> None:
    """A refusal belongs to whom it was told, and an unknown one is too old."""
    for value, person in (("k1", BOB), ("forged", ALICE)):
        with pytest.raises(NotUnderstood, match="too old"):
            night.press("access.ask", value, person)
    assert night.grants() == []


def test_asking_takes_an_account(night: House) -> None:
    """Who is not connected to GitLab is asked to connect first: who grants may not be the same person."""
    night.keep(DAVE, "k2")
    with pytest.raises(NotLinked):
        night.press("access.ask", "k2", DAVE)


@pytest.mark.parametrize("detail", ["", "{}", '{"rule": "gone"}', '{"rule": "gate"}'])
def test_nothing_to_ask_for(night: House, detail: str) -> None:
    """A refusal by the default, by a rule that is gone, or by one that denies nothing has no way past it."""
    night.keep(ALICE, "k2", detail)
    with pytest.raises(Refused, match="Type the command again"):
        night.press("access.ask", "k2", ALICE)


def test_nobody_reads_a_direct_message(night: House) -> None:
    """In a direct message nobody could answer, so it says where to ask."""
    with pytest.raises(Refused, match="channel with somebody of leads or root"):
        night.press("access.ask", "k1", ALICE, channel="D0ALICEBOT")


# Answering --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "hours", "person"),
    [("access.hour", 1, BOB), ("access.day", 8, BOB), ("access.hour", 1, CAROL)],
)
def test_access_is_granted(night: House, action: str, hours: int, person: Person) -> None:
    """A member of the rule's groups or an admin lets the asker past that rule for a while; the next rule decides."""
    grant = asked(night)
    assert night.press(action, grant, person) is None
    assert night.grant(grant).until == night.clock.now + hours * 3_600_000
    assert then(night) == "approve"
    assert then(night, CAROL) == DENY
    assert "granted it until" in night.card(grant)
    assert "access.hour" not in night.card(grant)
    letter, said = night.letter(f"{grant}.answer")
    assert (letter.under, letter.kind) == (grant, "post")
    assert "<@U0ALICE001>" in said.text


def test_what_was_refused_is_done(night: House) -> None:
    """The kept request goes on once, and the asker is told so."""
    grant = asked(night)
    night.press("access.hour", grant, BOB)
    assert night.waiting() == ["kept:k1"]
    assert "workers" in night.woken
    assert "is done now" in night.letter(f"{grant}.answer")[1].text


def test_what_was_refused_does_not_wait_any_more(night: House) -> None:
    """If it was too old, or done otherwise, the asker is told to type it again."""
    grant = asked(night)
    drop(night.kit, "k1", ALICE)
    night.press("access.hour", grant, BOB)
    assert night.waiting() == []
    assert "Type the command again" in night.letter(f"{grant}.answer")[1].text


def test_access_is_declined(night: House) -> None:
    """A no is told in the thread, and nothing is done."""
    grant = asked(night)
    night.press("access.decline", grant, BOB)
    assert night.grant(grant).state == "declined"
    assert "bob declined" in night.letter(f"{grant}.answer")[1].text
    assert (then(night), night.waiting()) == (DENY, [])
    assert decisions(night) == ["access asked", "access declined"]


def test_the_trail_tells_who_granted(night: House) -> None:
    """It names the asker and, by both identities, who let them past."""
    night.press("access.hour", asked(night), BOB)
    line = night.trail()[-1]
    assert (line.decision, line.username, line.by) == ("access granted", "alice", "bob (U0BOB00001, @bob)")
    assert (line.rule, line.command, line.environment) == ("night", "run", "production")


def test_who_may_not(night: House) -> None:
    """Others are told who may."""
    house = night.under(Policy(rules=(NIGHT,), groups={"leads": (BOB.id,)}))
    grant = asked(house)
    with pytest.raises(Refused, match="takes somebody of leads"):
        house.press("access.hour", grant, CAROL)
    assert house.grant(grant).state == "asked"


def test_rights_count_at_the_click(night: House) -> None:
    """Who was taken out of the group meanwhile may not grant any more."""
    grant = asked(night)
    later = night.under(Policy(rules=(NIGHT,), groups={"leads": ()}))
    with pytest.raises(Refused):
        later.press("access.hour", grant, BOB)


def test_a_rule_without_anybody(night: House) -> None:
    """Where neither groups nor admins are named, it says who can change that."""
    house = night.under(Policy(rules=(Rule("night", DENY),)))
    grant = asked(house)
    assert "has to name admins" in house.card(grant)
    with pytest.raises(Refused, match=r"`access\.admins`"):
        house.press("access.hour", grant, BOB)


def test_never_oneself(night: House) -> None:
    """The asker grants nothing to themselves, neither as they are nor from a second Slack account."""
    house = night.under(Policy(rules=(NIGHT,), groups={"leads": (ALICE.id, ALICE2.id)}))
    grant = asked(house)
    with pytest.raises(Refused, match="asked for it yourself"):
        house.press("access.hour", grant, ALICE)
    with pytest.raises(NotLinked):
        house.press("access.hour", grant, ALICE2)
    house.connect(ALICE2, 7, "alice")
    for action in ("access.hour", "access.decline"):
        with pytest.raises(Refused, match="same person in GitLab"):
            house.press(action, grant, ALICE2)
    assert house.grant(grant).state == "asked"


@pytest.mark.parametrize("first", ["access.hour", "access.decline"])
@pytest.mark.parametrize("second", ["access.hour", "access.decline"])
def test_a_second_click(night: House, first: str, second: str) -> None:
    """Only the first answer counts; the second hears who was first."""
    grant = asked(night)
    night.press(first, grant, BOB)
    with pytest.raises(NotUnderstood, match="already by bob"):
        night.press(second, grant, CAROL)
    assert len(decisions(night)) == 2


def test_clicks_at_the_same_moment(night: House) -> None:
    """Of many clicks at once one counts, and what was refused is done once."""
    grant, refused, gate = asked(night), list[str](), threading.Barrier(6)

    def click(number: int) -> None:
        gate.wait(10)
        try:
            night.press("access.decline" if number % 2 else "access.hour", grant, BOB)
        except NotUnderstood as error:
            refused.append(error.sentence)

    threads = [threading.Thread(target=click, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(refused) == 5
    assert all("already by bob" in one for one in refused)
    assert len(decisions(night)) == 2
    assert len(night.waiting()) == (1 if night.grant(grant).state == "granted" else 0)


def test_a_click_on_nothing(night: House) -> None:
    """A forged or forgotten id is told apart from a no."""
    with pytest.raises(NotUnderstood, match="no longer know"):
        night.press("access.hour", "forged", BOB)


# Ending -----------------------------------------------------------------------------------------------------


def test_access_ends_by_itself(night: House) -> None:
    """When its time is over it counts no more, even before the clock has looked; the card says so."""
    grant = asked(night)
    night.press("access.hour", grant, BOB)
    night.clock.now += 3_600_000
    assert then(night) == DENY
    for _ in range(2):
        access.tick(night.kit)
    assert "it is over" in night.card(grant)
    assert decisions(night) == ["access asked", "access granted", "access ended"]


def test_nobody_answers(night: House) -> None:
    """After a day an open request ends, and can be answered no more."""
    grant = asked(night)
    night.clock.now += grants.ANSWERED_WITHIN
    with pytest.raises(NotUnderstood, match="over already"):
        night.press("access.hour", grant, BOB)
    night.clock.now += 1
    access.tick(night.kit)
    assert "Nobody answered in time" in night.card(grant)
    with pytest.raises(BotError, match="over already"):
        night.press("access.hour", grant, BOB)


def test_what_is_not_due_stays(night: House) -> None:
    """The clock touches nothing before its time."""
    asked(night)
    access.tick(night.kit)
    assert [one.state for one in night.grants()] == ["asked"]


# The list ---------------------------------------------------------------------------------------------------


def test_access_lists(night: House) -> None:
    """Those who may answer see everybody's; others see their own."""
    grant = asked(night)
    for person, seen in ((BOB, True), (CAROL, True), (ALICE, True), (DAVE, False)):
        said = night.say("access", person)
        assert said is not None
        assert ("run deploy" in str(said.blocks)) is seen
    night.press("access.day", grant, BOB)
    said = night.say("access", ALICE)
    assert said is not None
    assert "granted by bob until" in str(said.blocks)


def test_old_ones_are_forgotten(night: House) -> None:
    """What is over is deleted by age; what is open stays."""
    grant = asked(night)
    night.clock.now += 1
    with night.kit.store.write() as tx:
        assert tx.grants.forget(night.clock.now) == 0
    night.press("access.decline", grant, BOB)
    with night.kit.store.write() as tx:
        assert tx.grants.forget(night.clock.now) == 1
