"""Notices when the clock is set back: then all that was to happen later would wait for that time to come again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.guard import guarded
from bot.model import Millis

#: How often clock and stopwatch are compared, and by how much they may part: clocks are always set a little.
COMPARE_EVERY_S = 1.0
SET_BACK_MS: Millis = 5_000


@dataclass(slots=True)
class Drift:
    """Compares the clock with the monotonic one, on a thread of its own (reliability.md P6)."""

    now: Callable[[], Millis]
    set_back: Callable[[], object]
    """Called after the clock was set back, with everything that waits for a moment to be put right."""
    _stop: threading.Event = field(default_factory=threading.Event)
    _apart: float = 0.0

    def start(self) -> None:
        self._apart = self._difference()
        threading.Thread(target=self._watch, name="drift", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def _watch(self) -> None:
        while not self._stop.wait(COMPARE_EVERY_S):
            self.compare()

    def compare(self) -> bool:
        """Look once; return whether the clock was set back since the last look."""
        before, self._apart = self._apart, self._difference()
        back = before - self._apart > SET_BACK_MS
        if back:
            guarded("putting right what waits for the clock", self.set_back)
        return back

    def _difference(self) -> float:
        return self.now() - time.monotonic() * 1000
