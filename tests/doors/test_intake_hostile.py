"""The accept path on payloads that no honest Slack sends: acked, logged, and nothing breaks."""

from __future__ import annotations

import copy
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.edges.store import Store
from tests.doors.accepting import Door, acks
from tests.fixtures.slack_samples import NAMES, sample

Way = tuple[str | int, ...]
WRONG: tuple[Any, ...] = (
    None,
    "",
    0,
    -1.5,
    True,
    [],
    {},
    [None],
    ["a"],
    {"id": None},
    {"a": {"b": []}},
    "\ud800",
)
STRINGS = (
    "team",
    "person",
    "channel",
    "command",
    "text",
    "name",
    "thread",
    "message",
    "action",
    "value",
    "way",
)


def ways(value: Any, here: Way = ()) -> Iterator[Way]:
    """The path to everything in a payload."""
    yield here
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in inside:
        yield from ways(below, (*here, key))


def changed(envelope: dict[str, Any], way: Way, wrong: Any, remove: bool) -> dict[str, Any]:
    """The envelope with one thing in its payload replaced or taken away."""
    whole = copy.deepcopy(envelope)
    if not way:
        return whole | {"payload": wrong}
    *path, last = way
    holder = whole["payload"]
    for step in path:
        holder = holder[step]
    if remove:
        del holder[last]
    else:
        holder[last] = wrong
    return whole


def kept_right(door: Door) -> bool:
    """Whether whatever was kept is text, with somebody in it, and a place or the word that there is none."""
    bodies = [json.loads(row.body) for row in door.rows]
    texts = all(isinstance(body.get(name, ""), str | None) for body in bodies for name in STRINGS)
    return texts and all(body["person"] and body["channel"] is not None for body in bodies)


@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_is_wrong_in_a_payload_it_is_acked(data: st.DataObject) -> None:
    """One thing missing, null, or of another type, anywhere in any sample."""
    envelope = sample(data.draw(st.sampled_from(NAMES)))
    way = data.draw(st.sampled_from(list(ways(envelope["payload"]))))
    hostile = changed(envelope, way, data.draw(st.sampled_from(WRONG)), data.draw(st.booleans()))
    with TemporaryDirectory() as folder:
        store = Store(Path(folder) / "s.sqlite3")
        door = Door(store)
        assert door.accept(hostile) == acks([hostile])
        assert kept_right(door)
        store.close()


@pytest.mark.parametrize("payload", [*WRONG, {"type": "event_callback"}, {"type": "event_callback", "event": "x"},
                                     {"type": "block_actions", "actions": []}, {"command": None},
                                     {"command": 5, "team_id": {}}, {"type": ["event_callback"]}], ids=str)  # fmt: skip
@pytest.mark.parametrize("kind", ["events_api", "slash_commands", "interactive", "of_tomorrow", None])
def test_a_payload_of_nothing_is_acked_and_logged(
    store: Store, payload: Any, kind: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever an envelope holds, it is acked, no row is made, and the log tells of it."""
    door = Door(store)
    with caplog.at_level(logging.WARNING):
        assert door.accept({"envelope_id": "e", "type": kind, "payload": payload}) == [{"envelope_id": "e"}]
    assert door.rows == []
    assert caplog.records


def test_a_hostile_payload_does_not_stop_the_others(store: Store) -> None:
    """In one batch with honest ones, only the honest ones are kept."""
    door = Door(store)
    batch = [
        sample("commands/channel"),
        {"envelope_id": "x", "type": "events_api", "payload": {"authorizations": [5], "event": {"user": []}}},
        sample("events/message_im"),
    ]
    assert door.accept(*batch) == acks(batch)
    assert [row.kind for row in door.rows] == ["slash", "text"]


def test_nothing_of_the_payload_is_in_the_log(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """What somebody typed may be a secret; a payload that is refused is named by its types alone."""
    canary = f"canary-{os.getpid()}"
    envelope = sample("commands/channel")
    envelope["payload"] |= {"text": canary, "channel_id": None, "user_id": 5}
    with caplog.at_level(logging.DEBUG):
        Door(store).accept(envelope)
    assert caplog.records
    assert canary not in caplog.text
