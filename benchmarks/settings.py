"""The configuration of a bot that talks to the benchmark's own servers."""

from __future__ import annotations

import json
from pathlib import Path

APP = "xapp-signalbox"
SHOP = "acme/shop"


#: What is measured elsewhere are not the limits, but what the bot does with as much as comes.
_NO_LIMITS: dict[str, object] = {
    "person_per_minute": 0,
    "channel_per_minute": 0,
    "all_per_minute": 0,
    "open_runs_per_person": 0,
    "open_runs_per_project": 0,
}


def write(
    folder: Path, slack_url: str, gitlab_url: str, *, limited: bool = False, confirmed: bool = True
) -> Path:
    """Write config.toml into `folder`, beside which the bot's store will be, and return its path.

    There is no limit to what may be asked, unless it is `limited` as a new configuration is. If not `confirmed`,
    what is typed for production is done at once.
    """
    tables: dict[str, dict[str, object]] = {
        "slack": {"bot_token": "xoxb-signalbox", "app_token": APP, "api_url": f"{slack_url}/api/"},
        "gitlab": {"url": gitlab_url, "token": "glpat-signalbox"},
        "store": {"path": str(store(folder))},
        f'projects."{SHOP}"': {"channels": ["C0OPS00001"]},
    }
    if not confirmed:
        tables["access"] = {"confirm_production": False}
    if not limited:
        tables["limits"] = _NO_LIMITS
    path = folder / "config.toml"
    path.write_text("\n".join(_table(name, values) for name, values in tables.items()))
    path.chmod(0o600)
    return path


def store(folder: Path) -> Path:
    """Where the store of a bot configured in `folder` is."""
    return folder / "signalbox.sqlite3"


def _table(name: str, values: dict[str, object]) -> str:
    return "\n".join([f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items()), ""])
