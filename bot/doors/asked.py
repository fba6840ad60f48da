"""What an inbox row asks for: its body as a record, and the request, click, form or shortcut that is made of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot import words
from bot.access.kept import owner, permit_of
from bot.command import Click, Form, Letters, Pointed, Request, Shortcut
from bot.deeds import Permit
from bot.doors import guess
from bot.edges.store import Received
from bot.errors import BotError
from bot.model import Person, Place
from bot.vault import Vault

#: Slash commands that are a verb by themselves (product.md, "Ways in").
MAIN_COMMAND = "/gitlab"
#: Letters that are looked for: more than any name has, and each word of them costs time.
MOST_LETTERS = 200
#: What is told by the body of a row that holds no more of it than that somebody has been there.
NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Asked:
    """An accepted request, as the intake has kept it."""

    key: str
    kind: str
    """slash, text, click, form, shortcut, home or suggestion."""
    body: Mapping[str, Any]
    person: Person
    place: Place
    permit: Permit
    aside: Place | None = None
    """Where the asker hears the answer if not in that place."""

    @property
    def typed(self) -> bool:
        return self.kind in {"slash", "text"}

    @property
    def recurring(self) -> str:
        """Id of the command that recurs and is due now: nobody sits there and waits; empty for everything else."""
        return str(self.body.get("recurring") or "")

    @property
    def action(self) -> str:
        """The button or form, without the number that Slack wants to tell two buttons apart."""
        return str(self.body.get("action") or "").rstrip("0123456789").rstrip(".")

    @property
    def whisper_place(self) -> Place:
        """Where the asker hears the answer: under the button's own message only if that stands in a thread."""
        if self.aside is not None:
            return self.aside
        return self.place if self.kind != "click" or self.body.get("thread") else Place(self.place.channel)

    def click(self, name: str, vault: Vault) -> Click:
        thread = self.body.get("thread") or self.body.get("message")
        return Click(self.key, self.person, name, self.place, self.body["value"], thread,
                     permit=self.permit, trigger=self.trigger, block=self.body.get("block") or "",
                     view=self.body.get("view") or "", about=self.body.get("about") or "",
                     values=self._values(vault))  # fmt: skip

    def form(self, name: str, vault: Vault) -> Form:
        return Form(self.key, self.person, name, self.place, self.body["value"], self._values(vault),
                    permit=self.permit)  # fmt: skip

    def shortcut(self, name: str, vault: Vault) -> Shortcut:
        content = self._opened("content", vault)
        message = _pointed(self.place.channel, content) if content else None
        return Shortcut(self.key, self.person, name, self.place, self.trigger, message, permit=self.permit)

    def letters(self, context: str) -> Letters:
        """What is typed into a select; `context` is that of the form, or of the question it stands in."""
        typed = self.body["typed"][:MOST_LETTERS]
        return Letters(self.person, self.place, typed, context, self.body.get("block") or "")

    @property
    def trigger(self) -> str:
        return str(self.body.get("trigger") or "")

    def _values(self, vault: Vault) -> Mapping[str, str]:
        """What is filled in, by the ids of the fields."""
        return self._opened("values", vault) or {}

    def _opened(self, name: str, vault: Vault) -> Any:
        """A part that the intake has sealed."""
        sealed = self.body.get(name)
        return json.loads(vault.open(sealed, about=owner(self.person))) if sealed else None

    def request(
        self, name: str, line: words.Line, prefix: str, verbs: frozenset[str], permit: Permit
    ) -> Request:
        return Request(self.key, self.person, name, self.place, line.words, line, line.verb or "", line.project,
                       prefix, verbs, permit, self.trigger, attended=not self.recurring)  # fmt: skip


def asked(received: Received) -> Asked:
    """Return what a row asks for."""
    body = json.loads(received.body)
    person, place = Person(body["team"], body["person"]), Place(body["channel"], body.get("thread"))
    return Asked(received.key, received.kind, body, person, place, permit_of(body))


def _pointed(channel: str, message: Mapping[str, Any]) -> Pointed:
    return Pointed(
        channel, message["ts"], message.get("thread_ts"), message.get("user") or "", message.get("text") or "",
        tuple(message.get("blocks") or ()), tuple(message.get("files") or ()), message.get("bot_id") or "",
    )  # fmt: skip


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
