"""How an incident looks; handed in, since the rules do not know `blocks`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.incident import Incident, State
from bot.incident_work import Holder, Suspect, Task
from bot.model import Message, Millis


@dataclass(frozen=True, slots=True)
class Shown:
    """All that the card of an incident shows, without secrets."""

    incident: Incident
    moves: Sequence[State] = ()
    """Where it may go from here."""
    holders: Sequence[Holder] = ()
    """Who has a part in it now."""
    tasks: Sequence[Task] = ()
    suspects: Sequence[Suspect] = ()
    needs_review: bool = False
    """Whether a review is due of what is over, and nobody has begun it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form that declares an incident begins with."""

    title: str = ""
    severity: int = 0
    """1 to 4; 0 while nobody has picked one."""
    summary: str = ""
    project: str = ""
    """Full path."""
    private: bool = False
    triage: bool = False
    about: str = ""
    """What it was opened on, as a sentence for people."""


class Drawing(Protocol):
    """What is drawn of an incident wherever it changes (blocks/incident.py)."""

    def card(self, shown: Shown, now: Millis) -> Message:
        """The living card in its room."""
        ...

    def twin(self, shown: Shown, now: Millis) -> Message:
        """The living announcement."""
        ...

    def own(self, shown: Shown, now: Millis) -> Message:
        """The card as one person sees it who asked for it elsewhere."""
        ...

    def withdrawn(self) -> Message:
        """What is left of an announcement whose incident became private."""
        ...

    def topic(self, incident: Incident) -> str:
        """The topic of its room, at most 250 characters."""
        ...

    def restored(self, attempt: str) -> Message:
        """A word to somebody whose topic was replaced by ours."""
        ...

    def summons(self, people: Sequence[str]) -> Message:
        """What calls people, by their Slack ids, into a room that is a thread."""
        ...

    def signpost(self, incident: Incident) -> Message:
        """The way to its room, for everybody where it was declared."""
        ...

    def declared(self, incident: Incident, near: Sequence[Incident]) -> Message:
        """The same for whoever declared it, with what it may be the same as."""
        ...

    def line(self, text: str) -> Message:
        """A sentence of ours, in plain text, for everybody in the room."""
        ...

    def missing(self, incident: Incident, items: Sequence[str]) -> Message:
        """What an incident that was closed in GitLab still lacks, and what opens the form for it."""
        ...

    def proposal(self, incident: Incident, closer: str) -> Message:
        """A bot has closed the issue of an incident that burns: shall it stay closed."""
        ...

    def exposed(self, incident: Incident) -> Message:
        """A word to the commander of an incident that became private while its channel is open to all."""
        ...

    def moved_on(self, incident: Incident, channel: str) -> Message:
        """What begins a room that takes the place of another one."""
        ...
