"""`unlock [environment]`: let an environment go before its time."""

from __future__ import annotations

from blocks.answers import said
from bot.access import locks
from bot.command import Command, Request
from bot.errors import NotUnderstood
from bot.jobs import environments, projects
from bot.kit import Kit
from bot.ledger import Lock
from bot.model import Message, Project
from bot.text import code
from bot.words import longhand
from commands import lock as locking


def run(request: Request, kit: Kit) -> Message | None:
    project = projects.resolve(kit, request)
    with kit.store.read() as tx:
        held = tx.locks.of_project(project.id)
    lock = _named(request, kit, project, held) if request.words else _mine(request, kit, project, held)
    if lock is None:
        return said(f"Nobody has locked {code(request.words[0].text)}.")
    return locking.let_go(kit, request, lock)


def _named(request: Request, kit: Kit, project: Project, held: list[Lock]) -> Lock | None:
    wanted = request.words[0].text
    found = next((one for one in held if one.environment.casefold() == wanted.casefold()), None)
    if found is None:
        environments.meant(kit, request, project, wanted)
    return found


def _mine(request: Request, kit: Kit, project: Project, held: list[Lock]) -> Lock:
    account = locks.hand(kit, request).account
    mine = [one for one in held if locks.holds(one, account)]
    if len(mine) == 1:
        return mine[0]
    known = [one.environment for one in mine or held]
    what = f"You hold {len(mine)} locks" if mine else "You hold no lock"
    example = f"`{longhand(request.prefix)}unlock staging`"
    said = f"{what} in {project.path}. Name an environment, as in {example}."
    raise environments.left_out(kit, request, project, said, known=known) if known else NotUnderstood(said)


COMMAND = Command(
    "unlock",
    "unlock [environment]",
    "Let an environment go before its time.",
    ("unlock staging", "unlock", "shop unlock production"),
    run,
    changes=True,
)
