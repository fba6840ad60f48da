"""Envelopes on their way to the app: who acked which, how fast, and what comes again."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from sandbox.slack.connection import Connection, Fragmented, Outgoing, Stalled
from sandbox.slack.faults import Faults
from sandbox.slack.people import Body

ACK_SECONDS = 3.0
"""How long Slack waits for an ack (slack-platform.md 1.2)."""
RETRY_AFTER = (0.0, 60.0, 300.0)
"""Seconds until the first, second and third redelivery of an event (slack-platform.md 1.2)."""
SWEEP_SECONDS = 0.05
SPARE_COPIES = 2
"""How many more times the fault `redeliver` delivers one envelope."""

OK, TIMEOUT, NO_SOCKET = "ok", "operation_timeout", "dispatch_failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one delivery: ok, operation_timeout or dispatch_failed; and the ack's payload."""

    result: str
    payload: Body | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is sent to the app. `attempt` counts the redeliveries of an event, 0 the first time."""

    id: str
    type: str
    payload: Body
    accepts_response: bool = False
    attempt: int = 0

    def text(self) -> str:
        """The JSON text of it, with the keys of samples/slack."""
        body: Body = {
            "envelope_id": self.id,
            "payload": self.payload,
            "type": self.type,
            "accepts_response_payload": self.accepts_response,
        }
        if self.type == "events_api":
            reason = "timeout" if self.attempt else ""
            body |= {"retry_attempt": self.attempt, "retry_reason": reason}
        return json.dumps(body)


@dataclass(slots=True)
class _Waiting:
    envelope: Envelope
    sent: float
    done: Callable[[Outcome], None]


class Delivery:
    """Sends every envelope to one open connection and waits for its ack.

    An ack on another connection than the delivering one counts; whether Slack agrees is not known
    (slack-platform.md 7).
    """

    def __init__(self, faults: Faults, choose: Callable[[], Connection | None]) -> None:
        self.faults = faults
        self.choose = choose
        self.ack_times: list[float] = []
        self.unacked: list[Envelope] = []
        self.late: list[Envelope] = []
        self.strange: list[str] = []
        self.lost: list[Envelope] = []
        self.sent = 0
        self._waiting: dict[str, _Waiting] = {}
        self._order: deque[_Waiting] = deque()
        self._acked: set[str] = set()
        self._overdue: dict[str, Envelope] = {}
        self._timers: set[asyncio.TimerHandle] = set()

    async def ask(self, type_: str, payload: Body, accepts_response: bool = False) -> Outcome:
        """Deliver a command or an interaction, once, and wait for what becomes of it."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        def done(outcome: Outcome) -> None:
            if not future.done():
                future.set_result(outcome)

        self._send(Envelope(str(uuid.uuid4()), type_, payload, accepts_response), done)
        return await future

    def tell(self, payload: Body) -> None:
        """Deliver an event; it comes again while nobody acks it, with the same event_id."""
        self._send_event(Envelope(str(uuid.uuid4()), "events_api", payload))

    def _send_event(self, envelope: Envelope) -> None:
        self._send(envelope, lambda outcome: self._after_event(envelope, outcome))

    def _after_event(self, envelope: Envelope, outcome: Outcome) -> None:
        if outcome.result == OK:
            return
        if envelope.attempt == len(RETRY_AFTER):
            self.lost.append(envelope)
            return
        again = replace(envelope, id=str(uuid.uuid4()), attempt=envelope.attempt + 1)
        self._later(RETRY_AFTER[envelope.attempt], lambda: self._send_event(again))

    def _later(self, seconds: float, what: Callable[[], None]) -> None:
        def run() -> None:
            self._timers.discard(timer)
            what()

        timer = asyncio.get_running_loop().call_later(seconds, run)
        self._timers.add(timer)

    def _send(self, envelope: Envelope, done: Callable[[Outcome], None]) -> None:
        connection = self.choose()
        if connection is None:
            done(Outcome(NO_SOCKET))
            return
        waiting = _Waiting(envelope, time.monotonic(), done)
        self._waiting[envelope.id] = waiting
        self._order.append(waiting)
        self.sent += 1
        text = envelope.text()
        connection.send(self._disturbed(text))
        if self.faults.strikes("redeliver"):
            for _ in range(SPARE_COPIES):
                (self.choose() or connection).send(text)

    def _disturbed(self, text: str) -> Outgoing:
        if fault := self.faults.strikes("socket-stall"):
            return Stalled(text, fault.arg)
        return Fragmented(text) if self.faults.strikes("socket-fragment") else text

    def read(self, text: str) -> None:
        """Take what a client sent: an ack, or something strange, which is kept for tests to look at."""
        try:
            body = json.loads(text)
            name, payload = body["envelope_id"], body.get("payload")
        except (ValueError, KeyError, TypeError, AttributeError):
            self.strange.append(text)
            return
        waiting = self._waiting.pop(name, None)
        if waiting is not None:
            self._acked.add(name)
            self.ack_times.append(time.monotonic() - waiting.sent)
            wanted = waiting.envelope.accepts_response and isinstance(payload, dict)
            waiting.done(Outcome(OK, payload if wanted else None))
        elif name in self._overdue:
            self.late.append(self._overdue.pop(name))
        elif name not in self._acked:
            self.strange.append(text)

    async def sweep(self) -> None:
        """Give up, again and again, what was not acked in time."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self.give_up(time.monotonic() - ACK_SECONDS)

    def give_up(self, sent_before: float) -> None:
        """Count everything sent before that moment and still without an ack as not acked."""
        while self._order and self._order[0].sent <= sent_before:
            waiting = self._order.popleft()
            if self._waiting.pop(waiting.envelope.id, None) is not None:
                self.unacked.append(waiting.envelope)
                self._overdue[waiting.envelope.id] = waiting.envelope
                waiting.done(Outcome(TIMEOUT))

    def to_come(self, now: float) -> list[float]:
        """In how many seconds each redelivery is due; `now` by the loop's clock."""
        return sorted(timer.when() - now for timer in self._timers)

    def stop(self) -> None:
        """Cancel every redelivery, and let nobody wait any longer."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        for waiting in list(self._waiting.values()):
            if waiting.envelope.type != "events_api":
                waiting.done(Outcome(NO_SOCKET))
        self._waiting.clear()
