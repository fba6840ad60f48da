"""How favourites look: their list, the form that edits one, and what becomes of one."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import forms, lists, parts
from blocks.answers import said
from bot.model import Block, Message, Place
from bot.own import Favourite
from bot.text import code, escape

#: Action ids; the form has that of the button that opens it.
DO, EDIT, REMOVE = "favourite.do", "favourite.edit", "favourite.remove"
#: Value of the button and the form for one that is not there yet, and the field in the form.
NEW, FIELD = "-", "line"
LINE_SHOWN = 120


def listed(found: Sequence[Favourite], *, prefix: str) -> Message:
    """Return all favourites of the reader, each with its buttons."""
    form = f"`{escape(prefix)}favourite run hello`"
    if not found:
        return lists.listed("You keep no favourite yet.", (), footer=f"{form} keeps one, for your Home.")
    title = "Your favourites"
    body: list[Block] = [parts.section(f"*{title}*")]
    for number, one in enumerate(found, 1):
        body += [parts.section(f"*{number}* {code(one.line, LINE_SHOWN)}"), parts.actions(*buttons(one))]
    footer = f"They stand in your Home. {form} keeps one, `{escape(prefix)}favourite remove 1` takes it away."
    return Message(title, (*body, parts.context(footer)))


def buttons(one: Favourite) -> list[Block]:
    """Return what can be done with a favourite."""
    return [
        parts.button("Do it", DO, one.id, style="primary"), parts.button("Edit", EDIT, one.id),
        parts.button("Remove", REMOVE, one.id),
    ]  # fmt: skip


def form(value: str, line: str, place: Place) -> Block:
    """Return the form in which a favourite is written; `value` is its id, or NEW."""
    field = forms.text(
        FIELD, "Command", hint="As you would type it, without the slash.", placeholder="run hello World"
    )
    title, submit = ("New favourite", "Keep it") if value == NEW else ("Edit a favourite", "Keep it")
    return forms.modal(EDIT, value, place, title=title, submit=submit, body=[forms.filled(field, line)])


def kept(one: Favourite, number: int) -> Message:
    """Return that a favourite is kept, and where."""
    return said(f"Kept as favourite {number}: {code(one.line, LINE_SHOWN)}. It is a button in your Home.")


def gone(one: Favourite) -> Message:
    """Return that a favourite is taken away."""
    return said(f"{code(one.line, LINE_SHOWN)} is no favourite of yours any more.")
