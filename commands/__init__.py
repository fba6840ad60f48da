"""Everything a person, a button or the clock may ask of the bot: one file each."""

from __future__ import annotations

import importlib
import pkgutil

from bot.command import Command


def load() -> tuple[Command, ...]:
    """
    Import every module in this folder and return the `COMMAND` each one defines, by name.

    Raises TypeError for a module that defines none.
    """
    found = []
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        command = getattr(importlib.import_module(f"{__name__}.{module}"), "COMMAND", None)
        if not isinstance(command, Command):
            raise TypeError(f"commands/{module}.py defines no COMMAND")
        found.append(command)
    return tuple(found)
