"""The noun of a request to take command."""

from __future__ import annotations

from dataclasses import dataclass

from bot.incidents.crew.brief import Section


@dataclass(frozen=True, slots=True)
class Handover:
    """Somebody was asked to take command."""

    number: int
    to: str
    """Slack id."""
    to_name: str
    by: str
    """Slack id of who asked."""
    by_name: str
    before: str
    """Slack id of who commanded then; empty for nobody."""
    note: str
    room: str = ""
    """The direct messages of the one who was asked; empty if Slack did not say."""
    by_room: str = ""
    brief: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def sections(self) -> list[Section]:
        return [Section(title, tuple(rows)) for title, rows in self.brief]
