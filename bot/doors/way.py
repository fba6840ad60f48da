"""The right of way: acknowledging comes first, and whatever may wait a moment lets it pass."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

#: How long the way stays taken after a batch: the next frames of a burst come sooner than that.
LINGER_S = 0.0005
#: A batch of 200 is committed in about 15 ms; a disk that takes longer than this holds nobody else up.
LONGEST_BATCH_S = 0.25
#: Who waits is let through one after the other, each after this time, so a flood leaves 100 tasks a second.
PATIENCE_S = 0.01


@dataclass(slots=True)
class RightOfWay:
    """
    The sockets' threads take it while they accept a batch; workers give it before they begin something.

    One thread at a time runs Python, so 32 busy workers would let a burst of commands wait for its acks.
    """

    _until: float = 0.0
    _door: threading.Lock = field(default_factory=threading.Lock)
    _never: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Keep the others waiting during the block, and a moment longer."""
        self._until = time.monotonic() + LONGEST_BATCH_S
        try:
            yield
        finally:
            self._until = time.monotonic() + LINGER_S

    def give(self) -> None:
        """Wait until the way is free; under a lasting flood one thread goes on every 10 ms."""
        if time.monotonic() >= self._until:
            return
        with self._door:
            deadline = time.monotonic() + PATIENCE_S
            while (left := min(self._until, deadline) - time.monotonic()) > 0:
                self._never.wait(left)
