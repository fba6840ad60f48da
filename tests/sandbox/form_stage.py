"""Forms for the tests of the sandbox's Slack: how they are written, opened, and heard of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.sandbox.slack_stage import Ear, Stage

SAMPLES = Path(__file__).parent.parent / "fixtures" / "slack" / "interactive"


def keys(value: Any) -> Any:
    """The keys of a payload and the types of its values, apart from what a form is about."""
    if isinstance(value, dict):
        return {key: keys(each) for key, each in value.items() if key not in ("blocks", "values", "actions")}
    return [keys(each) for each in value[:1]] if isinstance(value, list) else type(value).__name__


def sample(name: str) -> dict[str, Any]:
    """The envelope of a sample."""
    loaded: dict[str, Any] = json.loads((SAMPLES / name).read_text())
    return loaded


def words(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def field(label: str, kind: str, **more: Any) -> dict[str, Any]:
    """An input block whose ids are made of its label; `optional` and `dispatch_action` go to the block."""
    own: dict[str, Any] = {key: more.pop(key) for key in ("optional", "dispatch_action") if key in more}
    name = label.lower()
    element = {"type": kind, "action_id": name, **more}
    return {"type": "input", "block_id": f"{name}_block", "label": words(label), "element": element, **own}


def options(*labels: str) -> list[dict[str, Any]]:
    return [{"text": words(label), "value": label.lower()} for label in labels]


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A form with these blocks."""
    return {
        "type": "modal",
        "title": words("Declare"),
        "submit": words("Go"),
        "callback_id": "declare",
        "private_metadata": "{}",
        "blocks": list(blocks),
        **more,
    }


def opened(stage: Stage, ear: Ear, *blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A form that alice opened by a command."""
    stage.run(stage.slack.slash("alice", "ops", "/gitlab", "form"))
    trigger = ear.envelopes[-1]["payload"]["trigger_id"]
    view: dict[str, Any] = stage.web.views_open(trigger_id=trigger, view=modal(*blocks, **more))["view"]
    return view


def sent(ear: Ear, kind: str) -> list[dict[str, Any]]:
    """The interactions of that type that came."""
    return [each for each in ear.envelopes if each["payload"].get("type") == kind]
