"""Names that people pick from while they type: what their own account may see now, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bot.access import accounts
from bot.errors import GitLabSaidNo, GitLabUnreachable, NotLinked
from bot.jobs import known
from bot.kit import Kit
from bot.merge_requests import Review
from bot.model import Known, Person, Place, Project
from tests.evidence.floor import OPS, Floor, floor_at


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with floor_at(tmp_path, alice="alice", bob="bob") as made:
        yield made


def offered(floor: Floor, name: str, typed: str = "") -> list[str]:
    return [one.value for one in known.matching(floor.kit, floor.person(name), Place(OPS), typed)]


def groups(floor: Floor, name: str) -> list[str]:
    return [one.value for one in known.groups(floor.kit, floor.person(name), "")]


@dataclass
class Meanwhile:
    """A GitLab in which something happens while the projects of a person are read."""

    gitlab: Any
    happens: Any

    def member_projects(self, after: int) -> list[Project]:
        page: list[Project] = self.gitlab.member_projects(after)
        self.happens()
        return page

    def groups(self) -> list[Any]:
        found: list[Any] = self.gitlab.groups()
        return found


def meanwhile(floor: Floor, happens: Any) -> Kit:
    def gitlab_as(person: Person) -> Any:
        return Meanwhile(floor.kit.gitlab_as(person), happens)

    return replace(floor.kit, gitlab_as=gitlab_as)


def test_everybody_is_offered_what_they_are_a_member_of(floor: Floor) -> None:
    """Projects and groups, each read with the token of who types."""
    for name in ("alice", "bob"):
        known.read(floor.kit, floor.person(name))
    assert "acme/vault" in offered(floor, "alice")
    assert "acme/vault" not in offered(floor, "bob")
    assert "acme" in groups(floor, "alice")


def test_who_parts_is_offered_nothing_of_it_any_more(floor: Floor) -> None:
    """Neither what was read, nor what was just being read."""
    alice = floor.person("alice")

    def part() -> None:
        accounts.unlink(floor.kit, alice, "alice", Place(OPS))

    with pytest.raises(NotLinked):
        known.read(meanwhile(floor, part), alice)
    floor.link("alice", "carol")
    assert "acme/vault" not in offered(floor, "alice")
    assert groups(floor, "alice") == []


def test_who_becomes_somebody_else_in_gitlab_sees_as_they(floor: Floor) -> None:
    """A token pasted anew, of another account, takes away what the one before was shown."""
    alice = floor.person("alice")
    known.read(floor.kit, alice)
    with floor.store.write() as tx:
        tx.reviews.put_all(alice, [Review(alice, 42, "acme/vault", 1, "Secret", "https://gitlab", "review")])
    pasted = floor.gitlab.fake.tokens["bob"]
    floor.form("alice", "link.token", "-", token=pasted)
    account = floor.account("alice")
    assert account is not None
    assert account.username == "bob"
    with floor.store.read() as tx:
        assert tx.known.find(alice, known.PROJECT, "vault", 10) == []
        assert tx.reviews.of(alice, "review") == []


def test_names_of_two_accounts_are_not_mixed(floor: Floor) -> None:
    """What was read for the account before is not kept for the new one."""
    alice = floor.person("alice")
    with pytest.raises(NotLinked):
        known.read(meanwhile(floor, lambda: floor.link("alice", "bob")), alice)
    assert "acme/vault" not in offered(floor, "alice")


def test_a_link_that_is_lost_shows_nothing(floor: Floor) -> None:
    """Whoever GitLab has shut out reads no names here, either."""
    known.read(floor.kit, floor.person("alice"))
    with floor.store.write() as tx:
        account = tx.accounts.get(floor.person("alice"))
        assert account is not None
        assert tx.accounts.lost(account.person, account.version)
    assert "acme/vault" not in offered(floor, "alice")
    assert groups(floor, "alice") == []


def test_what_was_read_long_ago_is_not_shown(floor: Floor) -> None:
    """Rights may have gone since; it is read anew meanwhile."""
    known.read(floor.kit, floor.person("alice"))
    floor.clock.pass_(known.SHOWN_MS / 1000 + 1)
    assert "acme/vault" not in offered(floor, "alice")
    floor.do([])
    assert "acme/vault" in offered(floor, "alice")


def test_what_is_gone_is_gone_whatever_the_clock_does(floor: Floor) -> None:
    """Set back while it is read, or before, no name outlives the next reading."""
    alice = floor.person("alice")
    with floor.store.write() as tx:
        tx.known.put(alice, known.PROJECT, [Known(999, "acme/gone")], floor.clock() + 3_600_000)
        assert tx.known.not_later_than(floor.clock()) == 1
    known.read(meanwhile(floor, lambda: floor.clock.pass_(-1)), alice)
    assert "acme/vault" in offered(floor, "alice")
    assert "acme/gone" not in offered(floor, "alice")


@pytest.mark.parametrize("error", [GitLabUnreachable(), GitLabSaidNo("No.")])
def test_a_gitlab_in_trouble_is_not_asked_at_every_letter(floor: Floor, error: Exception) -> None:
    """One try a minute; and none for somebody without an account."""
    asked: list[str] = []

    def fail() -> None:
        asked.append("page")
        raise error

    kit = meanwhile(floor, fail)
    for seconds in (0, 1, 2, 61):
        floor.clock.pass_(seconds)
        known.matching(kit, floor.person("alice"), Place(OPS), "x")
        known.matching(kit, floor.person("carol"), Place(OPS), "x")
        floor.do([])
    assert asked == ["page", "page"]
