"""Takes what Slack sends: looks at its shape, commits it, and only then acknowledges it.

A request is accepted when its inbox row is committed. Nothing slow happens here: a whole batch of envelopes is
shaped, committed in one transaction and acknowledged; the work is somebody else's (reliability.md 1.1 S10).
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from slack_bolt import Ack, App, BoltContext, BoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.doors.socket import Envelope
from bot.doors.way import RightOfWay
from bot.edges.slack import BotIdentity
from bot.edges.store import Received, Store
from bot.errors import StoreError
from bot.model import Millis

log = logging.getLogger(__name__)

#: Subtypes of `message` that are somebody's words (slack-platform.md 1.4); every other subtype tells of a change.
SPOKEN = frozenset({None, "file_share", "thread_broadcast"})
#: What a person reads when their command could not be written down; what is wrong with the disk is in the log.
NOT_TAKEN = "I could not write that down, so I did not take it. Try again in a minute."
#: What the store holds only sealed.
SEALED = frozenset({"values", "undo", "sealed"})
_ANY = re.compile(".*", re.DOTALL)
#: What Bolt, or a look at the payload, raises when something in it is missing or of another type.
MISSHAPEN = (AttributeError, IndexError, KeyError, TypeError, ValueError)
#: What a payload asks for: its kind, the key that makes it itself, and the few things that must be kept of it.
Shape = tuple[str, str, dict[str, Any]]


@dataclass(slots=True)
class Intake:
    """The accept path: one Bolt listener per payload type in front, the inbox behind."""

    identity: BotIdentity
    store: Store
    now: Callable[[], Millis]
    handed: Callable[[Sequence[Received]], None]
    """Tells the workers what is new."""
    way: RightOfWay = field(default_factory=RightOfWay)
    """Taken while a batch is accepted, so that the workers wait."""
    seal: Callable[[str, str], str] = lambda text, _: text
    """Makes a text unreadable for all but its owner's requests: what was filled in, and what holds a token."""
    redact: Callable[[str], str] = lambda text: text
    """Finds tokens in what was typed."""
    shared: Callable[[str], object] = bool
    """Told at once which channel was shared with another company, or no longer is."""
    let_in: frozenset[str] = frozenset()
    """Bots who may speak to this one, by user id or team."""
    _app: App = field(init=False)

    def __post_init__(self) -> None:
        self._app = build_app(self.identity, self.shared, self.let_in)

    def accept(self, envelopes: Sequence[Envelope]) -> list[dict[str, Any] | None]:
        """
        Commit what asks for something and return an acknowledgement for each envelope.

        None means: do not acknowledge. That is said only of events that could not be committed, since Slack
        sends an unacknowledged event again; a command in that case is acknowledged with a sentence.
        """
        with self.way.taken():
            return self._accept(envelopes)

    def _accept(self, envelopes: Sequence[Envelope]) -> list[dict[str, Any] | None]:
        found = [self._shape(envelope) for envelope in envelopes]
        asked = [received for received in found if received is not None]
        try:
            self._commit(asked)
        except StoreError as error:
            log.error("nothing is accepted: %s", error)
            return [_not_accepted(envelope, one) for envelope, one in zip(envelopes, found, strict=True)]
        return [{"envelope_id": envelope["envelope_id"]} for envelope in envelopes]

    def _commit(self, asked: Sequence[Received]) -> None:
        if not asked:
            return
        with self.store.write(first=True) as tx:
            new = tx.inbox.accept(asked)
        self.handed([one for one, is_new in zip(asked, new, strict=True) if is_new])

    def _shape(self, envelope: Envelope) -> Received | None:
        try:
            found = self._asked_for(envelope["payload"])
            if found is not None:
                self._conceal(found[2])
        except MISSHAPEN as error:
            log.warning(
                "not shaped as Slack's: a payload of %.40r (%s)", envelope.get("type"), type(error).__name__
            )
            return None
        if found is None or found[2]["person"] == self.identity.user:
            return None
        kind, key, body = found
        if self._is_stranger(kind, body, envelope["payload"]):
            body["stranger"] = "yes"
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        envelope_id = str(envelope["envelope_id"])
        key, person = _storable(key or envelope_id), _storable(body["person"])
        return Received(key, _storable(envelope_id), kind, _storable(text), self.now(), person=person)

    def _conceal(self, body: dict[str, Any]) -> None:
        """Seal what must not be read in the store: fields of forms, addresses that need no token, pasted tokens."""
        owner = f"{body['team']}/{body['person']}"
        text = body.get("text")
        if text and self.redact(text) != text:
            body["sealed"], body["text"] = text, ""
        for name in SEALED & body.keys():
            body[name] = self.seal(body[name], owner) if body[name] else ""

    def _is_stranger(self, kind: str, kept: Mapping[str, Any], payload: Mapping[str, Any]) -> bool:
        """Whether somebody from another company asks, in a shared channel (slack-platform.md 0.12)."""
        if kept["team"] == self.identity.team:
            return False
        if kind == "text":
            return payload.get("is_ext_shared_channel") is True
        # In a grid the same company has several workspaces.
        return not (payload.get("enterprise_id") or payload.get("enterprise"))

    def _asked_for(self, payload: dict[str, Any]) -> Shape | None:
        """Let Bolt find the listener of a payload; raise one of MISSHAPEN for what is nobody's."""
        if not isinstance(payload, dict):
            raise TypeError
        taken: list[Shape] = []
        request = BoltRequest(mode="socket_mode", body=payload, context={"taken": taken})
        if self._app.dispatch(request).status != 200:
            log.warning("nobody listens to a payload of %.40r", payload.get("type"))
        if not taken:
            return None
        _check_text(taken[0][2])
        return taken[0]


