"""Who waits for their turn is told, strangers are turned away, and what could not be written down is done again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.doors.router import SLOW_MS
from bot.edges.store import Store
from bot.errors import StoreError
from bot.model import Message
from tests.doors.accepting import Door
from tests.doors.asking import SLASH, Bench, bench
from tests.fixtures.slack_samples import sample


@pytest.fixture
def desk(store: Store) -> Iterator[Bench]:
    with bench(store) as (desk, _):
        yield desk


def test_who_waits_for_a_worker_hears_that_once(desk: Bench) -> None:
    """A request nobody has taken yet is not left in silence; one that just came is."""
    old = desk.accept("slash", SLASH | {"text": "run hello"}, "old")
    desk.time += SLOW_MS + 1
    new = desk.accept("slash", SLASH | {"text": "run hello"}, "new")
    for _ in range(2):
        desk.router.comfort([old, new])
    assert "GitLab takes its time" in desk.answer("old.slow").text
    assert desk.letter("new.slow") is None
    desk.router.do(old)
    letter = desk.letter("old.slow")
    assert letter is not None
    assert letter.state == "dead"


def test_who_asks_for_many_things_is_told_of_one(desk: Bench) -> None:
    """Of all that one person waits for, the first is told; others are told beside it."""
    many = [desk.accept("slash", SLASH | {"text": "run hello"}, f"many{n}") for n in range(3)]
    other = desk.accept("slash", SLASH | {"text": "run hello", "person": "U0OTHER001"}, "other")
    desk.time += SLOW_MS + 1
    desk.router.comfort([*many, other])
    told = [key for key in ("many0", "many1", "many2", "other") if desk.letter(f"{key}.slow")]
    assert told == ["many0", "other"]


def test_a_stranger_is_turned_away(desk: Bench) -> None:
    """A command from another company's workspace does nothing, and says so to the one who typed it."""
    desk.slash("run hello", stranger="yes")
    assert desk.asked == []
    assert "members of my own workspace" in desk.answer().text


@pytest.mark.parametrize(
    ("name", "strange"),
    [
        ("events/app_mention_slack_connect_foreign_user", True),
        ("events/app_mention", False),
        ("commands/channel", False),
        ("commands/enterprise_grid", False),
        ("interactive/block_actions_message", False),
    ],
)
def test_who_is_a_stranger(store: Store, name: str, strange: bool) -> None:
    """Only somebody from another workspace in a shared channel is; a grid has several of its own."""
    door = Door(store)
    door.accept(sample(name))
    assert ("stranger" in door.body()) is strange


def test_a_command_from_another_workspace_is_a_stranger_s(store: Store) -> None:
    """As is a slash command that carries another team's id."""
    door = Door(store)
    envelope = sample("commands/channel")
    envelope["payload"]["team_id"] = "T0PARTNER1"
    door.accept(envelope)
    assert door.body()["stranger"] == "yes"


def test_a_suggestion_pressed_twice_is_one_request(desk: Bench) -> None:
    """Both presses carry the key of the offer, so that a run is made once."""
    desk.slash("rnu hello")
    block = json.loads(letter.body if (letter := desk.letter()) else "{}")["blocks"][-2]
    button = block["elements"][0]
    for key in ("c1", "c2"):
        desk.click(button["action_id"], button["value"], key)
    assert [request.key for request in desk.asked] == ["offer:k1.0:U0ALICE001"] * 2


def test_what_the_store_refused_is_given_back(desk: Bench) -> None:
    """A command that could not write is not answered with the store's trouble: it is done again later."""

    def refuse() -> Message | None:
        raise StoreError

    desk.act = refuse
    received = desk.accept("slash", SLASH | {"text": "act"})
    with pytest.raises(StoreError):
        desk.router.do(received)
    assert list(desk.router.dropped) == [received.key]
    assert desk.letter() is None
    with desk.store.write() as tx:
        assert tx.inbox.give_back(received.key)
    desk.act = lambda: Message("Done.")
    desk.router.do(received)
    assert desk.answer().text == "Done."


@pytest.mark.parametrize(
    ("kind", "body", "waits"),
    [
        ("slash", {"text": "run hello"}, True),
        ("slash", {"text": "acme/shop run help"}, True),
        ("slash", {"text": "help", "command": "/run"}, True),
        ("slash", {"text": "help run"}, False),
        ("slash", {"text": "acme/shop help"}, False),
        ("slash", {"text": ""}, False),
        ("text", {"text": "<@U0OPSBOT01> help"}, False),
        ("text", {"text": "whatever this is"}, True),
        ("click", {"action": "run.press", "value": "r1"}, True),
        ("slash", {"text": "", "sealed": "gAAAA"}, True),
    ],
)
def test_who_waits_for_whom(desk: Bench, kind: str, body: dict[str, str], waits: bool) -> None:
    """What acts waits for what the same person asked before; what only tells something does not."""
    received = desk.accept(kind, SLASH | body)
    received = replace(received, person="U0ALICE001")
    assert (desk.router.lane(received) == "U0ALICE001") is waits
