"""`rollback [environment] [deployment]`: back to an earlier deployment, after showing what that undoes."""

from __future__ import annotations

import blocks.answers
import blocks.job
import blocks.rollback
from bot.changes import History
from bot.command import Click, Command, Request
from bot.jobs import rollbacks, which
from bot.kit import Kit
from bot.model import Message
from bot.words import longhand


def run(request: Request, kit: Kit) -> Message | None:
    if rollbacks.target(request):
        return blocks.answers.whispered(rollbacks.rollback(kit, blocks.job, request))
    project, where = rollbacks.meant(kit, request)
    found = rollbacks.history(kit, kit.gitlab_as(request.person), project, where)
    named = f"{request.project} " if request.project else ""
    return listed(kit, request.key, longhand(request.prefix) + named, found)


def press_open(click: Click, kit: Kit) -> Message | None:
    """Show what the environment of a run can be taken back to."""
    run = which.pressed(kit, click)
    gitlab = kit.gitlab_as(click.person)
    found = rollbacks.history(kit, gitlab, gitlab.project(run.project_id), run.environment)
    return listed(kit, click.key, f"{click.prefix}{run.project} ", found)


def listed(kit: Kit, key: str, prefix: str, found: History) -> Message:
    """Return what an environment can be taken back to, each with the command that does it kept behind its button."""
    offers = {f"{key}.{n}": rollbacks.line(found, one) for n, one in enumerate(found.targets)}
    with kit.store.write() as tx:
        for offer, line in offers.items():
            tx.offers.put(offer, line, kit.now())
    return blocks.rollback.listed(found, list(offers), prefix, kit.now())


COMMAND = Command(
    "rollback",
    "rollback [environment] [deployment]",
    "Take an environment back to an earlier deployment.",
    ("rollback", "rollback production", "rollback production v8.9.0", "shop rollback staging 1a2b3c4d"),
    run,
    buttons={blocks.job.BACK: press_open},
    changes=True,
)
