"""Forms about the incident of a stage, as they come in."""

from __future__ import annotations

from bot.command import Form
from bot.incidents.values import value
from bot.model import Place
from tests.incidents.stage import ROOM, Stage


def form_of(stage: Stage, name: str, **fields: str) -> Form:
    """A form that bob sends in from the room."""
    return Form(name, stage.person("bob"), "bob", Place(ROOM), value(stage.incident), fields)
