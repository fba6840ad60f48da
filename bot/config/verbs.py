"""Commands that the configuration names, checked once the commands are loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

from bot.config.kinds import NOT, is_wild
from bot.config.loading import Config
from bot.config.reading import ConfigProblems, Problem, hint, key_of, shown


def check_commands(config: Config, verbs: Mapping[str, str]) -> None:
    """
    Raise ConfigProblems for an alias that is a verb, and for an alias or a rule of a command there is not.

    `verbs` is every first word that is understood, with the name of the command it belongs to.
    """
    problems = [*_taken(config, verbs), *_own_words(config, verbs), *_unknown(config, verbs)]
    if problems:
        raise ConfigProblems(problems)


def _taken(config: Config, verbs: Iterable[str]) -> Iterator[Problem]:
    """An alias that is a verb could never be typed: the words of a command begin with it."""
    for path, project in config.projects.items():
        key = key_of(("projects", path, "aliases"))
        for alias in project.aliases:
            if alias.casefold() in verbs:
                yield Problem(0, f"{key} holds {alias}, which is a command. Choose another name.", key)


def _own_words(config: Config, verbs: Iterable[str]) -> Iterator[Problem]:
    """A word that stands for a command is none itself, and what it stands for is one."""
    names = {alias for project in config.projects.values() for alias in project.aliases}
    for word, line in config.aliases.items():
        key = key_of(("aliases", word))
        if word in verbs:
            yield Problem(0, f"{key} is a command already. Choose another word.", key)
        first, *rest = line.split()
        named = "/" in first or first in names
        verb = rest[0] if named and rest else first
        if verb.casefold() not in verbs:
            said = f"{key} stands for {shown(line)}, which does not begin with a command. {hint(verb, verbs)}"
            yield Problem(0, said, key)


def _unknown(config: Config, verbs: Mapping[str, str]) -> Iterator[Problem]:
    names = set(verbs.values())
    for at, rule in enumerate(config.policy.rules):
        key = key_of(("rules", at, "commands"))
        for pattern in rule.commands:
            name = pattern.removeprefix(NOT)
            if name not in names and not (is_wild(name) and any(fnmatchcase(one, name) for one in names)):
                near = f"Write {verbs[name]}." if name in verbs else hint(name, names)
                said = f"{key} holds {shown(pattern)}, which is not the name of a command. {near}"
                yield Problem(rule.line, said, key)
