"""One `:slack …` line: who does it, where, and the words behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.slack.people import Channel, User
from sandbox.slack.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Order:
    """What a line asks of whom. Everything raises ValueError with a sentence for what the line does not say.

    `here` is the id of the channel that the person is in, empty if unknown.
    """

    workspace: Workspace
    by: User
    here: str
    rest: str

    @property
    def words(self) -> list[str]:
        """What stands behind the line's first word, apart."""
        return self.rest.split()

    def word(self, at: int, what: str) -> str:
        """One of the words; `what` says what it should be."""
        if len(self.words) <= at:
            raise ValueError(f"Name {what}.")
        return self.words[at]

    def text(self, what: str) -> str:
        """All of it."""
        return self.rest.strip() or self.word(0, what)

    def person(self, at: int = 0) -> User:
        """The person, or the app's bot, that a word names."""
        return self.workspace.person(self.word(at, "a name").removeprefix("@"))

    def channel(self, at: int) -> Channel:
        """The channel that a word names; without one the channel the person is in."""
        wanted = self.words[at] if len(self.words) > at else self.here
        found = self.workspace.channel(wanted or self.word(at, "a channel"), self.by)
        if found.kind == "im":
            raise ValueError("A direct message stays between the two; name a channel.")
        return found

    def inside(self) -> Channel:
        """The channel the person is in, as one who may change it."""
        found = self.channel(len(self.words))
        if self.by.id not in found.members:
            raise ValueError(f"{self.by.name} is not in #{found.name}; `:slack join` comes first.")
        return found

    def open(self) -> Channel:
        """The same, if it is not archived."""
        found = self.inside()
        if found.is_archived:
            raise ValueError(f"#{found.name} is archived; `:slack unarchive` comes first.")
        return found


Doing = Callable[[Order], str]
"""Does a line and answers a sentence."""
Lines = Mapping[str, Doing]
"""What can follow `:slack`, by its first word."""
