"""`cancel [run]`: stop a job that is running or waiting."""

from __future__ import annotations

import blocks.answers
import blocks.job
from bot.command import Click, Command, Request
from bot.jobs import stop, which
from bot.kit import Kit
from bot.model import Message
from bot.text import escape


def run(request: Request, kit: Kit) -> Message | None:
    meant = which.meant(kit, request)
    stop.cancel(kit, blocks.job, meant, request)
    return blocks.answers.said(
        f"I asked GitLab to cancel `{escape(meant.job)}`; its card shows when it has stopped."
    )


def press(click: Click, kit: Kit) -> Message | None:
    meant = which.pressed(kit, click)
    stop.cancel(kit, blocks.job, meant, click)
    return None


COMMAND = Command(
    "cancel", "cancel [run]", "Stop a job that you started.", ("cancel", "cancel slow"), run,
    aliases=("stop",), buttons={blocks.job.CANCEL: press}, changes=True,
)  # fmt: skip
