"""Shortcuts, the Home, and clicks inside of forms: where they are asked, and where their answers go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from blocks import voice
from bot.command import Click, Command, Request, Shortcut
from bot.doors.router import Router
from bot.edges.store import Store
from bot.errors import Refused
from bot.kit import Kit
from bot.model import Message, Person, Place
from tests.doors.accepting import Door
from tests.doors.asking import BOT, Bench, bench, knows_people
from tests.edges import wire
from tests.fixtures.slack_samples import sample

DM = "D0ALICEBOT"


@dataclass
class Feature:
    """A command with shortcuts and a Home, and what was asked of it."""

    asked: list[Shortcut | Click | Person] = field(default_factory=list)
    trouble: Exception | None = None

    def use(self, shortcut: Shortcut, _: Kit) -> Message:
        self.asked.append(shortcut)
        return Message("Used.")

    def press(self, click: Click, _: Kit) -> Message:
        self.asked.append(click)
        return Message("Pressed.")

    def home(self, person: Person, _: Kit) -> None:
        self.asked.append(person)
        if self.trouble:
            raise self.trouble

    def command(self) -> Command:
        def run(_request: Request, _kit: Kit) -> Message | None:
            return None

        return Command(
            "thing", "thing", "Do a thing.", ("thing",), run, buttons={"thing.press": self.press},
            shortcuts={"thing.use": self.use}, home=self.home, always=True,
        )  # fmt: skip


def knows_dms(seen: wire.Seen) -> wire.Reply:
    if seen.path.endswith("conversations.open"):
        return wire.data({"ok": True, "channel": {"id": DM}})
    return knows_people(seen)


@contextmanager
def feature_at(store: Store, script: wire.Script = knows_dms) -> Iterator[tuple[Feature, Bench, Door]]:
    """A desk with that feature, behind an intake that seals."""
    feature = Feature()
    with bench(store, script) as (desk, _):
        desk.router = Router(desk.router.kit, [feature.command()], voice, BOT)
        door = Door(store)
        door.intake.seal = lambda text, owner: desk.router.kit.vault.seal(text, about=owner)
        yield feature, desk, door


def done(desk: Bench, door: Door, envelope: dict[str, Any]) -> str:
    """Take an envelope in and do what it asks; the key of the request."""
    door.accept(envelope)
    row = door.rows[0]
    desk.router.do(row)
    return row.key


def global_shortcut() -> dict[str, Any]:
    envelope = sample("interactive/shortcut_global")
    envelope["payload"]["callback_id"] = "thing.use"
    return envelope


def message_shortcut(name: str = "message_action", **message: Any) -> dict[str, Any]:
    envelope = sample(f"interactive/{name}")
    envelope["payload"]["callback_id"] = "thing.use"
    envelope["payload"]["message"] |= message
    return envelope


# Shortcuts --------------------------------------------------------------------------------------------------


def test_a_global_shortcut_is_asked_in_the_direct_messages(store: Store) -> None:
    """It belongs to no channel, so its answer goes there; its trigger opens a form."""
    with feature_at(store) as (feature, desk, door):
        key = done(desk, door, global_shortcut())
        (used,) = feature.asked
        assert isinstance(used, Shortcut)
        assert (used.place, used.message) == (Place(DM), None)
        assert used.trigger == global_shortcut()["payload"]["trigger_id"]
        letter = desk.letter(key)
        assert letter is not None
        assert (letter.kind, letter.place.channel) == ("post", DM)


def test_a_message_shortcut_brings_the_message(store: Store) -> None:
    """Who wrote it, when, what, in which thread, with its blocks; the store holds none of it readable."""
    with feature_at(store) as (feature, desk, door):
        envelope = message_shortcut(text="canary & <https://x.test|x>", thread_ts="17.1")
        done(desk, door, envelope)
        with store.read() as tx:
            assert "canary" not in json.dumps([row.body for row in tx.inbox.waiting(10)])
        (used,) = feature.asked
        assert isinstance(used, Shortcut)
        assert used.message is not None
        message = envelope["payload"]["message"]
        assert (used.message.ts, used.message.person) == (message["ts"], message["user"])
        assert (used.message.text, used.message.thread) == ("canary & <https://x.test|x>", "17.1")
        assert used.place == Place(envelope["payload"]["channel"]["id"], "17.1")


def test_a_message_that_is_too_big_keeps_its_words(store: Store) -> None:
    """Its blocks are left out, since its text says the same."""
    with feature_at(store) as (feature, desk, door):
        done(desk, door, message_shortcut(text="words", blocks=[{"type": "section", "text": "x" * 200_000}]))
        (used,) = feature.asked
        assert isinstance(used, Shortcut)
        assert used.message is not None
        assert (used.message.text, used.message.blocks) == ("words", ())


def test_a_message_of_a_bot_is_told_as_such(store: Store) -> None:
    """It has a bot's id, and perhaps no person's."""
    with feature_at(store) as (feature, desk, door):
        done(desk, door, message_shortcut("message_action_bot_message"))
        (used,) = feature.asked
        assert isinstance(used, Shortcut)
        assert used.message is not None
        assert used.message.bot


def test_a_shortcut_of_an_older_version_is_answered(store: Store) -> None:
    """Whoever used it learns that it is gone."""
    with feature_at(store) as (_, desk, door):
        envelope = global_shortcut()
        envelope["payload"]["callback_id"] = "thing.gone"
        key = done(desk, door, envelope)
        assert "older version" in desk.answer(key).text


def test_a_slack_that_opens_no_direct_messages_is_no_crash(store: Store) -> None:
    """The person's own id stands in for the channel: Slack takes it for the same."""

    def closed(seen: wire.Seen) -> wire.Reply:
        if seen.path.endswith("conversations.open"):
            return wire.data({"ok": False, "error": "missing_scope"})
        return knows_people(seen)

    with feature_at(store, closed) as (feature, desk, door):
        done(desk, door, global_shortcut())
        (used,) = feature.asked
        assert isinstance(used, Shortcut)
        assert used.place == Place("U0ALICE001")


