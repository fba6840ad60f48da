"""The `:gitlab` line about a project's settings, by the names that `GET /projects/:id` has for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from sandbox.gitlab.act_words import options, project_named, require
from sandbox.gitlab.answers import NO, YES
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.nouns import Person, Settings


@dataclass(frozen=True, slots=True)
class SettingActs:
    desk: Desk

    def table(self) -> Mapping[str, Callable[[Person, list[str]], str]]:
        return {"setting": self.setting}

    def setting(self, person: Person, words: list[str]) -> str:
        """`setting NAME=VALUE… [PROJECT]`: a switch is yes or no, on or off; approvals are a number."""
        names = [one.name for one in fields(Settings)]
        words, given = options(words, *names)
        unknown = [one for one in words if "=" in one]
        if unknown or not given:
            raise ValueError(f"The line lacks a setting; there are {', '.join(names)}.")
        project = project_named(self.desk.state, words)
        require(person, project, "maintainer")
        for name, text in given.items():
            setattr(project.settings, name, _value(name, text, getattr(project.settings, name)))
        said = ", ".join(f"{name} is {getattr(project.settings, name)}" for name in given)
        return f"{project.path}: {said}."


def _value(name: str, text: str, now: bool | int) -> bool | int:
    if isinstance(now, bool):
        if not text or text.lower() not in YES | NO:
            raise ValueError(f"{name} is yes or no, not {text}.")
        return text.lower() in YES
    if not text.isdigit():
        raise ValueError(f"{name} is a number, not {text}.")
    return int(text)
