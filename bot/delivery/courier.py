"""The courier: the only way a message reaches Slack.

It takes letters from the outbox, in order within each queue, and cards whose wanted look is not the one shown,
and hands them to the sender as fast as Slack allows.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from bot.delivery.pace import Pace
from bot.delivery.sending import Sender
from bot.edges.slack import Slack
from bot.edges.store import Card, Letter, Store
from bot.errors import StoreError
from bot.guard import guarded
from bot.model import Message, Millis

log = logging.getLogger(__name__)

#: Longest time without a look at what is due: a net under a lost wake-up.
IDLE_S = 5.0
#: How many sends are on their way at once; one slow call must not hold up the others.
SENDERS = 4
#: How much of what is due is read at once: enough that a crowded channel does not hide the others.
LOOKED_THROUGH = 200


@dataclass(slots=True)
class Courier:
    """One thread that decides what is next, and a few that send it."""

    store: Store
    slack: Slack
    now: Callable[[], Millis]
    displaced: Callable[[str, str], Message]
    """Given a channel id and Slack's code: what to tell somebody whose message could not be shown there."""
    is_open: Callable[[str], bool] = bool
    """Whether a channel is not read by other companies, or may be used all the same. May raise SlackError."""
    _change: threading.Condition = field(default_factory=threading.Condition)
    _woken: bool = False
    _leave_at: float | None = None
    """Once it is to stop: the monotonic second at which it leaves whatever is still due."""
    _upset_until: float | None = None
    """After the store failed: until when nothing is sent; then what was in flight is taken back."""
    _sending: dict[str, str] = field(default_factory=dict)
    """What is on its way: queue or card id, to the channel it goes to (empty for what is not posted)."""
    _pace: Pace = field(default_factory=Pace)
    _sender: Sender = field(init=False)
    _thread: threading.Thread | None = None

    def __post_init__(self) -> None:
        self._sender = Sender(self.store, self.slack, self.now, self.displaced, self._pace, self.is_open)

    def start(self) -> None:
        """Take back what a crash left half sent, and begin."""
        self._take_back()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Tell the courier that something new waits."""
        with self._change:
            self._woken = True
            self._change.notify_all()

    def start_anew(self) -> None:
        """Forget how fast it may speak: after the clock was set back that would be for ever."""
        self._pace.start_anew()
        self.wake()

    def stop(self, timeout: float) -> bool:
        """Send what may be sent now, then stop; False if something was still on its way after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        with self._change:
            self._leave_at, self._woken = deadline, True
            self._change.notify_all()
        if self._thread:
            self._thread.join(timeout)
        with self._change:
            return self._change.wait_for(lambda: not self._sending, max(0.0, deadline - time.monotonic()))

    def _run(self) -> None:
        while True:
            wait = self._round_safely()
            with self._change:
                if self._may_leave():
                    return
                self._change.wait_for(lambda: self._woken or self._may_leave(), wait)
                self._woken = False

    def _may_leave(self) -> bool:
        if self._leave_at is None:
            return False
        return time.monotonic() >= self._leave_at or not (self._sending or self._woken)

    def _take_back(self) -> None:
        """Make due again what is in flight in the store though nobody sends it; it may have arrived."""
        with self.store.write() as tx:
            tx.outbox.recover()
            tx.cards.recover()

    def _round_safely(self) -> float:
        try:
            return self._round()
        except StoreError as error:
            log.error("the courier cannot read what is to be sent: %s", error)
            return IDLE_S

    def _round(self) -> float:
        """Send off all that may go now; return how many seconds there is nothing to do."""
        now = self.now()
        with self._change:
            busy, upset_until = tuple(self._sending), self._upset_until
        if upset_until is not None:
            left = upset_until - time.monotonic()
            if busy or left > 0:
                return max(left, 0.1)
            self._take_back()
            self._upset_until = None
        quiet = self._pace.quiet(now)
        with self.store.read() as tx:
            # What its channel does not take yet is not looked at, so that it cannot hide the rest.
            due_letters = tx.outbox.heads(now, busy, LOOKED_THROUGH, quiet)
            due_cards = tx.cards.due(now, LOOKED_THROUGH, quiet, edits=self._pace.update_at(now) <= now)
            coming = [moment for moment in (tx.outbox.next_time(), tx.cards.next_time()) if moment]
        # A new card before what belongs into its thread, and replies before another look of an old card.
        waits = [self._offer_card(card, now) for card in due_cards if card.ts is None]
        waits += [self._offer_letter(letter, now) for letter in due_letters]
        waits += [self._offer_card(card, now) for card in due_cards if card.ts is not None]
        coming += [*quiet.values(), self._pace.update_at(now)]
        waits += [moment - now for moment in coming if moment > now]
        return min([IDLE_S, *(wait / 1000 for wait in waits if wait > 0)])

    # Deciding: each returns how many milliseconds it still has to wait, 0 when it went off or waits for another.

    def _offer_letter(self, letter: Letter, now: Millis) -> Millis:
        channel = letter.place.channel if letter.kind != "whisper" else ""
        wait = self._pace.post_at(channel) - now if channel else 0
        return self._offer(letter.queue, channel, wait, partial(self._sender.letter, letter))

    def _offer_card(self, card: Card, now: Millis) -> Millis:
        if card.ts is None:
            wait, channel = self._pace.post_at(card.place.channel) - now, card.place.channel
        else:
            wait, channel = self._pace.update_at(now, news=card.not_before == 0) - now, ""
        return self._offer(f"card:{card.id}", channel, wait, partial(self._sender.card, card))

    def _offer(self, name: str, channel: str, wait: Millis, send: Callable[[], None]) -> Millis:
        if wait > 0:
            return wait
        with self._change:
            taken = name in self._sending or (channel and channel in self._sending.values())
            if taken or len(self._sending) >= SENDERS:
                return 0  # Whoever is on the way wakes us when done.
            self._sending[name] = channel
        threading.Thread(target=self._send, args=(name, send), name="courier-send", daemon=True).start()
        return 0

    def _send(self, name: str, send: Callable[[], None]) -> None:
        try:
            guarded(f"sending {name}", partial(self._try, send))
        finally:
            with self._change:
                del self._sending[name]
                self._woken = True
                self._change.notify_all()

    def _try(self, send: Callable[[], None]) -> None:
        try:
            send()
        except StoreError:
            # Whether it was sent is not written down; to go on at once would only fail as fast as we can try.
            with self._change:
                self._upset_until = time.monotonic() + IDLE_S
            raise
