"""People who ask one thing after another, and how long each answer took, from the envelope to the answer in Slack."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from benchmarks.traffic import command

#: An answer that has not come by then is counted as this late, and the person asks again.
PATIENCE_S = 10.0
FLOODER = "U0FLOODER1"

Push = Callable[[str], Awaitable[None]]
"""Sends an envelope to the app that is measured."""


@dataclass(slots=True)
class Asking:
    """The people of one measurement, each in a channel of their own: what Slack takes in one is no part of it."""

    name: str
    """Makes the envelope ids of this measurement different from all others."""
    text: str
    push: Push
    delay: float
    """How long Slack takes to show a message, in seconds."""
    waits: list[float] = field(default_factory=list)
    unanswered: int = 0
    _heard: dict[str, asyncio.Event] = field(default_factory=dict)

    async def quiet(self, people: int, every: float, seconds: float) -> None:
        """Let that many people ask, each when the answer has come and `every` seconds have passed since they asked."""
        end = time.monotonic() + seconds
        await asyncio.gather(
            *(self._person(number, every, every * number / people, end) for number in range(people))
        )

    async def flood(self, count: int, seconds: float) -> None:
        """Let one person ask that often, evenly over the time, without waiting for anything."""
        start = time.monotonic()
        for number in range(count):
            await asyncio.sleep(max(0.0, start + number * seconds / count - time.monotonic()))
            await self._ask(FLOODER, f"f{number}")

    def answered(self, person: str) -> None:
        """Note that Slack was asked to show somebody a message."""
        if person in self._heard:
            self._heard[person].set()

    def told(self) -> dict[str, Any]:
        """What there is to say; times in seconds."""
        waits = sorted(self.waits)
        return {
            "answers": len(waits),
            "unanswered": self.unanswered,
            "median": waits[len(waits) // 2] if waits else float("inf"),
            "p95": waits[int(len(waits) * 0.95)] if waits else float("inf"),
        }

    async def _person(self, number: int, every: float, first: float, end: float) -> None:
        person, asked = f"U0QUIET{number:03d}", 0
        await asyncio.sleep(first)
        while (began := time.monotonic()) < end:
            heard = self._heard[person] = asyncio.Event()
            await self._ask(person, f"{number}q{asked}")
            asked += 1
            try:
                await asyncio.wait_for(heard.wait(), PATIENCE_S)
            except TimeoutError:
                self.unanswered += 1
            self.waits.append(time.monotonic() - began)
            await asyncio.sleep(max(0.0, began + every - time.monotonic()))

    async def _ask(self, person: str, number: str) -> None:
        channel = f"C{person.removeprefix('U')}"
        await self.push(command(f"{self.name}-{number}", self.text, person, channel))


async def shown_to(request: web.Request) -> str:
    """Whom a call shows a message, if it is to one person (chat.postEphemeral)."""
    if request.content_type == "application/json":
        return str((await request.json()).get("user", ""))
    return str((await request.post()).get("user", ""))
