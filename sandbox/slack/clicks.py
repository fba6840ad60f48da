"""Pressing what a message offers: finding the element, and the block_actions payload it sends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.slack.fields import held
from sandbox.slack.people import APP, TEAM, TEAM_DOMAIN, VERIFICATION_TOKEN, Body, Channel, User
from sandbox.slack.workspace import Post

MANY = ("checkboxes", "multi_static_select")
STATELESS = ("button", "overflow", "workflow_button", "image")
ONE = ("static_select", "overflow", "radio_buttons")


def element_of(post: Post, action_id: str, block_id: str | None) -> tuple[str, Body]:
    """The element with that action_id, and the block_id it stands in. Raises ValueError with a sentence."""
    for block, element in every_element(post.body):
        if element.get("action_id") == action_id and block_id in (None, block):
            return block, element
    raise ValueError(f"The message {post.ts} has nothing with action_id {action_id!r} to press.")


def every_element(body: Mapping[str, Any]) -> Iterator[tuple[str, Body]]:
    """Each (block_id, element) a person can use in a message."""
    for block in body.get("blocks", ()):
        inside = [*block.get("elements", ()), block.get("accessory"), block.get("element")]
        for element in inside:
            if isinstance(element, dict) and "action_id" in element:
                yield block["block_id"], element


def action_of(block: str, element: Body, option: str | None, ts: str) -> Body:
    """The entry in `actions`: what was pressed or chosen. `option` is an option's label or value.

    Raises ValueError for an option that is not there.
    """
    action: Body = {"action_id": element["action_id"], "block_id": block, "type": element["type"]}
    copied = (
        ("text", "value", "style", "url", "placeholder") if element["type"] == "button" else ("placeholder",)
    )
    action |= {key: element[key] for key in copied if key in element}
    if element["type"] in ONE:
        action["selected_option"] = option_of(element, option)
    elif element["type"] in MANY:
        action["selected_options"] = [option_of(element, each.strip()) for each in (option or "").split(",")]
    return {**action, "action_ts": ts}


def option_of(element: Mapping[str, Any], wanted: str | None) -> Body:
    """The option with that value or label, else the first whose label begins so.

    Raises ValueError naming the ones there are.
    """
    groups = element.get("option_groups") or [{"options": element.get("options", [])}]
    options: list[Body] = [option for group in groups for option in group["options"]]
    low = (wanted or "").casefold()
    exact = (one for one in options if wanted in (one["value"], one["text"]["text"]))
    begun = (one for one in options if low and one["text"]["text"].casefold().startswith(low))
    if (found := next(exact, None) or next(begun, None)) is not None:
        return found
    labels = ", ".join(option["text"]["text"] for option in options)
    raise ValueError(f"There is no option {wanted!r}; there are: {labels}.")


def payload(user: User, channel: Channel, post: Post, action: Body, rest: Mapping[str, Any]) -> Body:
    """The block_actions payload (samples/slack/interactive). An ephemeral message is not sent along."""
    return {
        **interaction("block_actions", user),
        **place(channel, post),
        "state": {"values": _state(post, action)},
        **rest,
        "actions": [action],
    }


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


def _state(post: Post, action: Mapping[str, Any]) -> Body:
    """What every select of the message stands at; buttons have no state."""
    values: Body = {}
    for block, element in every_element(post.body):
        if element["type"] in STATELESS:
            continue
        mine = (block, element["action_id"]) == (action["block_id"], action["action_id"])
        state = held(element)
        chosen = {key: action.get(key) for key in state.keys() - {"type"}} if mine else {}
        values.setdefault(block, {})[element["action_id"]] = {**state, **chosen}
    return values
