"""Reading one table of the file into its dataclass, with every mistake told by line, key and nearest known name."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, TypeVar

from bot import values
from bot.config.lines import Where, lines_of, nearest
from bot.errors import ConfigError
from bot.values import Source

T = TypeVar("T")

#: A key that needs no quotes (toml.io/en/v1.0.0#keys).
_BARE = re.compile(r"[A-Za-z0-9_-]+")
#: More known names than this are not listed in a sentence.
MOST_LISTED = 20


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong in the file, or better changed."""

    line: int
    """Counted from one; 0 for what stands nowhere."""
    sentence: str
    key: str = ""
    """The key as a sentence names it: `rules[2].environments`."""

    def __str__(self) -> str:
        return f"line {self.line}: {self.sentence}" if self.line else self.sentence


class ConfigProblems(ConfigError):
    """The configuration holds mistakes."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """The sentence has one line for each problem, in the order of the file."""
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read, and what was noticed meanwhile."""

    source: Source
    lines: Mapping[Where, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    @classmethod
    def of(cls, text: str, source: Source) -> Reading:
        return cls(source, lines_of(text))

    def line(self, where: Where) -> int:
        return nearest(self.lines, where)

    def problem(self, where: Where, rest: str) -> None:
        """Keep a mistake at `where`; `rest` follows the name of the key."""
        self.problems.append(self._noticed(where, rest))

    def warning(self, where: Where, rest: str) -> None:
        """Keep what works, but is better changed."""
        self.warnings.append(self._noticed(where, rest))

    def complain(self, where: Where, error: ConfigError) -> None:
        """Keep the sentence of whoever read the value at `where`, which names the key."""
        self.problems.append(Problem(self.line(where), error.sentence, key_of(where)))

    def unknown(self, where: Where, name: str, what: str, known: Iterable[str]) -> None:
        """Keep that a key holds `name`, which is not `what`."""
        self.problem(where, f"holds {shown(name)}, which is not {what}. {hint(name, known)}")

    def _noticed(self, where: Where, rest: str) -> Problem:
        key = key_of(where)
        return Problem(self.line(where), f"{key} {rest}", key)


def key_of(where: Where) -> str:
    """
    Return a way through the file as people write it, tables of a list counted from one.

    >>> key_of(("projects", "acme/shop", "start")), key_of(("rules", 1, "by"))
    ('projects."acme/shop".start', 'rules[2].by')
    """
    parts = [f"[{each + 1}]" if isinstance(each, int) else f".{_quoted(each)}" for each in where]
    return "".join(parts).removeprefix(".")


def _quoted(name: str) -> str:
    return name if _BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def shown(value: object) -> str:
    """A value as it stands in the file, near enough to be found there."""
    return json.dumps(value, ensure_ascii=False, default=str)


def hint(name: str, known: Iterable[str], prefix: str = "") -> str:
    """Which known name is near, else which there are."""
    names = sorted(known)
    folded = {each.casefold(): each for each in reversed(names)}
    typed = name.casefold()
    near = difflib.get_close_matches(typed, folded, n=1) or [
        each for each in folded if each.startswith(typed or " ")
    ]
    if near:
        return f"Did you mean {prefix}{folded[near[0]]}?"
    if not names:
        return "There is none yet."
    more = " and more" if len(names) > MOST_LISTED else ""
    return f"I know {', '.join(names[:MOST_LISTED])}{more}."


# Tables -----------------------------------------------------------------------------------------------------


def section(
    reading: Reading, where: Where, kind: type[T], table: Any, otherwise: values.Read | None = None
) -> T | None:
    """
    Return one table as its dataclass; None if it holds mistakes, which are then among the problems.

    `otherwise` reads the fields whose metadata name nothing.
    """
    if not isinstance(table, dict):
        reading.problem(where, f"is a section, not a value: write [{key_of(where)}] and its keys below.")
        return None
    known = {each.name: each for each in fields(kind)}  # type: ignore[arg-type]  # every section is a dataclass
    before = len(reading.problems)
    refuse_unknown(reading, where, table, known)
    read = {
        key: _value(reading, (*where, key), about, table.get(key, MISSING), otherwise)
        for key, about in known.items()
    }
    return kind(**read) if len(reading.problems) == before else None


def refuse_unknown(reading: Reading, where: Where, table: Mapping[str, Any], known: Iterable[str]) -> None:
    """Keep every key of a table that is not known, with the nearest that is."""
    names = list(known)
    prefix = f"{key_of(where)}." if where else ""
    for name in table:
        if name not in names:
            reading.problem((*where, name), f"is not a key I know. {hint(name, names, prefix)}")


def named(reading: Reading, where: Where, tables: Any, example: str) -> dict[str, Any]:
    """Return the tables below a section whose keys are names; empty if it is none."""
    if isinstance(tables, dict):
        return tables
    reading.problem(where, f"is not a value: write a section {example} for each.")
    return {}


def listed(reading: Reading, where: Where, tables: Any) -> list[Any]:
    """Return the tables of a list of tables; empty if it is none."""
    if isinstance(tables, list):
        return tables
    reading.problem(where, f"is a list: write [[{key_of(where)}]] and the keys of each below.")
    return []


def _value(
    reading: Reading, where: Where, about: Field[Any], raw: object, otherwise: values.Read | None
) -> Any:
    """What stands in the file at `where`, else the default; mistakes go to the problems."""
    required = about.default is MISSING and about.default_factory is MISSING
    value = _default(about) if raw is MISSING else raw
    read: values.Read = about.metadata.get("read", otherwise)
    try:
        return read(reading.source, key_of(where), value, required)
    except ConfigError as error:
        reading.complain(where, error)
        return None


def _default(about: Field[Any]) -> Any:
    if about.default_factory is not MISSING:
        return about.default_factory()
    return "" if about.default is MISSING else about.default
