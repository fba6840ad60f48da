"""What Slack's payloads ask for: Bolt tells them apart, and each becomes the few things that must be kept of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.doors.heard import HEARD, Ears, heard
from bot.edges.slack import BotIdentity

#: Subtypes of `message` that are somebody's words (slack-platform.md 1.4); every other subtype tells of a change.
SPOKEN = frozenset({None, "file_share", "thread_broadcast"})
#: Most characters of a message's blocks and files that are kept of a message shortcut: its text is kept anyway.
MOST_OF_MESSAGE = 100_000
#: What a payload asks for: its kind, the key that makes it itself, and the few things that must be kept of it.
Shape = tuple[str, str, dict[str, Any]]
_ANY = re.compile(".*", re.DOTALL)
#: Where an element holds what somebody picked, beside options (docs.slack.dev, block_actions payload).
_MANY = ("selected_users", "selected_conversations", "selected_channels")
_PICKED = (
    "value", "selected_user", "selected_conversation", "selected_channel", "selected_date", "selected_time",
    "selected_date_time",
)  # fmt: skip


def build_app(
    identity: BotIdentity,
    shared: Callable[[str], object] = bool,
    let_in: Collection[str] = (),
    is_room: Callable[[str], bool] = lambda _: False,
) -> App:
    """Return Bolt's App with one listener per payload type; every listener acks and only looks at the shape."""
    team = AuthorizeResult(
        enterprise_id=None,
        team_id=identity.team,
        bot_user_id=identity.user,
        bot_id=identity.bot,
        bot_token="",
    )
    app = App(
        name="Signalbox",  # Or Bolt looks for one through the source of every module, which takes 20 ms.
        authorize=lambda **_: team,
        client=WebClient(),
        signing_secret="-",  # noqa: S106 -- Socket Mode is authenticated by its own token; nothing is signed.
        process_before_response=True,  # So that Bolt does not poll every 10 ms for the ack (performance.md).
        ssl_check_enabled=False,
        request_verification_enabled=False,
        url_verification_enabled=False,
        attaching_function_token_enabled=False,
        ignoring_self_events_enabled=False,  # Every bot is ignored below, this one too.
    )
    app.command(_ANY)(_listener(_slash))
    app.event(re.compile("channel_(un)?shared"))(_listener(partial(_shared, shared)))
    app.event("app_home_opened")(_listener(_home))
    app.event(_ANY)(_listener(partial(_event, let_in, Ears(identity, is_room))))
    app.action(_ANY)(_listener(_click))
    app.shortcut(_ANY)(_listener(_shortcut))
    app.view(_ANY)(_listener(_form))
    app.view_closed(_ANY)(_listener(_nothing))
    app.options(_ANY)(_listener(_suggestion))
    return app


