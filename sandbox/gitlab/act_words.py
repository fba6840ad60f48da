"""The words of a `:gitlab …` line: what they name, and the sentence when they name nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from sandbox.gitlab.answers import Refused
from sandbox.gitlab.nouns import LEVELS, Person, Project
from sandbox.gitlab.people import level
from sandbox.gitlab.state import State

DEFAULT_PROJECT = "acme/shop"
QUOTED = re.compile(r'"([^"]+)"')


def word(words: list[str], at: int, what: str) -> str:
    """The word at that place. Raises ValueError when the line lacks it."""
    if len(words) <= at:
        raise ValueError(f"The line lacks {what}.")
    return words[at]


def project_named(state: State, words: list[str]) -> Project:
    """The project that the first word names, by path or alias; the shop when there is no word."""
    path = words[0] if words else DEFAULT_PROJECT
    project = state.project(state.aliases.get(path, path))
    if project is None:
        raise ValueError(f"GitLab has no project {path}.")
    return project


def require(person: Person, project: Project, role: str) -> None:
    """Raises ValueError when the person's role in the project is below this one."""
    if level(person, project) < LEVELS[role]:
        raise ValueError(f"{person.username} may not do that in {project.path}: it wants {role}.")


def options(words: Sequence[str], *names: str) -> tuple[list[str], Mapping[str, str]]:
    """The words without those of the form `name=value`, and the values by their name."""
    pairs = [one.partition("=") for one in words]
    given = {name: value for name, equals, value in pairs if equals and name in names}
    return [one for one in words if one.partition("=")[0] not in given or "=" not in one], given


def quoted(words: Sequence[str]) -> tuple[list[str], str | None]:
    """The words without a text in double quotes, and that text; None when there is none."""
    line = " ".join(words)
    found = QUOTED.search(line)
    return (list(words), None) if found is None else (QUOTED.sub("", line, count=1).split(), found[1])


@contextmanager
def in_words(what: str) -> Iterator[None]:
    """What GitLab's API refuses inside is raised as ValueError, with what it would have answered."""
    try:
        yield
    except Refused as refused:
        raise ValueError(f"GitLab refuses {what}: {refused.status} {refused.body}.") from refused
