"""Lines of a TOML file: on which one each key, header and item begins, since tomllib does not say."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

Where = tuple[str | int, ...]
"""The way to a value: names of keys, and places in lists counted from zero."""

#: Blanks, line ends and comments (toml.io/en/v1.0.0).
_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANKS = re.compile(r"[ \t]*")
#: The four kinds of string, the long ones first; up to two quotes may stand before the closing three.
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*+"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*+'{3,5}"
    r'|"(?:[^"\\]|\\.)*+"'
    r"|'[^']*'",
    re.DOTALL,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
#: A number, a moment or a flag: all up to what can follow a value.
_PLAIN = re.compile(r"[^,\]}#\n]*")


def line_of(text: str, path: Where) -> int:
    """
    Return the line, counted from one, on which `path` begins in a valid TOML text.

    What has no line of its own has that of the nearest thing around it; what has none at all has 0.
    """
    return nearest(lines_of(text), path)


def nearest(lines: Mapping[Where, int], path: Where) -> int:
    """As `line_of`, with the lines already found."""
    return next((lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines), 0)


def lines_of(text: str) -> dict[Where, int]:
    """Return the line of every key, header and item of a valid TOML text; of another, as far as it can be read."""
    scan = _Scan(text)
    with suppress(_Lost, RecursionError):
        scan.all()
    return scan.lines


class _Lost(Exception):
    """The text is no TOML from here on."""


@dataclass(slots=True)
class _Scan:
    text: str
    at: int = 0
    lines: dict[Where, int] = field(default_factory=dict)
    _last: dict[Where, int] = field(default_factory=dict)
    """Place of the newest table in each array of tables."""
    _counted: tuple[int, int] = (0, 1)
    """A position, and its line."""

    def all(self) -> None:
        table: Where = ()
        self._skip(_GAP)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_GAP)

    def _header(self) -> Where:
        """`[a.b]` or `[[a.b]]`: the table that follows."""
        line, many = self._line(), self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        path = self._key(())
        self._expect("]]" if many else "]")
        if many:
            self._last[path] = self._last.get(path, -1) + 1
        path = self._inside(path)
        self._note(path, line)
        return path

    def _key(self, table: Where) -> Where:
        """A key with its dots, below `table`; every table on the way that is one of many is the newest of them."""
        path = table
        while True:
            self._skip(_BLANKS)
            path = (*self._inside(path), self._name())
            self._skip(_BLANKS)
            if self.text[self.at : self.at + 1] != ".":
                return path
            self.at += 1

    def _name(self) -> str:
        quoted = self._take(_STRING) if self.text[self.at : self.at + 1] in {'"', "'"} else None
        if quoted is None:
            return self._take(_BARE_KEY)
        try:
            return str(tomllib.loads(f"name = {quoted}")["name"])
        except tomllib.TOMLDecodeError:
            raise _Lost from None

    def _inside(self, path: Where) -> Where:
        return (*path, self._last[path]) if path in self._last else path

    def _pair(self, table: Where) -> None:
        line = self._line()
        path = self._key(table)
        self._expect("=")
        self._note(path, line)
        self._skip(_BLANKS)
        self._value(path)

    def _value(self, path: Where) -> None:
        first = self.text[self.at : self.at + 1]
        if first == "[":
            self._list(path)
        elif first == "{":
            self._table(path)
        else:
            self._take(_STRING if first in {'"', "'"} else _PLAIN)

    def _list(self, path: Where) -> None:
        self.at += 1
        count = 0
        while not self._closed("]"):
            before = self.at
            self._note((*path, count), self._line())
            self._value((*path, count))
            self._comma()
            if self.at == before:  # Here stands what is no value: it would be met again for ever.
                raise _Lost
            count += 1

    def _table(self, path: Where) -> None:
        self.at += 1
        while not self._closed("}"):
            self._pair(path)
            self._comma()

    def _closed(self, sign: str) -> bool:
        self._skip(_GAP)
        if self.at >= len(self.text):
            raise _Lost
        if self.text[self.at] != sign:
            return False
        self.at += 1
        return True

    def _comma(self) -> None:
        self._skip(_GAP)
        if self.text[self.at : self.at + 1] == ",":
            self.at += 1

    def _note(self, path: Where, line: int) -> None:
        """Keep the line of a path, and of what is around it if that has none yet."""
        self.lines[path] = line
        for end in range(1, len(path)):
            self.lines.setdefault(path[:end], line)

    def _line(self) -> int:
        at, line = self._counted
        self._counted = self.at, line + self.text.count("\n", at, self.at)
        return self._counted[1]

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if not found or (not found[0] and pattern is not _PLAIN):
            raise _Lost
        self.at = found.end()
        return found[0]

    def _expect(self, sign: str) -> None:
        self._skip(_BLANKS)
        if not self.text.startswith(sign, self.at):
            raise _Lost
        self.at += len(sign)