def _check_text(kept: Mapping[str, Any]) -> None:
    """Raise TypeError unless all that is kept is text, and it is known who asks, and where."""
    if not all(isinstance(value, str | None) for value in kept.values()):
        raise TypeError
    if not (kept["person"] and kept["channel"]):
        raise TypeError


def _storable(text: str) -> str:
    """Replace what JSON can carry and no text can hold: halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode()


def _not_accepted(envelope: Envelope, one: Received | None) -> dict[str, Any] | None:
    ack: dict[str, Any] = {"envelope_id": envelope["envelope_id"]}
    if one is None:
        return ack
    if envelope.get("type") == "events_api":
        return None
    if envelope.get("accepts_response_payload"):
        ack["payload"] = {"text": NOT_TAKEN}
    return ack


def build_app(
    identity: BotIdentity, shared: Callable[[str], object] = bool, let_in: Collection[str] = ()
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
    app.event(_ANY)(_listener(partial(_event, let_in)))
    app.action(_ANY)(_listener(_click))
    app.shortcut(_ANY)(_listener(_nothing))
    app.view(_ANY)(_listener(_form))
    app.view_closed(_ANY)(_listener(_nothing))
    app.options(_ANY)(_listener(_nothing))
    return app


def _listener(shape: Callable[[Mapping[str, Any]], Shape | None]) -> Callable[..., None]:
    def listener(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        ack()
        found = shape(body)
        if found is not None:
            context["taken"].append(found)

    return listener


def _slash(body: Mapping[str, Any]) -> Shape:
    kept = {
        "team": body["team_id"], "person": body["user_id"], "name": body.get("user_name") or "",
        "channel": body["channel_id"], "command": body["command"], "text": body.get("text") or "",
    }  # fmt: skip
    return "slash", str(body.get("trigger_id") or ""), kept


def _event(let_in: Collection[str], body: Mapping[str, Any]) -> Shape | None:
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


def _click(body: Mapping[str, Any]) -> Shape | None:
    action = body["actions"][0]
    if action.get("url"):
        return None  # A link button opens a page by itself; its click only has to be acknowledged.
    container, user = body.get("container") or {}, body["user"]
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id")
    if not channel:
        return None
    message = body.get("message") or {}
    kept = {
        "team": user.get("team_id") or (body.get("team") or {}).get("id") or "", "person": user["id"],
        "name": user.get("name") or user.get("username") or "", "channel": channel,
        "thread": container.get("thread_ts") or message.get("thread_ts"),
        "message": container.get("message_ts"), "action": action["action_id"],
        "value": action.get("value") or (action.get("selected_option") or {}).get("value") or "",
        "trigger": str(body.get("trigger_id") or ""),
        "undo": str(body.get("response_url") or "") if container.get("is_ephemeral") else "",
    }  # fmt: skip
    return "click", str(body.get("trigger_id") or ""), kept


def _form(body: Mapping[str, Any]) -> Shape | None:
    """A form that was sent in; where it was opened from stands in its metadata (blocks/forms.py)."""
    view, user = body["view"], body["user"]
    if body["type"] != "view_submission":
        return None
    value, channel, thread = view["private_metadata"].split(" ")
    filled = {block: _filled(fields) for block, fields in view["state"]["values"].items()}
    kept = {
        "team": user.get("team_id") or (body.get("team") or {}).get("id") or "", "person": user["id"],
        "name": user.get("name") or user.get("username") or "", "channel": channel, "thread": thread or None,
        "action": view["callback_id"], "value": value, "values": json.dumps(filled),
    }  # fmt: skip
    return "form", f"view:{view['id']}", kept  # One view is sent in once.


def _filled(fields: Mapping[str, Any]) -> str:
    """What one field holds, as text: several choices are one a line (slack-platform.md 2.1)."""
    field = next(iter(fields.values()))
    chosen = [
        one["value"] for one in field.get("selected_options") or [field.get("selected_option") or {}] if one
    ]
    return "\n".join(chosen) if chosen else str(field.get("value") or "")


def _nothing(body: Mapping[str, Any]) -> None:
    """Acknowledge what no feature asks for yet."""
    del body
