"""What the tests of the accept path share: an Intake on a real store, and what became of envelopes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from bot.doors.intake import Intake
from bot.doors.socket import Ack
from bot.edges.slack import BotIdentity
from bot.edges.store import Received, Store

IDENTITY = BotIdentity("U0OPSBOT01", "B0OPSBOT01", "T0ACME0001", "signalbox", "https://acme", frozenset())
NOW = 1_763_650_000_000


class Door:
    """An intake; `handed` is what the workers were told. An acknowledgement that comes later is waited for."""

    def __init__(self, store: Store, is_room: Callable[[str], bool] = lambda _: False) -> None:
        self.store = store
        self.handed: list[Received] = []
        self.intake = Intake(IDENTITY, store, lambda: NOW, self._hand, is_room=is_room)

    def _hand(self, new: Sequence[Received]) -> None:
        self.handed.extend(new)

    def accept(self, *envelopes: dict[str, Any]) -> list[dict[str, Any] | None]:
        return [_sent(ack) for ack in self.intake.accept(envelopes)]

    @property
    def rows(self) -> list[Received]:
        with self.store.read() as tx:
            return tx.inbox.waiting(1000)

    def body(self) -> dict[str, Any]:
        """The one row's body."""
        (row,) = self.rows
        body: dict[str, Any] = json.loads(row.body)
        return body


def _sent(ack: Ack | None) -> dict[str, Any] | None:
    if ack is None or isinstance(ack, dict):
        return ack
    sent: list[dict[str, Any]] = []
    ack(sent.append)
    (only,) = sent
    return only


def acks(envelopes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A plain ack for each."""
    return [{"envelope_id": one["envelope_id"]} for one in envelopes]
