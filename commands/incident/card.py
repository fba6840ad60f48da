"""The select `More` on the card of an incident: each thing in it is done by the part it belongs to."""

from __future__ import annotations

from collections.abc import Callable

from bot.command import Click
from bot.errors import NotUnderstood
from bot.incidents import which
from bot.kit import Kit
from bot.model import Message
from commands.incident.parts import Part


def more_of(whole: Part) -> Callable[[Click, Kit], Message | None]:
    """Return what a press of `More` does, by what is picked there: `which.pressed` tells each part of what."""

    def press(click: Click, kit: Kit) -> Message | None:
        picked = which.pressed(kit, click).rest
        act = whole.more.get(picked)
        if act is None:
            raise NotUnderstood("I don't know that choice any more: it is from an older version of the card.")
        return act(click, kit)

    return press
