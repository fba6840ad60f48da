"""What Slack waits for with a form or a select open: options that fit letters, and mistakes in fields."""

from __future__ import annotations

import json
from typing import Any

import pytest

from blocks import voice
from bot.doors.picking import kept
from bot.doors.router import Router
from bot.edges.store import Received, Store
from bot.errors import LeftOut, StoreError
from bot.model import Option, Place
from tests.doors.accepting import Door
from tests.doors.asking import ALICE, BOT, bench, knows_people, member
from tests.doors.prompting import Feature, filled_in, offered, prompting, typing
from tests.edges import wire
from tests.fixtures.slack_samples import sample

# Letters ----------------------------------------------------------------------------------------------------


def test_letters_are_answered_with_what_fits(store: Store) -> None:
    """In the acknowledgement itself; nothing of it becomes a request."""
    feature = Feature()
    with prompting(store, feature) as (_, door):
        (ack,) = door.accept(typing("project-29"))
        assert offered(ack) == [f"acme/project-{n}" for n in (29, *range(290, 300))]
        assert ack is not None
        assert ack["payload"]["options"][0]["value"] == "29"
        assert door.rows == []
        (letters,) = feature.letters
        assert (letters.person.id, letters.place, letters.value) == ("U0ALICE001", Place("C0OPS00001"), "")


