"""What each input takes at the moment: its own options and default, or those of the rule that holds for the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.catalogues import Default, Input
from bot.jobs.configuration import spoken
from bot.jobs.expressions import evaluate

#: What decides about an input, by number: itself, its n-th rule, or something that only GitLab knows.
ITSELF, OPEN = 0, -1
#: Values keep their types in conditions: `"true"` is not `true`. No text of a configuration begins so; what stands
#: for false is blank, so that it does not hold by itself.
_NO_TEXT = "\N{NULL}"
_TRUE, _FALSE = f"{_NO_TEXT}true", "\N{EM SPACE}"

_PARTS = re.compile(
    r"\$\[\[\s*inputs\.(?P<name>[\w-]+)\s*\]\]"
    r"|(?P<text>\"[^\"]*\"|'[^']*'|/(?:[^/\\]|\\.)*/[ismU]*)"
    r"|(?P<literal>\b(?:true|false)\b)"
)


@dataclass(frozen=True, slots=True)
class Settled:
    """An input with the options and the default that hold for it now."""

    entry: Input
    variant: int = ITSELF
    """The number of the rule that holds, from 1; OPEN where only GitLab knows."""
    asked: bool = True
    """Whether anybody gives it: where no rule holds, nobody does."""


def settle(inputs: Sequence[Input], texts: Mapping[str, str]) -> tuple[Settled, ...]:
    """
    Return every input as it is for these values, which are texts by name; what is not among them has its default.

    The first rule that holds decides, and sees what was given, and the defaults of the inputs above
    (doc/ci/inputs, `spec:inputs:rules`).
    """
    types = {entry.name: entry.type for entry in inputs}
    known = dict.fromkeys(types) | {
        name: _compared(types[name], text) for name, text in texts.items() if name in types
    }
    found = []
    for entry in inputs:
        found.append(_settled(entry, known))
        if entry.name not in texts:
            known[entry.name] = _of_default(found[-1].entry)
    return tuple(found)


def leaders(inputs: Sequence[Input]) -> frozenset[str]:
    """Return the names of the inputs that rules of others ask for."""
    conditions = (rule.condition for entry in inputs for rule in entry.rules)
    return frozenset(found["name"] for one in conditions for found in _PARTS.finditer(one) if found["name"])


def _of_default(entry: Input) -> str | None:
    default: Default = entry.default
    return None if default is None or isinstance(default, tuple) else _compared(entry.type, spoken(default))


def _compared(kind: str, text: str) -> str:
    """Return a value as a condition sees it."""
    if kind == "boolean":
        return _TRUE if text == "true" else _FALSE
    return text if kind == "string" else _NO_TEXT + text


def _settled(entry: Input, known: Mapping[str, str | None]) -> Settled:
    for number, rule in enumerate(entry.rules, 1):
        holds = _holds(rule.condition, known)
        if holds is None:
            return Settled(under(entry, OPEN), OPEN)
        if holds:
            return Settled(under(entry, number), number)
    return Settled(entry, asked=not entry.rules)


def under(entry: Input, variant: int) -> Input:
    """Return an input as it is while this decides about it, a number as in Settled."""
    if 0 < variant <= len(entry.rules):
        rule = entry.rules[variant - 1]
        return replace(entry, options=rule.options, default=rule.default, required=rule.default is None)
    return replace(entry, options=(), default=None, required=False) if variant == OPEN else entry


def _holds(condition: str, known: Mapping[str, str | None]) -> bool | None:
    """Tell whether the `if` of a rule holds; None if that cannot be known."""
    if not condition:
        return True
    names: dict[str, str] = {}
    expression = _PARTS.sub(_as_variables(names), condition)
    return evaluate(expression, {names[name]: known[name] for name in names if name in known})


def _as_variables(names: dict[str, str]) -> Callable[[re.Match[str]], str]:
    """Write inputs as variables, and true and false as values of their own, as `rules:if` of a job can tell them."""

    def written(found: re.Match[str]) -> str:
        if found["name"]:
            return "$" + names.setdefault(found["name"], f"I{len(names)}")
        if found["literal"]:
            return f'"{_TRUE if found["literal"] == "true" else _FALSE}"'
        return found[0]

    return written
