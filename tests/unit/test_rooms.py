"""The channels that are listened to."""

from __future__ import annotations

from bot.rooms import Rooms


def test_rooms_come_and_go() -> None:
    """A channel is a room from when it is added until it is removed; both may happen twice."""
    rooms = Rooms(["C1"])
    rooms.add("C2")
    rooms.add("C2")
    assert ("C1" in rooms, "C2" in rooms, "C3" in rooms) == (True, True, False)
    rooms.remove("C1")
    rooms.remove("C1")
    assert ("C1" in rooms, "C2" in rooms) == (False, True)


def test_filling_forgets_what_was_there() -> None:
    """The store knows which channels are rooms."""
    rooms = Rooms(["C1"])
    rooms.fill(["C2", "C3"])
    assert [channel in rooms for channel in ("C1", "C2", "C3")] == [False, True, True]
