"""The workers: a fixed number of threads that do, one after the other, what is handed to them."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bot.guard import guarded

#: Something to do, and the name it has in the log.
Task = tuple[str, Callable[[], object]]


@dataclass(slots=True)
class Workers:
    """
    Threads over one queue in memory. What is queued is committed elsewhere: losing the queue loses nothing.

    The threads are daemons: one that hangs in a call to GitLab must not keep a stopping process alive.
    """

    name: str
    most: int
    before: Callable[[], object] = bool
    """Called before each task: waits while something else is more urgent."""
    _waiting: deque[Task] = field(default_factory=deque)
    _change: threading.Condition = field(default_factory=threading.Condition)
    _threads: int = 0
    _idle: int = 0
    _busy: int = 0
    _stopping: bool = False

    def hand(self, tasks: Iterable[Task]) -> None:
        """Queue what there is to do; another thread is started only when all are busy."""
        with self._change:
            before = len(self._waiting)
            self._waiting.extend(tasks)
            for _ in range(min(len(self._waiting) - self._idle, self.most - self._threads)):
                self._threads += 1
                threading.Thread(target=self._work, name=f"{self.name}-{self._threads}", daemon=True).start()
            self._change.notify(len(self._waiting) - before)

    def stop(self, timeout: float) -> bool:
        """Begin nothing new and wait for what is being done; False if that took longer than `timeout` seconds."""
        deadline = time.monotonic() + timeout
        with self._change:
            self._stopping = True
            self._change.notify_all()
            return self._change.wait_for(lambda: self._busy == 0, max(0.0, deadline - time.monotonic()))

    @property
    def empty(self) -> bool:
        """Whether nothing waits."""
        return not self._waiting

    def _work(self) -> None:
        while (task := self._next()) is not None:
            self.before()
            guarded(*task)
            with self._change:
                self._busy -= 1
                if self._stopping:
                    self._change.notify_all()

    def _next(self) -> Task | None:
        with self._change:
            self._idle += 1
            self._change.wait_for(lambda: self._waiting or self._stopping)
            self._idle -= 1
            if self._stopping:
                return None  # What waits stays where it is written down, for the next start.
            self._busy += 1
            return self._waiting.popleft()
