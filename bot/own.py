"""What people keep for themselves: words for commands, favourites, what recurs, and their Home."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model import Millis, Person, Place

#: Name of the setting that says after how many seconds a run that went well calls who asked by name.
MENTION = "mention"
#: Its value for somebody who wants to be called only when a run did not go well.
NEVER = "never"
#: Seconds, for who has set nothing: the requester is mentioned only when it took long or failed (product.md).
USUAL_S = 60


@dataclass(frozen=True, slots=True)
class OwnWord:
    """A word that stands for a whole command."""

    name: str
    """In small letters."""
    line: str
    """The command, as it would be typed."""
    scope: str
    """person, channel or site."""


@dataclass(frozen=True, slots=True)
class Recurring:
    """A command that somebody has done again and again, as they."""

    id: str
    number: int
    """By which people name it; of one team each has another."""
    person: Person
    name: str
    place: Place
    """Where it is done."""
    line: str
    rhythm: str
    """When, in the words of bot/rhythm_words.py."""
    since: Millis
    """From when steps of time are counted."""
    next_at: Millis
    """When it is due; of one that is paused, when it would have been."""
    after: Millis
    """Up to when everything that was due is dealt with."""
    state: str = "on"
    """on or paused."""
    why: str = ""
    """Why it is paused; empty if its owner paused it."""
    halts: int = 0
    """How often in a row it could not be done."""
    last_at: Millis | None = None
    last_key: str = ""
    """Key of the request that was made last, which its run has as its source."""
    last_said: str = ""
    """How that went, in a sentence; empty if it was done."""


@dataclass(frozen=True, slots=True)
class Favourite:
    """A command that somebody keeps for their Home, where it is a button."""

    id: str
    person: Person
    line: str


@dataclass(frozen=True, slots=True)
class Home:
    """Somebody's Home, which they opened."""

    person: Person
    opened_at: Millis
    next_look: Millis
    """When it is looked at whether it shows how things are."""
    shown: str = ""
    """Hash of what Slack shows."""
    shown_at: Millis = 0
    seen: str = "{}"
    """JSON: what GitLab showed this person, by their own account."""
    seen_at: Millis = 0
