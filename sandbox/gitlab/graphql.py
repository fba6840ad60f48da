"""Reads GraphQL queries: operations, aliases, arguments and variables (spec.graphql.org, October 2021)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: Insignificant: blanks, commas, comments.
TOKEN = re.compile(
    r'(?:[\s,\ufeff]|#[^\n]*)*(?:(?P<name>[_A-Za-z]\w*)|(?P<string>"(?:\\.|[^"\\\n])*")'
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<sign>\.\.\.|[!$():=@\[\]{|}])|(?P<end>\Z)|(?P<bad>.))",
    re.DOTALL,
)


class QueryError(ValueError):
    """The query is not well formed; the message is what GitLab's `errors` holds."""


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name` where a value is expected."""

    name: str


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    alias: str
    arguments: Mapping[str, Any]
    fields: tuple[Field, ...]
    line: int = 1
    column: int = 1
    """Where it is written, counted from one."""


@dataclass(frozen=True, slots=True)
class Operation:
    kind: str
    fields: tuple[Field, ...]
    defaults: Mapping[str, Any]


def parse(text: str) -> Operation:
    """Read a document with one operation. Raises QueryError."""
    return _Reader(text).operation()


def bind(value: Any, variables: Mapping[str, Any]) -> Any:
    """Put the variables' values in the place of `$name`."""
    if isinstance(value, Variable):
        return variables.get(value.name)
    if isinstance(value, list):
        return [bind(inner, variables) for inner in value]
    if isinstance(value, dict):
        return {key: bind(inner, variables) for key, inner in value.items()}
    return value


class _Reader:
    """One token ahead is enough for GraphQL."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = self._start = 0
        self._kind, self._token = "", ""
        self._next()

    def operation(self) -> Operation:
        kind, defaults = "query", {}
        if self._kind == "name":
            kind = self._take()
            if self._kind == "name":
                self._take()
            defaults = self._definitions()
        fields = self._selection()
        if self._kind != "end":
            raise self._unexpected()
        return Operation(kind, fields, defaults)

    def _definitions(self) -> dict[str, Any]:
        """`($name: Type = default)`: only the defaults matter here."""
        defaults: dict[str, Any] = {}
        if not self._accept("("):
            return defaults
        while not self._accept(")"):
            self._expect("$")
            name = self._name()
            self._expect(":")
            while self._kind == "name" or self._token in ("[", "]", "!"):
                self._take()
            if self._accept("="):
                defaults[name] = self._value()
        return defaults

    def _selection(self) -> tuple[Field, ...]:
        self._expect("{")
        fields = []
        while not self._accept("}"):
            if self._token == "...":
                raise QueryError("Fragments are not understood by the sandbox")
            fields.append(self._field())
        return tuple(fields)

    def _field(self) -> Field:
        line, column = self._place()
        alias = name = self._name()
        if self._accept(":"):
            name = self._name()
        arguments: dict[str, Any] = {}
        if self._accept("("):
            while not self._accept(")"):
                key = self._name()
                self._expect(":")
                arguments[key] = self._value()
        fields = self._selection() if self._token == "{" else ()
        return Field(name, alias, arguments, fields, line, column)

    def _value(self) -> Any:
        if self._accept("$"):
            return Variable(self._name())
        if self._accept("["):
            items = []
            while not self._accept("]"):
                items.append(self._value())
            return items
        if self._accept("{"):
            named = {}
            while not self._accept("}"):
                key = self._name()
                self._expect(":")
                named[key] = self._value()
            return named
        if self._kind in ("string", "number"):
            return json.loads(self._take())
        word = self._name()
        return {"true": True, "false": False, "null": None}.get(word, word)

    def _name(self) -> str:
        if self._kind != "name":
            raise self._unexpected()
        return self._take()

    def _accept(self, sign: str) -> bool:
        if self._kind == "sign" and self._token == sign:
            self._next()
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._accept(sign):
            raise self._unexpected()

    def _take(self) -> str:
        token = self._token
        self._next()
        return token

    def _next(self) -> None:
        found = TOKEN.match(self._text, self._at)
        if found is None or found.lastgroup in (None, "bad"):
            raise QueryError(f"Parse error on bad Unicode escape sequence at {self._at}")
        kind = str(found.lastgroup)
        self._kind, self._token = kind, found[kind]
        self._start, self._at = found.start(kind), found.end()

    def _place(self) -> tuple[int, int]:
        """Line and column of the token that comes next."""
        return self._text.count("\n", 0, self._start) + 1, self._start - self._text.rfind(
            "\n", 0, self._start
        )

    def _unexpected(self) -> QueryError:
        line = self._text.count("\n", 0, self._at) + 1
        what = "end of document" if self._kind == "end" else f'"{self._token}" ({self._kind.upper()})'
        return QueryError(f"Parse error on {what} at line {line}")
