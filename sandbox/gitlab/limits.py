"""Limits that GitLab itself sets: so many of a thing a minute for each person."""

from __future__ import annotations

from collections import Counter

MINUTE_SECONDS = 60


class MinuteLimit:
    """Counts by whole minutes of the clock, as `Gitlab::ApplicationRateLimiter` does, not by the last sixty seconds."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._minute = 0
        self._taken: Counter[int] = Counter()

    def takes(self, person: int, now: float) -> bool:
        """Whether one more is taken of the person of this id. What is refused counts as well."""
        minute = int(now // MINUTE_SECONDS)
        if minute != self._minute:
            self._minute = minute
            self._taken.clear()
        self._taken[person] += 1
        return self._taken[person] <= self.most
