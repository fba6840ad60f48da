"""How long to wait before Slack is asked for another connection."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_WAIT_S, LONGEST_WAIT_S = 0.25, 30.0
#: After `too_many_websockets` (reliability.md S11).
FIRST_CROWD_WAIT_S, LONGEST_CROWD_WAIT_S = 5.0, 300.0

#: A crowd this long ago is another one.
FORGOTTEN_S = 900.0


@dataclass(slots=True)
class Patience:
    """
    Grows with failures in a row; a later reason to wait never shortens an earlier one.

    Moments are monotonic seconds; `jitter` is between 0 and 1 and lengthens a wait by that share.
    """

    failures: int = 0
    crowds: int = 0
    crowded_at: float = 0.0
    not_before: float = 0.0

    def failed(self, now: float, jitter: float) -> None:
        """No connection came about."""
        self.failures += 1
        # The exponent is bounded: after days of failures 2 ** failures would be no float any more.
        wait = min(FIRST_WAIT_S * 2 ** min(self.failures - 1, 16), LONGEST_WAIT_S)
        self._wait(now + wait * (1 + jitter))

    def told(self, now: float, seconds: float) -> None:
        """Slack named the seconds itself (Retry-After)."""
        self._wait(now + seconds)

    def crowded(self, now: float, jitter: float) -> None:
        """Slack holds too many connections of this app already; it says so after a hello, too."""
        self.crowds = self.crowds + 1 if now - self.crowded_at < FORGOTTEN_S else 1
        self.crowded_at = now
        wait = min(FIRST_CROWD_WAIT_S * 2 ** min(self.crowds - 1, 16), LONGEST_CROWD_WAIT_S)
        self._wait(now + wait * (1 + jitter))

    def well(self) -> None:
        """Slack said hello."""
        self.failures = 0

    def _wait(self, until: float) -> None:
        self.not_before = max(self.not_before, until)
