"""`again`: your last run here once more, with the same arguments."""

from __future__ import annotations

import blocks.answers
import blocks.job
from bot.command import Command, Request
from bot.jobs import afresh, ask, which
from bot.kit import Kit
from bot.model import DEPLOYS, Message


def run(request: Request, kit: Kit) -> Message | None:
    before = which.meant(kit, request)
    if before.command in DEPLOYS:
        said = afresh.once_more(kit, blocks.job, before, request, request.place)
        return blocks.answers.whispered(said)
    wish = ask.wish_again(kit, before, request, request.place)
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
