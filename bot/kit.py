"""What a command is handed: the edges, the clock and the source of ids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.config import Config
from bot.edges.gitlab import GitLab
from bot.edges.gitlab_seen import Seen
from bot.edges.oauth import OAuth
from bot.edges.slack import Slack
from bot.edges.slack_people import People
from bot.edges.store import Store
from bot.model import Millis, Person
from bot.rooms import Rooms
from bot.vault import Vault


@dataclass(frozen=True, slots=True)
class Kit:
    """The waist of the house: everything a feature may reach, and nothing else."""

    config: Config
    store: Store
    slack: Slack
    people: People
    """What Slack says of people, groups and channels, remembered for a short while."""
    gitlab: GitLab
    """GitLab with the bot's own token: reads and watches."""
    seen: Seen
    """What the bot's own token sees of environments, remembered for a short while."""
    gitlab_as: Callable[[Person], GitLab]
    """GitLab as a person: every change is made through this. Raises NotLinked."""
    oauth: OAuth
    """GitLab's authorization server."""
    vault: Vault
    """Seals what must not be read in the store."""
    now: Callable[[], Millis]
    new_id: Callable[[], str]
    deliver: Callable[[], None]
    """Tells the courier that something waits in the outbox or on a card."""
    take_up: Callable[[], None]
    """Tells the workers that a request was put into the inbox."""
    apart: Callable[[str, Callable[[], object]], None]
    """Does something named soon, on another thread, unless something of that name is still to be done."""
    redact: Callable[[str], str]
    """Takes secrets out of a text that is about to leave for Slack."""
    rooms: Rooms = field(default_factory=Rooms)
    """Channels in which everything that happens is listened to."""
