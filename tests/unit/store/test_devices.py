"""Device grants in the store: one pending a person, asked about by one at a time."""

from __future__ import annotations

from dataclasses import replace

from bot.edges.store import Store
from bot.ledger import Device
from bot.model import Person, Place

ALICE = Person("T1", "U1")
DEVICE = Device("d1", ALICE, "alice", Place("C1", "1.2"), "sealed", 5_000, 10_000, 300_000)


def asked(store: Store, device: Device = DEVICE) -> None:
    with store.write() as tx:
        tx.devices.put(device)


def test_a_device_is_due_at_its_time(store: Store) -> None:
    """It comes back whole, and not before GitLab may be asked."""
    asked(store)
    with store.read() as tx:
        assert tx.devices.due(9_999, 5) == []
        assert tx.devices.due(10_000, 5) == [DEVICE]
        assert tx.devices.get("d1") == DEVICE
        assert tx.devices.get("d2") is None


def test_a_person_has_one_at_most(store: Store) -> None:
    """A new one takes the place of one that was not completed; those of others and ended ones stay."""
    asked(store)
    with store.write() as tx:
        tx.devices.end("d1", "expired")
    asked(store, replace(DEVICE, id="d2"))
    asked(store, replace(DEVICE, id="d3"))
    asked(store, replace(DEVICE, id="d4", person=Person("T2", "U1")))
    with store.read() as tx:
        assert [one.id for one in tx.devices.due(10_000, 5)] == ["d3", "d4"]
        assert tx.devices.get("d1") == replace(DEVICE, state="expired", code="")


def test_one_at_a_time_asks(store: Store) -> None:
    """Whoever takes the turn moves it on; the other has nothing to do."""
    asked(store)
    with store.write() as tx:
        assert tx.devices.look(DEVICE, 15_000)
        assert not tx.devices.look(DEVICE, 15_000)
        assert tx.devices.later("d1", 20_000, 10_000)
        assert tx.devices.due(19_999, 5) == []
        assert tx.devices.due(20_000, 5) == [replace(DEVICE, next_look=20_000, interval=10_000)]


def test_it_ends_once_and_its_code_is_forgotten(store: Store) -> None:
    """After its end nothing moves it, and nobody can use its code."""
    asked(store)
    with store.write() as tx:
        assert tx.devices.end("d1", "linked")
        assert not tx.devices.end("d1", "expired")
        assert not tx.devices.later("d1", 1, 1)
        assert not tx.devices.look(DEVICE, 1)
        assert tx.devices.sealed() == []


def test_seals_are_changed(store: Store) -> None:
    """A change of keys finds the codes that are still of use."""
    asked(store)
    with store.write() as tx:
        assert tx.devices.sealed() == [("T1/U1 device", "sealed")]
        assert tx.devices.reseal("sealed", "anew")
        assert not tx.devices.reseal("sealed", "again")


def test_the_clock_was_set_back(store: Store) -> None:
    """What was to be asked later may be asked now, and what is old is forgotten."""
    asked(store)
    with store.write() as tx:
        assert tx.devices.not_later_than(5_000) == 1
        assert tx.devices.not_later_than(5_000) == 0
        assert tx.devices.forget(300_000) == 0
        assert tx.devices.forget(300_001) == 1
