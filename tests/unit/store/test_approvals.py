"""An approval ends once, and one GitLab account counts once, from whichever Slack account it comes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from bot.deeds import Bound
from bot.edges.store import Store
from bot.ledger import Approval, Vote
from bot.model import Person

ALICE, BOB = Person("T1", "U1"), Person("T1", "U2")
BOUND = Bound("main", "4be1c0f1", "d1", "w1", "production")
ASKED = Approval("r1", "two pairs of eyes", 2, ("leads", "ops"), "a fix", BOUND, 8, 1_000, 5_000)
VOTE = Vote("r1", 7, ALICE, "alice", 2_000)


def test_an_approval_comes_back_whole(store: Store) -> None:
    """With what it is tied to; a run has one."""
    with store.write() as tx:
        assert tx.approvals.add(ASKED)
        assert not tx.approvals.add(replace(ASKED, reason="another"))
        assert tx.approvals.get("r1") == ASKED
        assert tx.approvals.get("r2") is None


@pytest.mark.parametrize("state", ["granted", "rejected", "withdrawn", "void", "expired"])
def test_it_ends_once(store: Store, state: str) -> None:
    """Whoever comes second changes nothing, not even by whom."""
    with store.write() as tx:
        tx.approvals.add(ASKED)
        assert tx.approvals.end("r1", state, by="bob", why="since")
        assert not tx.approvals.end("r1", "granted", by="carol")
        assert tx.approvals.get("r1") == replace(ASKED, state=state, ended_by="bob", ended_why="since")


def test_of_many_ends_at_once_one_counts(store: Store) -> None:
    """Approve, reject and withdraw in the same moment: one of them it is."""
    with store.write() as tx:
        tx.approvals.add(ASKED)

    def end(number: int) -> bool:
        with store.write() as tx:
            return tx.approvals.end("r1", ("granted", "rejected", "withdrawn")[number % 3])

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(end, range(18))) == 1


def test_a_gitlab_account_counts_once(store: Store) -> None:
    """Two Slack accounts with one GitLab account are one approver; votes are told in their order."""
    bobs = replace(VOTE, gitlab_id=9, person=BOB, name="bob", at=1_500)
    with store.write() as tx:
        tx.approvals.add(ASKED)
        assert tx.approvals.vote(VOTE)
        assert not tx.approvals.vote(replace(VOTE, person=BOB, name="bob", at=2_500))
        assert tx.approvals.vote(bobs)
        assert tx.approvals.vote(replace(VOTE, run="r2")), "for another run it counts anew"
        assert tx.approvals.votes("r1") == [bobs, VOTE]
        assert tx.approvals.votes("r3") == []


def test_what_is_open_and_what_is_too_late(store: Store) -> None:
    """Open ones are told from the oldest on, late ones from the latest on; what has ended is neither."""
    soon = replace(ASKED, run="r2", asked_at=2_000, expires_at=3_000)
    ended = replace(ASKED, run="r3", state="granted", expires_at=2_000)
    with store.write() as tx:
        for one in (soon, ended, ASKED):
            tx.approvals.add(one)
        assert tx.approvals.open(10) == [ASKED, soon]
        assert tx.approvals.open(1) == [ASKED]
        assert tx.approvals.expired(2_999, 10) == []
        assert tx.approvals.expired(3_000, 10) == [soon]
        assert tx.approvals.expired(9_000, 10) == [soon, ASKED]
        assert tx.approvals.expired(9_000, 1) == [soon]


def test_what_ended_long_ago_is_forgotten_with_its_votes(store: Store) -> None:
    """What still waits stays, however old."""
    with store.write() as tx:
        tx.approvals.add(ASKED)
        tx.approvals.add(replace(ASKED, run="r2", state="void"))
        tx.approvals.add(replace(ASKED, run="r3", state="void", asked_at=9_000))
        for run in ("r1", "r2", "r3"):
            tx.approvals.vote(replace(VOTE, run=run))
        assert tx.approvals.forget(5_000) == 1
        assert [len(tx.approvals.votes(run)) for run in ("r1", "r2", "r3")] == [1, 0, 1]
        assert [tx.approvals.get(run) is None for run in ("r1", "r2", "r3")] == [False, True, False]