def test_letters_wait_for_the_first_reading(store: Store) -> None:
    """What is being read for the first time is waited for a moment, not told as if there were nothing."""
    feature = Feature()
    waits: list[float] = []
    with prompting(store, feature) as (desk, door):

        def read(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 3:
                feature.reading = False

        feature.reading, desk.router.prompt.pause = True, read
        (ack,) = door.accept(typing("project-29"))
        assert len(offered(ack)) == 11
        assert len(waits) == 3


def test_letters_do_not_wait_for_ever(store: Store) -> None:
    """Slack waits three seconds; a GitLab that does not answer leaves the select empty well before."""
    feature = Feature()
    waits: list[float] = []
    with prompting(store, feature) as (desk, door):
        feature.reading, desk.router.prompt.pause = True, waits.append
        (ack,) = door.accept(typing("project-29"))
        assert offered(ack) == []
        assert 0.5 <= sum(waits) <= 1.5


def test_no_more_options_than_slack_takes(store: Store) -> None:
    """A hundred of them, each with what it is."""
    with prompting(store, Feature()) as (_, door):
        (ack,) = door.accept(typing(""))
        assert len(offered(ack)) == 100


def test_what_cannot_be_an_option_is_left_out(store: Store) -> None:
    """A value that Slack would refuse is not cut: it would mean something else. Long labels are only shown short."""
    feature = Feature()
    feature.found = [Option("x" * 200, "a"), Option("x", "b" * 151), Option("x", ""), Option("  ", "c")]
    with prompting(store, feature) as (_, door):
        (ack,) = door.accept(typing(""))
        (label,) = offered(ack)
        assert len(label) == 75


def test_a_form_says_what_its_selects_are_about(store: Store) -> None:
    """The value of the form is handed on with the letters, and so is where it was opened."""
    feature = Feature()
    envelope = sample("interactive/block_suggestion_modal")
    envelope["payload"] |= {"action_id": "pick.thing", "value": "project-2"}
    envelope["payload"]["view"]["private_metadata"] = "sheet1 C0DEV00001 17.5"
    with prompting(store, feature) as (_, door):
        door.accept(envelope)
        (letters,) = feature.letters
        assert (letters.value, letters.place) == ("sheet1", Place("C0DEV00001", "17.5"))


def test_a_question_says_what_its_select_is_about(store: Store) -> None:
    """A word that was left out is looked for in the context that was kept with the question."""
    feature = Feature()
    with prompting(store, feature) as (desk, door):
        with store.write() as tx:
            tx.offers.put("k1.pick", kept(LeftOut(before="thing", source="thing", context="42")), desk.time)
        door.accept(typing("project-2", block_id="k1.pick"))
        (letters,) = feature.letters
        assert (letters.value, letters.block) == ("42", "k1.pick")


def test_a_guest_is_offered_nothing(store: Store) -> None:
    """Whoever may not use the bot reads no names in its selects."""
    feature = Feature()

    def guests(seen: wire.Seen) -> wire.Reply:
        if seen.path.endswith("users.info"):
            return wire.data({"ok": True, "user": member(seen.form["user"], is_restricted=True)})
        return knows_people(seen)

    with bench(store, guests) as (desk, _):
        router = Router(desk.router.kit, [feature.command()], voice, BOT)
        door = Door(store)
        door.intake.told = router.prompt.told
        (ack,) = door.accept(typing("project"))
        assert offered(ack) == []
        assert feature.letters == []


def test_a_select_of_an_older_version_offers_nothing(store: Store) -> None:
    """Slack says then that there are no results."""
    with prompting(store, Feature()) as (_, door):
        (ack,) = door.accept(typing("x", action="pick.gone"))
        assert offered(ack) == []


# Forms ------------------------------------------------------------------------------------------------------


def test_a_form_with_mistakes_stays_open(store: Store) -> None:
    """Each mistake stands beside its field, and nothing is taken."""
    feature = Feature()
    feature.wrong = {"title": "It is too long."}
    with prompting(store, feature) as (_, door):
        (ack,) = door.accept(filled_in())
        assert ack is not None
        assert ack["payload"] == {"response_action": "errors", "errors": {"title": "It is too long."}}
        assert door.rows == []
        (form,) = feature.forms
        assert (form.value, form.values) == ("sheet1", {"title": "A title"})


def test_a_form_without_mistakes_is_taken_once(store: Store) -> None:
    """It is committed before it is acknowledged; sent again, it is the same request."""
    with prompting(store, Feature()) as (_, door):
        (ack,) = door.accept(filled_in())
        assert ack == {"envelope_id": filled_in()["envelope_id"]}
        assert [row.key for row in door.rows] == ["view:V1"]
        door.accept(filled_in())
        assert len(door.rows) == len(door.handed) == 1


def test_a_form_that_cannot_be_written_down_stays_open(store: Store) -> None:
    """Its sender reads so, and has not lost what they typed."""
    with prompting(store, Feature()) as (_, door):

        def broken(_: Any) -> None:
            raise StoreError

        door.intake.handed = broken
        (ack,) = door.accept(filled_in())
        assert ack is not None
        assert "did not take it" in ack["payload"]["errors"]["title"]


def test_a_form_nobody_looks_at_is_taken_at_once(store: Store) -> None:
    """A form without checks is committed with the others of its batch."""
    with prompting(store, Feature()) as (_, door):
        other = filled_in("V2")
        other["payload"]["view"]["callback_id"] = "thing.other"
        (ack,) = door.intake.accept([other])
        assert ack == {"envelope_id": other["envelope_id"]}


def test_what_a_mistake_repeats_holds_no_secret(store: Store) -> None:
    """What stands beside a field is cleaned as every answer is."""
    feature = Feature()
    feature.wrong = {"title": "glpat-canary0canary0canary0 is no title."}
    with prompting(store, feature) as (_, door):
        (ack,) = door.accept(filled_in())
        assert "canary0" not in json.dumps(ack)


@pytest.mark.parametrize("kind", ["suggestion", "form"])
def test_nothing_is_found_out_on_the_reading_thread(store: Store, kind: str) -> None:
    """What has to be said in an acknowledgement is handed to another thread; the batch goes on."""
    later: list[Any] = []
    with prompting(store, Feature()) as (_, door):
        door.intake.later = lambda person, act: later.append(act)
        envelope = typing("x") if kind == "suggestion" else filled_in()
        waits, plain = door.intake.accept([envelope, sample("commands/channel")])
        assert plain == {"envelope_id": sample("commands/channel")["envelope_id"]}
        assert callable(waits)
        sent: list[dict[str, Any]] = []
        waits(sent.append)
        assert not sent
        (act,) = later
        act()
        assert [one["envelope_id"] for one in sent] == [envelope["envelope_id"]]


def test_a_row_of_a_form_opens_no_form(store: Store) -> None:
    """Only what opens a form overtakes the other requests."""
    with prompting(store, Feature()) as (desk, _):
        body = json.dumps(ALICE | {"action": "thing.form", "value": "x", "values": ""})
        assert not desk.router.opens_form(Received("k", "e", "form", body, 1))
        assert desk.router.opens_form(Received("k", "e", "shortcut", body, 1))
