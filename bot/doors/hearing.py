"""Hands what happened in a room to the command that listens, once and in order."""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.access.kept import owner
from bot.command import Heard
from bot.edges.store import Received
from bot.errors import BotError, StoreError
from bot.kit import Kit
from bot.model import Person
from bot.vault import Vault

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hearing:
    """Does for what was heard what the router does for what was asked; there is nobody to be answered."""

    kit: Kit
    hears: Sequence[Callable[[Heard, Kit], None]]
    dropped: deque[str]
    """Keys of what could not be written down as done: the sweep gives it back."""

    def do(self, received: Received) -> None:
        """Claim it, hand it on, and write down that it is done. Raises StoreError if the store fails."""
        with self.kit.store.write() as tx:
            if tx.inbox.claim(received.key) is None:
                return
        try:
            self._hand_on(received)
            with self.kit.store.write() as tx:
                tx.inbox.finish(received.key, self.kit.now())
        except BaseException:
            self.dropped.append(received.key)
            raise

    def _hand_on(self, received: Received) -> None:
        """Whatever is raised is logged, and it is not heard again, unless nothing could be written down."""
        try:
            heard = heard_of(received, self.kit.vault)
            for hears in self.hears:
                hears(heard, self.kit)
        except StoreError:
            raise
        except BotError as error:
            log.warning("event %s was heard and came to nothing: %s", received.key, error)
        except Exception:
            log.exception("event %s failed, reference %s", received.key, self.kit.new_id()[:8])


def heard_of(received: Received, vault: Vault) -> Heard:
    """Return what a row tells of. Raises VaultError if no key opens it any more."""
    body = json.loads(received.body)
    person, sealed = Person(body["team"], body["person"]), body["content"]
    content = json.loads(vault.open(sealed, about=owner(person))) if sealed else {}
    return Heard(
        received.key, body["what"], person.team, person.id, body["channel"], body["ts"], body["thread"], body["at"],
        text=content.get("text", ""), blocks=tuple(content.get("blocks", ())),
        files=tuple(content.get("files", ())), attachments=tuple(content.get("attachments", ())),
        bot=body["bot"], subtype=body["subtype"], is_stranger=bool(body.get("stranger")),
        before=content.get("before"),
    )  # fmt: skip
