"""Spans of time about a run, in the words of the card, the thread and the lists."""

from __future__ import annotations

from bot.model import Millis, Run
from bot.text import duration

#: A job that took less is said to have taken this long: nobody takes no time.
LEAST_MS: Millis = 1_000
_MINUTE, _HOUR, _DAY = 60_000, 3_600_000, 86_400_000


def took(run: Run) -> str:
    """Return how long the job of a run that has ended took; empty if that is not known."""
    if not run.finished_at or not run.started_at:
        return ""
    return duration(max(run.finished_at - run.started_at, LEAST_MS))


def ago(milliseconds: Millis) -> str:
    """Return how long ago something was, in the largest unit that fits: `5 m ago`."""
    for unit, name in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "m")):
        if milliseconds >= unit:
            return f"{milliseconds // unit} {name} ago"
    return "just now"
