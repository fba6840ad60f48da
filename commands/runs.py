"""`runs [filter]`: your last runs and how they went."""

from __future__ import annotations

import blocks.job
from blocks import lists
from bot.command import Command, Request
from bot.jobs import projects
from bot.kit import Kit
from bot.model import Message
from bot.text import escape
from bot.words import longhand

SHOWN = 10
#: How many of the asker's last runs are looked through for a name.
LOOKED_THROUGH = 200


def run(request: Request, kit: Kit) -> Message:
    project = projects.checked(kit, request)
    wanted, prefix = request.line.after(0).casefold(), longhand(request.prefix)
    with kit.store.read() as tx:
        mine = tx.runs.recent(request.person, project=project, limit=LOOKED_THROUGH)
    fitting = [one for one in mine if wanted in one.job.casefold()][:SHOWN]
    about = f" with “{escape(wanted)}” in the name" if wanted else ""
    where = f" in {escape(project)}" if project else ""
    if not fitting:
        there = "anything" if not about else "a job"
        title = f"You have not run {there}{about}{where} yet."
        return lists.listed(title, (), footer=f"`{prefix}jobs` lists what can be run.")
    return lists.listed(
        f"Your last runs{about}{where}",
        [blocks.job.line(one, kit.now(), aged=True) for one in fitting],
        footer=f"`{prefix}again`, `log`, `retry` and `cancel` take the job or its number.",
    )


COMMAND = Command(
    "runs",
    "runs [filter]",
    "Your last runs and how they went.",
    ("runs", "runs deploy", "shop runs"),
    run,
    in_turn=False,
)
