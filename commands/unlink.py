"""`unlink`: disconnect my GitLab account, here and at GitLab."""

from __future__ import annotations

import blocks.answers
import blocks.connect
import blocks.home
from bot.access import accounts
from bot.command import Click, Command, Request
from bot.errors import NotUnderstood
from bot.kit import Kit
from bot.model import Message


def run(request: Request, kit: Kit) -> Message:
    if request.words:
        raise NotUnderstood("`unlink` takes no more words.", suggestions=("unlink",))
    return _parted(kit, request)


def press(click: Click, kit: Kit) -> Message:
    """The button in the Home, which has asked whether that is meant."""
    return _parted(kit, click)


def _parted(kit: Kit, asked: Request | Click) -> Message:
    parted = accounts.unlink(kit, asked.person, asked.name, asked.place)
    if parted is None:
        return blocks.answers.said("You have no GitLab account connected. `link` connects one.")
    return blocks.connect.unlinked(
        parted.account, ended=parted.ended, runs=parted.runs, gitlab=kit.config.gitlab.url
    )


COMMAND = Command("unlink", "unlink", "Disconnect your GitLab account.", ("unlink",), run, always=True,
                  buttons={blocks.home.UNLINK: press})  # fmt: skip
