"""Reads the YAML of a CI configuration: its header document, `!reference` and `extends`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

#: `extends` may go this deep (doc/ci/yaml, extends).
EXTENDS_DEPTH = 11


class ConfigInvalid(ValueError):
    """The configuration is not valid; `errors` are GitLab's messages."""

    def __init__(self, *errors: str) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Reference:
    """`!reference [job, key]`: the value found there."""

    path: tuple[str, ...]


class _Loader(yaml.SafeLoader):
    """The safe loader with GitLab's `!reference` tag."""


def _reference(loader: yaml.SafeLoader, node: yaml.Node) -> Reference:
    if not isinstance(node, yaml.SequenceNode):
        raise ConfigInvalid("!reference expects a list of keys")
    return Reference(tuple(str(item) for item in loader.construct_sequence(node)))


_Loader.add_constructor("!reference", _reference)


def load(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split a configuration into its header (`spec`, maybe empty) and its body. Raises ConfigInvalid."""
    parts = re.split(r"^---[ \t]*$", text.removeprefix("---\n"), maxsplit=1, flags=re.MULTILINE)
    header = _mapping(parts[0])
    if len(parts) == 2 and "spec" in header:
        return header, _mapping(parts[1])
    return {}, header if len(parts) == 1 else _mapping(text)


def _mapping(text: str) -> dict[str, Any]:
    try:
        found = yaml.load(text, _Loader)  # a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" at line {mark.line + 1} column {mark.column + 1}" if mark else ""
        raise ConfigInvalid(f"(<unknown>): {error.problem}{place}") from error
    except yaml.YAMLError as error:
        raise ConfigInvalid("Invalid configuration format") from error
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise ConfigInvalid("Invalid configuration format")
    return found


def dump(body: Mapping[str, Any]) -> str:
    """The merged configuration as lint shows it (doc/api/lint.md: merged_yaml)."""
    return "---\n" + yaml.safe_dump(dict(body), sort_keys=False, allow_unicode=True, width=1000)


def merge(body: Mapping[str, Any]) -> dict[str, Any]:
    """Resolve `extends` and `!reference` everywhere. Raises ConfigInvalid."""
    extended = {name: _extended(name, body, ()) for name in body}
    return {name: _resolved(value, extended, 0) for name, value in extended.items()}


def _extended(name: str, body: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    entry = body[name]
    if not isinstance(entry, dict) or "extends" not in entry:
        return entry
    if name in path or len(path) >= EXTENDS_DEPTH:
        raise ConfigInvalid(f"{name}: circular dependency detected in `extends`")
    parents = entry["extends"] if isinstance(entry["extends"], list) else [entry["extends"]]
    merged: dict[str, Any] = {}
    for parent in parents:
        if parent not in body:
            raise ConfigInvalid(f"{name}: unknown keys in `extends` ({parent})")
        merged = _deep(merged, _extended(parent, body, (*path, name)))
    return _deep(merged, entry)


def _deep(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Merge maps into each other; lists and values of `over` win."""
    merged = dict(under)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _deep(merged[key], value) if both else value
    return merged


def _resolved(value: Any, body: Mapping[str, Any], depth: int) -> Any:
    if isinstance(value, Reference):
        if depth > EXTENDS_DEPTH:
            raise ConfigInvalid(f"!reference {list(value.path)} is part of a circular chain")
        return _resolved(_look_up(value, body), body, depth + 1)
    if isinstance(value, dict):
        return {key: _resolved(inner, body, depth) for key, inner in value.items()}
    if isinstance(value, list):
        return [_resolved(inner, body, depth) for inner in value]
    return value


def _look_up(reference: Reference, body: Mapping[str, Any]) -> Any:
    found: Any = body
    for key in reference.path:
        if not isinstance(found, dict) or key not in found:
            raise ConfigInvalid(f"!reference {json.dumps(list(reference.path))} could not be found")
        found = found[key]
    return found
