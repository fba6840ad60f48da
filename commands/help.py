"""`help [verb]`: what can be typed here, with examples that the parser accepts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import blocks.own_words
import commands
from blocks import lists
from bot import words
from bot.access import facts, ladder
from bot.access.decide import kinds
from bot.command import Command, Request
from bot.deeds import Deed
from bot.errors import NotUnderstood
from bot.kit import Kit
from bot.model import Message
from bot.own import OwnWord
from bot.personal import own_words
from bot.text import escape

#: Under which heading and in which order the commands are listed; one that stands nowhere comes last.
SECTIONS: Mapping[str, Sequence[str]] = {
    "Jobs": ("run", "jobs", "runs", "again", "cancel", "retry", "log", "pipeline", "every"),
    "Deploying": ("deploy", "rollback", "environments", "who", "lock", "unlock", "queue", "approvals"),
    "Incidents": ("incident",),
    "Issues and merge requests": ("issue", "mr"),
    "Projects and own words": ("project", "alias", "favourite"),
    "You": ("home", "settings", "link", "whoami", "unlink"),
    "Running me": ("access", "audit", "doctor", "help"),
}
MORE = "More"
#: Commands that mean another project when one is named before them.
OF_A_PROJECT = frozenset(
    {
        "run",
        "jobs",
        "runs",
        "cancel",
        "log",
        "retry",
        "again",
        "lock",
        "unlock",
        "queue",
        "who",
        "issue",
        "mr",
        "pipeline",
        "deploy",
        "rollback",
        "environments",
        "incident",
    }
)
#: What to know about the way in that was not taken, by what stands before a verb in the one that was.
_WAYS = {
    "/gitlab ": "In a direct message leave `/gitlab` out; in a thread write to @Signalbox.",
    "": "In a channel begin with `/gitlab`, in a thread with `@Signalbox`.",
}
#: How another project is named, by what stands before a verb: its own slash command has no place for one.
_ANOTHER = {"/": "To use another project, type `/gitlab`, the project and this command."}
_BEFORE = "Name a project before the command to use another one."


def run(request: Request, kit: Kit) -> Message:
    known = {name: one for one in commands.load() for name in (one.name, *one.aliases)}
    prefix = words.longhand(request.prefix)
    own = own_words.all_of(kit, request.person, request.place)
    if not request.words:
        may = [one for one in commands.load() if _may(kit, request, one)]
        return _all(may, list(own_words.counting(own).values()), prefix)
    verb = request.words[0].text.lower()
    if verb not in known and (meant := own_words.meant(kit, request.person, request.place, verb)):
        return blocks.own_words.one(meant)
    if verb not in known:
        near = words.nearest(verb, [*known, *(one.name for one in own)])
        raise NotUnderstood(
            f"I have no command `{verb}`. `{prefix}help` lists what I know.",
            suggestions=tuple(f"help {name}" for name in near),
        )
    return one(known[verb], prefix)


def _may(kit: Kit, request: Request, command: Command) -> bool:
    """Whether no rule takes the command away here as such, whatever it is about."""
    if command.for_admins and not facts.is_one_of(kit, request.person, kit.config.policy.admins):
        return False
    deed = Deed(kinds(command.name), request.person, request.place.channel)
    return command.always or ladder.refused_anyway(kit, deed) is None


def one(command: Command, prefix: str) -> Message:
    """Return the help of one command for somebody who types `prefix` before a verb; `/` for its own slash command."""
    lines = [f"• `{prefix}{escape(example)}`" for example in command.examples]
    also = f" Also: {', '.join(f'`{name}`' for name in command.aliases)}." if command.aliases else ""
    other = _ANOTHER.get(prefix, _BEFORE) if command.name in OF_A_PROJECT else ""
    dry = "Add `--dry-run` to see what would be looked at, without doing it." if command.changes else ""
    footer = " ".join(part for part in (other, dry) if part)
    return lists.listed(f"`{prefix}{escape(command.usage)}`\n{command.summary}{also}", lines, footer=footer)


def _all(known: Sequence[Command], own: Sequence[OwnWord], prefix: str) -> Message:
    lines = list(_listed(known, prefix))
    lines += [f"*Own words*, kept with `{prefix}alias`", *map(blocks.own_words.line, own)] if own else []
    return lists.listed(
        "I do in GitLab what you ask for here, as you, and bring the answer back. This is what you can type:",
        lines,
        footer=f"{_WAYS.get(prefix, '')} Try `{prefix}help run`.".strip(),
    )


def _listed(known: Sequence[Command], prefix: str) -> Iterator[str]:
    """Yield each heading that has a command, and the commands below it."""
    by_name = {one.name: one for one in known}
    placed = {name for names in SECTIONS.values() for name in names}
    rest = sorted(by_name.keys() - placed)
    for heading, names in (*SECTIONS.items(), (MORE, rest)):
        there = [by_name[name] for name in names if name in by_name]
        if there:
            yield f"*{heading}*"
        yield from (f"• `{prefix}{escape(one.usage)}`: {one.summary}" for one in there)


COMMAND = Command(
    "help",
    "help [command]",
    "What you can type here.",
    ("help", "help run"),
    run,
    aliases=("?",),
    in_turn=False,
    always=True,
)
