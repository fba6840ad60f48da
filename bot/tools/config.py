"""`run_bot.py config check`: whether the configuration is in order, without starting anything."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from typing import TextIO

from bot import config
from bot.config import Config, ConfigProblems, Problem
from bot.errors import ConfigError
from bot.text import plural
from bot.tools import verbs

FINE, NOT_FINE = 0, 2


def describe(parser: argparse.ArgumentParser) -> None:
    """Add to the parser of `config` what can stand after it."""
    kinds = parser.add_subparsers(metavar="WHAT", required=True)
    check = kinds.add_parser(
        "check", help="tell every mistake by its line; needs no network",
        epilog="Exit codes: 0 it is in order, perhaps with warnings; 2 it is not.",
    )  # fmt: skip
    check.add_argument("--json", action="store_true", help="one object with ok, problems and warnings")


def run(options: argparse.Namespace, environ: Mapping[str, str], out: TextIO) -> int:
    """
    Tell what is wrong with the configuration at `options.config`; return the exit code, 2 if anything is.

    `options.commands` loads the commands, which rules and aliases are compared with.
    """
    settings, problems = _checked(options, environ)
    warnings = settings.warnings if settings else ()
    if options.json:
        out.write(_json(problems, warnings))
    else:
        out.writelines(f"{line}\n" for line in _lines(options, settings, problems, warnings))
    return NOT_FINE if problems else FINE


def _checked(
    options: argparse.Namespace, environ: Mapping[str, str]
) -> tuple[Config | None, tuple[Problem, ...]]:
    settings = None
    try:
        settings = config.load(options.config, environ)
        config.check_commands(settings, verbs(options.commands()))
    except ConfigProblems as error:
        return settings, error.problems
    except ConfigError as error:
        return settings, (Problem(0, error.sentence),)
    return settings, ()


def _json(problems: tuple[Problem, ...], warnings: tuple[str, ...]) -> str:
    told = [{"line": one.line or None, "key": one.key or None, "sentence": one.sentence} for one in problems]
    whole = {"ok": not told, "problems": told, "warnings": list(warnings)}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def _lines(
    options: argparse.Namespace,
    settings: Config | None,
    problems: tuple[Problem, ...],
    warnings: tuple[str, ...],
) -> Iterator[str]:
    yield from map(str, problems)
    yield from (f"Warning: {warning}" for warning in warnings)
    if settings and not problems:
        yield f"{options.config} is in order: {_counted(settings)}."


def _counted(settings: Config) -> str:
    policy = settings.policy
    counts = {
        "project": settings.projects, "rule": policy.rules, "group": policy.groups, "freeze": policy.freezes,
    }  # fmt: skip
    return ", ".join(plural(len(what), name) for name, what in counts.items())
