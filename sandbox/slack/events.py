"""The Events API: which happenings the app hears of, in the forms of samples/slack/events."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.slack.people import (
    APP,
    BOT_USER,
    TEAM,
    VERIFICATION_TOKEN,
    Body,
    Channel,
    foreign_profile,
)
from sandbox.slack.workspace import Change, Happening, Post, Workspace

MESSAGES = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}
MENTION = f"<@{BOT_USER}"
FILE_KEYS = ("files", "upload", "display_as_bot")


class Events:
    """Turns changes of the workspace into events for the app, as far as it is subscribed to them."""

    def __init__(self, workspace: Workspace, subscriptions: set[str], send: Callable[[Body], None]) -> None:
        self.workspace = workspace
        self.subscriptions = subscriptions
        self.send = send
        self._count = 0
        workspace.listeners.append(self.happened)
        workspace.watchers.append(self.took_place)

    def happened(self, change: Change) -> None:
        """Tell the app of a change, if it is a member of the channel and subscribed."""
        channel = self.workspace.channels[change.post.channel]
        if change.post.only_for is not None or BOT_USER not in channel.members:
            return
        match change.kind:
            case "posted":
                self._posted(change.post, channel)
            case "changed" | "deleted":
                self._altered(change, channel)
            case _:
                self._reacted(change)

    def home_opened(self, user: str, channel: str, tab: str, view: Body | None) -> None:
        """Tell the app that somebody opened its Home, with what stands there, or its messages."""
        opened = {"type": "app_home_opened", "user": user, "channel": channel, "tab": tab}
        shown = {"view": view} if view is not None else {}
        self.emit("app_home_opened", {**opened, "event_ts": self.workspace.next_ts(), **shown})

    def took_place(self, happening: Happening) -> None:
        """Tell the app of what happened to a channel, if it is one to be told."""
        if happening.heard:
            event = {"type": happening.kind, **happening.body, "event_ts": self.workspace.next_ts()}
            self.emit(happening.kind, event, happening.channel.is_ext_shared)

    def emit(self, subscription: str, event: Body, foreign: bool = False) -> None:
        """Send one event, if the app is subscribed to it."""
        if subscription not in self.subscriptions:
            return
        self._count += 1
        bot = {"enterprise_id": None, "team_id": TEAM, "user_id": BOT_USER, "is_bot": True}
        payload: Body = {
            "token": VERIFICATION_TOKEN,
            "team_id": TEAM,
            "context_team_id": TEAM,
            "context_enterprise_id": None,
            "api_app_id": APP,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{self._count:09d}",
            "event_time": int(float(event["event_ts"])),
            "authorizations": [{**bot, "is_enterprise_install": False}],
            "is_ext_shared_channel": foreign,
            "event_context": f"4-{event['type'][:8]}-opaque",
        }
        self.send(payload)

    def _posted(self, post: Post, channel: Channel) -> None:
        event = self._event_of(post, channel)
        if "files" in post.body:
            event["subtype"] = "file_share"
        shared = channel.is_ext_shared
        self.emit(MESSAGES[channel.kind], {**event, "channel_type": channel.kind}, shared)
        if MENTION in post.body.get("text", "") and channel.kind != "im" and post.body["user"] != BOT_USER:
            self._mentioned(event, shared)

    def _event_of(self, post: Post, channel: Channel) -> Body:
        event = {**post.body, "channel": channel.id, "event_ts": post.ts}
        if "root" in (shown := self.workspace.shown(post)):
            event["root"] = shown["root"]
        user = self.workspace.users.get(post.body.get("user", ""))
        if user is not None and user.team != TEAM:
            teams = {"team": user.team, "user_team": user.team, "source_team": user.team}
            event |= {**teams, "user_profile": foreign_profile(user)}
        return event

    def _mentioned(self, event: Body, shared: bool) -> None:
        kept = {key: value for key, value in event.items() if key not in ("subtype", "reactions")}
        self.emit("app_mention", {**kept, "type": "app_mention"}, shared)

    def _altered(self, change: Change, channel: Channel) -> None:
        """message_changed or message_deleted; deleting a thread's parent shows as a change to a tombstone."""
        gone = change.kind == "deleted" and change.post.body.get("subtype") != "tombstone"
        now = self.workspace.next_ts()
        event: Body = {"type": "message", "subtype": "message_deleted" if gone else "message_changed"}
        event |= {"deleted_ts": change.post.ts} if gone else {"message": self.workspace.shown(change.post)}
        event |= {"previous_message": change.before, "channel": channel.id, "hidden": True}
        event |= {"ts": now, "event_ts": now, "channel_type": channel.kind}
        self.emit(MESSAGES[channel.kind], event, channel.is_ext_shared)
        if not gone and self._newly_mentioned(change) and channel.kind != "im":
            self._mentioned(self._event_of(change.post, channel), channel.is_ext_shared)

    def _newly_mentioned(self, change: Change) -> bool:
        before = (change.before or {}).get("text", "")
        text = change.post.body.get("text", "")
        return MENTION in text and MENTION not in before and change.post.body.get("user") != BOT_USER

    def _reacted(self, change: Change) -> None:
        kind = "reaction_added" if change.kind == "reacted" else "reaction_removed"
        item = {"type": "message", "channel": change.post.channel, "ts": change.post.ts}
        event = {"type": kind, "user": change.user, "reaction": change.reaction, "item": item}
        owner = change.post.body.get("user", "")
        self.emit(kind, {**event, "item_user": owner, "event_ts": self.workspace.next_ts()})
