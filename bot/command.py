"""The shape of a command: what a person types or presses, and what then happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.errors import BotError
from bot.kit import Kit
from bot.model import Message, Person, Place
from bot.words import Line, Word


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody asked for something, by slash command, direct message or mention."""

    key: str
    """What makes this request itself: Slack's trigger or event id. The same key is the same request, for ever."""
    person: Person
    name: str
    """The person's name as Slack shows it."""
    place: Place
    words: tuple[Word, ...]
    """The words after the verb."""
    line: Line
    """The whole line, for what must reach a job just as it was typed."""
    verb: str
    project: str | None
    """The project that was named before the verb, if any."""
    prefix: str
    """What this person types before a verb here: `/gitlab ` in a slash command, nothing in a direct message."""
    verbs: frozenset[str] = frozenset()
    """Every verb there is."""


@dataclass(frozen=True, slots=True)
class Click:
    """Somebody pressed a button."""

    key: str
    person: Person
    name: str
    place: Place
    value: str
    """An id of ours: buttons carry nothing else."""
    thread: str | None = None
    """The message the button is on, or the thread it stands in: where an answer to the click belongs."""
    prefix: str = "/gitlab "


@dataclass(frozen=True, slots=True)
class Command:
    """One feature. `run` and the buttons return what only the asker sees; None if a card says it all."""

    name: str
    usage: str
    summary: str
    examples: tuple[str, ...]
    """Whole commands without the slash; a test parses each."""
    run: Callable[[Request, Kit], Message | None]
    aliases: tuple[str, ...] = ()
    buttons: Mapping[str, Callable[[Click, Kit], Message | None]] = field(default_factory=dict)
    """By action id, `<command>.<verb>`."""
    in_turn: bool = True
    """Whether it waits for what the same person asked before: `cancel` right after `run` has to mean that run."""
    tick: Callable[[Kit], None] | None = None
    """Called about once a second; looks at what is due and returns soon."""


class Voice(Protocol):
    """How the bot answers when a command did not; handed in, since the doors do not know `blocks`."""

    def problem(self, error: BotError, *, typed: str, offers: Sequence[tuple[str, str]] = ()) -> Message: ...

    def broken(self, reference: str) -> Message: ...

    def slow(self) -> Message: ...
