"""What of a channel is ours, by the marks our messages carry: how what is on both sides is found again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.edges.slack_history import PAGE, REPLIES_PAGE, History

#: The type of the metadata that marks our messages (docs.slack.dev, message metadata).
EVENT_TYPE = "signalbox"
#: Most threads that are read: each costs a request, of which all of the bot has 50 a minute (Tier 3).
MOST_THREADS = 200


@dataclass(frozen=True, slots=True)
class Marked:
    """A message in a channel or in one of its threads."""

    ts: str
    thread: str
    """The root it answers; empty for a root."""
    oid: str
    """The mark of one of ours; empty for everybody else's."""
    user: str
    content: Mapping[str, Any]
    """As Slack tells it."""


class Marks(History):
    """The part of Slack that is about which messages are ours. Its errors are those of Slack."""

    def marked(self, channel: str) -> Iterator[Marked]:
        """All that stands in a channel, newest first, and below each message what answers it, with our marks.

        At most 4,000 messages of the channel, and the replies of 200 of them.
        """
        threads = 0
        for data in self._pages("conversations_history", PAGE, channel=channel, include_all_metadata=True):
            yield _marked(data)
            if data.get("reply_count") and threads < MOST_THREADS:
                threads += 1
                yield from self.marked_below(channel, str(data["ts"]))

    def marked_below(self, channel: str, thread: str) -> Iterator[Marked]:
        """All that answers a message, oldest first, with our marks."""
        query = {"channel": channel, "ts": thread, "include_all_metadata": True}
        for data in self._pages("conversations_replies", REPLIES_PAGE, **query):
            if data.get("ts") != thread:
                yield _marked(data)


def _marked(data: Mapping[str, Any]) -> Marked:
    metadata = data.get("metadata") or {}
    ours = metadata.get("event_type") == EVENT_TYPE
    oid = str((metadata.get("event_payload") or {}).get("oid") or "") if ours else ""
    ts, root = str(data.get("ts") or ""), str(data.get("thread_ts") or "")
    return Marked(ts, "" if root == ts else root, oid, str(data.get("user") or ""), data)
