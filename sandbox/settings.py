"""The config.toml that points a bot at the sandbox."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

Table = Mapping[str, object]

SHOP, INFRA = "acme/shop", "acme/infra"
DEFAULTS = {"C0OPS00001": SHOP, "C0DEV00001": INFRA}
"""Channel -> the project that is meant there (sandbox.md, projects)."""


def projects(chat_tokens: Mapping[str, str]) -> dict[str, object]:
    """The `[projects]` table: the sample projects, their aliases and channels, their chat tokens."""
    shown: dict[str, dict[str, object]] = {
        SHOP: {"aliases": ["shop"]}, INFRA: {"aliases": ["infra"]}, "acme/vault": {}, "acme/empty": {},
    }  # fmt: skip
    for path, table in shown.items():
        table["channels"] = [channel for channel, project in DEFAULTS.items() if project == path]
        table["chat_token"] = chat_tokens.get(path, "")
    return dict(shown)


def merged(base: Table, over: Table) -> dict[str, object]:
    """`base` with the values of `over` on top, table by table."""
    result = dict(base)
    for key, value in over.items():
        below = result.get(key)
        both = isinstance(below, Mapping) and isinstance(value, Mapping)
        result[key] = merged(below, value) if both else value  # type: ignore[arg-type]  # both are mappings here
    return result


def toml(table: Table, path: tuple[str, ...] = ()) -> str:
    """A nested mapping as TOML: plain values first, then its tables."""
    lines = [f"[{'.'.join(path)}]"] if path else []
    tables = {key: value for key, value in table.items() if isinstance(value, Mapping)}
    lines += [f"{_key(key)} = {_value(value)}" for key, value in table.items() if key not in tables]
    below = [toml(value, (*path, _key(key))) for key, value in tables.items()]
    return "\n".join([*lines, *below])


def _key(key: str) -> str:
    return key if re.fullmatch(r"[\w-]+", key, re.ASCII) else json.dumps(key, ensure_ascii=False)


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_key(key)} = {_value(one)}' for key, one in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(one) for one in value)}]"
    # JSON's strings, numbers and booleans are TOML's too.
    return json.dumps(value, ensure_ascii=False)


def write_private(path: Path, text: str) -> None:
    """Write a file that holds tokens: only its owner may read it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
