"""What people in a room read about the copies of what they say."""

from __future__ import annotations

from bot.model import Message
from bot.text import escape


def not_copied(why: str) -> Message:
    """Return what only who marked a message reads when its copy could not be written."""
    return Message(
        escape(f"That message is not in the issue: {why} Take your mark away and put it again to retry.")
    )


def fell_back() -> Message:
    """Return what a room reads when nobody in it may write internal notes."""
    return Message(
        "What is said here is not copied into the issue any more: nobody who takes part and has connected an account"
        " may write internal notes there, and in public ones everybody could read it. What you mark still goes across."
        " To have all of it again, let somebody with at least the role Planner take command, and set the policy anew."
    )
