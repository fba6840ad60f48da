"""Takes what Slack sends: looks at its shape, commits it, and only then acknowledges it.

A request is accepted when its inbox row is committed. Nothing slow happens here: a whole batch of envelopes is
shaped, committed in one transaction and acknowledged; the work is somebody else's (reliability.md 1.1 S10).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from slack_bolt import App, BoltRequest

from bot.access.kept import SEALED
from bot.doors.heard import HEARD
from bot.doors.shapes import Shape, build_app
from bot.doors.socket import Ack, Envelope, Send
from bot.doors.way import RightOfWay
from bot.edges.slack import BotIdentity
from bot.edges.store import Received, Store
from bot.errors import StoreError
from bot.guard import guarded
from bot.model import Millis

log = logging.getLogger(__name__)

#: What a person reads when their command could not be written down; what is wrong is in the log.
NOT_TAKEN = "I could not write that down, so I did not take it. Try again in a minute."
#: Kinds whose acknowledgement has to say something: it is found out by another thread, and sent when it is known.
ASKS = "suggestion"
#: What Bolt, or a look at the payload, raises when something in it is missing or of another type.
MISSHAPEN = (AttributeError, IndexError, KeyError, TypeError, ValueError)
Payload = Mapping[str, Any]


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
    is_checked: Callable[[str], bool] = lambda _: False
    """Whether a form, by its callback id, is looked at while it is still open."""
    told: Callable[[Received], Payload | None] = lambda _: None
    """What Slack is told at once of typed letters or of a form: options, mistakes; None if there is nothing to say."""
    later: Callable[[str, Callable[[], None]], None] = lambda _, act: act()
    """Has something done soon for a person on another thread: nothing but the shape is looked at here."""
    is_room: Callable[[str], bool] = lambda _: False
    """Whether a channel is a room of an incident; what happens in others is dropped before anything is committed."""
    _app: App = field(init=False)

    def __post_init__(self) -> None:
        self._app = build_app(self.identity, self.shared, self.let_in, self.is_room)

    def accept(self, envelopes: Sequence[Envelope]) -> list[Ack | None]:
        """
        Commit what asks for something and return an acknowledgement for each envelope.

        None means: do not acknowledge. That is said only of events that could not be committed, since Slack
        sends an unacknowledged event again; a command in that case is acknowledged with a sentence.
        A function stands for an acknowledgement that is sent later: of letters typed into a select, and of a form
        that is looked at before it is taken.
        """
        with self.way.taken():
            return self._accept(envelopes)

    def _accept(self, envelopes: Sequence[Envelope]) -> list[Ack | None]:
        found = [self._shape(envelope) for envelope in envelopes]
        asked = [one for one in found if one is not None and not self._waits(one)]
        try:
            self._commit(asked)
        except StoreError as error:
            log.error("nothing is accepted: %s", error)
            return [self._not_taken(envelope, one) for envelope, one in zip(envelopes, found, strict=True)]
        return [self._ack(envelope, one) for envelope, one in zip(envelopes, found, strict=True)]

    def _ack(self, envelope: Envelope, one: Received | None) -> Ack:
        if one is not None and self._waits(one):
            return lambda send: self.later(one.person, lambda: self._answer(envelope, one, send))
        return {"envelope_id": envelope["envelope_id"]}

    def _not_taken(self, envelope: Envelope, one: Received | None) -> Ack | None:
        if one is not None and self._waits(one):
            return self._ack(envelope, one)
        return _not_accepted(envelope, one)

    def _waits(self, one: Received) -> bool:
        """Whether what is said with the acknowledgement has to be found out first."""
        return one.kind == ASKS or (one.kind == "form" and self.is_checked(json.loads(one.body)["action"]))

    def _answer(self, envelope: Envelope, one: Received, send: Send) -> None:
        """
        Answer letters, or look at a form and take it; on a thread that may read the store.

        Whatever goes wrong is answered, once. Only a form without a field, which has no place for a sentence, is not
        acknowledged when it could not be taken: Slack itself tells its sender then.
        """
        found: list[Payload | None] = []
        ack = {"envelope_id": envelope["envelope_id"]}
        if guarded(f"answering a {one.kind}", lambda: found.append(self._found_out(one))):
            send(ack | {"payload": dict(found[0])} if found[0] else ack)
        elif failed := _not_found_out(one):
            send(ack | {"payload": failed})

    def _found_out(self, one: Received) -> Payload | None:
        """What Slack is told; a form in which nothing is wrong is committed."""
        payload = self.told(one)
        if payload is None and one.kind != ASKS:
            self._commit([one])
        return payload

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
        if found is None or (found[0] != HEARD and found[2]["person"] == self.identity.user):
            return None  # What we did in a room ourselves is left out where that is looked at (heard.py).
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
        if kind in {"text", HEARD}:
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
        _check_text(taken[0])
        return taken[0]


def _check_text(found: Shape) -> None:
    """
    Raise TypeError unless all that is kept is text, and it is known who asks, and where.

    The Home is nowhere, and of some of what happens in a room Slack does not say who did it.
    """
    kind, _, kept = found
    if not all(isinstance(value, str | None) for value in kept.values()):
        raise TypeError
    if not (kept["person"] or kind == HEARD) or kept["channel"] is None:
        raise TypeError


def _storable(text: str) -> str:
    """Replace what JSON can carry and no text can hold: halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode()


def _not_found_out(one: Received) -> dict[str, Any] | None:
    """What Slack is told instead of an answer: that nothing fits, or that the form was not taken."""
    if one.kind == ASKS:
        return {"options": []}
    field = json.loads(one.body).get("fields", "").partition("\n")[0]
    return {"response_action": "errors", "errors": {field: NOT_TAKEN}} if field else None


def _not_accepted(envelope: Envelope, one: Received | None) -> dict[str, Any] | None:
    ack: dict[str, Any] = {"envelope_id": envelope["envelope_id"]}
    if one is None:
        return ack
    if envelope.get("type") == "events_api":
        return None
    if envelope.get("accepts_response_payload"):
        ack["payload"] = {"text": NOT_TAKEN}
    return ack
