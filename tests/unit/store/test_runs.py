"""Runs: made once for each request, moved by whoever finds them in the expected state."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from typing import Any

import pytest

from bot.edges.store import Store
from bot.model import OPEN_STATES, Person, Place, Run, RunState

ALICE = Person("T1", "U0ALICE001")
BOB = Person("T1", "U0BOB00001")


def run(id: str = "r1", **changes: Any) -> Run:  # noqa: A002 -- the name of the field
    plain = Run(
        id=id,
        source=f"request {id}",
        person=ALICE,
        asker="Alice",
        place=Place("C0OPS00001"),
        project="acme/shop",
        project_id=3,
        job="hello",
        ref="main",
        arguments="World",
    )
    return replace(plain, **changes)


def add(store: Store, *runs: Run) -> None:
    with store.write() as tx:
        for each in runs:
            assert tx.runs.add(each)


FULL = run(
    "full",
    place=Place("C0OPS00001", "1700000000.000100"),
    inputs={"who": "Zoë", "count": 3, "deep": [1, {"a": None}], "yes": True},
    asker="Zoë",
    start="chat",
    state=RunState.REPLYING,
    asked_at=1_700_000_000_000,
    called_at=1_700_000_000_001,
    sha="c0ffee",
    pipeline=2**40,
    pipeline_url="https://gitlab.example/p",
    job_id=2**41,
    job_url="https://gitlab.example/j",
    status="failed",
    failure_reason="script_failure",
    others=4,
    progress="Compiling\x1b 🚂",
    problem="A sentence.",
    started_at=0,
    finished_at=1_700_000_000_002,
    cancelled_by="U0BOB00001",
    next_look=7,
    looks=8,
    fails=9,
)


@pytest.mark.parametrize("kept", [run(), FULL])
def test_a_run_comes_back_as_it_was(store: Store, kept: Run) -> None:
    """Every field survives, by id and by source."""
    add(store, kept)
    with store.read() as tx:
        assert tx.runs.get(kept.id) == kept
        assert tx.runs.by_source(kept.source) == kept
        assert tx.runs.get("absent") is None
        assert tx.runs.by_source("absent") is None


def test_one_request_makes_one_run(store: Store) -> None:
    """A second run of the same source, or with the same id, is not kept."""
    add(store, run("a"))
    with store.write() as tx:
        assert not tx.runs.add(run("b", source="request a"))
        assert not tx.runs.add(run("a", source="another"))
        assert tx.runs.get("a") == run("a")
        assert tx.runs.get("b") is None


def test_a_run_moves_only_from_the_expected_state(store: Store) -> None:
    """A move from a state the run is not in changes nothing."""
    add(store, run())
    with store.write() as tx:
        assert not tx.runs.move("r1", RunState.CALLING, RunState.RUNNING, pipeline=5)
        assert tx.runs.get("r1") == run()
        assert tx.runs.move("r1", RunState.ASKED, RunState.CALLING, called_at=10, sha="abc")
        assert not tx.runs.move("r1", RunState.ASKED, RunState.CALLING, called_at=99)
        assert tx.runs.get("r1") == run(state=RunState.CALLING, called_at=10, sha="abc")
        assert not tx.runs.move("absent", RunState.ASKED, RunState.CALLING)


def test_a_run_changes_only_in_the_expected_state(store: Store) -> None:
    """change() leaves the state as it is and asks for it."""
    add(store, run())
    with store.write() as tx:
        assert tx.runs.change("r1", RunState.ASKED, looks=3, progress="Line")
        assert not tx.runs.change("r1", RunState.RUNNING, looks=4)
        assert tx.runs.change("r1", RunState.ASKED)
        assert not tx.runs.change("r1", RunState.RUNNING)
        assert tx.runs.get("r1") == run(looks=3, progress="Line")


def test_every_field_but_three_can_be_changed(store: Store) -> None:
    """Each field of Run may be given by its name; id, source and state stay with those who own them."""
    add(store, run("r1"))
    names = {field.name for field in fields(Run)} - {"id", "source", "state"}
    with store.write() as tx:
        for name in names:
            assert tx.runs.change("r1", RunState.ASKED, **{name: getattr(FULL, name)})
        changed = tx.runs.get("r1")
    assert changed == replace(FULL, id="r1", source="request r1", state=RunState.ASKED)


@pytest.mark.parametrize("name", ["id", "source", "state", "team", "seq", "colour", "job = 'x', ref"])
def test_what_is_no_field_cannot_be_changed(store: Store, name: str) -> None:
    """Names never reach the statement unless they are Run's own."""
    add(store, run())
    with store.write() as tx, pytest.raises(TypeError, match="cannot be changed"):
        tx.runs.move("r1", RunState.ASKED, RunState.CALLING, **{name: "x"})
    with store.read() as tx:
        assert tx.runs.get("r1") == run()


