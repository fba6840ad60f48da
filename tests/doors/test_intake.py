"""The accept path: every envelope is acked once, and only what asks for something becomes a row."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.edges.store import Store
from tests.doors.accepting import NOW, Door, acks
from tests.fixtures.slack_samples import NAMES, sample

ASKS = {
    **dict.fromkeys((name for name in NAMES if name.startswith("commands/")), "slash"),
    **{f"events/{name}": "text" for name in (
        "app_mention", "app_mention_in_thread", "app_mention_slack_connect_foreign_user", "message_im",
        "message_im_in_thread", "message_im_retry", "message_im_slashlike_text")},
    **{f"interactive/block_actions_{name}": "click" for name in (
        "app_unfurl", "dm", "ephemeral", "home", "message", "message_in_thread", "overflow", "private_channel",
        "select")},
    **{f"interactive/{name}": "shortcut" for name in (
        "message_action", "message_action_bot_message", "message_action_in_thread", "shortcut_global")},
    **dict.fromkeys(("events/app_home_opened_home", "events/app_home_opened_home_first_time"), "home"),
}  # fmt: skip
"""What asks the bot for something, and the kind of its row; every other sample is only acknowledged."""


@pytest.fixture
def door(store: Store) -> Door:
    return Door(store)


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_is_acked_and_only_what_asks_makes_a_row(door: Door, name: str) -> None:
    """One tiny ack for each envelope there is; a row, told to the workers, for those that ask."""
    envelope = sample(name)
    assert door.accept(envelope) == acks([envelope])
    assert [row.kind for row in door.rows] == ([ASKS[name]] if name in ASKS else [])
    assert door.handed == door.rows


def test_all_samples_at_once_are_one_batch(door: Door) -> None:
    """A batch is acked in order; what asks is kept once, though some samples share an event."""
    envelopes = [sample(name, envelope_id=f"e{number}") for number, name in enumerate(NAMES)]
    assert door.accept(*envelopes) == acks(envelopes)
    keys = {_key(sample(name)) for name in ASKS}
    assert {row.key for row in door.rows} == keys
    assert len(door.handed) == len(keys)


def _key(envelope: dict[str, Any]) -> str:
    payload = envelope["payload"]
    return str(payload.get("event_id") or payload.get("trigger_id"))


@pytest.mark.parametrize(
    "name", ["commands/channel", "events/app_mention", "interactive/block_actions_message"]
)
def test_the_same_envelope_three_times_is_one_request(door: Door, name: str) -> None:
    """It is acked each time, in one batch or in several, and done once."""
    envelope = sample(name)
    assert door.accept(envelope) == acks([envelope])
    assert door.accept(envelope, envelope) == acks([envelope, envelope])
    assert len(door.rows) == len(door.handed) == 1


@pytest.mark.parametrize(
    "name", ["commands/channel", "events/message_im", "interactive/block_actions_message"]
)
def test_the_same_request_in_another_envelope_is_one_request(door: Door, name: str) -> None:
    """A redelivery with a new envelope id is known by its event or trigger id."""
    for number in range(3):
        envelope = sample(name, envelope_id=f"other-{number}", retry_attempt=number)
        assert door.accept(envelope) == acks([envelope])
    assert len(door.rows) == len(door.handed) == 1


def test_a_redelivery_after_the_work_is_done_does_nothing(door: Door) -> None:
    """A finished request is still known."""
    envelope = sample("events/message_im")
    door.accept(envelope)
    with door.store.write() as tx:
        assert tx.inbox.claim("Ev000000001")
        assert tx.inbox.finish("Ev000000001", NOW)
    assert door.accept(sample("events/message_im", envelope_id="again")) == [{"envelope_id": "again"}]
    assert len(door.handed) == 1


def test_without_a_trigger_the_envelope_is_the_key(door: Door) -> None:
    """A request that Slack gave no id of its own is known by its envelope."""
    envelope = sample("commands/channel", envelope_id="only-me")
    del envelope["payload"]["trigger_id"]
    door.accept(envelope)
    assert [row.key for row in door.rows] == ["only-me"]


def test_a_slash_command_is_kept_as_typed(door: Door) -> None:
    """Who, where, which command, which words."""
    door.accept(sample("commands/channel"))
    assert door.body() == {
        "team": "T0ACME0001", "person": "U0ALICE001", "name": "alice", "channel": "C0OPS00001",
        "command": "/gitlab", "text": "acme/web issue show 42",
        "trigger": sample("commands/channel")["payload"]["trigger_id"],
    }  # fmt: skip
    assert [row.received_at for row in door.rows] == [NOW]


def test_a_mention_in_a_thread_keeps_its_thread(door: Door) -> None:
    """So that the answer goes there."""
    envelope = sample("events/app_mention_in_thread")
    door.accept(envelope)
    assert door.body()["thread"] == envelope["payload"]["event"]["thread_ts"]
    assert door.body()["way"] == "mention"


def test_a_guest_from_another_workspace_is_known_by_their_own_team(door: Door) -> None:
    """Slack Connect: the person's workspace is not ours."""
    door.accept(sample("events/app_mention_slack_connect_foreign_user"))
    assert (door.body()["team"], door.body()["person"]) == ("T0PARTNER1", "U0EVE00001")


def test_a_click_keeps_its_message_and_value(door: Door) -> None:
    """A button names its action and the id it carries; a choice in a list carries the chosen value."""
    envelope = sample("interactive/block_actions_message")
    door.accept(envelope)
    action = envelope["payload"]["actions"][0]
    body = door.body()
    assert (body["action"], body["value"]) == (action["action_id"], action["value"])
    assert body["message"] == envelope["payload"]["container"]["message_ts"]


def test_a_choice_carries_its_value(door: Door) -> None:
    """A select has no value of its own."""
    envelope = sample("interactive/block_actions_select")
    door.accept(envelope)
    assert door.body()["value"] == envelope["payload"]["actions"][0]["selected_option"]["value"]


@pytest.mark.parametrize("change", [{"bot_id": "B0OTHER"}, {"subtype": "bot_message"}, {"user": "U0OPSBOT01"},
                                    {"user": None}, {"edited": {"user": "U0ALICE001", "ts": "1.2"}},
                                    {"subtype": "message_changed"}], ids=str)  # fmt: skip
@pytest.mark.parametrize("name", ["events/message_im", "events/app_mention"])
def test_bots_itself_and_edits_start_nothing(door: Door, name: str, change: dict[str, Any]) -> None:
    """What a bot says, this one included, and what somebody only corrected, is acked and forgotten."""
    envelope = sample(name)
    envelope["payload"]["event"] |= change
    assert door.accept(envelope) == acks([envelope])
    assert door.rows == []


def test_a_file_with_a_comment_is_a_message(door: Door) -> None:
    """file_share in a direct message holds somebody's words."""
    envelope = sample("events/message_im")
    envelope["payload"]["event"]["subtype"] = "file_share"
    door.accept(envelope)
    assert door.body()["text"] == "help"


def test_half_a_letter_of_a_surrogate_pair_is_kept_readable(door: Door) -> None:
    """JSON may carry what no text can hold; it does not stop the others in its batch."""
    broken = sample("commands/channel", envelope_id="a")
    broken["payload"] |= {"text": "run \ud83d now", "trigger_id": "1.\udc00"}
    well = sample("events/message_im", envelope_id="b")
    assert door.accept(broken, well) == acks([broken, well])
    assert [json.loads(row.body)["text"] for row in door.rows] == ["run ? now", "help"]
