"""All that the doors say by themselves: the bot's voice where no command has an answer."""

from __future__ import annotations

from blocks.answers import broken, displaced, pick, problem, slow
from blocks.connect import connect, lost
from blocks.forms import options
from blocks.ladder import halted, reason
from blocks.recurring import not_done, of_recurring, stopped

__all__ = [
    "broken", "connect", "displaced", "halted", "lost", "not_done", "of_recurring", "options", "pick", "problem",
    "reason", "slow", "stopped",
]  # fmt: skip
