"""`who [environment]`: what is locked, by whom and why, who waits, and who deployed last."""

from __future__ import annotations

import blocks.lock
from bot.command import Command, Request
from bot.environments import Deployment
from bot.errors import GitLabError
from bot.jobs import environments, projects
from bot.kit import Kit
from bot.model import Message, Project
from bot.text import escape
from bot.words import longhand

#: Environments whose last deployment is asked for when none is named: each is one call to GitLab.
MOST_ASKED = 10


def run(request: Request, kit: Kit) -> Message:
    project = projects.resolve(kit, request)
    known = environments.names(kit, request, project)
    if request.words:
        known = (environments.meant(kit, request, project, request.words[0].text),)
    with kit.store.read() as tx:
        held = [one for one in tx.locks.of_project(project.id) if one.environment in known]
        queue = [one for one in tx.locks.queue(project.id) if one.environment in known]
    deployed = {name: last for name in known[:MOST_ASKED] if (last := _last(kit, request, project, name))}
    return blocks.lock.listed(
        f"Environments of {escape(project.path)}" if known else f"{escape(project.path)} has no environment.",
        held, queue, deployed, kit.now(), names=known,
        footer=f"`{longhand(request.prefix)}lock staging for 2h` keeps one to you.",
    )  # fmt: skip


def _last(kit: Kit, request: Request, project: Project, name: str) -> Deployment | None:
    """Return the newest deployment that has begun, as this person sees it; None if they see none."""
    try:
        found = kit.gitlab_as(request.person).deployments(project.id, name, 5)
    except GitLabError:
        return None
    return next((one for one in found if one.status not in {"created", "blocked"}), None)


COMMAND = Command(
    "who",
    "who [environment]",
    "Who holds which environment, who waits, and who deployed last.",
    ("who", "who staging", "shop who production"),
    run,
    aliases=("locks",),
    in_turn=False,
)
