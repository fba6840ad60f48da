"""The transcript: what happens in the world, printed as the person at the keyboard would see it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from sandbox import drawing
from sandbox.controls import Json, Part
from sandbox.formview import fingerprint as fingerprint_of_view
from sandbox.session import Session, Shown

MOST_LINES = 24
"""Lines of one part that are printed; `:show N` prints all."""
NARROW = 100
"""Columns beyond which cards would be hard to read."""
INDENT, REPLY_INDENT = 4, 8
AGO = re.compile(r"(in )?\d+ (second|minute|hour|day)s?( ago)?", re.IGNORECASE)
"""What `{ago}` becomes (dates.py)."""
WRITTEN = ("text", "blocks", "attachments", "files", "reactions", "edited")

Key = tuple[str, str, bool]


class Transcript:
    """Prints each message when it is new, and again when it has changed, never otherwise."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._width = min(console.width, NARROW)
        self._printed: dict[Key, tuple[str, str]] = {}
        self._views: dict[str, str] = {}
        self._narrating = False

    def prompt(self, session: Session, text: str) -> None:
        """The line somebody types."""
        line = Text(f"{session.person} in {session.place} ", "bold green")
        self._print(line.append("▸ ", "dim").append(text, "bold"))

    def narrate(self, text: str) -> None:
        """A sentence of the tour."""
        self._print(Text(text if self._narrating else f"\n{text}", "italic yellow"))
        self._narrating = True

    def note(self, text: str, style: str = "dim") -> None:
        """A remark that is nobody's message."""
        self._print(Text(text, style))

    def news(self, shown: Iterable[Shown]) -> int:
        """Print what has not been printed in this form yet; how many messages that were."""
        fresh = [one for one in shown if self._is_news(one)]
        for one in fresh:
            self._message(one, again=key(one) in self._printed, most=MOST_LINES)
            self._printed[key(one)] = fingerprint(one), written(one)
        return len(fresh)

    def _is_news(self, one: Shown) -> bool:
        """Whether it looks other than it was printed, and not only because somebody else reads it now."""
        look, body = self._printed.get(key(one), ("", ""))
        return look != fingerprint(one) and body != written(one)

    def whole(self, one: Shown) -> None:
        """Print a message whole, however long it is."""
        self._message(one, again=False, most=None)
        self._printed[key(one)] = fingerprint(one), written(one)

    def view(self, noun: str, view: Json | None, parts: Iterable[Part]) -> bool:
        """Print a form or the Home if it has not been printed in this form yet; whether it was."""
        look = fingerprint_of_view(view) if view else ""
        if not view or self._views.get(view["id"]) == look:
            return False
        self._views[view["id"]] = look
        self.card(noun, parts)
        return True

    def card(self, noun: str, parts: Iterable[Part]) -> None:
        """Print a form or the Home as a card."""
        self._print(Text(" " * INDENT + noun, "bold magenta"))
        self._print(Padding(drawing.card(parts, None), (0, 0, 0, INDENT), expand=False))

    def _message(self, one: Shown, *, again: bool, most: int | None) -> None:
        indent = REPLY_INDENT if one.root else INDENT
        framed = drawing.card(one.parts, most, "dim") if is_card(one) else drawing.body(one.parts, most)
        self._print(_heading(one, again))
        self._print(Padding(framed, (0, 0, 0, indent), expand=False))

    def _print(self, what: Text | Padding) -> None:
        self._narrating = False
        self.console.print(what, width=self._width, highlight=False, markup=False, emoji=False)


def key(one: Shown) -> Key:
    """What makes a message itself."""
    return one.channel, one.seen.ts, one.seen.ephemeral


def fingerprint(one: Shown) -> str:
    """What makes its form: it is printed again when this changes, but not because time passes."""
    return AGO.sub("", one.words) if "{ago}" in str(one.seen.message) else one.words


def written(one: Shown) -> str:
    """What was written, as Slack keeps it: people in other time zones read other times of day in it."""
    return repr([one.seen.message.get(part) for part in WRITTEN])


def is_card(one: Shown) -> bool:
    """Whether it looks like a card: it has buttons, a header or a context line."""
    return any(part.kind in ("buttons", "header", "context") for part in one.parts) and bool(
        one.seen.message.get("blocks")
    )


def _heading(one: Shown, again: bool) -> Text:
    head = Text(" " * (REPLY_INDENT - INDENT) + "↳" if one.root else "")
    head.append(f"{one.number:>{INDENT - 1}} ", "dim").append(one.seen.user_name, "bold magenta")
    if one.seen.ephemeral:
        head.append("  only you can see this", "dim italic")
    if again:
        head.append("  now", "dim")
    return head
