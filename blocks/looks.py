"""The states of jobs and pipelines in words that people use, and the emoji beside each word."""

from __future__ import annotations

from bot.model import WAITING

UNKNOWN = ":grey_question:"
#: The word alone says it all (chatops-and-notifications.md 2.2).
_LOOKS = {
    "queued": ":hourglass_flowing_sand:",
    "running": ":arrow_forward:",
    "passed": ":white_check_mark:",
    "failed": ":x:",
    "canceled": ":no_entry_sign:",
    "canceling": ":no_entry_sign:",
    "skipped": ":fast_forward:",
    "manual": ":raised_hand:",
    "waiting for somebody": ":raised_hand:",
    "scheduled": ":calendar:",
    "waiting for approval": ":raised_hand:",
    "waiting for approval in GitLab": ":raised_hand:",
    "waiting for the lock": ":lock:",
    "not started": ":no_entry:",
    "not known": UNKNOWN,
}
_WORDS = {"success": "passed", "": "queued"}


def look(word: str) -> str:
    """Return the emoji of a state in words."""
    return _LOOKS.get(word, UNKNOWN)


def word(status: str) -> str:
    """
    Return a status of GitLab's in one word that people use; one that we do not know as it is.

    >>> word("success"), word("waiting_for_resource"), word("manual")
    ('passed', 'queued', 'manual')
    """
    if status == "scheduled":
        return status
    return "queued" if status in WAITING else _WORDS.get(status, status)
