"""The configuration of a bot that talks to the benchmark's own servers."""

from __future__ import annotations

import json
from pathlib import Path

APP = "xapp-signalbox"
SHOP = "acme/shop"


def write(folder: Path, slack_url: str, gitlab_url: str) -> Path:
    """Write config.toml into `folder`, beside which the bot's store will be, and return its path."""
    tables: dict[str, dict[str, object]] = {
        "slack": {"bot_token": "xoxb-signalbox", "app_token": APP, "api_url": f"{slack_url}/api/"},
        "gitlab": {"url": gitlab_url, "token": "glpat-signalbox"},
        "store": {"path": str(store(folder))},
        f'projects."{SHOP}"': {"channels": ["C0OPS00001"]},
    }
    path = folder / "config.toml"
    path.write_text("\n".join(_table(name, values) for name, values in tables.items()))
    path.chmod(0o600)
    return path


def store(folder: Path) -> Path:
    """Where the store of a bot configured in `folder` is."""
    return folder / "signalbox.sqlite3"


def _table(name: str, values: dict[str, object]) -> str:
    return "\n".join([f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items()), ""])
