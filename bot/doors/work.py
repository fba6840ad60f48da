"""The workers: a fixed number of threads that do what is handed to them, one thing at a time in each lane."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bot.guard import guarded


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do. Tasks of one lane are done in order, never two at once."""

    lane: str
    name: str
    """What the log calls it."""
    act: Callable[[], object]


@dataclass(slots=True)
class Workers:
    """
    Threads over queues in memory. What is queued is committed elsewhere: losing the queues loses nothing.

    Lanes take turns, so that who asks for a thousand things does not keep the others waiting.
    The threads are daemons: one that hangs in a call to GitLab must not keep a stopping process alive.
    """

    name: str
    most: int
    before: Callable[[], object] = bool
    """Called before each task: waits while something else is more urgent."""
    _lanes: dict[str, deque[Task]] = field(default_factory=dict)
    """What waits in each lane; a lane is there while it has something waiting or being done."""
    _ready: deque[str] = field(default_factory=deque)
    """Lanes that have something to do and nothing being done."""
    _change: threading.Condition = field(default_factory=threading.Condition)
    _threads: int = 0
    _idle: int = 0
    _busy: int = 0
    _stopping: bool = False

    def hand(self, tasks: Iterable[Task], *, once: bool = False) -> None:
        """
        Queue what there is to do; another thread is started only when all are busy.

        With `once` a task is dropped if its lane already has something to do: it would only do the same again.
        """
        with self._change:
            before = len(self._ready)
            for task in tasks:
                self._queue(task, once)
            for _ in range(min(len(self._ready) - self._idle, self.most - self._threads)):
                self._threads += 1
                threading.Thread(target=self._work, name=f"{self.name}-{self._threads}", daemon=True).start()
            self._change.notify(len(self._ready) - before)

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
        return not any(self._lanes.values())

    def _queue(self, task: Task, once: bool) -> None:
        lane = self._lanes.get(task.lane)
        if lane is None:
            self._lanes[task.lane] = deque([task])
            self._ready.append(task.lane)
        elif not once:
            lane.append(task)

    def _work(self) -> None:
        while (task := self._next()) is not None:
            self.before()
            guarded(task.name, task.act)
            with self._change:
                self._done(task.lane)

    def _next(self) -> Task | None:
        with self._change:
            self._idle += 1
            self._change.wait_for(lambda: self._ready or self._stopping)
            self._idle -= 1
            if self._stopping:
                return None  # What waits stays where it is written down, for the next start.
            self._busy += 1
            return self._lanes[self._ready.popleft()].popleft()

    def _done(self, lane: str) -> None:
        self._busy -= 1
        if self._lanes[lane]:
            self._ready.append(lane)  # This thread takes it, or whichever comes first.
        else:
            del self._lanes[lane]
        if self._stopping:
            self._change.notify_all()
