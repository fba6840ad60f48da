"""Reads `spec:inputs` of a CI configuration and puts their values in (doc/ci/inputs)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: GitLab shows at most three messages of an interpolation that failed.
SHOWN_ERRORS = 3
BLOCK = re.compile(r"\$\[\[\s*(.*?)\s*\]\]")
TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
}


class InputsError(ValueError):
    """The values do not fit the inputs; the message is what GitLab answers."""


@dataclass(frozen=True, slots=True)
class InputSpec:
    name: str
    type: str = "string"
    default: Any = None
    required: bool = True
    options: tuple[Any, ...] = ()
    regex: str | None = None


def read_specs(header: Mapping[str, Any]) -> dict[str, InputSpec]:
    """Read the header document `spec: {inputs: …}`. Raises InputsError for a type that does not exist."""
    inputs = (header.get("spec") or {}).get("inputs") or {}
    return {name: _spec(name, details or {}) for name, details in inputs.items()}


def _spec(name: str, details: Mapping[str, Any]) -> InputSpec:
    kind = details.get("type", "string")
    if kind not in TYPES:
        raise InputsError(f"header:spec:inputs:{name} input type unknown value: {kind}")
    return InputSpec(
        name,
        kind,
        details.get("default"),
        "default" not in details,
        tuple(details.get("options") or ()),
        details.get("regex"),
    )


def settle(specs: Mapping[str, InputSpec], given: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every input: given, or its default. Raises InputsError with GitLab's words."""
    unknown = [name for name in given if name not in specs]
    problems = [f"unknown input arguments: {', '.join(unknown)}"] if unknown else []
    values: dict[str, Any] = {}
    for spec in specs.values():
        values[spec.name] = given.get(spec.name, spec.default)
        if spec.name not in given and spec.required:
            problems.append(f"`{spec.name}` input: required value has not been provided")
        elif values[spec.name] is not None:
            problems += _problems(spec, values[spec.name])
    if problems:
        raise InputsError(", ".join(problems[:SHOWN_ERRORS]))
    return values


def _problems(spec: InputSpec, value: Any) -> list[str]:
    """What is wrong with one value, in GitLab's words."""
    right = isinstance(value, TYPES[spec.type]) and (spec.type == "boolean" or not isinstance(value, bool))
    if not right:
        article = "an" if spec.type == "array" else "a"
        return [f"`{spec.name}` input: provided value is not {article} {spec.type}"]
    if spec.options and value not in spec.options:
        return [
            f"`{spec.name}` input: `{value}` cannot be used because it is not in the list of allowed options"
        ]
    if spec.regex and spec.type == "string" and not re.search(ruby(spec.regex), value):
        return [f"`{spec.name}` input: provided value does not match required RegEx pattern"]
    return []


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
