"""An event loop on a thread of its own, which blocking code can hand work to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")

ANSWER_WITHIN = 60.0
"""Seconds after which work handed to the loop counts as hung: longer than any wait inside the two servers."""


class Loop:
    """Runs coroutines and plain functions on its own thread; every call blocks until they are done."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="sandbox-servers", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def wait_for(self, work: Coroutine[object, object, T]) -> T:
        """What the coroutine returns; what it raises is raised here."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(ANSWER_WITHIN)

    def ask(self, function: Callable[[], T]) -> T:
        """What the function returns, called on the loop's thread, so that it sees no half-made change."""

        async def work() -> T:
            return function()

        return self.wait_for(work())

    def stop(self) -> None:
        """Cancel what still runs, and end the thread."""
        if not self._thread.is_alive():
            self._loop.close()
            return
        self.wait_for(_cancel_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(ANSWER_WITHIN)
        self._loop.close()


async def _cancel_all() -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()
