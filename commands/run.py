"""`run <job>[@ref] [arguments]`: start a job; its card lives, and its chat_reply comes back to the thread."""

from __future__ import annotations

import blocks.answers
import blocks.job
from bot.command import Click, Command, Request
from bot.errors import NotUnderstood
from bot.jobs import ask, projects, watch, which
from bot.jobs.ask import Wish
from bot.kit import Kit
from bot.model import Message


def run(request: Request, kit: Kit) -> Message | None:
    if not request.words:
        raise NotUnderstood(
            f"Which job? Type `{request.prefix}run <job> [arguments]`; `jobs` lists those you can start here.",
            suggestions=(f"{request.project} jobs" if request.project else "jobs",),
        )
    wish = Wish(
        key=request.key, person=request.person, name=request.name, place=request.place,
        project=projects.resolve(kit, request), job=request.words[0].text, ref=None,
        arguments=request.line.after(1), words=request.words[1:], prefix=request.prefix, named=request.project,
    )  # fmt: skip
    return _started(kit, wish)


def press_again(click: Click, kit: Kit) -> Message | None:
    before = which.pressed(kit, click)
    wish = ask.wish_again(
        kit,
        before,
        key=click.key,
        person=click.person,
        name=click.name,
        place=before.place,
        prefix=click.prefix,
    )
    return _started(kit, wish)


def _started(kit: Kit, wish: Wish) -> Message | None:
    whispered = ask.ask(kit, blocks.job, wish)
    return blocks.answers.said(whispered) if whispered else None


def tick(kit: Kit) -> None:
    watch.look(kit, blocks.job)


COMMAND = Command(
    "run",
    "run <job>[@ref] [arguments]",
    "Start a job and bring its reply back.",
    ("run hello World", "run say@feature/x hi there", "shop run ls", "run scale service=web replicas=3"),
    run,
    buttons={blocks.job.AGAIN: press_again},
    tick=tick,
)
