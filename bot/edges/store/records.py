"""What the store keeps beside runs: requests received, letters to deliver, living cards."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model import Millis, Place


@dataclass(frozen=True, slots=True)
class Received:
    """A request from Slack as it came in; its row is committed before Slack hears the ack."""

    key: str
    """What makes the request itself (event id, trigger id): a second one with this key is a redelivery."""
    envelope: str
    """Slack's envelope id, which is repeated after a reconnect; empty if there is none."""
    kind: str
    body: str
    """JSON."""
    received_at: Millis
    tries: int = 0
    person: str = ""
    """Slack user id of who asks: what one person asks is done in order."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that must arrive once, after those before it in its queue."""

    id: str
    queue: str
    kind: str
    """post, whisper or file."""
    place: Place
    """Where it goes. The store fills in channel and thread once the card it belongs under is posted."""
    person: str
    """Slack user id for a whisper, else empty."""
    body: str
    """JSON of a Message."""
    under: str = ""
    """Id of the card in whose thread it goes; it waits until that card is posted or given up."""
    run: str = ""
    not_before: Millis = 0
    tries: int = 0
    created_at: Millis = 0
    probe: bool = False
    """Whether an earlier attempt may have arrived, so that Slack must be asked before it is sent again."""
    sent_ts: str = ""
    state: str = "due"
    """due, sending, sent or dead."""
    why: str = ""
    """For a dead letter: why it was given up."""


@dataclass(frozen=True, slots=True)
class Card:
    """A message that is edited in place until it shows what is wanted."""

    id: str
    place: Place
    ts: str | None
    """Slack's timestamp of the posted message; None until it is posted."""
    wanted: str
    """JSON of the Message it shall show."""
    wanted_hash: str
    shown_hash: str | None
    """Hash of what Slack shows; None until it is posted."""
    not_before: Millis
    tries: int
    probe: bool
    created_at: Millis
    state: str
    """due, sending or dead."""
    why: str = ""
    person: str = ""
    """Slack user id of who is told if it cannot be shown in its place; empty for nobody."""
