"""What Slack waits for while a form or a select is open: options for letters, mistakes in fields; from the store."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.doors import picking
from bot.doors.admission import Admission
from bot.doors.asked import Asked, asked
from bot.doors.brake import Brake
from bot.doors.switchboard import Switchboard
from bot.edges.store import Received
from bot.errors import BotError, StillReading
from bot.kit import Kit
from bot.model import Block, Option
from bot.policy import Limits
from bot.text import clip

log = logging.getLogger(__name__)

#: Most characters of what stands beside a field, like those of its hint (slack-platform.md 2.1).
ERROR_LIMIT = 2_000
#: Letters that somebody may type into selects for each request they may make in a minute.
LETTERS_A_REQUEST = 10
#: How long letters wait for the first reading of what there is to pick, and how often they look; Slack waits 3 s
#: (slack-platform.md 1.4), and four people may wait at once.
READING_S, LOOK_EVERY_S = 1.0, 0.1


class Drawing(Protocol):
    """How options look."""

    def options(self, found: Sequence[Option]) -> Block: ...


@dataclass(slots=True)
class Prompt:
    """Answers within Slack's three seconds, so that nothing here asks GitLab."""

    kit: Kit
    board: Switchboard
    admission: Admission
    draw: Drawing
    pause: Callable[[float], object] = field(default_factory=lambda: threading.Event().wait)
    """Waits that many seconds for something that is being read."""
    letters: Brake = field(init=False)
    """How much somebody may type into selects in a minute."""

    def __post_init__(self) -> None:
        allowed = LETTERS_A_REQUEST * self.kit.config.policy.limits.person_per_minute
        self.letters = Brake(Limits(allowed, 0, 0), self.kit.now)

    def is_checked(self, form: str) -> bool:
        """Tell whether a form, by its callback id, is looked at before it is taken."""
        return form in self.board.checks

    def told(self, received: Received) -> Mapping[str, Any] | None:
        """Return what Slack is told of typed letters or of a form; None for a form in which nothing is wrong."""
        one = asked(received)
        if one.kind == "form":
            errors = self._mistakes(one)
            return {"response_action": "errors", "errors": errors} if errors else None
        return self.draw.options(self._options(one))

    def _mistakes(self, one: Asked) -> dict[str, str]:
        form = one.form(self.board.name_of(one), self.kit.vault)
        found = self.board.checks[one.action](form, self.kit)
        return {field: clip(self.kit.redact(said), ERROR_LIMIT) for field, said in found.items()}

    def _options(self, one: Asked) -> Sequence[Option]:
        """Find what fits; nothing for somebody who may not use the bot, and nothing while something is wrong."""
        find = self.board.options.get(one.action)
        if find is None or self.letters.take(one.person, "") or self.admission.refusal(one):
            return ()  # Nothing was asked for, so that the trail tells nothing of a refusal.
        letters, said = one.letters(self._context(one)), ""
        for _ in range(round(READING_S / LOOK_EVERY_S)):
            try:
                return find(letters, self.kit)
            except StillReading as error:
                said = error.sentence
                self.pause(LOOK_EVERY_S)
            except BotError as error:
                said = error.sentence
                break
        log.info("no options for %s: %s", one.action, said)
        return ()

    def _context(self, one: Asked) -> str:
        if one.body["value"]:
            return str(one.body["value"])
        with self.kit.store.read() as tx:
            question = tx.offers.get(one.body.get("block") or "")
        return picking.context(question) if question else ""
