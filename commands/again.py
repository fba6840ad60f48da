"""`again`: your last run here once more, with the same arguments."""

from __future__ import annotations

import blocks.answers
import blocks.job
from bot.command import Command, Request
from bot.jobs import ask, which
from bot.kit import Kit
from bot.model import Message


def run(request: Request, kit: Kit) -> Message | None:
    wish = ask.wish_again(kit, which.meant(kit, request), request, request.place)
    return blocks.answers.whispered(ask.ask(kit, blocks.job, wish))


COMMAND = Command(
    "again",
    "again [run]",
    "Start your last run anew, on the newest commit.",
    ("again", "again say"),
    run,
    aliases=("!!",),
    changes=True,
)
