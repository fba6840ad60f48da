"""What the tests of the courier share: a store, a clock, a Slack, and a courier between them."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from blocks import answers
from bot.access import people
from bot.delivery import letters
from bot.delivery.courier import Courier
from bot.edges.slack import Slack
from bot.edges.slack_people import People
from bot.edges.store import Card, Letter, Store
from bot.model import Attachment, Message, Person, Place, Run
from bot.policy import Policy
from sandbox.slack import FakeSlack
from tests.edges import wire
from tests.sandbox.slack_stage import Clock, Stage, until

ALICE, BOB = Person("T0ACME0001", "U0ALICE001"), Person("T0ACME0001", "U0BOB00001")
OPS, DEV, LOBBY = Place("C0OPS00001"), Place("C0DEV00001"), Place("C0LOBBY001")
SECRET, DM = Place("C0PRIV0001"), Place("D0ALICEBOT")


def said(text: str, file: str = "") -> Message:
    """A message with one block, and with a file if there is text for one."""
    block = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
    return Message(text, (block,), Attachment("full.log", file) if file else None)


def run(name: str = "r1", place: Place = OPS) -> Run:
    """A run that Alice asked for."""
    return Run(name, f"source-{name}", ALICE, "alice", place, "acme/shop", 1, "hello", "main", "")


@dataclass(slots=True)
class Office:
    """The courier and its store. Time stands still until it is moved."""

    store: Store
    api_url: str
    clock: Clock = field(default_factory=Clock)
    token: str = "xoxb-1"
    courier: Courier = field(init=False)

    def __post_init__(self) -> None:
        slack = Slack(self.token, self.api_url, timeout=5)
        self.courier = Courier(self.store, slack, self.now, answers.displaced, self._is_open(slack))

    def _is_open(self, slack: Slack) -> Callable[[str], bool]:
        """No channel is shared with anybody."""
        return bool

    def now(self) -> int:
        return int(self.clock.now * 1000)

    def pass_(self, seconds: float) -> None:
        """Let time go by, and have the courier notice."""
        self.clock.now += seconds
        self.courier.wake()

    def flow(self, holds: Callable[[], bool], step: float = 0.1) -> None:
        """Let time flow until something holds."""

        def stepped() -> bool:
            self.pass_(step)
            return holds()

        until(stepped)

    # What is to be sent ----------------------------------------------------------------------------------------

    def answer(self, key: str, text: str, place: Place = OPS, person: Person = ALICE, file: str = "") -> None:
        with self.store.write() as tx:
            letters.answer(tx, key, said(text, file), person=person, place=place, now=self.now())
        self.courier.wake()

    def post(self, key: str, text: str = "", queue: str = "q", place: Place = OPS, **more: Any) -> None:
        letter = Letter(key, queue, "post", place, ALICE.id, letters.dump(said(text or key)),
                        created_at=self.now(), **more)  # fmt: skip
        with self.store.write() as tx:
            assert tx.outbox.put(letter)
        self.courier.wake()

    def reply(self, key: str, text: str, to: Run, file: str = "") -> None:
        with self.store.write() as tx:
            letters.in_thread(tx, key, said(text, file), to, self.now())
        self.courier.wake()

    def draw(self, text: str, of: Run, *, urgent: bool = False) -> None:
        """Want the run's card to look like that."""
        with self.store.write() as tx:
            tx.runs.add(of)
            letters.card(tx, said(text), of, self.now(), urgent=urgent)
        self.courier.wake()

    # What became of it -----------------------------------------------------------------------------------------

    def letter(self, key: str) -> Letter:
        with self.store.read() as tx:
            found = tx.outbox.get(key)
        assert found is not None
        return found

    def card(self, key: str = "r1") -> Card:
        with self.store.read() as tx:
            found = tx.cards.get(key)
        assert found is not None
        return found

    def shows(self, text: str, key: str = "r1") -> bool:
        """Whether the card is where it should be: this text wanted, and shown."""
        card = self.card(key)
        return letters.load(card.wanted).text == text and card.shown_hash == card.wanted_hash

    def states(self, *keys: str) -> list[str]:
        return [self.letter(key).state for key in keys]

    def sent(self, *keys: str) -> bool:
        return self.states(*keys) == ["sent"] * len(keys)


@dataclass(slots=True)
class Town(Office):
    """An office in a whole sandbox workspace."""

    stage: Stage = field(init=False)

    def _is_open(self, slack: Slack) -> Callable[[str], bool]:
        """Slack tells which channel is shared."""
        return partial(people.is_open, Policy(), People(slack, self.now))

    def seen(self, channel: str, thread: str | None = None, name: str = "alice") -> list[str]:
        """What somebody sees there, as text."""
        return [one.message["text"] for one in self.looks(channel, thread, name)]

    def looks(self, channel: str, thread: str | None = None, name: str = "alice") -> list[Any]:
        async def look() -> list[Any]:
            return list(self.stage.slack.visible(name, channel, thread))

        return self.stage.run(look())

    @property
    def calls(self) -> Counter[str]:
        return self.stage.slack.calls


@contextmanager
def town(store: Store, *, start: bool = True) -> Iterator[Town]:
    """An office at a FakeSlack that goes by the same clock."""
    clock = Clock()
    with Stage(FakeSlack(clock=clock)) as stage:
        office = Town(store, stage.slack.api_url, clock, stage.slack.bot_token)
        office.stage = stage
        if start:
            office.courier.start()
        try:
            yield office
        finally:
            office.courier.stop(5)


class Script:
    """A Slack that answers each method as told; what is not told goes well."""

    def __init__(self, **told: list[wire.Reply]) -> None:
        self.told = {name.replace("_", "."): list(replies) for name, replies in told.items()}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._lock = threading.Lock()
        self.posts = 0

    def __call__(self, seen: wire.Seen) -> wire.Reply:
        method = seen.path.removeprefix("/api/")
        if seen.path == "/upload":
            return wire.plain("OK")
        with self._lock:
            self.asked.append((method, _arguments(seen)))
            left = self.told.get(method, [])
            return left.pop(0) if left else self._well(method, seen)

    def _well(self, method: str, seen: wire.Seen) -> wire.Reply:
        self.posts += 1
        return wire.data({
            "ok": True, "ts": f"17.{self.posts:06d}", "channel": {"id": "D0ALICEBOT"}, "messages": [],
            "upload_url": f"http://{seen.headers['Host']}/upload", "file_id": "F1",
        })  # fmt: skip

    def count(self, method: str) -> int:
        return sum(1 for name, _ in self.asked if name == method)

    def texts(self, method: str = "chat.postMessage") -> list[str]:
        return [str(arguments.get("text")) for name, arguments in self.asked if name == method]


def _arguments(seen: wire.Seen) -> dict[str, Any]:
    if "json" in (seen.headers.get("Content-Type") or ""):
        body: dict[str, Any] = json.loads(seen.body)
        return body
    return dict(seen.form)


def refused(code: str) -> wire.Reply:
    """Slack's no."""
    return wire.data({"ok": False, "error": code})


def busy(seconds: int) -> wire.Reply:
    """Slack's 429."""
    return wire.data({"ok": False, "error": "ratelimited"}, 429, Retry_After=str(seconds))


@contextmanager
def office(store: Store, script: Script, *, start: bool = True) -> Iterator[Office]:
    """An office at a scripted Slack."""
    with wire.serve(script) as server:
        found = Office(store, f"{server.url}/api/")
        if start:
            found.courier.start()
        try:
            yield found
        finally:
            found.courier.stop(5)
