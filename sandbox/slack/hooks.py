"""response_url: five answers in half an hour to a command or a click (slack-platform.md 2.2)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack.chat import content_of, own_body
from sandbox.slack.mentions import fired
from sandbox.slack.methods import Arguments
from sandbox.slack.people import TEAM
from sandbox.slack.refusal import Refusal
from sandbox.slack.workspace import Post, Workspace

MOST_USES = 5
SECONDS = 1_800.0


@dataclass(slots=True)
class Hook:
    """One response_url: where it leads, whose act it came from, the clicked message, uses left."""

    channel: str
    user: str
    ts: str
    until: float
    left: int = MOST_USES


@dataclass(slots=True)
class Hooks:
    """All response_urls of this run. `base_url` is the server's address."""

    workspace: Workspace
    base_url: str = ""
    held: dict[str, Hook] = field(default_factory=dict)

    def new(self, kind: str, channel: str, user: str, ts: str = "") -> str:
        """A new response_url of that kind (commands, actions or app)."""
        path = f"/{kind}/{TEAM}/{7_000_000_000_001 + len(self.held)}/{secrets.token_urlsafe(12)}"
        self.held[path] = Hook(channel, user, ts, self.workspace.clock() + SECONDS)
        return self.base_url + path

    def post(self, path: str, raw: bytes) -> tuple[int, str]:
        """Use one. Answers HTTP status and body (samples/slack/web_api/_response_url.json)."""
        hook = self.held.get(path)
        if hook is None or self.workspace.clock() >= hook.until:
            return 404, json.dumps({"ok": False, "error": "expired_url"})
        if hook.left == 0:
            return 404, json.dumps({"ok": False, "error": "used_url"})
        try:
            body = json.loads(raw)
        except ValueError:
            return 400, "invalid_payload"
        if not isinstance(body, dict):
            return 400, "invalid_payload"
        try:
            self._answer(hook, body)
        except Refusal as refusal:
            return 400, refusal.code
        hook.left -= 1
        return 200, "ok"

    def _answer(self, hook: Hook, body: Mapping[str, Any]) -> None:
        clicked = self.workspace.find(hook.channel, hook.ts, hook.user) if hook.ts else None
        if body.get("delete_original"):
            if clicked is None:
                raise Refusal("message_not_found")
            self.workspace.remove(clicked)
        elif body.get("replace_original") and clicked is not None:
            content = content_of(Arguments(body))
            kept = {
                key: value
                for key, value in clicked.body.items()
                if key not in ("text", "blocks", "attachments")
            }
            self.workspace.change(clicked, {**kept, **content}, fired(content))
        else:
            answer(self.workspace, hook.channel, hook.user, body)


def answer(workspace: Workspace, channel: str, user: str, body: Mapping[str, Any]) -> Post:
    """Put an app's answer into a channel: to the one person, unless it says in_channel. Raises Refusal."""
    public = body.get("response_type") == "in_channel"
    message = {**own_body(workspace.next_ts()), **content_of(Arguments(body))}
    if public and body.get("thread_ts"):
        message["thread_ts"] = body["thread_ts"]
    return workspace.add(Post(channel, message, only_for=None if public else user, fired=fired(message)))
