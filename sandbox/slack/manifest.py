"""What the app may do and hears of, unless a test says otherwise."""

from __future__ import annotations

BOT_SCOPES = frozenset({
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "chat:write.public",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "reactions:read",
    "reactions:write",
    "team:read",
    "users:read",
    "users:read.email",
})  # fmt: skip
"""Scopes of the bot's token."""
SUBSCRIPTIONS = frozenset({"app_mention", "message.im", "app_home_opened"})
"""Events the app is subscribed to; message.channels, message.groups and reactions are not among them."""
