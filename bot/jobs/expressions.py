"""Evaluates `rules:if` expressions (doc/ci/jobs/job_rules.md) with what is known: true, false or unknown."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Container, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from bot.jobs import patterns

#: The longest expression that is read, and how deep its parentheses may lie.
LONGEST = 4096
DEEPEST = 50

_TOKEN = re.compile(
    r"""
      (?P<sign>\(|\)|&&|\|\||==|!=|=~|!~)
    | (?P<null>null\b)
    | \$(?P<variable>\w+)
    | "(?P<double>[^"]*)"
    | '(?P<single>[^']*)'
    | (?P<pattern>/(?:[^/\\]|\\.)+/[ismU]*)
    """,
    re.VERBOSE | re.DOTALL,
)
_PATTERN = re.compile(r"/((?:[^/\\]|\\.)+)/([ismU]*)", re.DOTALL)
#: `"$NAME"`: the documentation does not say whether it means the variable. `$[[ … ]]` is an input.
_REFERENCE = re.compile(r"\$[\w{\[]")


class _Unknown(Enum):
    VALUE = "unknown"


UNKNOWN: Final = _Unknown.VALUE

Value = str | None | _Unknown
"""A text, null (a variable that is not set), or what cannot be known."""


class _Unreadable(Exception):
    """The expression is not one of GitLab's."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


@dataclass(slots=True)
class _Reader:
    tokens: deque[_Token]
    variables: Mapping[str, str | None]
    unknown: Container[str] | None
    depth: int = 0

    def at(self, sign: str) -> bool:
        """Take the next token if it is this sign."""
        if self.tokens and self.tokens[0] == _Token("sign", sign):
            self.tokens.popleft()
            return True
        return False


def evaluate(
    expression: str, variables: Mapping[str, str | None], unknown: Container[str] | None = None
) -> bool | None:
    """
    Whether the expression holds; None if that cannot be known. Never raises.

    A variable that is in `variables` has that value (None: it is not set). Any other is unknown, or, if
    `unknown` is given, unknown only if it is in there and else not set. What cannot be read is unknown too.
    """
    try:
        reader = _Reader(deque(_tokens(expression)), variables, unknown)
        result = _or(reader)
    except _Unreadable:
        return None
    return None if reader.tokens else result


def _tokens(expression: str) -> list[_Token]:
    text = expression.rstrip()
    if len(text) > LONGEST:
        raise _Unreadable(text)
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise _Unreadable(text)
        tokens.append(_Token(found.lastgroup, found[found.lastgroup]))
        at = found.end()
    return tokens


# `||` binds less than `&&`, and that less than the comparisons ---------------------------------------------


def _or(reader: _Reader) -> bool | None:
    result = _and(reader)
    while reader.at("||"):
        result = either(result, _and(reader))
    return result


def _and(reader: _Reader) -> bool | None:
    result = _comparison(reader)
    while reader.at("&&"):
        result = both(result, _comparison(reader))
    return result


def both(one: bool | None, other: bool | None) -> bool | None:
    """`one and other`, where None is unknown."""
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def either(one: bool | None, other: bool | None) -> bool | None:
    if one is True or other is True:
        return True
    return None if one is None or other is None else False


def _comparison(reader: _Reader) -> bool | None:
    if reader.at("("):
        return _grouped(reader)
    left = _value(reader)
    if reader.at("=="):
        return _equal(left, _value(reader))
    if reader.at("!="):
        return _not(_equal(left, _value(reader)))
    if reader.at("=~"):
        return _matches(left, _pattern(reader))
    if reader.at("!~"):
        return _not(_matches(left, _pattern(reader)))
    return _true(left)


def _grouped(reader: _Reader) -> bool | None:
    reader.depth += 1
    if reader.depth > DEEPEST:
        raise _Unreadable("too deep")
    result = _or(reader)
    if not reader.at(")"):
        raise _Unreadable("a parenthesis that is not closed")
    reader.depth -= 1
    return result


def _value(reader: _Reader) -> Value:
    if not reader.tokens or reader.tokens[0].kind in ("sign", "pattern"):
        raise _Unreadable("no value")
    token = reader.tokens.popleft()
    if token.kind == "null":
        return None
    if token.kind == "variable":
        return _variable(reader, token.text)
    return UNKNOWN if _REFERENCE.search(token.text) else token.text


def _variable(reader: _Reader, name: str) -> Value:
    if name in reader.variables:
        return reader.variables[name]
    return UNKNOWN if reader.unknown is None or name in reader.unknown else None


def _pattern(reader: _Reader) -> Value:
    """The pattern after `=~`, with its slashes; a variable may hold one."""
    if reader.tokens and reader.tokens[0].kind == "pattern":
        return reader.tokens.popleft().text
    return _value(reader)


def _matches(text: Value, pattern: Value) -> bool | None:
    """Whether the text holds the pattern; a variable that is not set is an empty text here."""
    found = _PATTERN.fullmatch(pattern) if isinstance(pattern, str) else None
    if found is None or text is UNKNOWN:
        return None
    return patterns.search(found[1], text or "", found[2])


def _equal(left: Value, right: Value) -> bool | None:
    return None if left is UNKNOWN or right is UNKNOWN else left == right


def _not(result: bool | None) -> bool | None:
    return None if result is None else not result


def _true(value: Value) -> bool | None:
    """A value alone holds if it is set and not blank."""
    return None if value is UNKNOWN else bool(value and value.strip())
