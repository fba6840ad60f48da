"""The states of an incident as data: where it may go, what each does to its times, what GitLab shows of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.incident import BURNING, ENDED, OVER, Incident, State
from bot.incidents import states
from bot.model import Person

ALICE = Person("T1", "U1")
START = 1_000_000
ONE = Incident("i1", 1, "key1", "T1", "Checkout", 2, State.INVESTIGATING, "acme/shop", ALICE, "alice", START)
MOVES = some.lists(some.tuples(some.sampled_from(list(State)), some.integers(-5_000, 60_000)), max_size=25)


def live(incident: Incident, moves: list[tuple[State, int]]) -> list[Incident]:
    """Every incident on the way, as long as its moves are legal; clocks differ by up to five seconds."""
    found, now = [incident], START
    for state, wait in moves:
        now += wait
        if state in states.legal(found[-1]):
            found.append(replace(found[-1], **states.entering(found[-1], state, now)))
    return found


def test_every_state_is_known_and_its_moves_are_too() -> None:
    """Each state has its moves, its label, and no move to itself."""
    assert set(states.LEGAL) == set(states.LABELS) == set(State) == BURNING | OVER | ENDED
    assert all(state not in moves for state, moves in states.LEGAL.items())


def test_every_state_can_be_reached_and_left() -> None:
    """From a new incident every state can be reached, and from each it can burn again."""
    reached, wave = {State.TRIAGE}, {State.TRIAGE}
    while wave:
        wave = {to for state in wave for to in states.LEGAL[state]} - reached
        reached |= wave
    assert reached == set(State)
    assert all(
        State.INVESTIGATING in states.LEGAL[state] for state in State if state is not State.INVESTIGATING
    )


@given(MOVES, some.sampled_from([State.TRIAGE, State.INVESTIGATING]))
def test_times_never_run_backwards(moves: list[tuple[State, int]], first: State) -> None:
    """Whatever the moves and the clocks, what follows in the order of times is never earlier."""
    for one in live(replace(ONE, state=first, detected_at=START), moves):
        known = [at for name in states.TIMES if (at := getattr(one, name)) is not None]
        assert known == sorted(known)


@given(MOVES)
def test_a_time_is_set_once_in_an_episode(moves: list[tuple[State, int]]) -> None:
    """Within one episode no time that is set is set again; a new episode begins without them."""
    way = live(ONE, moves)
    for before, after in pairwise(way):
        if after.episodes > before.episodes:
            assert all(getattr(after, name) is None for name in states.OF_EPISODE)
            continue
        for name in states.OF_EPISODE:
            assert getattr(before, name) in {None, getattr(after, name)}


@given(MOVES)
def test_episodes_count_how_often_it_burned_again(moves: list[tuple[State, int]]) -> None:
    """Only what comes back from being over or ended is another episode."""
    way = live(ONE, moves)
    again = sum(b.state in BURNING and a.state not in BURNING for a, b in pairwise(way))
    assert way[-1].episodes == 1 + again


@given(MOVES)
def test_what_has_ended_is_resolved_for_gitlab(moves: list[tuple[State, int]]) -> None:
    """GitLab's status follows: resolved where it is over, and nowhere else."""
    for one in live(ONE, moves):
        assert (one.escalation == states.DONE) is (one.state not in BURNING)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("monitoring", State.MONITORING), ("Mitigated", State.MONITORING), ("FIXED", State.RESOLVED),
        ("active", State.INVESTIGATING), ("cancelled", State.CANCELED), ("bananas", None), ("", None),
    ],
)  # fmt: skip
def test_states_are_typed_as_people_call_them(word: str, state: State | None) -> None:
    """A state goes by its name, by GitLab's label and by what one does."""
    assert states.typed(word) is state


def test_a_label_says_a_state() -> None:
    """The label of each state means that state, or the first of those that share it; others mean nothing."""
    assert states.meant("Incident", "Incident::Active") is State.INVESTIGATING
    assert states.meant("Incident", "Incident::Resolved") is State.RESOLVED
    for name in ("Incident::Banana", "Outage::Active", "Active", "Incident"):
        assert states.meant("Incident", name) is None
    for state in State:
        meant = states.meant("Incident", states.label("Incident", state))
        assert meant is not None
        assert states.shares_label(meant, state)


def test_the_issue_stays_open_for_a_review() -> None:
    """Resolved closes the issue of what needs no review; ended closes every one."""
    over = replace(ONE, state=State.RESOLVED)
    assert states.wants_open(over, 2)
    assert not states.wants_open(replace(over, severity=3), 2)
    assert not states.wants_open(replace(over, severity=0), 2)
    assert states.wants_open(replace(ONE, state=State.REVIEW, severity=4), 2)
    assert not states.wants_open(replace(ONE, state=State.CANCELED, severity=1), 2)


def test_updates_are_due_by_severity_and_state() -> None:
    """The worse it is the sooner a word is due; while it is only watched later, and not at all when it is over."""
    burning, watched = (10, 15, 30, 60), (30, 60, 60, 120)
    assert states.update_after(ONE, burning, watched) == 15 * 60_000
    assert states.update_after(replace(ONE, state=State.MONITORING), burning, watched) == 60 * 60_000
    assert states.update_after(replace(ONE, severity=0), burning, watched) == 30 * 60_000
    assert states.update_after(replace(ONE, state=State.RESOLVED), burning, watched) is None
