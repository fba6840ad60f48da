"""A kept request goes on once, for its owner alone, with all they have said; and it is unreadable meanwhile."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.access import kept
from bot.deeds import Deed, Halted, Mark, Permit, Step, Verdict
from bot.edges.store import Received
from bot.ledger import Kept
from tests.access.house import ALICE, BOB, OPS, House

BODY = {
    "team": ALICE.team,
    "person": ALICE.id,
    "channel": OPS,
    "text": "run deploy-canary",
    "trigger": "17.1",
}
DEED = Deed(("run",), ALICE, OPS, project="acme/shop", job="deploy", environment="production")
STOP = Step("rules", Mark.STOP, "The rule “night” does not allow it.", rule="night", remedy="access")


def received(**more: Any) -> Received:
    """A slash command as the intake has written it down."""
    return Received("k1", "e1", "slash", json.dumps(BODY | more), 1, person=ALICE.id)


def halted(house: House, **more: Any) -> Kept:
    """The request was halted, and is kept for an answer."""
    one = kept.for_answer(house.kit, received(**more), ALICE, Halted(Verdict(DEED, (STOP,)), shown="d1"))
    with house.kit.store.write() as tx:
        assert tx.kept.put(one)
    return one


def again(house: House, kept_id: str) -> tuple[Received, dict[str, Any]]:
    """The request that goes on, and its body."""
    with house.kit.store.read() as tx:
        (one,) = (one for one in tx.inbox.waiting(50) if one.key == f"kept:{kept_id}")
    return one, json.loads(one.body)


def test_what_is_kept_cannot_be_read(house: House) -> None:
    """The body is sealed; what is told of it names only what the request is about."""
    one = halted(house)
    assert "canary" not in str(asdict(one))
    assert json.loads(one.detail) == {
        "rule": "night", "command": "run", "project": "acme/shop", "job": "deploy", "environment": "production",
    }  # fmt: skip
    assert (one.why, one.person, one.shown, one.until) == (
        kept.HALTED, ALICE, "d1", house.clock.now + kept.FOR_AN_ANSWER,
    )  # fmt: skip


def test_it_goes_on_once(house: House) -> None:
    """The workers are told of one more request, of the same kind, person and words, without its old trigger."""
    one = halted(house)
    assert kept.resume(house.kit, one.id, ALICE) == one
    assert kept.resume(house.kit, one.id, ALICE) is None
    assert house.waiting() == [f"kept:{one.id}"]
    assert house.woken == ["workers"]
    request, body = again(house, one.id)
    assert (request.kind, request.person, request.envelope) == ("slash", ALICE.id, "")
    assert (body["text"], body["permit"]) == ("run deploy-canary", asdict(Permit()))
    assert "trigger" not in body


def test_of_many_presses_at_once_one_lets_it_go_on(house: House) -> None:
    """Two people's machines, two connections, a double click: one request comes of it."""
    one = halted(house)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: kept.resume(house.kit, one.id, ALICE), range(16)))
    assert sum(each is not None for each in found) == 1
    assert house.waiting() == [f"kept:{one.id}"]


def test_it_is_not_somebody_else_s(house: House) -> None:
    """Whoever learns its id neither lets it go on nor drops it."""
    one = halted(house)
    assert kept.resume(house.kit, one.id, BOB) is None
    assert not kept.drop(house.kit, one.id, BOB)
    assert kept.resume(house.kit, "unknown", ALICE) is None
    assert house.waiting() == []
    assert house.woken == []
    assert kept.resume(house.kit, one.id, ALICE) is not None


def test_it_is_too_old_after_an_hour(house: House) -> None:
    """The last millisecond counts."""
    one = halted(house)
    house.clock.now = one.until
    assert kept.resume(house.kit, one.id, ALICE) is None
    house.clock.now -= 1
    assert kept.resume(house.kit, one.id, ALICE) is not None


def test_what_is_dropped_stays_so(house: House) -> None:
    """Nothing of it is done later."""
    one = halted(house)
    assert kept.drop(house.kit, one.id, ALICE)
    assert not kept.drop(house.kit, one.id, ALICE)
    assert kept.resume(house.kit, one.id, ALICE) is None


def test_what_was_said_before_is_still_said(house: House) -> None:
    """A request that is halted twice comes with both answers; the later one wins where both say something."""
    first = halted(house, permit=asdict(Permit(reason="old", override="it burns", confirmed="d0")))
    kept.resume(house.kit, first.id, ALICE, Permit(confirmed="d1", queue=True))
    _, body = again(house, first.id)
    said = Permit(reason="old", override="it burns", confirmed="d1", queue=True)
    assert kept.permit_of(body) == said
    second = halted(house, permit=body["permit"])
    kept.resume(house.kit, second.id, ALICE, Permit(reason="new"))
    assert kept.permit_of(again(house, second.id)[1]) == replace(said, reason="new")


permits = st.builds(
    Permit, st.booleans(), st.text(max_size=3), st.text(max_size=3), st.text(max_size=3), st.booleans()
)


@given(permits, permits)
def test_nothing_that_was_said_gets_lost(before: Permit, more: Permit) -> None:
    """What is said now stands in the place of what was said before; what is not said now stays."""
    both = asdict(kept.together(before, more))
    for name, value in asdict(more).items():
        assert both[name] == (value or asdict(before)[name])
    assert kept.permit_of({"permit": both}) == Permit(**both)


@pytest.mark.parametrize("said", [None, "yes", [], {"unheard of": True}])
def test_a_permit_of_another_version_is_none(said: Any) -> None:
    """What is not known is left out, and never a reason to fail."""
    assert kept.permit_of({"permit": said}) == Permit()
    assert kept.permit_of({}) == Permit()


def test_what_waits_for_an_account_goes_on_with_it(house: House) -> None:
    """All of that person, and nothing of others or of what waits for an answer; each once."""
    mine = [kept.for_link(house.kit, received(), ALICE) for _ in range(2)]
    theirs, other = kept.for_link(house.kit, received(), BOB), halted(house)
    with house.kit.store.write() as tx:
        for one in (*mine, theirs):
            tx.kept.put(one)
    with house.kit.store.write() as tx:
        assert kept.resume_linked(house.kit, tx, ALICE) == 2
        assert kept.resume_linked(house.kit, tx, ALICE) == 0
    assert set(house.waiting()) == {f"kept:{one.id}" for one in mine}
    with house.kit.store.read() as tx:
        assert [tx.kept.get(one.id) for one in (theirs, other)] == [theirs, other]


def test_what_waits_for_an_account_waits_ten_minutes(house: House) -> None:
    """Later it is not done behind anybody's back."""
    one = kept.for_link(house.kit, received(), ALICE)
    assert one.until - house.clock.now == 600_000
    with house.kit.store.write() as tx:
        tx.kept.put(one)
    house.clock.now = one.until
    with house.kit.store.write() as tx:
        assert kept.resume_linked(house.kit, tx, ALICE) == 0
    assert house.waiting() == []
