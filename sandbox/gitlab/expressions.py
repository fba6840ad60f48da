"""Reads the expression language of `rules:if` and `only:variables` (doc/ci/jobs/job_rules.md)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Value = str | bool | None | re.Pattern[str]
#: Texts by name; conditions of inputs know the values of other inputs, which keep their type.
Variables = Mapping[str, Any]
Expression = Callable[[Variables], Value]

TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>"[^"]*"|'[^']*')
      | (?P<pattern>/(?:\\.|[^/\\])+/[ismU]*)
      | (?P<input>\$\[\[\s*inputs\.[\w-]+\s*\]\])
      | (?P<variable>\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\})
      | (?P<null>null\b)
      | (?P<word>true\b|false\b)
      | (?P<operator>==|!=|=~|!~|&&|\|\||\(|\)|!)
    )""",
    re.VERBOSE,
)


#: How a condition names an input (doc/ci/yaml, spec:inputs:rules).
INPUT = re.compile(r"\$\[\[\s*inputs\.([\w-]+)\s*\]\]")


class ExpressionError(ValueError):
    """The text is no expression: GitLab says `invalid expression syntax`."""


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str


def compile_expression(text: str) -> Expression:
    """Turn the text of one condition into a function of the variables. Raises ExpressionError."""
    reader = _Reader(_tokens(text))
    expression = reader.either()
    if reader.left():
        raise ExpressionError("invalid expression syntax")
    return expression


def holds(expression: Expression, variables: Variables) -> bool:
    """Whether a condition is met: a bare variable is true when it is set and not blank."""
    value = expression(variables)
    return bool(value.strip()) if isinstance(value, str) else bool(value)


def _tokens(text: str) -> list[Token]:
    tokens, at, text = [], 0, text.strip()
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise ExpressionError("invalid expression syntax")
        tokens.append(Token(found.lastgroup, found[found.lastgroup]))
        at = found.end()
    return tokens


class _Reader:
    """Recursive descent: `||` binds loosest, then `&&`, then the comparisons, then `!` and values."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def left(self) -> bool:
        return self._at < len(self._tokens)

    def either(self) -> Expression:
        first = self._both()
        while self._take("||"):
            first = _either(first, self._both())
        return first

    def _both(self) -> Expression:
        first = self._comparison()
        while self._take("&&"):
            first = _both(first, self._comparison())
        return first

    def _comparison(self) -> Expression:
        first = self._value()
        for operator, build in COMPARISONS.items():
            if self._take(operator):
                return build(first, self._value())
        return first

    def _value(self) -> Expression:
        if self._take("("):
            inside = self.either()
            if not self._take(")"):
                raise ExpressionError("invalid expression syntax")
            return inside
        if self._take("!"):
            inside = self._value()
            return lambda variables: not holds(inside, variables)
        if not self.left():
            raise ExpressionError("invalid expression syntax")
        token = self._tokens[self._at]
        self._at += 1
        return _constant(token)

    def _take(self, operator: str) -> bool:
        if self.left() and self._tokens[self._at] == Token("operator", operator):
            self._at += 1
            return True
        return False


def _constant(token: Token) -> Expression:
    match token.kind:
        case "string":
            return lambda _: token.text[1:-1]
        case "variable":
            name = token.text.strip("${}")
            return lambda variables: variables.get(name)
        case "input":
            found = INPUT.fullmatch(token.text)
            of_input = found[1] if found else ""
            return lambda values: values.get(of_input)
        case "pattern":
            pattern = read_pattern(token.text)
            return lambda _: pattern
        case "null":
            return lambda _: None
        case "word":
            return lambda _: token.text == "true"
        case _:
            raise ExpressionError("invalid expression syntax")


def read_pattern(text: str) -> re.Pattern[str]:
    """Read `/…/i` as a regular expression. Raises ExpressionError when it is none."""
    found = re.fullmatch(r"/(.+)/([ismU]*)", text, re.DOTALL)
    if found is None:
        raise ExpressionError("invalid regular expression")
    flags = (re.IGNORECASE if "i" in found[2] else 0) | (re.DOTALL if "s" in found[2] else 0) | re.MULTILINE
    try:
        return re.compile(found[1].replace(r"\/", "/"), flags)
    except re.error as error:
        raise ExpressionError("invalid regular expression") from error


def _either(first: Expression, second: Expression) -> Expression:
    return lambda variables: holds(first, variables) or holds(second, variables)


def _both(first: Expression, second: Expression) -> Expression:
    return lambda variables: holds(first, variables) and holds(second, variables)


def _equal(first: Expression, second: Expression) -> Expression:
    return lambda variables: first(variables) == second(variables)


def _unequal(first: Expression, second: Expression) -> Expression:
    return lambda variables: first(variables) != second(variables)


def _matching(first: Expression, second: Expression) -> Expression:
    return lambda variables: _matches(first(variables), second(variables))


def _unmatching(first: Expression, second: Expression) -> Expression:
    return lambda variables: not _matches(first(variables), second(variables))


def _matches(text: Value, pattern: Value) -> bool:
    """Compare text with a pattern; a variable may hold the pattern as `/…/`. No text matches nothing."""
    if not isinstance(text, str):
        return False
    if isinstance(pattern, str):
        try:
            pattern = read_pattern(pattern)
        except ExpressionError:
            return False
    return isinstance(pattern, re.Pattern) and pattern.search(text) is not None


COMPARISONS: Mapping[str, Callable[[Expression, Expression], Expression]] = {
    "==": _equal,
    "!=": _unequal,
    "=~": _matching,
    "!~": _unmatching,
}
