"""Reads what somebody typed after `incident task`: the text, whose it is, and until when."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.errors import NotUnderstood
from bot.issues.people import MENTION
from bot.kit import Kit
from bot.model import Millis, Person

ME = "@me"
_MINUTE: Millis = 60_000
_UNITS = {"m": _MINUTE, "h": 60 * _MINUTE, "d": 24 * 60 * _MINUTE}
_LATER = re.compile(r"\+(?P<number>\d{1,4})(?P<unit>[mhd])", re.IGNORECASE)
#: What can be done with a task that is there.
MOVES = ("done", "drop", "take", "reopen")
_MOVE = re.compile(rf"(?P<move>{'|'.join(MOVES)})\s+#?(?P<number>\d{{1,9}})\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in a line."""

    text: str
    """With mentions as they came."""
    owner: str = ""
    """Slack id, `@me`, or empty for nobody."""
    after: Millis | None = None
    """How long it may take."""


def typed(text: str) -> Typed:
    """
    Return what was typed: at its end may stand, in any order, whose it is and how long it may take.

    >>> typed("Roll back the deployment <@U0BOB00001> +30m")
    Typed(text='Roll back the deployment', owner='U0BOB00001', after=1800000)
    """
    words, owner, after = text.split(" "), "", None
    while words:
        word = words[-1].strip()
        mention, later = MENTION.fullmatch(word), _LATER.fullmatch(word)
        if later and after is None:
            after = int(later["number"]) * _UNITS[later["unit"].lower()]
        elif (mention or word.casefold() == ME) and not owner:
            owner = mention["id"] if mention else ME
        elif word:
            break
        words.pop()
    return Typed(" ".join(words).strip(), owner, after)


def move(text: str) -> tuple[str, int] | None:
    """Return what is to be done with which task, as in `done 3`; None for the text of a new one."""
    found = _MOVE.fullmatch(text.strip())
    return (found["move"].lower(), int(found["number"])) if found else None


def owner(kit: Kit, said: str, me: Person, my_name: str) -> tuple[Person | None, str]:
    """Return whose a task is, and how they are called. Raises NotUnderstood for an app or who has left."""
    if not said:
        return None, ""
    if said in {ME, me.id}:
        return me, my_name
    about = kit.people.about(said)
    if about.is_bot or about.is_gone:
        raise NotUnderstood(
            f"{about.name} cannot have a task: it is an app, or has left. Name somebody else."
        )
    return Person(me.team, about.id), about.name
