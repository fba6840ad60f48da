"""The channels that are rooms of incidents, in memory: what happens elsewhere is not listened to."""

from __future__ import annotations

import threading
from collections.abc import Iterable


class Rooms:
    """Ids of channels, for any number of threads; asked for every event of Slack, so that it does no I/O."""

    __slots__ = ("_channels", "_lock")

    def __init__(self, channels: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._channels = frozenset(channels)

    def __contains__(self, channel: object) -> bool:
        return channel in self._channels

    def fill(self, channels: Iterable[str]) -> None:
        """Let these be the rooms, and no others."""
        with self._lock:
            self._channels = frozenset(channels)

    def add(self, channel: str) -> None:
        """Listen to this channel from now on; nothing happens if it is a room already."""
        with self._lock:
            self._channels |= {channel}

    def remove(self, channel: str) -> None:
        """Listen to this channel no more; nothing happens if it is no room."""
        with self._lock:
            self._channels -= {channel}
