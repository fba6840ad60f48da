"""`help [verb]`: what can be typed here, with examples that the parser accepts."""

from __future__ import annotations

import commands
from blocks import lists
from bot import words
from bot.command import Command, Request
from bot.errors import NotUnderstood
from bot.kit import Kit
from bot.model import Message
from bot.text import escape


def run(request: Request, kit: Kit) -> Message:
    del kit
    known = {name: one for one in commands.load() for name in (one.name, *one.aliases)}
    prefix = words.longhand(request.prefix)
    if not request.words:
        return _all(commands.load(), prefix)
    verb = request.words[0].text.lower()
    if verb not in known:
        near = words.nearest(verb, known)
        raise NotUnderstood(
            f"I have no command `{verb}`. `{prefix}help` lists what I know.",
            suggestions=tuple(f"help {one}" for one in near),
        )
    return _one(known[verb], prefix)


def _all(known: tuple[Command, ...], prefix: str) -> Message:
    lines = [f"• `{prefix}{escape(one.usage)}`: {one.summary}" for one in known]
    return lists.listed(
        "I run GitLab jobs from chat and bring their replies back. This is what you can type:",
        lines,
        footer=f"In a direct message leave `/gitlab` out; in a thread write to @Signalbox. Try `{prefix}help run`.",
    )


def _one(one: Command, prefix: str) -> Message:
    lines = [f"• `{prefix}{escape(example)}`" for example in one.examples]
    also = f" Also: {', '.join(f'`{name}`' for name in one.aliases)}." if one.aliases else ""
    return lists.listed(
        f"`{prefix}{escape(one.usage)}`\n{one.summary}{also}",
        lines,
        footer="Name a project before the command to use another one.",
    )


COMMAND = Command(
    "help", "help [command]", "What you can type here.", ("help", "help run"), run, aliases=("?",)
)
