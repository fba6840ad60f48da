"""A request that was halted is kept, and goes on by a button of its owner, with what they agreed to, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bot.access.kept import FOR_AN_ANSWER
from bot.deeds import AGREE, Bound, Deed, Halted, Mark, Permit, Step, Verdict
from bot.doors.agree import ANSWERED, TOO_OLD
from bot.edges.store import Received, Store
from bot.errors import GitLabUnreachable, NotLinked
from bot.ledger import Kept
from bot.model import Message, Person
from bot.policy import Limits, Policy
from tests.doors.asking import CLICK, Bench, bench
from tests.edges import wire

ALICE = Person("T0ACME0001", "U0ALICE001")
BOB = {"person": "U0BOB00001", "name": "bob"}
SHOWN = Bound("main", "4be1c0f1").digest
DEED = Deed(("run",), ALICE, "C0OPS00001", project="acme/shop", job="deploy", environment="production")
CONFIRM = Step("confirmation", Mark.ASK, "Please confirm.")
APPROVAL = Step("approval", Mark.ASK, "The leads have to approve it.", remedy="approval")
LOCKED = Step("lock", Mark.STOP, "It is bob's.", remedy="queue override")


@contextmanager
def halted(
    store: Store, step: Step, *, dry_run: bool = False, policy: Policy | None = None
) -> Iterator[tuple[Bench, wire.Server]]:
    """A desk where `act` is halted by this step until somebody has said something beside it."""
    with bench(store, policy=policy) as (desk, server):

        def act() -> Message:
            if desk.asked[-1].permit == Permit():
                raise Halted(Verdict(DEED, (step,)), shown=SHOWN, dry_run=dry_run)
            return Message("Done.")

        desk.act = act
        desk.slash("act now")
        yield desk, server


def buttons(message: Message) -> dict[str, tuple[str, str]]:
    """Action id and value of each button, by its label."""
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return {one["text"]["text"]: (one["action_id"], one["value"]) for row in rows for one in row}


def the(desk: Bench) -> Kept:
    """The request that is kept under the buttons of the first answer."""
    ((_, value), *_) = buttons(desk.answer()).values()
    with desk.store.read() as tx:
        found = tx.kept.get(value)
    assert found is not None
    return found


def going_on(desk: Bench) -> list[Received]:
    with desk.store.read() as tx:
        return [one for one in tx.inbox.waiting(10) if one.key.startswith("kept:")]


def permit(desk: Bench) -> Permit:
    """Let the workers do what goes on, and return what came with it."""
    (one,) = going_on(desk)
    desk.router.do(one)
    assert desk.answer(one.key).text == "Done."
    return desk.asked[-1].permit


def form(desk: Bench, action: str, reason: str, key: str = "f1", **more: Any) -> None:
    """Send a form in, as the intake would have written it down."""
    body = CLICK | {"action": action, "value": the(desk).id, "thread": None} | more
    sealed = desk.router.kit.vault.seal(
        json.dumps({"reason": reason}), about=f"{body['team']}/{body['person']}"
    )
    desk.do("form", body | {"values": sealed}, key)


def test_a_halted_request_is_kept_and_told(store: Store) -> None:
    """The asker alone sees the ladder and what can be done; every button carries the kept request's id."""
    with halted(store, CONFIRM) as (desk, _):
        one = the(desk)
        assert set(buttons(desk.answer()).values()) == {(AGREE.go, one.id), (AGREE.leave, one.id)}
        letter = desk.letter()
        assert letter is not None
        assert letter.kind == "whisper"
        assert (one.person, one.kind, one.shown, one.state) == (ALICE, "slash", SHOWN, "waiting")
        assert "act now" not in one.body
        assert desk.open_requests() == 0


def test_yes_does_just_what_was_shown(store: Store) -> None:
    """The request comes again with the digest of what its owner saw."""
    with halted(store, CONFIRM) as (desk, _):
        desk.click(AGREE.go, the(desk).id)
        assert desk.letter("c1") is None
        assert permit(desk) == Permit(confirmed=SHOWN)
        assert [one.key for one in desk.asked] == ["k1", f"kept:{the(desk).id}"]


def test_yes_counts_once(store: Store) -> None:
    """Whatever is pressed afterwards hears that it goes on, and not that it has to be typed again."""
    with halted(store, LOCKED) as (desk, _):
        desk.click(AGREE.queue, the(desk).id)
        for number, action in enumerate((AGREE.queue, AGREE.go)):
            desk.click(action, the(desk).id, f"again{number}")
            assert desk.answer(f"again{number}").text == ANSWERED
        form(desk, AGREE.override, "it burns")
        assert desk.answer("f1").text == ANSWERED
        assert len(going_on(desk)) == 1
        assert permit(desk) == Permit(queue=True)


def test_what_goes_on_is_not_counted_twice(store: Store) -> None:
    """Typed and pressed are two things of a minute's two; what comes of the press is done all the same."""
    with halted(store, CONFIRM, policy=Policy(limits=Limits(person_per_minute=2))) as (desk, _):
        desk.click(AGREE.go, the(desk).id)
        assert permit(desk) == Permit(confirmed=SHOWN)
        desk.slash("act more", "k2")
        assert "more than 2 things" in desk.answer("k2").text


