"""Freezes of our own: what the file says of them, and whether they can ever be in force."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from bot import windows
from bot.config.lines import Where
from bot.config.policy import Names, check_environments, check_projects, refuse_twice
from bot.config.reading import Reading, hint, listed, section, shown
from bot.config.sections import FreezeSection
from bot.model import Millis
from bot.policy import FreezeWindow

#: Any moment serves to ask whether a pair of expressions ever begins a freeze.
_SOME_MOMENT: Millis = 1_767_225_600_000
#: An edge of each kind, to try another one with.
_MOMENT, _EXPRESSION, _ZONE = "0002-01-01", "* * * * *", "UTC"


def freezes(reading: Reading, tables: Any, known: Names) -> tuple[FreezeWindow, ...]:
    """Return the freezes; mistakes go to the problems."""
    tables = listed(reading, ("freezes",), tables)
    read = [
        (("freezes", at), section(reading, ("freezes", at), FreezeSection, one))
        for at, one in enumerate(tables)
    ]
    whole = [(where, freeze) for where, freeze in read if freeze]
    refuse_twice(reading, [(where, freeze.name) for where, freeze in whole])
    return tuple(_window(reading, where, freeze, known) for where, freeze in whole)


def _window(reading: Reading, where: Where, freeze: FreezeSection, known: Names) -> FreezeWindow:
    check_environments(reading, (*where, "environments"), freeze.environments, known)
    check_projects(reading, (*where, "projects"), freeze.projects, known)
    fine = [_check_zone(reading, where, freeze.timezone)]
    fine += [_check_edge(reading, (*where, key), getattr(freeze, key)) for key in ("start", "end")]
    if all(fine):
        _check_span(reading, where, freeze)
    return FreezeWindow(
        freeze.name, freeze.start, freeze.end, freeze.timezone, freeze.environments, freeze.projects,
        line=reading.line(where),
    )  # fmt: skip


def _check_zone(reading: Reading, where: Where, zone: str) -> bool:
    try:
        windows.read(_EXPRESSION, _EXPRESSION, zone)
    except windows.Unreadable:
        near = hint(zone, available_timezones())
        near = near if near.startswith("Did") else 'Write one such as "Europe/Berlin".'
        reading.problem((*where, "timezone"), f"is {shown(zone)}, which is no time zone I know. {near}")
        return False
    return True


def _check_edge(reading: Reading, where: Where, text: str) -> bool:
    """Whether it is a moment or an expression, by trying it beside each."""
    try:
        windows.read(_MOMENT, text, _ZONE)
    except windows.Unreadable:
        try:
            windows.read(_EXPRESSION, text, _ZONE)
        except windows.Unreadable as error:
            reading.problem(where, f"cannot be read: {error.sentence}")
            return False
    return True


def _check_span(reading: Reading, where: Where, freeze: FreezeSection) -> None:
    try:
        window = windows.read(freeze.start, freeze.end, freeze.timezone)
    except windows.Unreadable as error:
        reading.problem((*where, "end"), f"does not go with its start: {error.sentence}")
        return
    if not isinstance(window, windows.Moments):
        state = window.at(_SOME_MOMENT)
        if not state.in_force and state.until is None:
            reading.problem(
                (*where, "start"), f"is {shown(freeze.start)}: with this end the freeze never begins."
            )
