"""From an accepted request to the command it asks for, and back to the one who asked."""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.access import kept
from bot.command import Command, Voice
from bot.delivery import letters
from bot.doors import agree
from bot.doors.admission import Admission
from bot.doors.asked import MAIN_COMMAND, Asked, asked, said
from bot.doors.brake import Brake, Over
from bot.doors.heard import HEARD
from bot.doors.hearing import Hearing
from bot.doors.instead import HOME, Answer, Instead
from bot.doors.prompt import Drawing, Prompt
from bot.doors.switchboard import LOOKED_AT, Switchboard
from bot.edges.store import Received, Tx
from bot.errors import BotError, Refused, SlackError, StoreError
from bot.kit import Kit
from bot.model import Message, Millis, Place
from bot.personal import outcomes

log = logging.getLogger(__name__)

#: The asker hears that it takes its time when there is no answer by then (product.md: progress within seconds).
SLOW_MS: Millis = 2_000


class Speaker(Voice, agree.Reasons, Drawing, outcomes.Drawing, Protocol):
    """All that is drawn for the doors."""


@dataclass(slots=True)
class Router:
    """Knows every command, and does what an accepted request asks, once."""

    kit: Kit
    commands: Sequence[Command]
    voice: Speaker
    bot_user: str
    dropped: deque[str] = field(default_factory=deque)
    """Keys of requests that were done and could not be written down as done."""
    prompt: Prompt = field(init=False)
    _admission: Admission = field(init=False)
    _board: Switchboard = field(init=False)
    _instead: Instead = field(init=False)
    _hearing: Hearing = field(init=False)

    def __post_init__(self) -> None:
        self._admission = Admission(self.kit, Brake(self.kit.config.policy.limits, self.kit.now))
        self._board = Switchboard(self.kit, self.commands, self._admission, self.voice, self.bot_user)
        self._instead = Instead(self.kit, self._board, self.voice)
        hears = [one.hears for one in self.commands if one.hears is not None]
        self._hearing = Hearing(self.kit, hears, self.dropped)
        self.prompt = Prompt(self.kit, self._board, self._admission, self.voice)

    def do(self, received: Received) -> None:
        """Claim a request, do it, and write down that it is done together with the answer to the asker."""
        if received.kind == HEARD:  # Nobody asked, so that nobody is counted, looked at or answered.
            self._hearing.do(received)
            return
        one = self._placed(asked(received))
        # What goes on after a press has no envelope of its own: it was counted when it was pressed.
        over = self._admission.brake.take(one.person, one.place.channel) if received.envelope else None
        if over is not None and (over.silent or one.kind == HOME):
            self._skip(one)
            return
        if not self._claimed(one):
            return
        try:
            answer = self._slowed(over) if over else self._answer(one, received)
            says = self._finish(one, answer)
        except BaseException:
            self.dropped.append(one.key)  # Taken, and not written down as done: the sweep gives it back.
            raise
        if says:
            self.kit.deliver()

    def _slowed(self, over: Over) -> Answer:
        return Answer(self.voice.problem(Refused(over.said), typed=""))

    def _skip(self, one: Asked) -> None:
        """Nothing is done, and nothing is said: it has been said a moment ago."""
        with self.kit.store.write() as tx:
            if tx.inbox.claim(one.key):
                tx.inbox.finish(one.key, self.kit.now())

    def _finish(self, one: Asked, answer: Answer) -> bool:
        """Write it down with its answer; whether there is one."""
        now, went = self.kit.now(), self._tried(one, answer)
        with self.kit.store.write() as tx:
            tx.outbox.dead(letters.courtesy_id(one.key), "answered")
            tx.outbox.dead(answer.instead, "told in the answer")
            for line, offer in answer.offers:
                tx.offers.put(offer, line, now)
            message = _kept(tx, answer, now)
            if went is not None:
                message = outcomes.settle(self.kit, tx, self.voice, went, message, one.whisper_place)
            if message is not None:
                letters.answer(tx, one.key, message, person=one.person, place=one.whisper_place, now=now)
            tx.inbox.finish(one.key, now)
        return message is not None

    def _tried(self, one: Asked, answer: Answer) -> outcomes.Tried | None:
        """How it went with a command that recurs; None for everything else."""
        if not one.recurring:
            return None
        return outcomes.tried(self.kit, one.recurring, one.key, one.person, one.place, answer.trouble)

    def _claimed(self, one: Asked) -> bool:
        now = self.kit.now()
        with self.kit.store.write() as tx:
            if tx.inbox.claim(one.key) is None:
                return False
            if one.typed and not one.recurring:
                letters.courtesy(tx, one.key, self.voice.slow(), person=one.person, place=one.place,
                                 at=now + SLOW_MS, now=now)  # fmt: skip
        self.kit.deliver()  # The courier may be asleep for longer than the promise has time.
        return True

    def opens_form(self, received: Received) -> bool:
        """Tell whether a request opens a form: then it must not wait behind others, since its trigger dies in 3 s."""
        return received.kind == "shortcut" or (
            received.kind == "click" and self._board.opens_form(asked(received).action)
        )

    def _placed(self, one: Asked) -> Asked:
        """What was asked nowhere, in the Home or by a shortcut, or recurs, is answered in direct messages."""
        if one.place.channel and not one.recurring:
            return one
        try:
            dm = Place(self.kit.people.dm(one.person.id))
        except SlackError as error:
            log.warning("no direct messages with %s: %s", one.person.id, error)
            dm = Place(one.person.id)  # Slack takes a person's id for them, too.
        return replace(one, aside=dm) if one.recurring else replace(one, place=dm)

    def lane(self, received: Received) -> str:
        """
        Return what a request has to wait for: the person's earlier ones, or those that only tell something.

        What happens in a room waits for what happened there before, and keeps nobody waiting elsewhere.
        """
        body = json.loads(received.body)
        if received.kind == HEARD:
            return f"{HEARD} {body['channel']}"
        first = f"{body.get('text') or body.get('sealed') or 'help'}".lower().split()[:LOOKED_AT]
        if self.opens_form(received) or received.kind == HOME:
            return f"{received.person} {received.kind}"
        if body.get("command", MAIN_COMMAND) != MAIN_COMMAND or received.kind not in {"slash", "text"}:
            return received.person
        verb = next((self._board.verbs[word] for word in first if word in self._board.verbs), None)
        return received.person if verb is None or verb.in_turn else f"{received.person} meanwhile"

    def comfort(self, waiting: Sequence[Received]) -> None:
        """
        Tell those whose request waits for its turn that it was heard: of their first one, and once.

        Who asks for a thousand things hears it of one at a time, or the others would wait for it to be told.
        """
        now = self.kit.now()
        late = [asked(one) for one in waiting if one.received_at < now - SLOW_MS]
        first = {one.person: one for one in reversed(late) if one.typed and not one.recurring}
        if not first:
            return
        with self.kit.store.write() as tx:
            for one in first.values():
                letters.courtesy(
                    tx, one.key, self.voice.slow(), person=one.person, place=one.place, at=now, now=now
                )
        self.kit.deliver()

    # The guard ------------------------------------------------------------------------------------------------

    def _answer(self, one: Asked, received: Received) -> Answer:
        """Do it; whatever a command raises becomes a sentence for the one who asked."""
        typed = ""
        try:
            typed = said(one, self.kit.vault)
            if one.kind != HOME:  # Which says itself to whom it shows nothing.
                self._admission.person(one, self._board.meant(one, typed))
            done = self._board.do(one, typed)
        except StoreError:
            raise  # Nothing can be written down now; the request is done again when it can.
        except BotError as trouble:
            return replace(self._instead.told(one, received, typed, trouble), trouble=trouble)
        except Exception:
            reference = self.kit.new_id()[:8]
            log.exception("request %s failed, reference %s", one.key, reference)
            return self._instead.broken(reference)
        self._instead.tidy(one)
        return Answer(done)


def _kept(tx: Tx, answer: Answer, now: Millis) -> Message | None:
    """Keep what has to be kept; return what is told."""
    if answer.kept is None:
        return answer.message
    waits = kept.keep(tx, answer.kept, now)
    return answer.told(waits) if answer.told else answer.message
