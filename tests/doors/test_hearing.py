"""What was heard in a room: handed on once and in order, counted and answered never, and nobody waits for it."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from blocks import voice
from bot.command import Command, Heard, Request
from bot.doors.router import SLOW_MS, Router
from bot.doors.work import Task, Workers
from bot.edges.store import Received, Store
from bot.errors import GitLabUnreachable, StoreError
from bot.kit import Kit
from bot.model import Message
from bot.policy import Limits, Policy
from tests.doors.accepting import Door
from tests.doors.asking import BOT, Bench, bench
from tests.edges import wire
from tests.fixtures.slack_samples import sample
from tests.sandbox.slack_stage import until

ROOM, OTHER = "C0INC00042", "C0INC00043"


@dataclass
class Listener:
    """A command that listens, and what it heard."""

    heard: list[Heard] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    """How much had been heard whenever somebody asked for something."""
    act: Callable[[Heard], None] = lambda _: None

    def hears(self, heard: Heard, _kit: Kit) -> None:
        self.act(heard)
        self.heard.append(heard)

    def run(self, _request: Request, _kit: Kit) -> Message:
        self.asked.append(len(self.heard))
        return Message("Done.")

    def command(self) -> Command:
        return Command("thing", "thing", "Do a thing.", ("thing",), self.run, hears=self.hears, always=True)

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.heard]


@contextmanager
def listening(
    store: Store, policy: Policy | None = None
) -> Iterator[tuple[Listener, Bench, Door, wire.Server]]:
    """A router with that command, behind a door to two rooms."""
    listener = Listener()
    with bench(store, policy=policy) as (desk, slack):
        desk.router = Router(desk.router.kit, [listener.command()], voice, BOT)
        door = Door(store, {ROOM, OTHER}.__contains__)
        door.intake.seal = lambda text, owner: desk.router.kit.vault.seal(text, about=owner)
        yield listener, desk, door, slack


def said(number: int, channel: str = ROOM) -> dict[str, Any]:
    """Somebody says a number."""
    envelope = sample("events/message_channel", envelope_id=f"e{channel}{number}")
    envelope["payload"]["event_id"] = f"Ev{channel}{number}"
    envelope["payload"]["event"] |= {
        "channel": channel,
        "text": str(number),
        "ts": f"17636510{number:02}.000100",
    }
    return envelope


def tasks(desk: Bench, rows: Sequence[Received]) -> list[Task]:
    return [Task(desk.router.lane(row), row.key, partial(desk.router.do, row)) for row in rows]


def state(store: Store, key: str) -> str:
    with store.read() as tx:
        (row,) = tx.inbox._sql.execute("SELECT state FROM inbox WHERE key = ?", (key,)).fetchall()
    return str(row[0])


def test_it_is_handed_on_once(store: Store) -> None:
    """A second time its row is done; nobody is answered, and Slack is not asked for anybody."""
    with listening(store) as (listener, desk, door, slack):
        door.accept(said(1))
        (row,) = door.handed
        desk.router.do(row)
        desk.router.do(row)
        assert listener.texts == ["1"]
        assert (desk.open_requests(), desk.letter(row.key), desk.delivered) == (0, None, 0)
        assert slack.seen == []


def test_it_is_in_order_within_a_channel(store: Store) -> None:
    """Over several batches, with many workers, the channels beside one another."""
    with listening(store) as (listener, desk, door, _):
        workers = Workers("w", 8)
        door.intake.handed = lambda new: workers.hand(tasks(desk, new))
        for first in range(0, 40, 10):
            door.accept(*(said(n, channel) for n in range(first, first + 10) for channel in (ROOM, OTHER)))
        until(lambda: len(listener.heard) == 80)
        assert workers.stop(5)
        for channel in (ROOM, OTHER):
            assert [one.text for one in listener.heard if one.channel == channel] == [
                str(n) for n in range(40)
            ]


def test_a_busy_room_keeps_nobody_waiting(store: Store) -> None:
    """With one worker, a command is done after one more of what was said, however much was said before it."""
    with listening(store) as (listener, desk, door, _):
        gate, workers = threading.Event(), Workers("w", 1)

        def wait(_: Heard) -> None:
            assert gate.wait(10)

        listener.act = wait
        door.intake.handed = lambda new: workers.hand(tasks(desk, new))
        door.accept(*(said(n) for n in range(60)))
        command = sample("commands/channel")
        command["payload"]["text"] = "thing"
        door.accept(command)
        gate.set()
        until(lambda: listener.asked != [])
        assert listener.asked[0] <= 2
        until(lambda: len(listener.heard) == 60)
        assert workers.stop(5)


def test_what_was_heard_before_a_crash_is_taken_up(store: Store) -> None:
    """What an earlier process had begun, and what it had not, in the order in which it came."""
    with listening(store) as (listener, desk, door, _):
        door.accept(*(said(n) for n in range(3)))
        with store.write() as tx:
            assert tx.inbox.claim(door.handed[0].key)
        with store.write() as tx:
            assert tx.inbox.recover() == 1
        for row in door.rows:
            desk.router.do(row)
        assert listener.texts == ["0", "1", "2"]


def test_it_is_never_limited(store: Store) -> None:
    """A room in which much is said is no flood of commands, and its people may still ask for something."""
    limits = Limits(person_per_minute=1, channel_per_minute=1, all_per_minute=1)
    with listening(store, Policy(limits=limits)) as (listener, desk, door, _):
        door.accept(*(said(n) for n in range(5)))
        for row in door.handed:
            desk.router.do(row)
        assert len(listener.heard) == 5
        desk.slash("thing")
        assert listener.asked == [5]


def test_nobody_is_told_that_it_takes_its_time(store: Store) -> None:
    """Nobody waits for it."""
    with listening(store) as (_, desk, door, _):
        door.accept(said(1))
        desk.time += 10 * SLOW_MS
        desk.router.comfort(door.rows)
        assert desk.letter(door.handed[0].key) is None


def test_an_error_is_logged_and_ends_it(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """What came to nothing is not heard again."""

    def away(_: Heard) -> None:
        raise GitLabUnreachable

    with listening(store) as (listener, desk, door, _), caplog.at_level(logging.WARNING):
        listener.act = away
        door.accept(said(1))
        desk.router.do(door.handed[0])
        assert "GitLab did not answer" in caplog.text
        assert (state(store, door.handed[0].key), desk.router.dropped) == (
            "done",
            type(desk.router.dropped)(),
        )


def test_a_bug_is_logged_with_a_reference_and_ends_it(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """What comes after it is heard."""

    def bug(heard: Heard) -> None:
        if heard.text == "1":
            raise ZeroDivisionError

    with listening(store) as (listener, desk, door, _), caplog.at_level(logging.ERROR):
        listener.act = bug
        door.accept(said(1), said(2))
        for row in door.handed:
            desk.router.do(row)
        assert "reference 00000000" in caplog.text
        assert "ZeroDivisionError" in caplog.text
        assert (state(store, door.handed[0].key), listener.texts) == ("done", ["2"])


def test_what_the_store_did_not_take_is_given_back(store: Store) -> None:
    """The sweep makes its row new again, and it is heard once more, with the same key."""
    failing = [True]

    def fail(_: Heard) -> None:
        if failing.pop():
            raise StoreError

    with listening(store) as (listener, desk, door, _):
        listener.act = fail
        door.accept(said(1))
        (row,) = door.handed
        with pytest.raises(StoreError):
            desk.router.do(row)
        assert (list(desk.router.dropped), state(store, row.key)) == ([row.key], "taken")
        with store.write() as tx:
            assert tx.inbox.give_back(desk.router.dropped.popleft())
        failing.append(False)
        desk.router.do(row)
        assert ([one.key for one in listener.heard], state(store, row.key)) == ([row.key], "done")


def test_what_no_key_opens_any_more_is_logged(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """It ends, rather than come up again and again."""
    with listening(store) as (listener, desk, door, _), caplog.at_level(logging.WARNING):
        door.accept(said(1))
        body = json.loads(door.handed[0].body) | {"content": "gibberish"}
        row = desk.accept("heard", body, "k2")
        desk.router.do(row)
        assert (listener.heard, state(store, "k2")) == ([], "done")
        assert "event k2 was heard and came to nothing" in caplog.text


def test_where_nobody_listens_it_is_done(store: Store) -> None:
    """Rows of a version with a command that listened end in one without."""
    with listening(store) as (_, desk, door, _):
        desk.router = Router(desk.router.kit, [], voice, BOT)
        door.accept(said(1))
        desk.router.do(door.handed[0])
        assert state(store, door.handed[0].key) == "done"
