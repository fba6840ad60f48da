"""Workers give way while a batch is accepted."""

from __future__ import annotations

import threading
import time

from bot.doors.way import PATIENCE_S, RightOfWay
from bot.doors.work import Task, Workers

LONG = 5.0


def waited(way: RightOfWay) -> float:
    """How long somebody gave way, in seconds."""
    at = time.monotonic()
    way.give()
    return time.monotonic() - at


def test_who_gives_way_waits_while_a_batch_is_accepted() -> None:
    """Under a batch that lasts, a worker waits, and goes on all the same after its patience."""
    way = RightOfWay()
    with way.taken():
        assert waited(way) >= PATIENCE_S * 0.9
    assert waited(RightOfWay()) < LONG


def test_those_who_wait_go_on_one_after_the_other() -> None:
    """In a flood every task begins in the end, and no two at once."""
    way, began = RightOfWay(), [threading.Event() for _ in range(4)]
    workers = Workers("work", 4, way.give)
    at = time.monotonic()
    with way.taken():
        workers.hand(Task(f"lane {n}", "task", event.set) for n, event in enumerate(began))
        assert all(event.wait(LONG) for event in began)
        assert time.monotonic() - at >= PATIENCE_S * 0.9 * len(began)
    assert workers.stop(LONG)
