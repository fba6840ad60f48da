"""What the app may do, hears of and offers: read from docs/slack-app-manifest.yaml, as Slack would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

MANIFEST = Path(__file__).resolve().parents[2] / "docs" / "slack-app-manifest.yaml"
GLOBAL, MESSAGE = "global", "message"
"""The two types of a shortcut: one is found anywhere, the other in the menu of a message."""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A shortcut as its manifest declares it. `type` is global or message."""

    name: str
    type: str
    callback_id: str


PLANNED = (
    Shortcut("Run a job", GLOBAL, "run.shortcut"),
    Shortcut("New issue", GLOBAL, "issue.shortcut"),
    Shortcut("Declare incident", GLOBAL, "incident.shortcut"),
    Shortcut("Create issue", MESSAGE, "issue.from_message"),
    Shortcut("Add to issue", MESSAGE, "issue.add_message"),
)
"""Offered as long as the manifest declares none."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Scopes of the bot's token, the app's events, slash commands and shortcuts, and whether it has a Home."""

    scopes: frozenset[str]
    subscriptions: frozenset[str]
    commands: frozenset[str] = frozenset()
    shortcuts: tuple[Shortcut, ...] = PLANNED
    has_home: bool = True


def read(path: Path = MANIFEST) -> Manifest:
    """The manifest in a file (slack-platform.md 3)."""
    found: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    features = found["features"]
    return Manifest(
        frozenset(found["oauth_config"]["scopes"]["bot"]),
        frozenset(found["settings"]["event_subscriptions"]["bot_events"]),
        frozenset(each["command"] for each in features["slash_commands"]),
        tuple(_shortcut(each) for each in features.get("shortcuts") or ()) or PLANNED,
        bool(features["app_home"]["home_tab_enabled"]),
    )


def _shortcut(declared: Mapping[str, str]) -> Shortcut:
    return Shortcut(declared["name"], declared["type"], declared["callback_id"])
