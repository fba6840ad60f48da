"""`audit [filter] [N]`: who did what, for those who may read it."""

from __future__ import annotations

import re
from itertools import islice

import blocks.audit
from bot.command import Command, Request
from bot.kit import Kit
from bot.ledger import Entry
from bot.model import Message
from bot.words import longhand

SHOWN, MOST_SHOWN = 10, 50
#: How many entries are looked through for a filter; the tool on the bot's machine has no such limit.
LOOKED_THROUGH = 5_000
#: How Slack writes a person who was mentioned (slack-platform.md 4).
_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")


def run(request: Request, kit: Kit) -> Message:
    """Show entries to an admin, which the door has made sure of, and to nobody else there."""
    wanted, most = _asked(request)
    with kit.store.read() as tx:
        looked = list(islice(tx.audit.backwards(), LOOKED_THROUGH + 1))
    fitting = [one for one in looked[:LOOKED_THROUGH] if _fits(one, wanted)]
    return blocks.audit.trail(
        fitting[:most],
        wanted=wanted,
        looked_through=LOOKED_THROUGH if len(looked) > LOOKED_THROUGH and len(fitting) < most else None,
        prefix=longhand(request.prefix),
        now=kit.now(),
    )


def _asked(request: Request) -> tuple[str, int]:
    """Return what to look for, and how many entries to show: a number at the end."""
    words = [word.text for word in request.words]
    most = SHOWN
    if words and words[-1].isascii() and words[-1].isdigit():
        most = min(max(int(words.pop()[:4]), 1), MOST_SHOWN)
    return _MENTION.sub(r"\1", " ".join(words)).removeprefix("@"), most


def _fits(one: Entry, wanted: str) -> bool:
    """Tell whether an entry is about this person, command, project or environment."""
    looked_at = (one.name, one.username, one.person.id, one.command, one.project, one.environment)
    return any(wanted.casefold() in text.casefold() for text in looked_at)


COMMAND = Command(
    "audit",
    "audit [filter] [N]",
    "Who did what, for those who may read it.",
    ("audit", "audit alice", "audit production 20"),
    run,
    in_turn=False,
    for_admins=True,
)
