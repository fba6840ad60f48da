"""Whatever happens behind a select or a form that is open, Slack is answered, and once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from blocks import voice
from bot.command import Form, Letters
from bot.doors.prompt import LETTERS_A_REQUEST
from bot.doors.router import Router
from bot.edges.store import Store
from bot.errors import BotError, StoreError
from bot.kit import Kit
from bot.model import Known, Option, Person
from bot.policy import Limits, Policy
from tests.doors.accepting import Door
from tests.doors.asking import BOT, bench, knows_people, member
from tests.doors.prompting import Feature, filled_in, offered, prompting, typing
from tests.edges import wire


def test_letters_of_a_guest_leave_no_line_in_the_trail(store: Store) -> None:
    """Nothing was asked for; the trail is kept for good, and nobody may fill it by typing."""

    def guests(seen: wire.Seen) -> wire.Reply:
        if seen.path.endswith("users.info"):
            return wire.data({"ok": True, "user": member(seen.form["user"], is_restricted=True)})
        return knows_people(seen)

    with bench(store, guests) as (desk, _):
        router = Router(desk.router.kit, [Feature().command()], voice, BOT)
        door = Door(store)
        door.intake.told = router.prompt.told
        assert [offered(ack) for ack in door.accept(*[typing("project")] * 3)] == [[]] * 3
        with store.read() as tx:
            assert list(tx.audit.since(0)) == []


def test_who_types_without_end_is_offered_nothing_for_a_while(store: Store) -> None:
    """Ten letters for each request somebody may make in a minute; others go on."""
    policy = Policy(limits=Limits(person_per_minute=2))
    with prompting(store, Feature(), policy) as (_, door):
        for _ in range(2 * LETTERS_A_REQUEST):
            assert offered(*door.accept(typing("project-299")))
        assert offered(*door.accept(typing("project-299"))) == []
        other = typing("project-299")
        other["payload"]["user"] |= {"id": "U0BOB00001"}
        assert offered(*door.accept(other))


@pytest.mark.parametrize("typed", ["shop " * 50_000, "x" * 100_000, "%_\\" * 1_000, "/" * 500, "\ud800"])
def test_whatever_is_typed_is_answered(store: Store, typed: str) -> None:
    """Neither its length nor its letters keep the index of names from being looked at."""
    feature = Feature()

    def find(letters: Letters, kit: Kit) -> list[Option]:
        with kit.store.read() as tx:
            found = tx.known.find(letters.person, "project", letters.typed, 100)
        return [Option(one.path, one.path) for one in found] or [Option("nothing", "nothing")]

    with prompting(store, feature) as (desk, door):
        with store.write() as tx:
            tx.known.put(Person("T0ACME0001", "U0ALICE001"), "project", [Known(1, "acme/shop")], desk.time)
        command = replace(feature.command(), options={"pick.thing": find})
        door.intake.told = Router(desk.router.kit, [command], voice, BOT).prompt.told
        assert offered(*door.accept(typing(typed))) == [
            "acme/shop" if "shop" in typed or "/" in typed else "nothing"
        ]


def test_letters_in_the_home_are_answered(store: Store) -> None:
    """The Home stands in no channel, so that Slack is asked about none."""

    def without_channels(seen: wire.Seen) -> wire.Reply:
        assert not seen.path.endswith("conversations.info")
        return knows_people(seen)

    feature = Feature()
    with bench(store, without_channels) as (desk, _):
        door = Door(store)
        door.intake.told = Router(desk.router.kit, [feature.command()], voice, BOT).prompt.told
        envelope = typing("project-299")
        del envelope["payload"]["channel"]
        envelope["payload"] |= {"container": {"type": "view"}, "view": {"id": "V1", "type": "home"}}
        assert offered(*door.accept(envelope)) == ["acme/project-299"]


def test_a_suggestion_is_no_question(store: Store) -> None:
    """A select whose block has the id of a suggested command has no context, and is answered all the same."""
    feature = Feature()
    with prompting(store, feature) as (desk, door):
        with store.write() as tx:
            tx.offers.put("k1.0", "run hello", desk.time)
        assert offered(*door.accept(typing("project-299", block_id="k1.0"))) == ["acme/project-299"]
        assert [one.value for one in feature.letters] == [""]


def test_a_bug_behind_a_select_is_answered(store: Store) -> None:
    """Slack is told that nothing fits, instead of nothing; once."""
    feature = Feature()

    def find(_letters: Letters, _kit: Kit) -> list[Option]:
        raise RuntimeError("a bug")

    with prompting(store, feature) as (desk, door):
        command = replace(feature.command(), options={"pick.thing": find})
        door.intake.told = Router(desk.router.kit, [command], voice, BOT).prompt.told
        assert offered(*door.accept(typing("x"))) == []


@pytest.mark.parametrize("error", [StoreError(), BotError("No."), RuntimeError("a bug")])
def test_a_form_that_cannot_be_looked_at_stays_open(store: Store, error: Exception) -> None:
    """It is not taken, and acknowledged with a sentence beside its first field; the next try may go better."""
    feature = Feature()

    def check(_form: Form, _kit: Kit) -> Mapping[str, str]:
        raise error

    with prompting(store, feature) as (desk, door):
        command = replace(feature.command(), checks={"thing.form": check})
        door.intake.told = Router(desk.router.kit, [command], voice, BOT).prompt.told
        (ack,) = door.accept(filled_in())
        assert ack is not None
        assert "did not take it" in ack["payload"]["errors"]["title"]
        assert door.rows == []


def test_a_form_without_a_field_is_not_acknowledged_when_it_is_not_taken(store: Store) -> None:
    """There is no field to say so beside: Slack tells its sender that it did not work."""
    with prompting(store, Feature()) as (_, door):

        def broken(_: Any) -> None:
            raise StoreError

        door.intake.handed = broken
        empty = filled_in()
        empty["payload"]["view"]["state"] = {"values": {}}
        (ack,) = door.intake.accept([empty])
        assert callable(ack)
        sent: list[dict[str, Any]] = []
        ack(sent.append)
        assert sent == []
