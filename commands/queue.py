"""`queue [environment] [why]`: who waits for what; with an environment, wait for it; `queue leave` waits no more."""

from __future__ import annotations

import blocks.lock
from blocks.answers import said
from bot.access import ladder, locks
from bot.access.lock_telling import show_stale
from bot.access.lock_words import shortened
from bot.command import Command, Request
from bot.deeds import Deed
from bot.errors import NotUnderstood
from bot.jobs import environments, projects
from bot.kit import Kit
from bot.model import Message, Project
from bot.text import code, escape
from bot.words import longhand
from commands import lock as locking

LEAVE = "leave"


def run(request: Request, kit: Kit) -> Message | None:
    project = projects.resolve(kit, request)
    if not request.words:
        ladder.require(kit, Deed(("queue",), request.person, request.place.channel, project=project.path))
        return _listed(request, kit, project)
    if request.words[0].text.lower() == LEAVE and not request.words[0].quoted:
        return _leave(request, kit, project)
    environment = environments.meant(kit, request, project, request.words[0].text)
    reason = shortened(request.line.after(1) or request.permit.reason)
    return locking.line_up(kit, request, (project.id, project.path), environment, reason)


def _listed(request: Request, kit: Kit, project: Project) -> Message:
    with kit.store.read() as tx:
        queue, held = tx.locks.queue(project.id), tx.locks.of_project(project.id)
    wanted = {one.environment for one in queue}
    title = (
        f"Who waits in {escape(project.path)}"
        if queue
        else f"Nobody waits for anything in {escape(project.path)}."
    )
    prefix = longhand(request.prefix)
    footer = f"`{prefix}queue staging` waits for one, `{prefix}queue leave staging` no more."
    return blocks.lock.listed(
        title, [one for one in held if one.environment in wanted], queue, {}, kit.now(), footer=footer
    )


def _leave(request: Request, kit: Kit, project: Project) -> Message:
    if len(request.words) < 2:
        raise _which_queue(request, kit, project)
    environment = request.words[1].text
    who = locks.hand(kit, request)
    environments.climb(kit, request, ("queue",), (project.id, project.path), environment, gives_back=True)
    with kit.store.write() as tx:
        waiter = tx.locks.waits(project.id, environment, request.person)
        left = waiter is not None and locks.leave(tx, waiter, kit.now(), who.account.username)
    show_stale(kit, blocks.lock)
    where = code(environment)
    return said(
        f"You are not in the queue for {where} any more."
        if left
        else f"You were not in the queue for {where}."
    )


def _which_queue(request: Request, kit: Kit, project: Project) -> NotUnderstood:
    with kit.store.read() as tx:
        queue = tx.locks.queue(project.id)
    mine = [one.environment for one in queue if one.person == request.person and not one.run]
    if not mine:
        return NotUnderstood(f"Which queue? You wait for no environment of {project.path}.")
    known = sorted(set(mine))
    return environments.left_out(kit, request, project, "Which queue?", known=known, before=(LEAVE,))


COMMAND = Command(
    "queue",
    "queue [environment] [why] | leave <environment>",
    "Who waits for an environment; name one to wait for it yourself.",
    ("queue", "queue staging", "queue staging after the migration", "queue leave staging"),
    run,
    changes=True,
)
