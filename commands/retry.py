"""`retry [run]`: run a failed job once more, in its own pipeline and on its own card."""

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
    stop.retry(kit, blocks.job, meant, request)
    return blocks.answers.said(f"I asked GitLab to retry `{escape(meant.job)}`; its card shows how it goes.")


def press(click: Click, kit: Kit) -> Message | None:
    meant = which.pressed(kit, click)
    stop.retry(kit, blocks.job, meant, click)
    return None


COMMAND = Command(
    "retry", "retry [run]", "Repeat a job in its own pipeline, on the same commit.", ("retry", "retry fail"), run,
    buttons={blocks.job.RETRY: press}, changes=True,
)  # fmt: skip
