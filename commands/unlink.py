"""`unlink`: disconnect my GitLab account, here and at GitLab."""

from __future__ import annotations

import blocks.answers
import blocks.connect
from bot.access import accounts
from bot.command import Command, Request
from bot.errors import NotUnderstood
from bot.kit import Kit
from bot.model import Message


def run(request: Request, kit: Kit) -> Message:
    if request.words:
        raise NotUnderstood("`unlink` takes no more words.", suggestions=("unlink",))
    parted = accounts.unlink(kit, request.person, request.name, request.place)
    if parted is None:
        return blocks.answers.said("You have no GitLab account connected. `link` connects one.")
    return blocks.connect.unlinked(
        parted.account, ended=parted.ended, runs=parted.runs, gitlab=kit.config.gitlab.url
    )


COMMAND = Command("unlink", "unlink", "Disconnect your GitLab account.", ("unlink",), run, always=True)
