"""Each tool as the command line calls it: handed what it needs of the configuration and the environment."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from typing import TypeAlias

from bot.errors import ConfigError

Entry: TypeAlias = Callable[[argparse.Namespace, Mapping[str, str]], int]
"""(options, environment) -> exit code; raises BotError."""


def config(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """`config check`."""
    from bot.tools import config as tool

    return tool.run(options, environ, sys.stdout)


def policy(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """`policy explain`."""
    from bot.config import load
    from bot.tools import policy as tool

    return tool.run(options, load(options.config, environ), sys.stdout, now=options.now)


def audit(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """`audit tail`, `export` and `verify`."""
    from bot.config import load
    from bot.tools import audit as tool

    return tool.run(options, load(options.config, environ), sys.stdout)


def keys(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """`keys new`, `rotate` and `check`."""
    from bot.config import load, read_keys
    from bot.tools import keys as tool

    if options.keys == "new":
        return tool.new(sys.stdout)
    settings = load(options.config, environ)
    if not settings.keys:
        raise ConfigError(
            f"There is no key yet: the bot makes {settings.access.key_file} at its first start."
        )
    place = read_keys(settings.access.key_file, environ).file
    return tool.run(options, settings.store.path, settings.keys, place, sys.stdout)