@pytest.mark.parametrize("action", [AGREE.go, AGREE.queue, AGREE.leave])
def test_nobody_agrees_for_somebody_else(store: Store, action: str) -> None:
    """Whoever learns the id of a kept request can do nothing with it."""
    with halted(store, LOCKED) as (desk, _):
        desk.click(action, the(desk).id, **BOB)
        assert going_on(desk) == []
        assert the(desk).state == "waiting"
        form(desk, AGREE.override, "it burns", **BOB)
        assert desk.answer("f1").text == TOO_OLD
        assert the(desk).state == "waiting"


def test_what_is_left_is_never_done(store: Store) -> None:
    """Leave it means that."""
    with halted(store, CONFIRM) as (desk, _):
        desk.click(AGREE.leave, the(desk).id)
        assert desk.letter("c1") is None
        desk.click(AGREE.go, the(desk).id, "c2")
        assert desk.answer("c2").text == TOO_OLD
        assert going_on(desk) == []


def test_an_old_yes_is_no_yes(store: Store) -> None:
    """After an hour the command has to be typed again."""
    with halted(store, CONFIRM) as (desk, _):
        desk.time += FOR_AN_ANSWER
        desk.click(AGREE.go, the(desk).id)
        assert desk.answer("c1").text == TOO_OLD
        desk.click(AGREE.go, "forgotten", "c2")
        assert desk.answer("c2").text == TOO_OLD


@pytest.mark.parametrize(
    ("step", "label", "action", "said"),
    [
        (APPROVAL, "Ask for approval", AGREE.approval, Permit(reason="it burns", confirmed=SHOWN)),
        (LOCKED, "Override", AGREE.override, Permit(override="it burns")),
    ],
    ids=["approval", "override"],
)
def test_a_reason_is_asked_for_in_a_form(
    store: Store, step: Step, label: str, action: str, said: Permit
) -> None:
    """Pressed, it opens at once; sent in, the request goes on with the words; opening alone does nothing."""
    with halted(store, step) as (desk, server):
        assert buttons(desk.answer())[label] == (action, the(desk).id)
        desk.click(action, the(desk).id, trigger="17.9")
        (opened,) = (seen for seen in server.seen if seen.path.endswith("views.open"))
        sent = opened.form if "trigger_id" in opened.form else opened.json
        view = sent["view"] if isinstance(sent["view"], dict) else json.loads(sent["view"])
        assert (sent["trigger_id"], view["callback_id"]) == ("17.9", action)
        assert view["private_metadata"].split(" ")[:2] == [the(desk).id, "C0OPS00001"]
        assert going_on(desk) == []
        form(desk, action, " it burns\n")
        assert permit(desk) == said


def test_a_blank_reason_overrides_nothing(store: Store) -> None:
    """The ladder stands in the way as before."""
    with halted(store, LOCKED) as (desk, _):
        form(desk, AGREE.override, "  \n ")
        (one,) = going_on(desk)
        desk.router.do(one)
        assert "It is bob's." in desk.answer(one.key).text


@pytest.mark.parametrize("kept_id", ["", "forgotten"])
def test_a_message_only_the_asker_sees_goes_when_its_buttons_are_done(store: Store, kept_id: str) -> None:
    """Its address was sealed; it goes as well when its buttons can do nothing any more."""
    with halted(store, CONFIRM) as (desk, server):
        undo = desk.router.kit.vault.seal(f"{server.url}/undo/1", about="T0ACME0001/U0ALICE001")
        desk.click(AGREE.go, kept_id or the(desk).id, undo=undo)
        (taken,) = (seen for seen in server.seen if seen.path == "/undo/1")
        assert taken.json == {"delete_original": True}


def test_a_message_whose_buttons_may_still_help_stays(store: Store) -> None:
    """A bug or trouble elsewhere is no reason to take it away."""

    def away() -> Message:
        raise GitLabUnreachable

    with bench(store) as (desk, server):
        desk.act = away
        undo = desk.router.kit.vault.seal(f"{server.url}/undo/1", about="T0ACME0001/U0ALICE001")
        desk.click("act.press", undo=undo)
        assert "/undo/1" not in [seen.path for seen in server.seen]


def test_a_dry_run_leaves_nothing_to_press(store: Store) -> None:
    """It is told, and that is all."""
    with halted(store, CONFIRM, dry_run=True) as (desk, _):
        assert buttons(desk.answer()) == {}
        assert "nothing was done" in json.dumps(desk.answer().blocks)


def test_a_request_without_an_account_is_kept_for_ten_minutes(store: Store) -> None:
    """Its owner hears how to connect one; nothing of the request can be read meanwhile."""

    def unlinked() -> Message:
        raise NotLinked

    with bench(store) as (desk, _):
        desk.act = unlinked
        desk.slash("act canary")
        assert "Connect your GitLab account first" in desk.answer().text
        with store.read() as tx:
            (one,) = tx.kept.of(ALICE, "link", desk.time)
        assert (one.kind, one.until - desk.time) == ("slash", 600_000)
        assert "canary" not in str(one)
        assert desk.open_requests() == 0
