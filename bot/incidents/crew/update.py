"""The nouns of a word on an incident: what somebody says of it, who shall hear it, and when the next is due."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model import Millis


@dataclass(frozen=True, slots=True)
class Update:
    """What somebody says, in plain text."""

    text: str
    impact: str = ""
    next_step: str = ""
    wait: Millis | None = None
    """How long until the next one; None: by severity and state."""
    followers: bool = True
    """Whether those who follow are told."""
    announce: bool = False
    """Whether it is said below the announcement."""
    public: bool | None = None
    """Whether everybody may read it below the issue; None: by the policy of the discussion."""
    is_news: bool = True
    """Whether anything has changed: else it is said in the room alone."""

    @property
    def whole(self) -> str:
        """All of it on one line."""
        parts = (self.text, f"Impact: {self.impact}" if self.impact else "",
                 f"Next: {self.next_step}" if self.next_step else "")  # fmt: skip
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Nudge:
    """One message that asks for an update, as it is now."""

    number: int
    due: Millis
    """When the update was due."""
    stage: int = 0
    """0: it has just come; 1: half of the time until the next has passed as well; 2: all of it."""
    whom: str = ""
    """Slack id of who is asked: the communications lead, else the commander; empty for nobody."""
    outcome: str = ""
    """What became of it; empty while it is open."""
