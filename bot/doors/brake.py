"""How much may be asked in a minute: by one person, in one channel, and of the bot in all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.model import Millis, Person
from bot.policy import Limits

#: Who met a limit is not listened to for this long, so that a burst is answered once and not at every token.
PAUSE_MS: Millis = 20_000
#: Buckets and pauses that are remembered; the least recently used go first. One unused for a minute is full again.
MOST_KEPT = 10_000

_MINUTE_MS: Millis = 60_000
#: What one request costs: a bucket gains `per_minute` of these in each millisecond, so that whole numbers do.
_COST = _MINUTE_MS

_PERSON = "You asked for more than {limit} things within a minute."
_CHANNEL = "More than {limit} things were asked for in this channel within a minute."
_ALL = "I was asked for more than {limit} things within a minute."
_SKIPPED = " I skipped this one, and I skip what you ask{where} in the next {seconds} s. Then it goes on."

_Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Over:
    """Something was asked for beyond a limit, and is skipped."""

    said: str
    """A sentence for the one who asked."""
    until: Millis
    """When they are listened to again."""
    silent: bool
    """Whether they have been told so already."""


@dataclass(slots=True)
class _Bucket:
    """Tokens of one person, of one channel or of all. It holds a minute's worth."""

    key: _Key
    per_minute: int
    sentence: str
    where: str
    at: Millis
    left: int = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.per_minute * _COST

    def fill(self, now: Millis) -> None:
        """Add what has come since; a clock that was set back adds nothing."""
        came = max(0, now - self.at) * self.per_minute
        self.left = min(self.per_minute * _COST, self.left + came)
        self.at = now

    def said(self) -> str:
        return self.sentence.format(limit=self.per_minute) + _SKIPPED.format(
            where=self.where, seconds=PAUSE_MS // 1000
        )


class Brake:
    """
    Token buckets of a minute's worth each: nobody is refused who has not met "more than N within a minute".

    What is refused takes no token from anybody, so one who floods does not use up the channel of the others.
    It remembers nothing over a restart, and is safe for threads.
    """

    def __init__(self, limits: Limits, now: Callable[[], Millis]) -> None:
        self._limits, self._now = limits, now
        self._lock = threading.Lock()
        self._buckets: dict[_Key, _Bucket] = {}
        self._pauses: dict[tuple[Person, _Key], Over] = {}

    def take(self, person: Person, channel: str) -> Over | None:
        """Take a token for a request of this person in this channel; None if there was one in every bucket."""
        with self._lock:
            now = self._now()
            buckets = list(self._of(person, channel, now))
            for one in buckets:
                pause = self._pauses.get((person, one.key))
                # A pause can only be longer than it is when the clock was set back.
                if pause and now < pause.until <= now + PAUSE_MS:
                    return pause
            short = next((one for one in buckets if one.left < _COST), None)
            if short is not None:
                return self._refuse(person, short, now)
            for one in buckets:
                one.left -= _COST
            return None

    def _of(self, person: Person, channel: str, now: Millis) -> Iterator[_Bucket]:
        limits = self._limits
        yield from self._bucket(
            ("person", person.team, person.id), limits.person_per_minute, _PERSON, "", now
        )
        yield from self._bucket(
            ("channel", person.team, channel), limits.channel_per_minute, _CHANNEL, " here", now
        )
        yield from self._bucket(("all",), limits.all_per_minute, _ALL, "", now)

    def _bucket(
        self, key: _Key, per_minute: int, sentence: str, where: str, now: Millis
    ) -> Iterator[_Bucket]:
        """Give the bucket of a key as it is now; none where there is no limit."""
        if not per_minute:
            return
        bucket = self._buckets.pop(key, None) or _Bucket(key, per_minute, sentence, where, now)
        bucket.fill(now)
        self._buckets[key] = bucket
        _forget_oldest(self._buckets)
        yield bucket

    def _refuse(self, person: Person, short: _Bucket, now: Millis) -> Over:
        until = now + PAUSE_MS
        self._pauses.pop((person, short.key), None)
        self._pauses[person, short.key] = Over(short.said(), until, silent=True)
        _forget_oldest(self._pauses)
        return Over(short.said(), until, silent=False)


def _forget_oldest(kept: dict[Any, Any]) -> None:
    if len(kept) > MOST_KEPT:
        del kept[next(iter(kept))]