def _listener(shape: Callable[[Mapping[str, Any]], Shape | None]) -> Callable[..., None]:
    def listener(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        ack()
        found = shape(body)
        if found is not None:
            context["taken"].append(found)

    return listener


# What was typed ---------------------------------------------------------------------------------------------


def _slash(body: Mapping[str, Any]) -> Shape:
    trigger = str(body.get("trigger_id") or "")
    kept = {
        "team": body["team_id"], "person": body["user_id"], "name": body.get("user_name") or "",
        "channel": body["channel_id"], "command": body["command"], "text": body.get("text") or "",
        "trigger": trigger,
    }  # fmt: skip
    return "slash", trigger, kept


def _event(let_in: Collection[str], ears: Ears, body: Mapping[str, Any]) -> Shape | None:
    """What somebody asks of us in a message, else what happened in a room."""
    found = _asked(let_in, body)
    if found is not None:
        return found
    kept = heard(ears, body)
    return (HEARD, str(body["event_id"]), kept) if kept else None


def _asked(let_in: Collection[str], body: Mapping[str, Any]) -> Shape | None:
    event = body["event"]
    if (
        (event.get("bot_id") and event.get("user") not in let_in)
        or event.get("subtype") not in SPOKEN
        or not event.get("user")
        or "edited" in event
    ):
        return None
    in_dm = event["type"] == "message" and event.get("channel_type") == "im"
    if not in_dm and event["type"] != "app_mention":
        return None
    kept = {
        "team": event.get("user_team") or event.get("team") or body["team_id"], "person": event["user"],
        "channel": event["channel"], "thread": event.get("thread_ts"), "text": event.get("text") or "",
        "way": "dm" if in_dm else "mention",
    }  # fmt: skip
    return "text", str(body["event_id"]), kept


def _shared(told: Callable[[str], object], body: Mapping[str, Any]) -> None:
    """A channel was shared with another company, or is not any more: what was known of it is old."""
    told(str(body["event"]["channel"]))


def _home(body: Mapping[str, Any]) -> Shape | None:
    """Somebody opened the Home; its other tab is the conversation with us, where nothing has to be drawn."""
    event = body["event"]
    if event.get("tab") != "home":
        return None
    kept = {"team": body["team_id"], "person": event["user"], "channel": event.get("channel") or ""}
    return "home", str(body["event_id"]), kept


# What was pressed or sent in --------------------------------------------------------------------------------


def _click(body: Mapping[str, Any]) -> Shape | None:
    action = body["actions"][0]
    if action.get("url"):
        return None  # A link button opens a page by itself; its click only has to be acknowledged.
    container, message = body.get("container") or {}, body.get("message") or {}
    kept = _who(body) | _where(body) | {
        "message": container.get("message_ts"), "action": action["action_id"],
        "block": str(action.get("block_id") or ""), "value": _filled(action),
        "trigger": str(body.get("trigger_id") or ""), "about": _about(body),
        "undo": str(body.get("response_url") or "") if container.get("is_ephemeral") else "",
    }  # fmt: skip
    kept["thread"] = kept["thread"] or message.get("thread_ts")
    if not kept["channel"] and not body.get("view"):
        return None
    return "click", str(body.get("trigger_id") or ""), kept | _state(body)


def _form(body: Mapping[str, Any]) -> Shape | None:
    """A form that was sent in; where it was opened from stands in its metadata (blocks/forms.py)."""
    view = body["view"]
    if body["type"] != "view_submission":
        return None
    value, _, _ = view["private_metadata"].split(" ")
    kept = _who(body) | _where(body) | {"action": view["callback_id"], "value": value} | _state(body)
    return "form", f"view:{view['id']}", kept  # One view is sent in once.


def _shortcut(body: Mapping[str, Any]) -> Shape:
    """One of our shortcuts, of Slack's own menu or of a message; then with the message as it is now."""
    kept = _who(body) | {
        "channel": (body.get("channel") or {}).get("id") or "", "thread": None, "action": body["callback_id"],
        "trigger": str(body.get("trigger_id") or ""),
    }  # fmt: skip
    if body["type"] == "message_action":
        message = body["message"]
        kept |= {"thread": message.get("thread_ts"), "content": _message(message)}
    return "shortcut", str(body.get("trigger_id") or ""), kept


def _message(message: Mapping[str, Any]) -> str:
    """A message as JSON, with no more of it than is read again."""
    few = {name: message[name] for name in ("ts", "thread_ts", "user", "bot_id", "text") if message.get(name)}
    more = {name: message[name] for name in ("blocks", "files", "username", "subtype") if message.get(name)}
    whole = json.dumps(few | more, ensure_ascii=False)
    return whole if len(whole) <= MOST_OF_MESSAGE else json.dumps(few, ensure_ascii=False)


def _suggestion(body: Mapping[str, Any]) -> Shape:
    """Letters typed into a select; Slack waits for the options (docs.slack.dev, block_suggestion payload)."""
    kept = _who(body) | _where(body) | {
        "action": body["action_id"], "block": str(body.get("block_id") or ""), "typed": body.get("value") or "",
    }  # fmt: skip
    return "suggestion", "", kept | {"value": _about(body)}


def _nothing(body: Mapping[str, Any]) -> None:
    """Acknowledge what no feature asks for."""
    del body


# Pieces -----------------------------------------------------------------------------------------------------


def _who(body: Mapping[str, Any]) -> dict[str, Any]:
    user = body["user"]
    return {
        "team": user.get("team_id") or (body.get("team") or {}).get("id") or "", "person": user["id"],
        "name": user.get("name") or user.get("username") or "",
    }  # fmt: skip


def _where(body: Mapping[str, Any]) -> dict[str, Any]:
    """The place of what was pressed: its message's, or that which its form was opened from; none for the Home."""
    view = body.get("view")
    if view is not None:
        if view["type"] == "home":
            return {"channel": "", "thread": None}
        _, channel, thread = view["private_metadata"].split(" ")
        return {"channel": channel or None, "thread": thread or None}
    container = body.get("container") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id")
    return {"channel": channel, "thread": container.get("thread_ts")}


def _about(body: Mapping[str, Any]) -> str:
    """The value of the form that something happened in; empty for what stands in no form."""
    view = body.get("view") or {}
    return str(view.get("private_metadata") or "").partition(" ")[0]


def _state(body: Mapping[str, Any]) -> dict[str, Any]:
    """What is filled in so far in the form that something happened in, by the ids of its blocks."""
    view = body.get("view")
    if view is None:
        return {}
    filled = {block: _field(fields) for block, fields in view["state"]["values"].items()}
    return {"view": view["id"], "values": json.dumps(filled), "fields": "\n".join(filled)}


def _field(fields: Mapping[str, Any]) -> str:
    return _filled(next(iter(fields.values())))


def _filled(element: Mapping[str, Any]) -> str:
    """What one element holds, as text: several choices are one a line (slack-platform.md 2.1)."""
    options = element.get("selected_options") or [element.get("selected_option") or {}]
    chosen = [one["value"] for one in options if one]
    many: list[str] = next((element[name] for name in _MANY if element.get(name)), [])
    picked = next((element[name] for name in _PICKED if element.get(name)), "")
    return "\n".join(map(str, chosen or many)) or str(picked)
