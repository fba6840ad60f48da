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

Push = Callable[[str], Awaitable[None]]
"""Sends an envelope to the app that is measured."""


def quiet_person(number: int) -> str:
    """The Slack id of one who asks one thing after another."""
    return f"U0QUIET{number:03d}"


@dataclass(slots=True)
class Asking:
    """The people of one measurement, each in a channel of their own: what Slack takes in one is no part of it."""

    name: str
    """Makes the envelope ids of this measurement different from all others."""
    push: Push
    delay: float
    """How long Slack takes to show a message, in seconds."""
    unanswered: int = 0
    _asked: list[tuple[float, float]] = field(default_factory=list)
    """When something was asked, in seconds since the beginning, and how long the answer took."""
    _start: float = field(default_factory=time.monotonic)
    _heard: dict[str, asyncio.Event] = field(default_factory=dict)

    async def quiet(self, text: str, people: int, every: float, seconds: float) -> None:
        """Let that many people ask, each when the answer has come and `every` seconds have passed since they asked."""
        end = self._start + seconds
        await asyncio.gather(
            *(self._person(text, number, every, every * number / people, end) for number in range(people))
        )

    async def flood(self, text: str, person: str, count: int, seconds: float) -> None:
        """Let one person ask that often, evenly over the time, without waiting for anything."""
        start = time.monotonic()
        for number in range(count):
            await asyncio.sleep(max(0.0, start + number * seconds / count - time.monotonic()))
            await self._ask(text, person, f"f{number}")

    def answered(self, person: str) -> None:
        """Note that Slack was asked to show somebody a message."""
        if person in self._heard:
            self._heard[person].set()

    def told(self) -> dict[str, Any]:
        """What there is to say; times in seconds."""
        return {"asked": self._asked, "unanswered": self.unanswered}

    async def _person(self, text: str, number: int, every: float, first: float, end: float) -> None:
        person, asked = quiet_person(number), 0
        await asyncio.sleep(first)
        while (began := time.monotonic()) < end:
            heard = self._heard[person] = asyncio.Event()
            await self._ask(text, person, f"{number}q{asked}")
            asked += 1
            try:
                await asyncio.wait_for(heard.wait(), PATIENCE_S)
            except TimeoutError:
                self.unanswered += 1
            self._asked.append((began - self._start, time.monotonic() - began))
            await asyncio.sleep(max(0.0, began + every - time.monotonic()))

    async def _ask(self, text: str, person: str, number: str) -> None:
        channel = f"C{person.removeprefix('U')}"
        await self.push(command(f"{self.name}-{number}", text, person, channel))


async def shown_to(request: web.Request) -> str:
    """Whom a call shows a message, if it is to one person (chat.postEphemeral)."""
    if request.content_type == "application/json":
        return str((await request.json()).get("user", ""))
    return str((await request.post()).get("user", ""))
