"""What an event tells of itself: what it comes of, whether it was written down late, and whether it was corrected."""

from __future__ import annotations

from typing import Final

from bot.incident import Event
from bot.model import Millis

#: Kind of what somebody put on the timeline for its own sake.
TIMELINE: Final = "timeline"
#: GitLab's predefined tags (app/models/incident_management/timeline_event_tag.rb).
TAGS = (
    "Start time", "Impact detected", "Response initiated", "Cause identified", "Impact mitigated", "End time",
)  # fmt: skip
#: What was written down so long after it happened is shown with both moments.
LATE_MS: Millis = 300_000
#: Begins the source of an event that a mark on a message has brought about.
MARK = "mark:"
#: Stands between the source of an event and the number of its correction.
REVISION = "~"
#: Ends the source of a correction that somebody made by hand: what becomes of its message is nothing to it then.
BY_HAND = "!"


def is_late(event: Event) -> bool:
    """Tell whether it was written down so late that one has to know when."""
    return event.recorded_at - event.at > LATE_MS


def root_of(event: Event) -> str:
    """Return the source of what an event was before it was corrected."""
    return event.source.partition(REVISION)[0]


def is_as_said(event: Event) -> bool:
    """Tell whether it has the words of the message that was marked, so that they need not be shown beside it."""
    return event.source.startswith(MARK) and not is_by_hand(event)


def is_by_hand(event: Event) -> bool:
    """Tell whether somebody has put it into other words."""
    return event.source.endswith(BY_HAND)
