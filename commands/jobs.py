"""`jobs [filter]`: which jobs of the project can be run from chat, and why the others cannot."""

from __future__ import annotations

from blocks import lists
from bot.access import ladder
from bot.command import Command, Request
from bot.deeds import Deed
from bot.jobs import projects
from bot.jobs.catalogue import catalogue_for
from bot.kit import Kit
from bot.model import Message, Run

#: How many runs of the project are looked through for each job's last one.
LOOKED_THROUGH = 200


def run(request: Request, kit: Kit) -> Message:
    project = projects.resolve(kit, request)
    ladder.require(kit, Deed(("jobs",), request.person, request.place.channel, project=project.path))
    start = kit.config.project(project.path).start
    gitlab = kit.gitlab_as(request.person)
    catalogue = catalogue_for(
        gitlab, kit.store, project, project.default_branch or "HEAD", start=start, now=kit.now()
    )
    with kit.store.read() as tx:
        recent = tx.runs.recent(None, project=project.path, limit=LOOKED_THROUGH)
    last: dict[str, Run] = {}
    for one in recent:
        last.setdefault(one.job, one)
    wanted = request.line.after(0).lower()
    named = f"{request.project} " if request.project else ""
    return lists.jobs(catalogue, last, wanted=wanted, prefix=request.prefix + named)


COMMAND = Command(
    "jobs",
    "jobs [filter]",
    "The jobs you can run from chat.",
    ("jobs", "jobs deploy", "infra jobs"),
    run,
    in_turn=False,
)
