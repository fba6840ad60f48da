"""The time zone of somebody as Slack tells it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

LABELS = {
    "Europe/Berlin": ("Central European Time", "Central European Summer Time"),
    "Europe/Paris": ("Central European Time", "Central European Summer Time"),
    "America/New_York": ("Eastern Standard Time", "Eastern Daylight Time"),
    "Asia/Tokyo": ("Japan Standard Time", "Japan Daylight Time"),
    "UTC": ("Coordinated Universal Time", "Coordinated Universal Time"),
}
"""What Slack calls a zone, in winter and in summer."""


def zone_body(name: str, now: float) -> dict[str, Any]:
    """`tz`, `tz_label` and `tz_offset` (seconds) of a zone at `now`, seconds since the epoch."""
    there = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(name))
    offset = there.utcoffset() or timedelta(0)
    label = LABELS[name][bool(there.dst())]
    return {"tz": name, "tz_label": label, "tz_offset": int(offset.total_seconds())}
