"""Reads `spec:inputs`, the header of a CI configuration (doc/ci/yaml, spec:inputs)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.gitlab.expressions import INPUT, Expression, ExpressionError, compile_expression, holds

TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
}
KEYS = frozenset({"default", "description", "options", "regex", "type", "rules"})
RULE_KEYS = frozenset({"if", "options", "default"})
#: `Gitlab::Ci::Config::Entry::BaseInput::ALLOWED_OPTIONS_LIMIT`: longer lists are those of variables.
MOST_OPTIONS = 50
INCOMPLETE_RULE = "rule must define 'options' with at least one value and a 'default'"


class InputsError(ValueError):
    """The inputs, or the values given for them, do not fit; the message is what GitLab answers."""


@dataclass(frozen=True, slots=True)
class InputRule:
    """What holds for an input while others have certain values; without a condition it always does."""

    condition: Expression | None
    options: tuple[Any, ...]
    default: Any


@dataclass(frozen=True, slots=True)
class InputSpec:
    name: str
    type: str = "string"
    default: Any = None
    has_default: bool = False
    options: tuple[Any, ...] = ()
    regex: str | None = None
    rules: tuple[InputRule, ...] = ()

    @property
    def required(self) -> bool:
        """Whether somebody has to give it. Rules are enough, even when none of them applies."""
        return not self.has_default and not self.rules

    def rule(self, values: Mapping[str, Any]) -> InputRule | None:
        """The first rule that applies to these values of other inputs."""
        return next(
            (one for one in self.rules if one.condition is None or holds(one.condition, values)), None
        )

    def options_by(self, rule: InputRule | None) -> tuple[Any, ...]:
        return self.options if rule is None else rule.options

    def default_by(self, rule: InputRule | None) -> Any:
        return self.default if rule is None else rule.default


def read_specs(header: Mapping[str, Any]) -> dict[str, InputSpec]:
    """Read the header document `spec: {inputs: …}`. Raises InputsError for what GitLab does not take."""
    inputs = (header.get("spec") or {}).get("inputs") or {}
    specs = {
        name: _spec(f"header:spec:inputs:{name}", name, details or {}) for name, details in inputs.items()
    }
    _check_references(inputs)
    return specs


def _spec(place: str, name: str, details: Mapping[str, Any]) -> InputSpec:
    if not isinstance(details, dict):
        raise InputsError(f"{place} config should be a hash")
    _check_keys(place, details)
    kind = details.get("type", "string")
    if kind not in TYPES:
        raise InputsError(f"{place} input type unknown value: {kind}")
    if not isinstance(details.get("regex", ""), str):
        raise InputsError(f"{place} input regex should be a string")
    return InputSpec(
        name,
        kind,
        details.get("default"),
        "default" in details,
        _options(place, "input options", details.get("options")),
        details.get("regex"),
        _rules(place, details.get("rules")),
    )


def _check_keys(place: str, details: Mapping[str, Any]) -> None:
    unknown = [str(key) for key in details if key not in KEYS]
    if unknown:
        raise InputsError(f"{place} config contains unknown keys: {', '.join(unknown)}")
    for other in ("options", "default"):
        if {"rules", other} <= set(details):
            raise InputsError(f"{place} config please use only one of the following keys: rules, {other}")


def _options(place: str, what: str, given: Any) -> tuple[Any, ...]:
    if given is None:
        return ()
    if not isinstance(given, list):
        raise InputsError(f"{place} {what} should be a array")
    if len(given) > MOST_OPTIONS:
        raise InputsError(f"{place} config cannot define more than {MOST_OPTIONS} options")
    return tuple(given)


def _rules(place: str, given: Any) -> tuple[InputRule, ...]:
    if given is None:
        return ()
    if not isinstance(given, list):
        raise InputsError(f"{place}:rules config should be a array")
    return tuple(_rule(f"{place}:rules:rule", rule) for rule in given)


def _rule(place: str, given: Any) -> InputRule:
    if not isinstance(given, dict):
        raise InputsError(f"{place} config should be a hash")
    unknown = [str(key) for key in given if key not in RULE_KEYS]
    if unknown:
        raise InputsError(f"{place} config contains unknown keys: {', '.join(unknown)}")
    condition = _condition(place, given["if"]) if given.get("if") is not None else None
    options = _options(place, "options", given.get("options"))
    if "default" not in given:
        raise InputsError(f"{place} {INCOMPLETE_RULE}")
    if options and given["default"] not in options:
        raise InputsError(f"{place} default '{given['default']}' must be one of the options")
    return InputRule(condition, options, given["default"])


def _condition(place: str, text: Any) -> Expression:
    try:
        return compile_expression(str(text))
    except ExpressionError as error:
        raise InputsError(f"{place} if {error}") from error


def _check_references(inputs: Mapping[str, Any]) -> None:
    """Rules name inputs that exist, and not each other in a circle (`Header::Inputs::Validator`)."""
    needs: dict[str, set[str]] = {}
    for name, details in inputs.items():
        needs[name] = set()
        for place, rule in enumerate((details or {}).get("rules") or ()):
            wanted = INPUT.findall(str(rule.get("if") or ""))
            unknown = [one for one in wanted if one not in inputs]
            if unknown:
                what = f"rule[{place}] references undefined inputs: {', '.join(unknown)}"
                raise InputsError(f"header:spec:inputs:{name} config {what}")
            needs[name] |= set(wanted)
    if _circular(needs):
        raise InputsError(f"header:spec:inputs:{next(iter(inputs))} config circular dependency detected")


def _circular(needs: Mapping[str, set[str]]) -> bool:
    """Whether something is left when all are taken away that need nothing that is left."""
    left = dict(needs)
    while free := [name for name, wanted in left.items() if not wanted & left.keys()]:
        for name in free:
            del left[name]
    return bool(left)
