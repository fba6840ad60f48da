"""`run <job>[@ref] [arguments]`: start a job; its card lives, and its chat_reply comes back to the thread."""

from __future__ import annotations

import blocks.answers
import blocks.job
from bot.command import Click, Command, Request
from bot.errors import NotUnderstood
from bot.jobs import afresh, ask, projects, watch, which
from bot.jobs.ask import Wish
from bot.kit import Kit
from bot.model import DEPLOYS, Message
from bot.words import longhand
from commands import help as helping

#: What people type to learn how it is done, unless a job is called so.
HELP = frozenset({"help", "--help", "-h", "?"})


def run(request: Request, kit: Kit) -> Message | None:
    if not request.words:
        raise NotUnderstood(
            f"Which job? Type `{request.prefix}run <job> [arguments]`; `{longhand(request.prefix)}jobs`"
            " lists those you can start here.",
            suggestions=(f"{request.project} jobs" if request.project else "jobs",),
        )
    try:
        return _started(kit, _wish(request, kit))
    except NotUnderstood:
        if len(request.words) == 1 and request.words[0].text in HELP:
            return helping.one(COMMAND, request.prefix)
        raise


def _wish(request: Request, kit: Kit) -> Wish:
    return Wish(
        key=request.key, person=request.person, name=request.name, place=request.place,
        project=projects.resolve(kit, request), job=request.words[0].text, ref=None,
        arguments=request.line.after(1), words=request.words[1:], prefix=request.prefix, named=request.project,
        permit=request.permit,
    )  # fmt: skip


def press_again(click: Click, kit: Kit) -> Message | None:
    before = which.pressed(kit, click)
    if ask.just_asked(kit, before, click.person):
        return blocks.answers.said("I have just started that for you; look at its card.")
    if before.command in DEPLOYS:
        return blocks.answers.whispered(afresh.once_more(kit, blocks.job, before, click, before.place))
    wish = ask.wish_again(kit, before, click, before.place)
    return _started(kit, wish)


def _started(kit: Kit, wish: Wish) -> Message | None:
    return blocks.answers.whispered(ask.ask(kit, blocks.job, wish))


def tick(kit: Kit) -> None:
    watch.look(kit, blocks.job)


COMMAND = Command(
    "run",
    "run <job>[@ref] [arguments]",
    "Start a job and bring its reply back.",
    ("run hello World", "run say@feature/x hi there", "shop run ls", "run scale service=web replicas=3"),
    run,
    buttons={blocks.job.AGAIN: press_again},
    changes=True,
    tick=tick,
)
