"""`runs`: your last runs and how they went."""

from __future__ import annotations

import blocks.job
from blocks import lists
from bot.command import Command, Request
from bot.kit import Kit
from bot.model import Message

SHOWN = 10


def run(request: Request, kit: Kit) -> Message:
    with kit.store.read() as tx:
        mine = tx.runs.recent(request.person, limit=SHOWN)
    lines = [blocks.job.line(one, kit.now()) for one in mine]
    if not lines:
        return lists.listed(
            "You have not run anything yet.", (), footer=f"Start with `{request.prefix}jobs`."
        )
    return lists.listed(
        "Your last runs",
        lines,
        footer=f"`{request.prefix}again`, `log`, `retry` and `cancel` take the job or its number.",
    )


COMMAND = Command("runs", "runs", "Your last runs and how they went.", ("runs",), run)
