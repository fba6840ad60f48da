"""What a command is handed: the edges, the clock and the source of ids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.config import Config
from bot.edges.gitlab import GitLab
from bot.edges.slack import Slack
from bot.edges.store import Store
from bot.model import Millis, Person


@dataclass(frozen=True, slots=True)
class Kit:
    """The waist of the house: everything a feature may reach, and nothing else."""

    config: Config
    store: Store
    slack: Slack
    gitlab: GitLab
    """GitLab with the bot's own token: reads and watches."""
    gitlab_as: Callable[[Person], GitLab]
    """GitLab as a person: every change is made through this."""
    now: Callable[[], Millis]
    new_id: Callable[[], str]
    deliver: Callable[[], None]
    """Tells the courier that something waits in the outbox or on a card."""
    apart: Callable[[str, Callable[[], object]], None]
    """Does something named soon, on another thread, unless something of that name is still to be done."""
    redact: Callable[[str], str]
    """Takes secrets out of a text that is about to leave for Slack."""
