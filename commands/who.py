"""`who [environment]`: what is locked, by whom and why, who waits, and who deployed last."""

from __future__ import annotations

from collections.abc import Mapping

import blocks.lock
from bot.command import Command, Request
from bot.environments import Deployment
from bot.errors import GitLabError
from bot.jobs import environments, projects, standings
from bot.kit import Kit
from bot.model import Message, Project
from bot.text import escape
from bot.words import longhand


def run(request: Request, kit: Kit) -> Message:
    project = projects.resolve(kit, request)
    known = environments.names(kit, request, project)
    if request.words:
        known = (environments.meant(kit, request, project, request.words[0].text),)
    with kit.store.read() as tx:
        held = [one for one in tx.locks.of_project(project.id) if one.environment in known]
        queue = [one for one in tx.locks.queue(project.id) if one.environment in known]
    deployed = {name: one for name, one in _begun(kit, request, project).items() if name in known}
    return blocks.lock.listed(
        f"Environments of {escape(project.path)}" if known else f"{escape(project.path)} has no environment.",
        held, queue, deployed, kit.now(), names=known,
        footer=f"`{longhand(request.prefix)}lock staging for 2h` keeps one to you.",
    )  # fmt: skip


def _begun(kit: Kit, request: Request, project: Project) -> Mapping[str, Deployment]:
    """Return the newest deployments that have begun, as this person sees them; none if they see none."""
    try:
        return standings.begun(kit.gitlab_as(request.person), project.id)
    except GitLabError:
        return {}


COMMAND = Command(
    "who",
    "who [environment]",
    "Who holds which environment, who waits, and who deployed last.",
    ("who", "who staging", "shop who production"),
    run,
    aliases=("locks",),
    in_turn=False,
)
