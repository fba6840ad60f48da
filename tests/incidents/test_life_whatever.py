"""Whatever is asked of an incident, in whatever order, it stays whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

import blocks.incident as draw
from bot.config import parse
from bot.edges.gitlab import GitLab
from bot.edges.slack import Slack
from bot.edges.store import Store
from bot.errors import Refused
from bot.incident import BURNING, GITLAB, SLACK, Change, Incident, State, Who
from bot.incidents import life, states
from bot.kit import Kit
from bot.model import Person
from tests.doors.asking import CONFIG
from tests.kits import kit_of

ALICE = Person("T1", "U1")
START, MINUTE = 1_763_650_000_000, 60_000
ONE = Incident(
    "", 0, "", "T1", "Checkout", 2, State.INVESTIGATING, "acme/shop", ALICE, "alice", START, channel="C1"
)
ASKED = some.one_of(
    some.tuples(some.just("state"), some.sampled_from([one.value for one in State])),
    some.tuples(some.just("closed"), some.just("")),
    some.tuples(some.just("severity"), some.sampled_from(["1", "2", "3", "4", "9"])),
    some.tuples(some.just("commander"), some.sampled_from(["T1/U1", "T1/U2", ""])),
    some.tuples(some.sampled_from(list(states.TIMES)), some.integers(-60, 2).map(str)),
)
ASKS = some.lists(some.tuples(ASKED, some.sampled_from([SLACK, GITLAB])), max_size=15)


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    """A kit with a store; nobody is asked for anything."""
    config, clock, ids = parse(CONFIG, {}, Path("/")), [START], count(1)
    with (
        closing(Store(tmp_path / "s.db")) as store,
        closing(GitLab("http://127.0.0.1:1", "token", now=lambda: clock[0])) as gitlab,
    ):
        slack = Slack("token", "http://127.0.0.1:1/")

        def now() -> int:
            clock[0] += 30_000
            return clock[0]

        yield kit_of(config, store, slack, gitlab, now, new_id=lambda: f"id{next(ids)}")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asks=ASKS, first=some.sampled_from([State.TRIAGE, State.INVESTIGATING]))
def test_whatever_is_asked_it_stays_whole(
    kit: Kit, asks: list[tuple[tuple[str, str], str]], first: State
) -> None:
    """Its times stay in order, one person commands at most, its clock runs while it burns, no change is untold."""
    key = kit.new_id()
    fresh = replace(ONE, id=key, number=int(key[2:]), source=key, state=first)
    with kit.store.write() as tx:
        tx.incidents.put(fresh)
    for number, ((what, value), origin) in enumerate(asks):
        _ask(kit, key, what, value, origin, f"ask {number}")
        _ask(kit, key, what, value, origin, f"ask {number}")
        _check(kit, key)


def _ask(kit: Kit, key: str, what: str, value: str, origin: str, source: str) -> None:
    now = kit.now()
    said = str(now + int(value) * MINUTE) if what in states.TIMES else value
    change = Change(what, said, Who("alice", ALICE), now, origin, source, reason="because it is so")
    with kit.store.read() as tx:
        before = tx.incidents.get(key)
    assert before is not None
    try:
        with kit.store.write() as tx:
            after = life.apply(tx, kit, draw, before, change)
            is_told = tx.incident_events.of_source(key, source) is not None
    except Refused:
        with kit.store.read() as tx:
            assert tx.incidents.get(key) == before
        return
    assert after.version == before.version or is_told
    if before.state in BURNING and after.state not in BURNING:
        assert after.next_update is None


def _check(kit: Kit, key: str) -> None:
    with kit.store.read() as tx:
        one = tx.incidents.get(key)
        present = [holder.person for holder in tx.holders.present(key)]
        events, due = tx.incident_events.of(key), tx.dues.of(key, life.UPDATE)
    assert one is not None
    known = [at for name in states.TIMES if (at := getattr(one, name)) is not None]
    assert known == sorted(known)
    assert present == ([one.commander] if one.commander else [])
    assert len(events) == one.version - 1
    assert (one.escalation == states.DONE) is (one.state not in BURNING)
    assert one.next_update == (due.due_at if due is not None and due.state == "armed" else None)
