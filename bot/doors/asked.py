"""What an inbox row asks for: its body as a record, and the request, click or form that is made of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot import words
from bot.access.kept import owner, permit_of
from bot.command import Click, Form, Request
from bot.deeds import Permit
from bot.doors import guess
from bot.edges.store import Received
from bot.errors import BotError
from bot.model import Person, Place
from bot.vault import Vault

#: Slash commands that are a verb by themselves (product.md, "Ways in").
MAIN_COMMAND = "/gitlab"
#: What is told by the body of a row that holds no more of it than that somebody has been there.
NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Asked:
    """An accepted request, as the intake has kept it."""

    key: str
    kind: str
    """slash, text, click or form."""
    body: Mapping[str, Any]
    person: Person
    place: Place
    permit: Permit

    @property
    def typed(self) -> bool:
        return self.kind in {"slash", "text"}

    @property
    def action(self) -> str:
        """The button or form, without the number that Slack wants to tell two buttons apart."""
        return str(self.body.get("action") or "").rstrip("0123456789").rstrip(".")

    @property
    def whisper_place(self) -> Place:
        """Where the asker hears the answer: under the button's own message only if that stands in a thread."""
        return self.place if self.kind != "click" or self.body.get("thread") else Place(self.place.channel)

    def click(self, name: str) -> Click:
        thread = self.body.get("thread") or self.body.get("message")
        return Click(self.key, self.person, name, self.place, self.body["value"], thread,
                     permit=self.permit, trigger=self.body.get("trigger") or "")  # fmt: skip

    def form(self, name: str, vault: Vault) -> Form:
        values = json.loads(vault.open(self.body["values"], about=owner(self.person)))
        return Form(self.key, self.person, name, self.place, self.body["value"], values)

    def request(
        self, name: str, line: words.Line, prefix: str, verbs: frozenset[str], permit: Permit
    ) -> Request:
        return Request(self.key, self.person, name, self.place, line.words, line, line.verb or "", line.project,
                       prefix, verbs, permit)  # fmt: skip


def asked(received: Received) -> Asked:
    """Return what a row asks for."""
    body = json.loads(received.body)
    person, place = Person(body["team"], body["person"]), Place(body["channel"], body.get("thread"))
    return Asked(received.key, received.kind, body, person, place, permit_of(body))


def said(one: Asked, vault: Vault) -> str:
    """Return what was typed, be it sealed because it holds a token."""
    sealed = one.body.get("sealed")
    return vault.open(sealed, about=owner(one.person)) if sealed else str(one.body.get("text") or "")


def spoken(one: Asked, text: str, bot_user: str) -> tuple[str, str]:
    """Return the words of a command in what was typed, and what stood before them."""
    if one.kind == "slash":
        command = one.body["command"]
        return (text, f"{MAIN_COMMAND} ") if command == MAIN_COMMAND else (f"{command[1:]} {text}", "/")
    text, prefix = text.strip(), "" if one.body["way"] == "dm" else "@Signalbox "
    before, found, after = text.partition(f"<@{bot_user}>")
    if not found or (before and not prefix):
        return text, prefix  # In a direct message the bot need not be named; there its name is a word.
    # A command begins where the bot is spoken to: "please @Signalbox run hello".
    return guess.opened(after).strip(), prefix


def told(one: Asked, error: BotError, redact: Callable[[str], str]) -> BotError:
    """Return what the asker hears of an error: no secret is repeated, theirs or in GitLab's words, or suggested."""
    sentence = redact(error.sentence)
    return BotError(sentence) if one.body.get("sealed") or sentence != error.sentence else error
