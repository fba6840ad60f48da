"""Pressing what a message offers: finding the element, and the block_actions payload it sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.slack.fields import Field, every_field
from sandbox.slack.people import APP, TEAM, TEAM_DOMAIN, VERIFICATION_TOKEN, Body, Channel, User
from sandbox.slack.workspace import Post


def field_of(post: Post, action_id: str, block_id: str | None) -> Field:
    """The element of a message with that action_id. Raises ValueError with a sentence."""
    for field in every_field(post.body.get("blocks", [])):
        if field.key[1] == action_id and block_id in (None, field.block):
            return field
    raise ValueError(f"The message {post.ts} has nothing with action_id {action_id!r} to press.")


def action_with(field: Field, entry: Mapping[str, Any]) -> Body:
    """The entry in `actions` for something that holds a value (samples/slack/interactive/block_actions_select.json)."""
    element = field.element
    placeholder = {"placeholder": element["placeholder"]} if "placeholder" in element else {}
    return {**entry, "action_id": field.key[1], "block_id": field.block, **placeholder}


def action_of(block: str, element: Body, option: str | None, ts: str) -> Body:
    """The entry in `actions` for a button, or for an overflow menu, whose `option` is named by label or value.

    Raises ValueError for an option that is not there.
    """
    action: Body = {"action_id": element["action_id"], "block_id": block, "type": element["type"]}
    copied = (
        ("text", "value", "style", "url", "placeholder") if element["type"] == "button" else ("placeholder",)
    )
    action |= {key: element[key] for key in copied if key in element}
    if element["type"] == "overflow":
        action["selected_option"] = option_of(element, option)
    return {**action, "action_ts": ts}


def option_of(element: Mapping[str, Any], wanted: str | None) -> Body:
    """The option with that value or label, else the first whose label begins so.

    Raises ValueError naming the ones there are.
    """
    if (found := find_option(element, wanted)) is not None:
        return found
    labels = ", ".join(option["text"]["text"] for option in _options(element)) or "none"
    raise ValueError(f"There is no option {wanted!r}; there are: {labels}.")


def find_option(element: Mapping[str, Any], wanted: str | None) -> Body | None:
    """The same, and None where there is none."""
    options, low = _options(element), (wanted or "").casefold()
    exact = (one for one in options if wanted in (one["value"], one["text"]["text"]))
    begun = (one for one in options if low and one["text"]["text"].casefold().startswith(low))
    return next(exact, None) or next(begun, None)


def _options(element: Mapping[str, Any]) -> list[Body]:
    groups = element.get("option_groups") or [{"options": element.get("options", [])}]
    return [option for group in groups for option in group["options"]]


def place(channel: Channel, post: Post) -> Body:
    """Where an interaction with a message took place, and the message itself unless it is ephemeral."""
    ephemeral = post.only_for is not None
    container: Body = {
        "type": "message",
        "message_ts": post.ts,
        "channel_id": channel.id,
        "is_ephemeral": ephemeral,
    }
    if post.thread is not None:
        container["thread_ts"] = post.thread
    found: Body = {"container": container, "channel": {"id": channel.id, "name": channel.spoken_name}}
    return found if ephemeral else {**found, "message": message_of(post)}


def interaction(kind: str, user: User) -> Body:
    """What every interaction begins with: its type, who acted, and the app it is for."""
    return {
        "type": kind,
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team},
        "api_app_id": APP,
        "token": VERIFICATION_TOKEN,
        "team": {"id": TEAM, "domain": TEAM_DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def message_of(post: Post) -> Body:
    """The message as interactions carry it, with its metadata."""
    return {**post.body, "metadata": post.metadata} if post.metadata else post.body
