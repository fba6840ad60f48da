"""Rules name people by username: whoever is called otherwise in GitLab by now is called so here, too."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.access import accounts, facts, people
from bot.config import GitLabConfig
from bot.errors import Refused
from bot.model import Person
from bot.policy import Policy
from tests.access.house import NOWHERE
from tests.access.linked import ALICE, Linked


def called(stage: Linked, username: str, person: Person = ALICE) -> None:
    """The store knows the account by a name it had before."""
    account = stage.account(person)
    with stage.store.write() as tx:
        assert tx.accounts.renamed(person, account.gitlab_id, username, username.title())


def test_who_decides_is_looked_at(linked: Linked) -> None:
    """Where GitLab is asked whether an account is good, its names are those of now."""
    linked.link()
    called(linked, "chief")
    assert facts.is_one_of(linked.kit, ALICE, ("gitlab:chief",))
    assert accounts.confirmed(linked.kit, ALICE).username == "alice"
    assert (linked.account().username, linked.account().name) == ("alice", "Alice Archer")
    assert not facts.is_one_of(linked.kit, ALICE, ("gitlab:chief",))


def test_a_renewal_looks_as_well(linked: Linked) -> None:
    """At the latest when a token is renewed, which a device grant's is every two hours."""
    linked.link()
    called(linked, "chief")
    linked.clock.pass_(7_100)
    linked.kit.gitlab_as(ALICE)
    account = linked.account()
    assert (account.username, account.version) == ("alice", 2)


def test_a_renewal_does_not_need_it(linked: Linked) -> None:
    """A GitLab that does not say who it is renews all the same."""
    linked.link()
    called(linked, "chief")
    linked.clock.pass_(7_100)
    away = replace(
        linked.identities, config=replace(linked.kit.config, gitlab=GitLabConfig(url=NOWHERE, token="t"))
    )
    away(ALICE)
    away.close()
    assert (linked.account().username, linked.account().version) == ("chief", 2)


def test_an_admin_by_an_old_name_is_none(linked: Linked) -> None:
    """What the first look allowed the second one does not."""
    linked.link()
    called(linked, "chief")
    policy = Policy(admins=("gitlab:chief",))
    kit = replace(linked.kit, config=replace(linked.kit.config, policy=policy))
    with pytest.raises(Refused, match=r"access\.admins"):
        people.check_admin(kit, ALICE, "audit")


def test_another_account_is_not_renamed(linked: Linked) -> None:
    """What was learnt of one account is not written down for the one that took its place, nor twice."""
    linked.link()
    with linked.store.write() as tx:
        assert not tx.accounts.renamed(ALICE, 999, "mallory", "Mallory")
        assert not tx.accounts.renamed(ALICE, 7, "alice", "Alice Archer")
        assert tx.accounts.renamed(ALICE, 7, "alice", "Alice")
    assert linked.account().version == 1
