"""`incident`: one incident, run from Slack while its GitLab issue stays complete; each part of it is one file here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

import blocks.incident
from bot import words
from bot.command import Command, Heard, Request
from bot.errors import BotError, NotUnderstood
from bot.incidents import dues, errands, hearing
from bot.jobs import projects
from bot.kit import Kit
from bot.model import Message
from bot.words import nearest
from commands import help as helping
from commands.incident import (
    changes,
    declare,
    doctor,
    hints,
    life,
    listing,
    people,
    review,
    talk,
    tasks,
    texts,
    timeline,
    updates,
    watching,
)
from commands.incident.card import more_of
from commands.incident.parts import Part, all_of

Asked = TypeVar("Asked")
Acts = Mapping[str, Callable[[Asked, Kit], Message | None]]
HELP = frozenset({"help", "--help", "-h", "?"})
#: Every part; each says in its own file what is typed, pressed, filled in, heard and due.
PARTS: tuple[Part, ...] = (
    declare.PART,
    doctor.PART,
    changes.PART,
    life.PART,
    listing.PART,
    people.PART,
    review.PART,
    talk.PART,
    tasks.PART,
    texts.PART,
    timeline.PART,
    updates.PART,
    watching.PART,
)
#: What is done when nothing stands after `incident`.
BARE = "menu"
#: The one verb that may stand without `incident` before it: seconds count then.
DECLARE = "declare"

WHOLE = all_of(PARTS)


def run(request: Request, kit: Kit) -> Message | None:
    """Do what the first word says; without one show what can be done here."""
    request = _whole(request)
    if request.words and request.words[0].text in HELP:
        return helping.one(COMMAND, request.prefix)
    projects.checked(kit, request)
    said = request.words[0].text.lower() if request.words else BARE
    act = WHOLE.verbs.get(said)
    try:
        if act is None:
            raise _unknown(request, said)
        done = act(request, kit)
    except BotError as error:
        error.args = (hints.spelled(error.sentence, request.prefix),)
        raise
    _wake(kit)
    return done


def _whole(request: Request) -> Request:
    """Return `declare …` as the `incident declare …` it stands for."""
    typed = request.line
    if typed.verb != DECLARE:
        return request
    at = typed.body - len(DECLARE)
    line = words.parsed(f"{typed.text[:at]}{COMMAND.name} {typed.text[at:]}", {COMMAND.name})
    return replace(request, line=line, words=line.words, verb=COMMAND.name)


def _unknown(request: Request, said: str) -> NotUnderstood:
    near = nearest(said, [verb for verb in WHOLE.verbs if verb != BARE])
    lines = tuple(f"incident {verb} {request.line.after(1)}".strip() for verb in near)
    return NotUnderstood(
        f"`incident {said}` is nothing I can do. Type `/incident declare sev2 What is wrong`, or `/incident help` for"
        " the rest.",
        suggestions=lines,
    )


def _wake(kit: Kit) -> None:
    """Do at once what was just written down."""
    errands.run(kit, WHOLE.kinds)


def _waking(acts: Acts[Asked]) -> Acts[Asked]:
    """What is pressed or sent in is followed up at once, as what is typed."""

    def of(act: Callable[[Asked, Kit], Message | None]) -> Callable[[Asked, Kit], Message | None]:
        def do(asked: Asked, kit: Kit) -> Message | None:
            done = act(asked, kit)
            _wake(kit)
            return done

        return do

    return {name: of(act) for name, act in acts.items()}


def hears(heard: Heard, kit: Kit) -> None:
    """Take in what was said or done in the room of an incident."""
    try:
        hearing.heard(kit, WHOLE.hears, heard)
    finally:
        _wake(kit)


def tick(kit: Kit) -> None:
    """Do what is due: errands, and whatever else the parts look after."""
    errands.run(kit, WHOLE.kinds)
    dues.tick(kit, WHOLE.dues)
    for one in WHOLE.ticks:
        one(kit)


COMMAND = Command(
    "incident",
    "incident declare [sev1..4] [title] | status | severity | update | role | task | timeline | resolve | list | …",
    "Declare incidents and run them from Slack.",
    (
        "incident declare sev2 Checkout answers with errors",
        "incident",
        "incident role commander me",
        "incident update Errors are falling",
        "incident status monitoring rolled back 1.9",
        "incident timeline -10m The alert came",
        "incident task Tell support @bob +30m",
        "incident changes",
        "incident resolve",
        "incident review",
        "incident list",
    ),
    run,
    aliases=(DECLARE,),
    buttons=_waking({**WHOLE.buttons, blocks.incident.MORE: more_of(WHOLE)}),
    forms=_waking(WHOLE.forms),
    checks=WHOLE.checks,
    shortcuts=WHOLE.shortcuts,
    options=WHOLE.options,
    changes=True,
    hears=hears,
    caught=talk.caught,
    tick=tick,
)
