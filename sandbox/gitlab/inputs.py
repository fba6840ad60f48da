"""Checks the values of a configuration's inputs and puts them in (doc/ci/inputs)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from sandbox.gitlab.input_specs import TYPES, InputRule, InputsError, InputSpec

#: GitLab shows at most three messages of an interpolation that failed.
SHOWN_ERRORS = 3
BLOCK = re.compile(r"\$\[\[\s*(.*?)\s*\]\]")
NOT_AMONG = "cannot be used because it is not in the list of {}allowed options"


def settle(specs: Mapping[str, InputSpec], given: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every input: given, or its default. Raises InputsError with GitLab's words.

    The rules of an input know what was given, and the values of those above it (`Ci::Inputs::Builder`).
    """
    unknown = [name for name in given if name not in specs]
    problems = [f"unknown input arguments: {', '.join(unknown)}"] if unknown else []
    values: dict[str, Any] = {}
    for spec in specs.values():
        rule = spec.rule({**values, **given})
        value = given.get(spec.name)
        values[spec.name] = spec.default_by(rule) if value is None else value
        problems += _input_problems(spec, rule, value)
    if problems:
        raise InputsError(", ".join(problems[:SHOWN_ERRORS]))
    return values


def _input_problems(spec: InputSpec, rule: InputRule | None, value: Any) -> list[str]:
    """What is wrong with the value that was given, and with the default, which is checked as well."""
    options = spec.options_by(rule)
    if value is None and spec.required:
        return [f"`{spec.name}` input: required value has not been provided"]
    wrong = [] if spec.default is None else _problems(spec, options, spec.default, "default")
    found = wrong + ([] if value is None else _problems(spec, options, value, "provided"))
    return [f"`{spec.name}` input: {why}" for why in dict.fromkeys(found)]


def _problems(spec: InputSpec, options: tuple[Any, ...], value: Any, which: str) -> list[str]:
    right = isinstance(value, TYPES[spec.type]) and (spec.type == "boolean" or not isinstance(value, bool))
    if not right:
        article = "an" if spec.type == "array" else "a"
        return [f"{which} value is not {article} {spec.type}"]
    return [*_option_problems(spec, options, value), *_regex_problems(spec, value, which)]


def _option_problems(spec: InputSpec, options: tuple[Any, ...], value: Any) -> list[str]:
    if not options:
        return []
    if spec.type == "array":
        wrong = [str(one) for one in value if one not in options]
        return [f"{', '.join(wrong)} {NOT_AMONG.format('')}"] if wrong else []
    if spec.type == "boolean":
        return ["Options can only be used with string and number inputs"]
    if value in options:
        return []
    return [f"`{value}` {NOT_AMONG.format('the ' if spec.type == 'number' else '')}"]


def _regex_problems(spec: InputSpec, value: Any, which: str) -> list[str]:
    if spec.regex is None:
        return []
    if spec.type != "string":
        return ["RegEx validation can only be used with string inputs"]
    try:
        fits = re.search(ruby(spec.regex), value)
    except re.error:
        return ["invalid regular expression"]
    return [] if fits else [f"{which} value does not match required RegEx pattern"]


def ruby(pattern: str) -> str:
    """A Ruby/RE2 pattern as Python understands it: `\\z` is its end of text."""
    return pattern.replace(r"\z", r"\Z")


def interpolate(node: Any, values: Mapping[str, Any]) -> Any:
    """Put the values in the place of `$[[ inputs.name ]]`, whole values keeping their type."""
    if isinstance(node, dict):
        return {interpolate(key, values): interpolate(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [interpolate(value, values) for value in node]
    if not isinstance(node, str):
        return node
    whole = BLOCK.fullmatch(node)
    if whole:
        return _value(whole[1], values)
    return BLOCK.sub(lambda found: _text(_value(found[1], values)), node)


def _value(access: str, values: Mapping[str, Any]) -> Any:
    place, _, name = access.partition(".")
    if place.strip() != "inputs" or name.strip() not in values:
        raise InputsError(f"unknown interpolation key: `{access.removeprefix('inputs.')}`")
    return values[name.strip()]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, list) else str("" if value is None else value)
