"""Linked accounts in the store: one a person, and a token changes only from the version that was read."""

from __future__ import annotations

from dataclasses import replace

from bot.edges.store import Store
from bot.ledger import Account
from bot.model import Person

ALICE, OTHER = Person("T1", "U1"), Person("T2", "U1")
ACCOUNT = Account(ALICE, 7, "alice", "Alice Archer", "device", "a1", "r1", 9_000, 1_000)


def linked(store: Store, account: Account = ACCOUNT) -> Account:
    with store.write() as tx:
        return tx.accounts.put(account)


def read(store: Store, person: Person = ALICE) -> Account | None:
    with store.read() as tx:
        return tx.accounts.get(person)


def test_an_account_comes_back_whole(store: Store) -> None:
    """What was linked is read as it was; the same id in another team is somebody else."""
    assert linked(store) == ACCOUNT
    assert read(store) == ACCOUNT
    assert read(store, OTHER) is None


def test_linking_anew_is_another_version(store: Store) -> None:
    """An account in place of another has a higher version, so that a refresh of the old one counts no more."""
    linked(store)
    again = linked(store, replace(ACCOUNT, username="ali", method="token", refresh="", expires_at=None))
    assert again.version == 2
    assert read(store) == again
    with store.write() as tx:
        assert not tx.accounts.renewed(ALICE, 1, access="x", refresh="y", expires_at=None)


def test_of_two_refreshes_one_counts(store: Store) -> None:
    """Fresh tokens are written from the version that was read, once."""
    linked(store)
    with store.write() as tx:
        assert tx.accounts.renewed(ALICE, 1, access="a2", refresh="r2", expires_at=10_000)
        assert not tx.accounts.renewed(ALICE, 1, access="a3", refresh="r3", expires_at=10_000)
    assert read(store) == replace(ACCOUNT, access="a2", refresh="r2", expires_at=10_000, version=2)


def test_a_lost_account_is_lost_once(store: Store) -> None:
    """Only the tokens that were refused are given up, and only the first to say so tells anybody."""
    linked(store)
    with store.write() as tx:
        assert not tx.accounts.lost(ALICE, 2)
        assert tx.accounts.lost(ALICE, 1)
        assert not tx.accounts.lost(ALICE, 1)
    assert read(store) == replace(ACCOUNT, state="dead")


def test_new_tokens_bring_an_account_back(store: Store) -> None:
    """Whoever holds new tokens knows better than whoever was refused with the old ones."""
    linked(store)
    with store.write() as tx:
        tx.accounts.lost(ALICE, 1)
        assert tx.accounts.renewed(ALICE, 1, access="a2", refresh="r2", expires_at=None)
    found = read(store)
    assert found is not None
    assert found.state == "live"


def test_an_account_is_forgotten(store: Store) -> None:
    """Dropped once, it is gone."""
    linked(store)
    with store.write() as tx:
        assert tx.accounts.drop(ALICE)
        assert not tx.accounts.drop(ALICE)
    assert read(store) is None


def test_one_gitlab_user_behind_two_slack_accounts(store: Store) -> None:
    """All Slack accounts of a GitLab user are found, whatever team they are in."""
    linked(store)
    second = linked(store, replace(ACCOUNT, person=OTHER, access="a9", linked_at=2_000))
    with store.read() as tx:
        assert tx.accounts.of_gitlab(7) == [ACCOUNT, second]
        assert tx.accounts.of_gitlab(8) == []


def test_seals_are_changed_one_by_one(store: Store) -> None:
    """A change of keys replaces a seal where it still stands, and touches no version."""
    linked(store)
    with store.write() as tx:
        assert tx.accounts.sealed() == [("T1/U1 access", "a1"), ("T1/U1 refresh", "r1")]
        assert tx.accounts.reseal("a1", "A1")
        assert not tx.accounts.reseal("a1", "A2")
    assert read(store) == replace(ACCOUNT, access="A1")
