"""The words of a `:gitlab …` line: what they name, and the sentence when they name nothing."""

from __future__ import annotations

from sandbox.gitlab.nouns import LEVELS, Person, Project
from sandbox.gitlab.people import level
from sandbox.gitlab.state import State

DEFAULT_PROJECT = "acme/shop"


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
