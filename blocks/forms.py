"""Forms: modal views and their fields, kept within Slack's limits (slack-platform.md 2.1)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Block, Place
from bot.text import clip

TITLE_LIMIT = 24  # title, submit and close of a view
LABEL_LIMIT, HINT_LIMIT = 2_000, 2_000
PLACEHOLDER_LIMIT = 150
MOST_TYPED = 3_000  # characters of one text field
#: The one element of every field: what was filled in is found by the id of its block.
FIELD = "value"


def modal(
    callback: str, value: str, place: Place, *, title: str, submit: str, body: Sequence[Block]
) -> Block:
    """
    Return a view that comes back as a Form of `callback` with this value and place.

    Raises ValueError if the title or the button is too long: cut, they would be no words.
    """
    if len(title) > TITLE_LIMIT or len(submit) > TITLE_LIMIT:
        raise ValueError(f"A form's title and button hold {TITLE_LIMIT} characters: {title}, {submit}")
    where = " ".join((value, place.channel, place.thread or ""))
    return {
        "type": "modal", "callback_id": callback, "private_metadata": where,
        "title": _plain(title), "submit": _plain(submit), "close": _plain("Leave it"), "blocks": list(body),
    }  # fmt: skip


def text(
    field: str, label: str, *, hint: str = "", placeholder: str = "", lines: bool = False, least: int = 0,
    most: int = MOST_TYPED,
) -> Block:  # fmt: skip
    """Return a field for text of at least and at most so many characters; `lines` for more than one line."""
    element: Block = {"type": "plain_text_input", "action_id": FIELD, "multiline": lines, "max_length": most}
    element |= {"min_length": least} if least else {}
    element |= {"placeholder": _plain(clip(placeholder, PLACEHOLDER_LIMIT))} if placeholder else {}
    return _input(field, label, element, hint)


def _input(field: str, label: str, element: Block, hint: str) -> Block:
    made: Block = {
        "type": "input",
        "block_id": field,
        "label": _plain(clip(label, LABEL_LIMIT)),
        "element": element,
    }
    return made | ({"hint": _plain(clip(hint, HINT_LIMIT))} if hint else {})


def _plain(words: str) -> Block:
    return {"type": "plain_text", "text": words, "emoji": False}
