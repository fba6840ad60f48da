"""What the asker hears instead of what they asked for: a sentence, a question, or how to go on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from bot.access import accounts, kept
from bot.command import Voice
from bot.deeds import Halted
from bot.doors import picking
from bot.doors.asked import Asked, asked, told
from bot.doors.switchboard import Switchboard
from bot.edges.store import Received
from bot.errors import BotError, LeftOut, LinkLost, NotLinked, NotUnderstood, StoreError
from bot.kit import Kit
from bot.ledger import Kept
from bot.model import OFFER, Message, Person
from bot.vault import VaultError

log = logging.getLogger(__name__)

#: The kind of request that somebody makes who opens the Home: it is never answered with a message.
HOME = "home"
#: A suggested command, and the id under which it is kept.
Offer = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the asker hears, and what has to be written down together with it."""

    message: Message | None = None
    offers: Sequence[Offer] = ()
    kept: Kept | None = None
    told: Callable[[Kept], Message] | None = None
    """Instead of a message: what is told once it is known which request waits, this one or an earlier one."""
    instead: str = ""
    """Id of a message that tells the same, and is struck out."""
    trouble: BotError | None = None
    """Why it was not done."""


@dataclass(frozen=True, slots=True)
class Instead:
    """Turns what a command raised into what the asker hears."""

    kit: Kit
    board: Switchboard
    voice: Voice

    def told(self, one: Asked, received: Received, typed: str, trouble: BotError) -> Answer:
        """Say what went wrong, or ask for what is needed to go on."""
        if one.kind == HOME:
            log.warning("the Home of %s is not drawn: %s", one.person.id, trouble)
            return Answer()
        if isinstance(trouble, Halted):
            return self._halted(one, received, trouble)
        if isinstance(trouble, NotLinked) and not one.recurring:
            return self._unlinked(one, received, trouble)
        if isinstance(trouble, LeftOut):
            return self._question(one, typed, trouble)
        if one.kind == "click" and isinstance(trouble, NotUnderstood):
            self.tidy(one)  # Its buttons do nothing any more.
        heard = told(one, trouble, self.kit.redact)
        offers = _offers(one, heard)
        return Answer(self.voice.problem(heard, typed=self._typed_by(one, typed), offers=offers), offers)

    def broken(self, reference: str) -> Answer:
        """Say that something broke; what, is in the log under that reference."""
        trouble = BotError(f"Something broke on my side, reference {reference}.")
        return Answer(self.voice.broken(reference), trouble=trouble)

    def _question(self, one: Asked, typed: str, question: LeftOut) -> Answer:
        """Ask for the word that was left out, unless what was typed must not be repeated."""
        said_so = told(one, question, self.kit.redact)
        if said_so is not question:
            return Answer(self.voice.problem(said_so, typed=""))
        self.tidy(one)
        offer = f"{one.key}.pick"
        drawn = self.voice.pick(question, offer, typed=self._typed_by(one, typed))
        return Answer(drawn, [(picking.kept(question), offer)])

    def _halted(self, one: Asked, received: Received, halted: Halted) -> Answer:
        """Keep the request, so that its owner can let it go on by a button."""
        self.tidy(one)
        waiting = kept.for_answer(self.kit, received, one.person, halted)
        message = self.voice.halted(halted.verdict, waiting.id, dry_run=halted.dry_run)
        return Answer(message, kept=waiting)

    def _unlinked(self, one: Asked, received: Received, error: NotLinked) -> Answer:
        """Keep the request until its owner has connected an account, and say how."""
        waiting = kept.for_link(self.kit, received, one.person)
        try:
            invitation = accounts.invite(
                self.kit, one.person, self.board.name_of(one), one.whisper_place, kept=True
            )
        except StoreError:
            raise
        except BotError as trouble:
            return Answer(self.voice.problem(trouble, typed=""), kept=waiting)

        def told(waits: Kept) -> Message:
            mine = waits.id == waiting.id
            return self.voice.connect(
                error, invitation if mine else replace(invitation, first=self._words_of(waits))
            )

        return Answer(kept=waiting, told=told, instead=error.letter if isinstance(error, LinkLost) else "")

    def _words_of(self, waiting: Kept) -> str:
        """Return how a kept request was typed, for its owner; empty for a press, and for what held a secret."""
        try:
            body = kept.body_of(self.kit, waiting)
        except VaultError:
            return ""
        one = asked(Received(waiting.id, "", waiting.kind, body, self.kit.now()))
        return self.kit.redact(self._typed_by(one, str(one.body.get("text") or "")))

    def tidy(self, one: Asked) -> None:
        """
        Take a message away that only the asker sees, and whose button has done its work.

        One that opens a form has done nothing yet: whoever closes the form finds the buttons where they were.
        """
        undo = one.body.get("undo")
        if undo and one.action != OFFER and not self.board.opens_form(one.action):
            self.kit.apart(f"take back {one.key}", partial(self._take_back, undo, one.person))

    def _take_back(self, undo: str, person: Person) -> None:
        self.kit.slack.take_back(self.kit.vault.open(undo, about=kept.owner(person)))

    def _typed_by(self, one: Asked, typed: str) -> str:
        hidden = not one.typed or one.recurring or one.body.get("sealed")
        return "" if hidden else self.board.echo(one, typed)


def _offers(one: Asked, error: BotError) -> list[Offer]:
    """Name what is suggested, so that a button has only to carry an id."""
    suggestions = error.suggestions if isinstance(error, NotUnderstood) else ()
    return [(line, f"{one.key}.{number}") for number, line in enumerate(suggestions)]
