"""Conversations in the forms of the Web API, and the names that Slack lets a channel have."""

from __future__ import annotations

import re
from dataclasses import asdict

from sandbox.slack.people import BORN, BOT_USER, PARTNER_TEAM, TEAM, Body, Channel
from sandbox.slack.workspace import Workspace

LONGEST_NAME = 80
"""Characters of a channel's name (slack-platform.md 2.4)."""
LETTERS = re.compile(r"[a-z0-9_-]+")
"""What Slack lets a name be made of (slack-platform.md 2.4); it allows other alphabets too, which is no help here."""


def name_problem(workspace: Workspace, name: str) -> str:
    """
    The code with which Slack refuses a channel that name, or nothing.

    invalid_name_required, invalid_name_maxlength, invalid_name_specials (upper case too), invalid_name_punctuation
    (nothing else), name_taken (archived and unseen channels count).
    """
    if not name:
        return "invalid_name_required"
    if len(name) > LONGEST_NAME:
        return "invalid_name_maxlength"
    if not LETTERS.fullmatch(name):
        return "invalid_name_specials"
    if not name.strip("-_"):
        return "invalid_name_punctuation"
    taken = any(each.name == name for each in workspace.channels.values() if each.kind != "im")
    return "name_taken" if taken else ""


def channel_body(channel: Channel) -> Body:
    """A conversation as conversations.info gives it (samples/slack/web_api/conversations.info.json)."""
    if channel.kind == "im":
        return _im_body(channel)
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": channel.kind == "channel",
        "is_group": channel.kind == "group",
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.kind == "group",
        "created": channel.created,
        "is_archived": channel.is_archived,
        "is_general": False,
        "unlinked": 0,
        "name_normalized": channel.name,
        "is_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "context_team_id": TEAM,
        "updated": channel.created * 1000,
        "creator": channel.creator,
        "is_ext_shared": channel.is_ext_shared,
        "shared_team_ids": [TEAM, PARTNER_TEAM] if channel.is_ext_shared else [TEAM],
        "pending_connected_team_ids": [],
        "is_member": BOT_USER in channel.members,
        "last_read": f"{channel.created}.000000",
        "topic": asdict(channel.topic),
        "purpose": asdict(channel.purpose),
        "previous_names": list(channel.previous_names),
        "priority": 0,
    }


def _im_body(channel: Channel) -> Body:
    return {
        "id": channel.id,
        "created": BORN,
        "is_archived": False,
        "is_im": True,
        "is_org_shared": False,
        "user": channel.partner,
        "last_read": "0000000000.000000",
        "latest": None,
        "unread_count": 0,
        "unread_count_display": 0,
        "is_open": True,
        "priority": 0,
    }
