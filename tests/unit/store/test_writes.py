"""Changes in GitLab as they are written down: once, and moved only from the state they were read in."""

from __future__ import annotations

from dataclasses import replace

from bot.edges.store import Store
from bot.ledger import Write
from bot.model import Person, Place

ALICE = Person("T1", "U1")
WRITE = Write(
    "k1.create", "issue.create", ALICE, "alice", Place("C1", "17.1"), 42, "acme/shop", '{"title": "x"}', at=5
)


def test_a_change_is_intended_once(store: Store) -> None:
    """A second one of the same id changes nothing."""
    with store.write() as tx:
        assert tx.writes.intend(WRITE)
        assert not tx.writes.intend(replace(WRITE, about="other"))
        assert tx.writes.get("k1.create") == WRITE
        assert tx.writes.get("k2.create") is None


def test_it_is_settled_by_who_saw_it_last(store: Store) -> None:
    """Of two that move it from one state, one does."""
    with store.write() as tx:
        tx.writes.intend(WRITE)
        assert tx.writes.settle(WRITE, "unknown", "{}", 10)
        assert not tx.writes.settle(WRITE, "done", "{}")
        looking = tx.writes.get(WRITE.id)
        assert looking is not None
        assert tx.writes.settle(looking, "unknown", "{}", 20)
        assert not tx.writes.settle(looking, "done", "{}")


def test_what_is_not_known_is_due_in_its_time(store: Store) -> None:
    """The longest waiting first; what is settled is not due."""
    with store.write() as tx:
        for number, at in enumerate((30, 10, 20)):
            one = replace(WRITE, id=f"w{number}")
            tx.writes.intend(one)
            tx.writes.settle(one, "unknown", "{}", at)
        tx.writes.intend(replace(WRITE, id="w9", next_look=26))
        assert [one.id for one in tx.writes.due(25)] == ["w1", "w2"]
        assert [one.id for one in tx.writes.due(26)] == ["w1", "w2", "w9"], "nobody came back to it"


def test_a_clock_set_back_delays_no_look(store: Store) -> None:
    """What is looked for is due at once, and no younger than the clock; what is settled, or being sent, stays."""
    with store.write() as tx:
        for name, state in (("a", "unknown"), ("b", "done")):
            one = replace(WRITE, id=name, at=1_000)
            tx.writes.intend(one)
            tx.writes.settle(one, state, "{}", 1_005)
        tx.writes.intend(replace(WRITE, id="c", at=1_000, next_look=1_600))
        assert tx.writes.not_later_than(500) == 1
        (found,) = tx.writes.due(500)
        assert (found.id, found.at, found.next_look) == ("a", 500, 500)
        assert tx.writes.not_later_than(500) == 0


def test_the_settled_is_forgotten_in_time(store: Store) -> None:
    """What is still looked for is not."""
    with store.write() as tx:
        for name, state in (("a", "done"), ("b", "unknown"), ("c", "failed"), ("d", "intent")):
            one = replace(WRITE, id=name)
            tx.writes.intend(one)
            tx.writes.settle(one, state, "{}", 1)
        assert tx.writes.forget(5) == 0
        assert tx.writes.forget(6) == 2
        assert tx.writes.get("b") is not None


def test_a_sheet_is_its_owners_and_of_its_kind(store: Store) -> None:
    """Another person, or another form, does not read it; put again, it is replaced; it is forgotten in time."""
    with store.write() as tx:
        tx.sheets.put("s1", ALICE, "run.form", "{}", 5)
        tx.sheets.put("s1", ALICE, "run.form", '{"a": 1}', 6)
        assert tx.sheets.get("s1", ALICE, "run.form") == '{"a": 1}'
        assert tx.sheets.get("s1", Person("T1", "U2"), "run.form") is None
        assert tx.sheets.get("s1", ALICE, "issue.create") is None
        assert tx.sheets.forget(6) == 0
        assert tx.sheets.forget(7) == 1


def test_nobody_takes_the_sheet_of_another(store: Store) -> None:
    """An id that is somebody else's already stays theirs."""
    with store.write() as tx:
        tx.sheets.put("s1", ALICE, "run.form", "{}", 5)
        tx.sheets.put("s1", Person("T1", "U2"), "run.form", '{"b": 2}', 6)
        assert tx.sheets.get("s1", ALICE, "run.form") == "{}"
        assert tx.sheets.get("s1", Person("T1", "U2"), "run.form") is None
