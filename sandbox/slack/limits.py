"""How often Slack lets an app call: buckets that refill by the clock (slack-platform.md 2.2 and 2.3)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

MESSAGES_PER_SECOND = 1.0
"""chat.postMessage, for one channel (slack-platform.md 2.2)."""
MESSAGE_BURST = 3
"""Slack says "short bursts are ok" and gives no figure; three is this sandbox's."""
TIER_PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}
"""Calls a minute of a method, for one workspace (slack-platform.md 2.3)."""


class RateLimited(Exception):
    """Too many calls. Slack answers HTTP 429 with Retry-After in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many calls; wait {retry_after} s.")
        self.retry_after = retry_after


@dataclass(slots=True)
class Bucket:
    """Holds up to `size` calls and refills by `per_second`."""

    size: float
    per_second: float
    level: float
    at: float

    def take(self, now: float) -> int:
        """Take one call; answers 0, or how many whole seconds to wait. A clock set back refills nothing."""
        self.level = min(self.size, self.level + max(0.0, now - self.at) * self.per_second)
        self.at = now
        if self.level >= 1.0:
            self.level -= 1.0
            return 0
        return max(1, math.ceil((1.0 - self.level) / self.per_second))


@dataclass(slots=True)
class Limits:
    """The buckets of one app in one workspace. `enforced` may be switched off by a benchmark."""

    clock: Callable[[], float]
    enforced: bool = True
    buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict)

    def call(self, method: str, tier: int) -> None:
        """Count one call of a tiered method; raises RateLimited. The whole minute may be spent at once."""
        per_minute = TIER_PER_MINUTE[tier]
        self._take((method, ""), float(per_minute), per_minute / 60.0)

    def message(self, channel: str) -> None:
        """Count one message to a channel; raises RateLimited."""
        self._take(("message", channel), float(MESSAGE_BURST), MESSAGES_PER_SECOND)

    def _take(self, key: tuple[str, str], size: float, per_second: float) -> None:
        if not self.enforced:
            return
        now = self.clock()
        bucket = self.buckets.setdefault(key, Bucket(size, per_second, size, now))
        wait = bucket.take(now)
        if wait:
            raise RateLimited(wait)
