"""What an incident has to have before it is done, asked when it is resolved, not when it is declared."""

from __future__ import annotations

from bot.incident import Incident
from bot.incidents.states import needs_review

#: How the trouble on the card begins that tells of what is missing.
CLOSED_THERE = "Closed in GitLab; still missing: "


def missing(incident: Incident, review_severity: int) -> tuple[str, ...]:
    """Return what an incident lacks that has to have a review, in words (incidents.md 2.7)."""
    if not needs_review(incident, review_severity):
        return ()
    wanted = (("what fixed it", incident.fix), ("its root cause", incident.cause))
    return tuple(words for words, text in wanted if not text)


def lacking(items: tuple[str, ...]) -> str:
    """Return what the card says of what is missing; empty for nothing."""
    return f"{CLOSED_THERE}{' and '.join(items)}." if items else ""


def is_about_gates(trouble: str) -> bool:
    """Tell whether the trouble on a card is what is missing."""
    return trouble.startswith(CLOSED_THERE)
