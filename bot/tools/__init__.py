"""
What `run_bot.py` does besides serving: one file for each command of its own.

A tool is a module here with two functions, and one entry in `TOOLS`:

- `describe(parser)` adds its arguments to the parser of its command; it is called only if the command is typed,
  so that nothing is loaded for `--help` and `reply`.
- `run(options, …, out)` does it, writes to `out` and returns the exit code: 0 for yes, 1 for no. What it raises as
  BotError is printed as a sentence on standard error, with exit code 2.

An entry in `TOOLS` is a function in `entries.py`, which hands `run` what it needs of the configuration and the
environment. Its options hold, besides the tool's own, `config` (path of the configuration), `commands` (loads the
commands) and `now` (the clock).
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bot.tools import entries

if TYPE_CHECKING:
    from bot.command import Command

TOOLS: Mapping[str, tuple[str, entries.Entry]] = MappingProxyType({
    "config": ("check the configuration", entries.config),
    "policy": ("explain what the rules say of a command", entries.policy),
    "audit": ("show, write out or verify the audit trail", entries.audit),
    "keys": ("make, change or check the keys that seal tokens", entries.keys),
})  # fmt: skip
"""By name: what `--help` says, and what is done. The module of the same name describes the arguments."""


class _Late(argparse.ArgumentParser):
    """A parser that learns its arguments when it has some to read."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        name = self.get_default("tool")
        if name and not self.get_default("described"):
            self.set_defaults(described=True)
            importlib.import_module(f"{__name__}.{name}").describe(self)
        return super().parse_known_args(args, namespace)


def add(parser: argparse.ArgumentParser) -> argparse._SubParsersAction[_Late]:
    """Add every tool to the commands of a parser; return them, so that others can be added."""
    kinds = parser.add_subparsers(metavar="COMMAND", title="commands", parser_class=_Late)
    for name, (told, entry) in TOOLS.items():
        tool = kinds.add_parser(name, help=told, description=f"{told[:1].upper()}{told[1:]}.")
        tool.set_defaults(tool=name, run=entry)
    return kinds


def verbs(known: Iterable[Command]) -> dict[str, str]:
    """Return every first word that is understood, with the name of the command it belongs to."""
    return {name: one.name for one in known for name in (one.name, *one.aliases)}
