"""The manifest of the Slack app has what the documents and the bot need."""

from __future__ import annotations

import re
from typing import Any

import yaml

import commands
from bot.jobs import doctor
from sandbox.slack import FakeSlack
from tests.contract.documents import DOCS, examples, first_cells

#: What incidents bring along. Slack offers it already; the shortcut comes after it.
AWAITED_COMMAND = "/incident"
AWAITED = {"incident.timeline_message"}
PAGE = (DOCS / "slack-app.md").read_text()


def manifest() -> dict[str, Any]:
    """The manifest, read."""
    read: dict[str, Any] = yaml.safe_load((DOCS / "slack-app-manifest.yaml").read_text())
    return read


def commands_of_slack() -> set[str]:
    """The slash commands of the manifest."""
    return {each["command"] for each in manifest()["features"]["slash_commands"]}


def test_scopes_are_those_with_a_reason() -> None:
    """Each scope that is asked for has its reason in docs/slack-app.md, and each reason its scope."""
    scopes = manifest()["oauth_config"]["scopes"]["bot"]
    assert set(scopes) == first_cells(PAGE, "Scopes")
    assert scopes == sorted(scopes)


def test_doctor_misses_what_the_manifest_asks_for() -> None:
    """`doctor` knows every scope, so that one that was added later is missed by an app made before."""
    assert set(doctor.SCOPES) == set(manifest()["oauth_config"]["scopes"]["bot"])


def test_events_are_those_with_a_reason() -> None:
    """Each event that is subscribed to has its reason in docs/slack-app.md, and each reason its event."""
    assert set(manifest()["settings"]["event_subscriptions"]["bot_events"]) == first_cells(PAGE, "Events")


def test_events_have_their_scopes() -> None:
    """Slack sends an event only to an app that has the scope for it (slack-platform.md 3)."""
    needed = {
        "app_mention": "app_mentions:read", "message.im": "im:history", "message.channels": "channels:history",
        "message.groups": "groups:history", "pin_removed": "pins:read",
    }  # fmt: skip
    families = {"channel_": "channels:read", "group_": "groups:read", "member_": "channels:read"}
    families["reaction_"] = "reactions:read"
    scopes = manifest()["oauth_config"]["scopes"]["bot"]
    free = {"app_home_opened"}
    for event in set(manifest()["settings"]["event_subscriptions"]["bot_events"]) - free:
        family = f"{event.partition('_')[0]}_"
        assert (needed.get(event) or families[family]) in scopes


def test_slash_commands() -> None:
    """The slash commands of the manifest are those of the documents and of every example."""
    assert commands_of_slack() == first_cells(PAGE, "Slash commands")
    assert {example.split()[0] for example in examples()} | {AWAITED_COMMAND} == commands_of_slack()


def test_limits_of_slack() -> None:
    """Names and descriptions are as short as Slack demands (slack-platform.md 3)."""
    read = manifest()
    assert len(read["display_information"]["name"]) <= 35
    assert len(read["display_information"]["description"]) <= 140
    assert all(len(each["usage_hint"]) <= 1000 for each in read["features"]["slash_commands"])
    shortcuts = read["features"].get("shortcuts", ())
    assert len(shortcuts) <= 10
    assert all(len(each["name"]) <= 24 and len(each["description"]) <= 150 for each in shortcuts)


def test_no_public_address() -> None:
    """Socket Mode and buttons are on, there is a Home, direct messages are allowed, and no address is named."""
    read = manifest()
    assert read["settings"]["socket_mode_enabled"] is True
    assert read["settings"]["interactivity"] == {"is_enabled": True}
    assert read["features"]["app_home"]["home_tab_enabled"] is True
    assert read["features"]["app_home"]["messages_tab_enabled"] is True
    assert read["features"]["app_home"]["messages_tab_read_only_enabled"] is False
    assert "url" not in str(read)


def test_sandbox_grants_what_the_manifest_asks_for() -> None:
    """The sandbox's Slack gives the bot the scopes and events of the manifest, and no more."""
    asked, slack = manifest(), FakeSlack()
    assert set(asked["oauth_config"]["scopes"]["bot"]) == slack.scopes
    assert set(asked["settings"]["event_subscriptions"]["bot_events"]) == slack.subscriptions


def test_shortcuts_are_those_the_sandbox_offers() -> None:
    """Where the manifest declares shortcuts, the sandbox's Slack offers just those."""
    declared = {each["callback_id"] for each in manifest()["features"].get("shortcuts", ())}
    assert not declared or {each.callback_id for each in FakeSlack().shortcuts.offered} == declared


def told_of(heading: str) -> set[str]:
    """The names in the first column of the table below a heading."""
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return set(re.findall(r"^\| (\w[^|]*?) \|", section, re.MULTILINE)) - {"shortcut"}


def test_shortcuts_are_those_with_a_reason() -> None:
    """Each shortcut of the manifest is told of in docs/slack-app.md, and is one that a command takes."""
    declared = manifest()["features"].get("shortcuts", ())
    assert {each["name"] for each in declared} == told_of("Shortcuts")
    taken = {name for command in commands.load() for name in command.shortcuts}
    assert {each["callback_id"] for each in declared} == taken | AWAITED
