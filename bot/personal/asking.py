"""A command that was kept, asked anew: it comes by the way of every other, as who kept it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from bot.edges.store import Received, Tx
from bot.model import Millis, Person, Place
from bot.text import escape

#: What the command is read as behind (product.md, "Ways in").
COMMAND = "/gitlab"


@dataclass(frozen=True, slots=True)
class Anew:
    """A command that shall be done as if somebody had typed it."""

    key: str
    """What makes the request itself: the same key is the same request, for ever."""
    person: Person
    name: str
    place: Place
    line: str
    """Cleaned already (bot/words.py)."""
    trigger: str = ""
    """That of the press that asks for it."""
    recurring: str = ""
    """Id of the one that recurs: then nobody sits there and waits, and the answer goes to direct messages."""


def ask(tx: Tx, one: Anew, now: Millis) -> bool:
    """Put a command into the inbox; False if that request was there already. The caller then tells the workers."""
    # As Slack sends what was typed, since it is cleaned as that is.
    body = {
        "team": one.person.team, "person": one.person.id, "name": one.name, "channel": one.place.channel,
        "thread": one.place.thread, "command": COMMAND, "text": escape(one.line), "trigger": one.trigger,
        "recurring": one.recurring,
    }  # fmt: skip
    text = json.dumps({name: value for name, value in body.items() if value != ""}, ensure_ascii=False)
    return tx.inbox.accept([Received(one.key, "", "slash", text, now, person=one.person.id)])[0]
