"""A scenario as it is read from a file: its lines in order, and the settings of its world."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from sandbox import acts
from sandbox.lines import NotALine, read_line


class CannotRead(ValueError):
    """A scenario file that cannot be read; the sentence names file and line."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a file that asks for something; `line` counts from 1."""

    line: int
    text: str
    act: acts.Act


@dataclass(frozen=True, slots=True)
class Script:
    """A scenario that was read: its steps, and the TOML of its `#!` lines."""

    name: str
    steps: tuple[Step, ...]
    settings: dict[str, object] = field(default_factory=dict)


def read_script(text: str, name: str) -> Script:
    """A whole scenario. `#!` lines are TOML that goes over the sandbox's config.toml. Raises CannotRead."""
    steps: list[Step] = []
    settings: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("#!"):
            settings.append(line[2:])
            continue
        try:
            act = read_line(line)
        except NotALine as error:
            raise CannotRead(f"{name}:{number}: {error}") from error
        if act is not None:
            steps.append(Step(number, line.strip(), act))
    return Script(name, tuple(steps), _settings("\n".join(settings), name))


def _settings(text: str, name: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CannotRead(f"{name}: its #! lines are no TOML: {error}") from error


def read_file(path: Path) -> Script:
    """The scenario in a file. Raises CannotRead for one that is missing, not UTF-8, or unreadable."""
    try:
        return read_script(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise CannotRead(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CannotRead(f"{path}: the file is not UTF-8") from error