def test_one_of_eight_moves_a_run(store: Store) -> None:
    """Threads that move the same run at the same time: exactly one does."""
    add(store, *(run(str(number)) for number in range(10)))

    def move(number: int) -> bool:
        with store.write() as tx:
            return tx.runs.move(str(number % 10), RunState.ASKED, RunState.CALLING, called_at=number)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(move, range(80))) == 10


def test_due_runs_come_longest_overdue_first(store: Store) -> None:
    """Only those in the wanted states whose time has come, and no more than the limit."""
    running = RunState.RUNNING
    add(
        store,
        run("late", state=running, next_look=30),
        run("first", state=running, next_look=10),
        run("replying", state=RunState.REPLYING, next_look=20),
        run("done", state=RunState.DONE, next_look=0),
        run("asked", next_look=0),
    )
    with store.read() as tx:
        both = (running, RunState.REPLYING)
        assert [each.id for each in tx.runs.due(30, both, 9)] == ["first", "replying", "late"]
        assert [each.id for each in tx.runs.due(29, both, 9)] == ["first", "replying"]
        assert [each.id for each in tx.runs.due(30, both, 1)] == ["first"]
        assert [each.id for each in tx.runs.due(30, {running}, 9)] == ["first", "late"]
        assert tx.runs.due(30, (), 9) == []


def test_recent_runs_come_newest_first(store: Store) -> None:
    """They can be narrowed to a person, a channel and a project, in any combination."""
    ops, dev = Place("C0OPS00001"), Place("C0DEV00001", "17.1")
    add(
        store,
        run("1", place=ops),
        run("2", place=dev, person=BOB),
        run("3", place=dev),
        run("4", place=ops, project="acme/api"),
        run("5", place=ops, person=Person("T2", ALICE.id)),
    )
    with store.read() as tx:
        recent = tx.runs.recent
        assert [each.id for each in recent(None, limit=9)] == ["5", "4", "3", "2", "1"]
        assert [each.id for each in recent(None, limit=2)] == ["5", "4"]
        assert [each.id for each in recent(ALICE, limit=9)] == ["4", "3", "1"]
        assert [each.id for each in recent(None, channel=dev.channel, limit=9)] == ["3", "2"]
        assert [each.id for each in recent(None, project="acme/shop", limit=9)] == ["5", "3", "2", "1"]
        assert [each.id for each in recent(ALICE, channel=ops.channel, project="acme/shop", limit=9)] == ["1"]


def test_a_thread_knows_its_runs(store: Store) -> None:
    """Runs asked for in a thread, and runs whose card begins it, newest first."""
    add(store, run("asked", place=Place("C1", "17.1")), run("card", place=Place("C1")), run("other"))
    with store.write() as tx:
        tx.cards.want("card", Place("C1"), "{}", "h", 1)
        tx.cards.shown("card", "17.1", "h", 0)
        assert [each.id for each in tx.runs.in_thread(Place("C1", "17.1"))] == ["card", "asked"]
        assert [each.id for each in tx.runs.in_thread(Place("C1", "17.1"), limit=1)] == ["card"]
        assert tx.runs.in_thread(Place("C2", "17.1")) == []
        assert tx.runs.in_thread(Place("C1")) == []


def test_open_runs_and_counts(store: Store) -> None:
    """Open are those somebody has to look after; every state is counted."""
    add(store, *(run(state.value, state=state) for state in RunState), run("more"))
    with store.read() as tx:
        assert [each.id for each in tx.runs.open_runs()] == [*OPEN_STATES, "more"]
        assert tx.runs.counts() == {state: 2 if state is RunState.ASKED else 1 for state in RunState}


def test_pipelines_that_are_taken(store: Store) -> None:
    """A pipeline belongs to a run of its project alone."""
    add(store, run("1", pipeline=7), run("2", pipeline=8), run("3"), run("4", project_id=4, pipeline=9))
    with store.read() as tx:
        assert tx.runs.pipelines(3) == {7, 8}
        assert tx.runs.pipelines(5) == frozenset()


def test_old_closed_runs_are_forgotten(store: Store) -> None:
    """An open run stays, however old it is."""
    add(
        store,
        run("open", asked_at=1),
        run("old", asked_at=1, state=RunState.DONE),
        run("new", asked_at=5, state=RunState.DONE),
    )
    with store.write() as tx:
        assert tx.runs.forget(5) == 1
        assert {each.id for each in tx.runs.recent(None, limit=9)} == {"open", "new"}
