"""A strict Slack on loopback: Socket Mode, the Web API, and people who type."""

from __future__ import annotations

from sandbox.slack.people import Channel, User
from sandbox.slack.server import FakeSlack
from sandbox.slack.workspace import Seen

__all__ = ["Channel", "FakeSlack", "Seen", "User"]
