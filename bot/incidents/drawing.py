"""How an incident looks in Slack, as its rules see it: handed in, since the rules do not know `blocks`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.incident import Incident
from bot.model import Message, Millis


class Drawing(Protocol):
    """What every change of an incident may show; `blocks.incident` draws it."""

    def card(self, incident: Incident, now: Millis) -> Message:
        """The card in its room."""
        ...

    def line(self, text: str) -> Message:
        """One line in the room on what somebody did, in plain text."""
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
