"""What recurs at the door: nobody sits there, so that its answer goes to its owner's direct messages."""

from __future__ import annotations

import pytest

from bot.command import Request
from bot.edges.store import Received, Store
from bot.errors import NotLinked
from bot.model import Message, Person, Place
from bot.own import Recurring
from bot.personal import asking
from bot.personal.asking import Anew
from tests.doors.asking import ALICE, NOW, Bench, bench, knows_people
from tests.edges import wire
from tests.jobs.seen import shown

OWNER, DM = Person(ALICE["team"], ALICE["person"]), "D0ALICEBOT"


def opens(seen: wire.Seen) -> wire.Reply:
    """A workspace that opens direct messages."""
    if seen.path.endswith("conversations.open"):
        return wire.data({"ok": True, "channel": {"id": DM}})
    return knows_people(seen)


def due(stage: Bench, line: str, key: str = "every:r1:1") -> Received:
    """It recurs, and is due."""
    one = Recurring("r1", 1, OWNER, "alice", Place(ALICE["channel"]), line, "hour", 0, NOW * 2, NOW)
    with stage.store.write() as tx:
        tx.recurring.add(one)
        asking.ask(tx, Anew(key, OWNER, "alice", one.place, line, recurring="r1"), stage.time)
        return tx.inbox.waiting(1)[0]


def test_its_answer_goes_to_its_owner(store: Store) -> None:
    """It is done in its place; what only the asker would see is told where it lasts, with what it belongs to."""
    with bench(store, opens) as (stage, _):
        stage.router.do(due(stage, "act"))
        (request,) = stage.asked
        assert request.place == Place(ALICE["channel"])
        letter = stage.letter("every:r1:1")
        assert letter is not None
        assert (letter.kind, letter.place) == ("post", Place(DM))
        assert "From `act` every hour in <#C0OPS00001>" in shown(stage.answer("every:r1:1"))
        assert stage.letter("every:r1:1.slow") is None, "nobody waits for it"


@pytest.mark.parametrize(
    "line",
    [
        "act a&lt;b",
        "act <https://one.example|https://other.example>",
        "act <@U0BOB00001> & <!channel>",
        "act `x`",
    ],
)
def test_it_is_done_as_it_was_kept(store: Store, line: str) -> None:
    """A line that was cleaned once is not cleaned again, or it would say something else."""
    with bench(store, opens) as (stage, _):
        stage.router.do(due(stage, line))
        (request,) = stage.asked
        assert isinstance(request, Request)
        assert request.line.text == line


def test_nobody_is_told_to_wait(store: Store) -> None:
    """What recurs and waits for its turn is not promised to anybody."""
    with bench(store, opens) as (stage, _):
        received = due(stage, "act")
        stage.time += 60_000
        stage.router.comfort([received])
        assert stage.letter("every:r1:1.slow") is None


def test_an_account_that_is_gone(store: Store) -> None:
    """Nobody is invited to connect one, and nothing is kept: it stops, and its owner hears why."""
    with bench(store, opens) as (stage, _):

        def unlinked() -> Message:
            raise NotLinked

        stage.act = unlinked
        stage.router.do(due(stage, "act"))
        assert stage.letter("every:r1:1") is None
        told = shown(stage.answer("every:r1:1.stopped"))
        assert told.startswith("I paused `act` every hour: Connect your GitLab account first")
        with store.read() as tx:
            assert tx.kept.of(OWNER, "link", stage.time) == []
            one = tx.recurring.get("r1")
        assert one is not None
        assert one.state == "paused"


def test_a_bug_counts(store: Store) -> None:
    """Something that breaks is told with its reference and counts as not done."""
    with bench(store, opens) as (stage, _):

        def broken() -> Message:
            raise RuntimeError

        stage.act = broken
        stage.router.do(due(stage, "act"))
        with store.read() as tx:
            one = tx.recurring.get("r1")
        assert one is not None
        assert (one.halts, one.last_said) == (1, "Something broke on my side, reference 00000000.")


def test_a_mistake_does_not_say_that_somebody_typed(store: Store) -> None:
    """Nobody typed it just now."""
    with bench(store, opens) as (stage, _):
        stage.router.do(due(stage, "refuse it"))
        said = shown(stage.answer("every:r1:1"))
        assert "You may not do this" in said
        assert "You typed" not in said
