"""What a reader sees of a message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.model import Message


def shown(message: Message | None) -> str:
    """All that a reader sees of a message, marks and all."""
    assert message is not None
    return "\n".join(_texts(message.blocks))


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        text = part.get("text")
        if isinstance(text, str):
            yield text
        if "user_id" in part:
            yield f"<@{part['user_id']}>"
        for value in part.values():
            yield from _texts(value)
    elif isinstance(part, list | tuple):
        for one in part:
            yield from _texts(one)


def buttons(message: Message | None) -> list[str]:
    """The labels of the buttons of a message."""
    assert message is not None
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return [one["text"]["text"] for row in rows for one in row]
