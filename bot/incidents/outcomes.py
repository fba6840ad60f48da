"""What a change comes to, and the sentence that tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.incident import GITLAB, Change
from bot.model import Millis
from bot.text import one_line

#: Characters of a reason or a title that a sentence quotes.
QUOTED = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a change comes to."""

    columns: Mapping[str, Any]
    did: str = ""
    """What was done, in words that follow a name: `set it to Monitoring`; empty for what is no event."""
    quoted: str = ""
    """What somebody has written, which the sentence ends with."""
    kind: str = ""
    """Kind of its event, if that is not what was changed."""
    reason: str = ""
    is_public: bool = False
    """Whether the room is told."""
    at: Millis | None = None
    """When it happened, if that is another moment than when it was said."""
    tag: str = ""
    """GitLab's name of a timeline tag."""


def sentence(change: Change, outcome: Outcome) -> str:
    """Return what was done as a sentence in plain text: who, what, and why."""
    where = " in GitLab" if change.origin == GITLAB else ""
    reason = one_line(outcome.reason, QUOTED) if change.origin != GITLAB else ""
    more = "".join(f": {text}" for text in (outcome.quoted, reason) if text)
    return f"{change.who.name} {outcome.did}{where}{more}"
