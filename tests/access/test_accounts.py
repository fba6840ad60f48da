"""Accounts: who is linked, and what is left when somebody parts with theirs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.access import accounts
from bot.errors import NotLinked
from bot.model import Run
from bot.vault import Vault, new_key
from tests.access.linked import ALICE, HERE, Linked


def test_nobody_is_linked_at_first(linked: Linked) -> None:
    """Without an account there is none to read, and none to part with."""
    with pytest.raises(NotLinked):
        accounts.account(linked.kit, ALICE)
    assert accounts.unlink(linked.kit, ALICE, "alice", HERE) is None
    assert linked.trail() == []


def test_parting_ends_the_tokens_at_gitlab(linked: Linked) -> None:
    """The account is forgotten at once, its tokens are ended at GitLab, and the trail says so."""
    linked.link()
    gitlab = linked.kit.gitlab_as(ALICE)
    parted = accounts.unlink(linked.kit, ALICE, "alice", HERE)
    assert parted is not None
    assert (parted.account.username, parted.ended, parted.runs) == ("alice", True, 0)
    with pytest.raises(NotLinked):
        linked.kit.gitlab_as(ALICE)
    with pytest.raises(NotLinked):
        gitlab.me()
    assert [one.decision for one in linked.trail()] == ["linked", "unlinked"]


def test_parting_while_gitlab_is_down(linked: Linked) -> None:
    """GitLab need not answer: the account is forgotten here, and it is said that GitLab was not told."""
    linked.link()
    linked.break_("500")
    parted = accounts.unlink(linked.kit, ALICE, "alice", HERE)
    assert parted is not None
    assert not parted.ended
    assert linked.accounts() == 0


def test_a_pasted_token_is_left_to_its_owner(linked: Linked) -> None:
    """Something else may use a personal token, so it is not revoked."""
    linked.paste(linked.gitlab.fake.tokens["alice"])
    parted = accounts.unlink(linked.kit, ALICE, "alice", HERE)
    assert parted is not None
    assert not parted.ended
    assert linked.calls["POST /oauth/revoke"] == 0


def test_a_code_that_waits_is_forgotten_too(linked: Linked) -> None:
    """Whoever parts is not linked a minute later by a code they forgot about."""
    linked.link()
    linked.invite()
    accounts.unlink(linked.kit, ALICE, "alice", HERE)
    linked.agree()
    linked.poll()
    assert linked.accounts() == 0


def test_parting_counts_what_is_under_way(linked: Linked) -> None:
    """Runs that are open go on, so their owner is told how many."""
    linked.link()
    with linked.store.write() as tx:
        for number in range(2):
            tx.runs.add(
                Run(f"r{number}", f"k{number}", ALICE, "alice", HERE, "acme/shop", 42, "hello", "main", "",
                    asked_at=linked.clock.now)
            )  # fmt: skip
    parted = accounts.unlink(linked.kit, ALICE, "alice", HERE)
    assert parted is not None
    assert parted.runs == 2


def test_parting_without_the_key(linked: Linked) -> None:
    """Tokens that no key opens any more cannot be ended at GitLab; the account is forgotten all the same."""
    linked.link()
    kit = replace(linked.kit, vault=Vault([new_key()]))
    parted = accounts.unlink(kit, ALICE, "alice", HERE)
    assert parted is not None
    assert not parted.ended
    assert linked.accounts() == 0
