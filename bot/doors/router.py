"""From an accepted request to the command it asks for, and back to the one who asked."""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot import words
from bot.command import Click, Command, Request, Voice
from bot.delivery import letters
from bot.doors import guess
from bot.edges.store import Received
from bot.errors import BotError, NotUnderstood, Refused, StoreError
from bot.kit import Kit
from bot.model import OFFER, Message, Millis, Person, Place

log = logging.getLogger(__name__)

#: The asker hears that it takes its time when there is no answer by then (product.md: progress within seconds).
SLOW_MS: Millis = 2_000
#: Slash commands that are a verb by themselves (product.md, "Ways in").
MAIN_COMMAND = "/gitlab"
MOST_NAMES = 5_000
#: Where a verb stands: after a mention and a project at the latest.
LOOKED_AT = 3
#: A suggested command, and the id under which it is kept.
Offer = tuple[str, str]
STRANGER = "I take commands only from members of my own workspace. Ask one of them to type it for you."


@dataclass(slots=True)
class Router:
    """Knows every command, and does what an accepted request asks, once."""

    kit: Kit
    commands: Sequence[Command]
    voice: Voice
    bot_user: str
    dropped: deque[str] = field(default_factory=deque)
    """Keys of requests that were done and could not be written down as done."""
    _verbs: dict[str, Command] = field(init=False)
    _buttons: dict[str, Callable[[Click, Kit], Message | None]] = field(init=False)
    _names: dict[Person, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._verbs = {name: one for one in self.commands for name in (one.name, *one.aliases)}
        self._buttons = {action: press for one in self.commands for action, press in one.buttons.items()}
        self._buttons[OFFER] = self._try_offer

    def do(self, received: Received) -> None:
        """Claim a request, do it, and write down that it is done together with the answer to the asker."""
        body = json.loads(received.body)
        person, place = _who_and_where(body)
        if not self._claimed(received, person, place):
            return
        try:
            message, offers = self._answer(received, body, person, place)
            self._finish(received, message, offers, person, self._whisper_place(received, body, place))
        except BaseException:
            self.dropped.append(received.key)  # Taken, and not written down as done: the sweep gives it back.
            raise
        if message is not None:
            self.kit.deliver()

    def _finish(
        self,
        received: Received,
        message: Message | None,
        offers: Sequence[Offer],
        person: Person,
        place: Place,
    ) -> None:
        now = self.kit.now()
        with self.kit.store.write() as tx:
            tx.outbox.dead(letters.courtesy_id(received.key), "answered")
            for line, offer in offers:
                tx.offers.put(offer, line, now)
            if message is not None:
                letters.answer(tx, received.key, message, person=person, place=place, now=now)
            tx.inbox.finish(received.key, now)

    def _claimed(self, received: Received, person: Person, place: Place) -> bool:
        now = self.kit.now()
        with self.kit.store.write() as tx:
            if tx.inbox.claim(received.key) is None:
                return False
            if received.kind != "click":
                letters.courtesy(
                    tx, received.key, self.voice.slow(), person=person, place=place, at=now + SLOW_MS, now=now
                )
        self.kit.deliver()  # The courier may be asleep for longer than the promise has time.
        return True

    def lane(self, received: Received) -> str:
        """Return what a request has to wait for: the person's earlier ones, or nothing if it only tells something."""
        body = json.loads(received.body)
        said = f"{body.get('text') or 'help'}".lower().split()[:LOOKED_AT]
        if body.get("command", MAIN_COMMAND) != MAIN_COMMAND or received.kind == "click":
            return received.person
        verb = next((self._verbs[word] for word in said if word in self._verbs), None)
        return received.person if verb is None or verb.in_turn else received.key

    def comfort(self, waiting: Sequence[Received]) -> None:
        """Tell those whose request waits for its turn that it was heard; each is told once."""
        now = self.kit.now()
        late = [one for one in waiting if one.kind != "click" and one.received_at < now - SLOW_MS]
        if not late:
            return
        with self.kit.store.write() as tx:
            for one in late:
                person, place = _who_and_where(json.loads(one.body))
                letters.courtesy(tx, one.key, self.voice.slow(), person=person, place=place, at=now, now=now)
        self.kit.deliver()

    def _whisper_place(self, received: Received, body: Mapping[str, Any], place: Place) -> Place:
        return place if received.kind != "click" or body.get("thread") else Place(place.channel)

    def _answer(
        self, received: Received, body: Mapping[str, Any], person: Person, place: Place
    ) -> tuple[Message | None, Sequence[Offer]]:
        """The guard: whatever a command raises becomes a sentence for the one who asked."""
        typed = ""
        try:
            if body.get("stranger"):
                return self.voice.problem(Refused(STRANGER), typed=""), ()
            if received.kind == "click":
                return self._press(received, body, person, place), ()
            typed, prefix = self._typed(received.kind, body)
            return self._command(received, body, person, place, typed, prefix), ()
        except StoreError:
            raise  # Nothing can be written down now; the request is done again when it can.
        except BotError as error:
            offers = _offers(received, error)
            return self.voice.problem(error, typed=typed, offers=offers), offers
        except Exception:
            reference = self.kit.new_id()[:8]
            log.exception("request %s failed, reference %s", received.key, reference)
            return self.voice.broken(reference), ()

    # What was typed -----------------------------------------------------------------------------------------

    def _typed(self, kind: str, body: Mapping[str, Any]) -> tuple[str, str]:
        """Return the words that were typed, and what stood before them."""
        if kind == "slash":
            command, text = body["command"], body["text"]
            return (text, f"{MAIN_COMMAND} ") if command == MAIN_COMMAND else (f"{command[1:]} {text}", "/")
        text, prefix = body["text"].strip(), "" if body["way"] == "dm" else "@Signalbox "
        before, found, after = text.partition(f"<@{self.bot_user}>")
        if not found or (before and not prefix):
            return text, prefix  # In a direct message the bot need not be named; there its name is a word.
        # A command begins where the bot is spoken to: "please @Signalbox run hello".
        return guess.opened(after).strip(), prefix

    def _command(self, received: Received, body: Mapping[str, Any], person: Person, place: Place,
                 typed: str, prefix: str) -> Message | None:  # fmt: skip
        prose = self._is_prose(body)
        try:
            line = words.read(typed or ("" if prose else "help"), self._verbs)
        except NotUnderstood:
            if prose:
                return None
            raise
        if line.verb is None:
            if prose:
                return None
            raise guess.unknown(self.kit, self._verbs, line, prefix, person=person, place=place)
        request = self._request(received.key, person, self._name(body, person), place, line, prefix)
        return self._verbs[request.verb].run(request, self.kit)

    def _request(
        self, key: str, person: Person, name: str, place: Place, line: words.Line, prefix: str
    ) -> Request:
        verb, known = line.verb or "", frozenset(self._verbs)
        return Request(key, person, name, place, line.words, line, verb, line.project, prefix, known)

    def _is_prose(self, body: Mapping[str, Any]) -> bool:
        """Whether somebody only spoke about the bot: the mention does not come first, and no verb follows."""
        return body.get("way") == "mention" and not body["text"].lstrip().startswith(f"<@{self.bot_user}")

    def _name(self, body: Mapping[str, Any], person: Person) -> str:
        """Return how the person is called in Slack: from the payload, else asked once and remembered."""
        if body.get("name"):
            return str(body["name"])
        if person not in self._names:
            if len(self._names) >= MOST_NAMES:
                self._names.clear()
            try:
                self._names[person] = self.kit.slack.person_name(person.id)
            except BotError as error:
                log.info("no name for %s: %s", person.id, error)
                return person.id
        return self._names[person]

    # What was pressed ---------------------------------------------------------------------------------------

    def _press(
        self, received: Received, body: Mapping[str, Any], person: Person, place: Place
    ) -> Message | None:
        press = self._buttons.get(body["action"].rstrip("0123456789").rstrip("."))
        if press is None:
            raise NotUnderstood(
                "I don't know this button any more: it is from an older version. Type the command instead."
            )
        thread = body.get("thread") or body.get("message")
        return press(
            Click(received.key, person, self._name(body, person), place, body["value"], thread), self.kit
        )

    def _try_offer(self, click: Click, kit: Kit) -> Message | None:
        """Do a suggested command as the one who pressed its button."""
        with kit.store.read() as tx:
            offer = tx.offers.get(click.value)
        if offer is None:
            raise NotUnderstood("That suggestion is too old. Type the command instead.")
        line = words.read(offer, self._verbs)
        if line.verb is None:
            raise NotUnderstood("I no longer understand that suggestion. Type the command instead.")
        # The offer is the request: pressed twice, it is done once.
        key = f"offer:{click.value}"
        request = self._request(key, click.person, click.name, click.place, line, click.prefix)
        return self._verbs[request.verb].run(request, kit)


def _who_and_where(body: Mapping[str, Any]) -> tuple[Person, Place]:
    """Return who asked, and where, from what the intake has kept."""
    return Person(body["team"], body["person"]), Place(body["channel"], body.get("thread"))


def _offers(received: Received, error: BotError) -> list[Offer]:
    """Name what is suggested, so that a button has only to carry an id."""
    suggestions = error.suggestions if isinstance(error, NotUnderstood) else ()
    return [(line, f"{received.key}.{number}") for number, line in enumerate(suggestions)]