# The Home ---------------------------------------------------------------------------------------------------


def opened() -> dict[str, Any]:
    return sample("events/app_home_opened_home")


def test_opening_the_home_draws_it(store: Store) -> None:
    """For who opened it, and nobody is written to."""
    with feature_at(store) as (feature, desk, door):
        key = done(desk, door, opened())
        assert feature.asked == [Person("T0ACME0001", "U0ALICE001")]
        assert desk.letter(key) is None


def test_the_other_tab_of_the_home_asks_for_nothing(store: Store) -> None:
    """The conversation with the bot draws itself."""
    with feature_at(store) as (_, _, door):
        envelope = opened()
        envelope["payload"]["event"]["tab"] = "messages"
        door.accept(envelope)
        assert door.rows == []


def test_a_home_that_cannot_be_drawn_is_no_message(store: Store) -> None:
    """Nobody asked anything, so nobody is told; the log is."""
    with feature_at(store) as (feature, desk, door):
        feature.trouble = Refused()
        key = done(desk, door, opened())
        assert desk.letter(key) is None


def test_a_press_in_the_home_is_answered_in_the_direct_messages(store: Store) -> None:
    """It has no channel of its own."""
    with feature_at(store) as (feature, desk, door):
        envelope = sample("interactive/block_actions_home")
        envelope["payload"]["actions"][0] |= {"action_id": "thing.press", "value": "row1"}
        key = done(desk, door, envelope)
        (click,) = feature.asked
        assert isinstance(click, Click)
        assert (click.place, click.value, click.view) == (Place(DM), "row1", "V0HOME00001")
        assert desk.answer(key).text == "Pressed."


# Clicks inside of forms -------------------------------------------------------------------------------------


def in_a_form(metadata: str = "sheet1 C0DEV00001 17.5") -> dict[str, Any]:
    envelope = sample("interactive/block_actions_modal")
    view = envelope["payload"]["view"]
    view |= {"private_metadata": metadata}
    view["state"] = {"values": {"title": {"value": {"type": "plain_text_input", "value": "canary"}}}}
    envelope["payload"]["actions"][0] |= {"action_id": "thing.press"}
    return envelope


def test_a_pick_in_a_form_brings_what_is_filled_in(store: Store) -> None:
    """With the form it stands in and the place it was opened from; the store holds it sealed."""
    with feature_at(store) as (feature, desk, door):
        door.accept(in_a_form())
        assert "canary" not in door.rows[0].body
        desk.router.do(door.rows[0])
        (click,) = feature.asked
        assert isinstance(click, Click)
        assert (click.place, click.values) == (Place("C0DEV00001", "17.5"), {"title": "canary"})
        assert click.view == in_a_form()["payload"]["view"]["id"]
        assert click.about == "sheet1"


@pytest.mark.parametrize("metadata", ["", "x", "a  17.5", "a b c d"])
def test_a_pick_in_a_form_of_somebody_else_asks_for_nothing(store: Store, metadata: str) -> None:
    """Metadata that is not ours names no place."""
    with feature_at(store) as (_, _, door):
        door.accept(in_a_form(metadata))
        assert door.rows == []
