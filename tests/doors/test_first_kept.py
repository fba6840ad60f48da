"""Who has to connect an account first finds one request done afterwards: the first, however often they typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.access import kept
from bot.deeds import AGREE
from bot.edges.store import Store
from bot.errors import NotLinked
from bot.ledger import Kept
from bot.model import Message, Person
from tests.doors.asking import Bench, bench
from tests.doors.test_agree import APPROVAL, CONFIRM, halted, the

ALICE, BOB = Person("T0ACME0001", "U0ALICE001"), Person("T0ACME0001", "U0BOB00001")


@pytest.fixture
def desk(store: Store) -> Iterator[Bench]:
    """A desk at which nobody has connected an account."""

    def unlinked() -> Message:
        raise NotLinked

    with bench(store) as (desk, _):
        desk.act = unlinked
        yield desk


def waiting(desk: Bench, person: Person = ALICE) -> list[Kept]:
    with desk.store.read() as tx:
        return tx.kept.of(person, kept.LINK, desk.time)


def told(desk: Bench, key: str) -> str:
    return json.dumps(desk.answer(key).blocks, ensure_ascii=False)


def test_the_first_is_kept_and_named(desk: Bench) -> None:
    """Typed three times, one waits; each later answer says which, and that the later one is not kept."""
    desk.slash("act hello <World>")
    desk.slash("act hello <World>", "k2")
    desk.dm("act other", "k3")
    (one,) = waiting(desk)
    assert json.loads(kept.body_of(desk.router.kit, one))["text"] == "act hello <World>"
    assert "is kept for 10 minutes" in told(desk, "k1")
    for key in ("k2", "k3"):
        assert (
            "I still keep `act hello &lt;World&gt;` and do it once you are connected; this one is not kept."
            in told(desk, key)
        )
        assert "kept for 10 minutes" not in told(desk, key)
    with desk.store.write() as tx:
        assert kept.resume_linked(desk.router.kit, tx, ALICE) == 1
        assert [one.key for one in tx.inbox.waiting(10)] == [f"kept:{one.id}"]


def test_of_many_at_once_one_is_kept(desk: Bench) -> None:
    """The row and the answer are one transaction, so that two workers cannot both keep theirs."""
    rows = [desk.accept("text", {**DM, "text": f"act {n}"}, f"m{n}") for n in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(desk.router.do, rows))
    assert len(waiting(desk)) == 1
    assert sum("this one is not kept" in told(desk, row.key) for row in rows) == 11


def test_each_person_has_one_of_their_own(desk: Bench) -> None:
    """What somebody else waits with is nobody's business."""
    desk.slash("act one")
    desk.slash("act two", "k2", person=BOB.id, name="bob")
    assert (len(waiting(desk)), len(waiting(desk, BOB))) == (1, 1)
    assert "act one" not in told(desk, "k2")


def test_after_ten_minutes_another_may_wait(desk: Bench) -> None:
    """What is too old is done by nobody, and stands in nobody's way."""
    desk.slash("act one")
    desk.time += kept.FOR_A_LINK
    desk.slash("act two", "k2")
    assert "is kept for 10 minutes" in told(desk, "k2")
    assert len(waiting(desk)) == 1


def test_a_press_and_what_no_key_opens_are_not_named(desk: Bench) -> None:
    """A button has no words; they are called what was asked for before."""
    desk.click("act.press")
    desk.slash("act two", "k2")
    assert "I still keep what you asked for before and do it" in told(desk, "k2")
    with desk.store.write() as tx:
        (one,) = tx.kept.of(ALICE, kept.LINK, desk.time)
        tx.kept.reseal(one.id, one.body, "lost")
    desk.slash("act three", "k3")
    assert "I still keep what you asked for before and do it" in told(desk, "k3")


def test_what_waits_for_an_answer_is_another_matter(store: Store) -> None:
    """A request that was halted waits beside it, as many as there are."""
    with halted(store, CONFIRM) as (desk, _):
        desk.slash("act again", "k2")
        assert the(desk).why == kept.HALTED
        assert waiting(desk) == []
        with store.read() as tx:
            assert len(tx.kept.of(ALICE, kept.HALTED, desk.time)) == 2


def test_a_button_that_opens_a_form_stays(store: Store) -> None:
    """Whoever closes the form finds what they can press; the other buttons take the message away."""
    with halted(store, APPROVAL) as (desk, server):
        undo = desk.router.kit.vault.seal(f"{server.url}/undo/1", about="T0ACME0001/U0ALICE001")
        for number, action in enumerate((AGREE.approval, AGREE.override)):
            desk.click(action, the(desk).id, f"c{number}", undo=undo, trigger="17.2.x")
        assert [seen.path for seen in server.seen].count("/api/views.open") == 2
        assert "/undo/1" not in [seen.path for seen in server.seen]
        desk.click(AGREE.leave, the(desk).id, "c9", undo=undo)
        assert "/undo/1" in [seen.path for seen in server.seen]


DM = {"team": ALICE.team, "person": ALICE.id, "channel": "D0ALICEBOT", "thread": None, "way": "dm"}
