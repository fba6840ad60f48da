"""How fast Slack lets us speak: who has to wait, and until when."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.model import Millis

#: "About one message a second and channel, short bursts allowed" (slack-platform.md 2.2).
POST_EVERY_MS = 1_050
#: chat.update is Tier 3, 50 a minute (slack-platform.md 2.3); a few at once are allowed.
UPDATES_PER_MINUTE, UPDATE_BURST = 42, 15
#: Edits that are kept for changes of state while time passes on many cards.
KEPT_FOR_NEWS = 8
#: Two channels told to wait within this time: the whole method waits (reliability.md P5).
STORM_MS = 5_000


@dataclass(slots=True)
class Pace:
    """What the courier remembers between two sends; losing it at a crash costs a 429 at most."""

    _channels: dict[str, Millis] = field(default_factory=dict)
    _methods: dict[str, Millis] = field(default_factory=dict)
    _last_busy: tuple[str, Millis] = ("", 0)
    _updates: float = UPDATE_BURST
    _updates_at: Millis = 0

    def start_anew(self) -> None:
        """Forget every moment; Slack tells again if it is too early."""
        self._channels.clear()
        self._methods.clear()
        self._updates_at = 0

    def post_at(self, channel: str) -> Millis:
        """Return the moment from which a message may be posted to this channel."""
        return max(self._channels.get(channel, 0), self._methods.get("post", 0))

    def quiet(self, now: Millis) -> dict[str, Millis]:
        """Return the channels nothing may be posted in yet, and until when."""
        self._channels = {channel: until for channel, until in self._channels.items() if until > now}
        return dict(self._channels)

    def posted(self, channel: str, now: Millis) -> None:
        self._channels[channel] = max(self._channels.get(channel, 0), now + POST_EVERY_MS)

    def update_at(self, now: Millis, *, news: bool = True) -> Millis:
        """Return the moment from which a card may be edited; what is no `news` leaves some edits for what is."""
        self._refill(now)
        needed = 1.0 if news else 1.0 + KEPT_FOR_NEWS
        missing = needed - self._updates
        wait = 0 if missing <= 0 else int(missing * 60_000 / UPDATES_PER_MINUTE) + 1
        return max(now + wait if wait else 0, self._methods.get("update", 0))

    def updated(self, now: Millis) -> None:
        self._refill(now)
        self._updates -= 1

    def told_to_wait(self, method: str, channel: str, now: Millis, until: Millis) -> None:
        """Remember a 429; when a second channel gets one soon after, the method is meant and not the channel."""
        before, at = self._last_busy
        if method == "update" or (before not in {"", channel} and now - at < STORM_MS):
            self._methods[method] = until
        self._channels[channel] = max(self._channels.get(channel, 0), until)
        self._last_busy = (channel, now)

    def _refill(self, now: Millis) -> None:
        passed = max(0, now - self._updates_at) if self._updates_at else 0
        self._updates = min(UPDATE_BURST, self._updates + passed * UPDATES_PER_MINUTE / 60_000)
        self._updates_at = now
