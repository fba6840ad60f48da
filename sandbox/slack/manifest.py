"""What the app may do and hears of, unless a test says otherwise."""

from __future__ import annotations

BOT_SCOPES = frozenset({
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "usergroups:read",
    "users:read",
})  # fmt: skip
"""Scopes of the bot's token: those that docs/slack-app-manifest.yaml asks for, which a test holds them to."""
SUBSCRIPTIONS = frozenset({"app_mention", "channel_shared", "channel_unshared", "message.im"})
"""Events the app is subscribed to; message.channels, message.groups and reactions are not among them."""
