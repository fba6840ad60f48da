"""`deploy <what> <environment>`: what runs elsewhere, a tag or a branch, after showing what it would change."""

from __future__ import annotations

import blocks.answers
import blocks.job
from bot.command import Click, Command, Request
from bot.jobs import afresh, deploying, which
from bot.kit import Kit
from bot.model import Message


def run(request: Request, kit: Kit) -> Message | None:
    return blocks.answers.whispered(deploying.deploy(kit, blocks.job, request))


def press_anew(click: Click, kit: Kit) -> Message | None:
    return blocks.answers.whispered(afresh.anew(kit, blocks.job, which.pressed(kit, click), click))


COMMAND = Command(
    "deploy",
    "deploy <environment | tag | branch> [to] <environment>",
    "Deploy what runs elsewhere, a tag or a branch.",
    (
        "deploy staging production",
        "deploy staging to production",
        "deploy v8.10.0 production",
        "deploy branch:main staging",
        "shop deploy feature/x staging --dry-run",
    ),
    run,
    buttons={blocks.job.ANEW: press_anew},
    changes=True,
)
