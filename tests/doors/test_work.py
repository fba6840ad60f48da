"""The workers, the clock and the net under both."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from functools import partial

import pytest

from bot.doors import clock
from bot.doors.work import Task, Workers
from bot.errors import Refused
from bot.guard import guarded
from tests.sandbox.slack_stage import until


class Gate:
    """Counts who is inside, and holds them until it opens."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.lock = threading.Lock()
        self.inside = 0
        self.most = 0
        self.done: list[int] = []

    def task(self, number: int) -> None:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        assert self.open.wait(10)
        with self.lock:
            self.inside -= 1
            self.done.append(number)


def test_no_more_than_that_many_work_at_once() -> None:
    """All is done, by at most `most` threads."""
    gate, workers = Gate(), Workers("w", 3)
    workers.hand(Task(f"t{n}", f"t{n}", partial(gate.task, n)) for n in range(20))
    until(lambda: gate.inside == 3)
    assert not workers.empty
    gate.open.set()
    until(lambda: len(gate.done) == 20)
    assert gate.most == 3
    until(lambda: workers.empty)
    assert workers.stop(5)


def test_one_thread_is_enough_for_one_thing_at_a_time() -> None:
    """Threads are started only when all are busy, and one alone keeps the order."""
    workers, names, order = Workers("w", 8), Counter[str](), list[int]()

    def task(number: int) -> None:
        names[threading.current_thread().name] += 1
        order.append(number)

    for number in range(20):
        workers.hand([Task(f"t{number}", f"t{number}", partial(task, number))])
        until(lambda: len(order) == number + 1 and workers._idle >= 1)  # noqa: B023 -- asked at once
    assert order == list(range(20))
    assert names == {"w-1": 20}
    assert workers.stop(5)


def test_a_task_that_fails_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """A bug and a sentence are both logged with the task's name; the next task is done."""
    workers, done = Workers("w", 1), threading.Event()

    def bug() -> None:
        raise ZeroDivisionError

    def refused() -> None:
        raise Refused("Not you.")

    with caplog.at_level(logging.WARNING):
        workers.hand(
            [Task("a", "the bug", bug), Task("a", "the refusal", refused), Task("a", "well", done.set)]
        )
        assert done.wait(5)
    assert "the bug failed" in caplog.text
    assert "the refusal: Not you." in caplog.text
    assert workers.stop(5)


def test_stopping_waits_for_what_is_under_way_and_begins_nothing() -> None:
    """What waits stays undone: it is written down elsewhere."""
    gate, workers = Gate(), Workers("w", 1)
    workers.hand(Task(f"t{n}", f"t{n}", partial(gate.task, n)) for n in range(2))
    until(lambda: gate.inside == 1)
    assert not workers.stop(0.05)
    gate.open.set()
    assert workers.stop(5)
    assert gate.done == [0]
    workers.hand([Task("late", "late", partial(gate.task, 9))])
    assert workers.stop(5)
    assert gate.done == [0]


def test_workers_that_never_worked_stop_at_once() -> None:
    """There is nothing to wait for."""
    assert Workers("w", 1).stop(0)


def test_the_net_tells_how_it_ended() -> None:
    """True for an ordinary end."""

    def fails() -> None:
        raise Refused

    assert guarded("well", lambda: None)
    assert not guarded("ill", fails)


def test_every_tick_is_called_again_and_again_though_one_fails(caplog: pytest.LogCaptureFixture) -> None:
    """One after the other, never two at once."""
    calls, inside = Counter[str](), threading.Lock()

    def tick(name: str) -> None:
        assert inside.acquire(blocking=False)
        calls[name] += 1
        inside.release()

    def broken() -> None:
        raise ZeroDivisionError

    scheduler = clock.build({"a": lambda: tick("a"), "broken": broken, "b": lambda: tick("b")}, every=0.02)
    assert not scheduler.running
    scheduler.start()
    until(lambda: min(calls["a"], calls["b"]) >= 3)
    scheduler.shutdown(wait=True)
    assert "tick of broken failed" in caplog.text


def test_one_lane_is_done_in_order_and_others_pass() -> None:
    """What one person asks is done one after the other; who asks less does not wait for it."""
    gate, workers, order = Gate(), Workers("w", 2), list[str]()
    workers.hand([Task("alice", "first", partial(gate.task, 0))])
    workers.hand([Task("alice", f"a{n}", partial(order.append, f"a{n}")) for n in range(3)])
    workers.hand([Task("bob", "b", partial(order.append, "b"))])
    until(lambda: order == ["b"])
    gate.open.set()
    until(lambda: order == ["b", "a0", "a1", "a2"])
    assert workers.stop(5)


def test_once_leaves_out_what_is_still_to_be_done() -> None:
    """A second look at the same run is not queued behind the first one, and a later one is."""
    gate, workers = Gate(), Workers("w", 2)
    for number in range(3):
        workers.hand([Task("run 1", "look", partial(gate.task, number))], once=True)
    gate.open.set()
    until(lambda: gate.done == [0] and workers.empty)
    until(lambda: not workers._lanes)
    workers.hand([Task("run 1", "look", partial(gate.task, 7))], once=True)
    until(lambda: gate.done == [0, 7])
    assert workers.stop(5)
