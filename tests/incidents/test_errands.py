"""Errands are done once, in order, and again only if they did not happen, whatever the other side answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.config import parse
from bot.edges.gitlab import GitLab
from bot.edges.slack import Slack
from bot.edges.store import Store
from bot.errors import (
    BotError,
    GitLabBusy,
    GitLabSaidNo,
    GitLabUnreachable,
    NotLinked,
    SlackBusy,
    SlackUnreachable,
    StoreError,
)
from bot.incident import Incident, State
from bot.incident_work import Errand, Holder
from bot.incidents import errands, late
from bot.incidents.errands import Kind, NotYet, Result
from bot.kit import Kit
from bot.model import Person
from tests.doors.asking import CONFIG
from tests.kits import kit_of, link

ALICE, BOB, CAROL = (Person("T1", one) for one in ("U1", "U2", "U3"))
ONE = Incident("i1", 1, "key1", "T1", "Checkout", 2, State.FIXING, "acme/shop", ALICE, "alice", 1_000, iid=7)


@dataclass(slots=True)
class World:
    """The other side: what was done there, what it answers, and what is about to go wrong."""

    kit: Kit
    clock: list[int]
    done: list[str] = field(default_factory=list)
    before: list[BaseException] = field(default_factory=list)
    """Raised instead of doing the next one."""
    after: list[BaseException] = field(default_factory=list)
    """Raised after the next one was done."""
    settled: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    may_be_passed: bool = False

    def act(self, _kit: Kit, errand: Errand, _incident: Incident) -> Result:
        if self.before:
            raise self.before.pop(0)
        self.done.append(errand.id)
        if self.after:
            raise self.after.pop(0)
        return {"id": errand.id}

    def find(self, _kit: Kit, errand: Errand, _incident: Incident) -> Result | None:
        return {"found": errand.id} if errand.id in self.done else None

    @property
    def kinds(self) -> dict[str, Kind]:
        return {
            "gitlab.note": Kind(
                self.act, self.find, lambda tx, kit, errand, incident, result: self.settled.append(errand.id),
                lambda tx, kit, errand, incident, error: self.refused.append(f"{errand.id}: {error}"),
                self.may_be_passed,
            )
        }  # fmt: skip

    def ask(self, *keys: str, again: bool = False) -> None:
        with self.kit.store.write() as tx:
            for key in keys:
                errands.write(tx, errands.new(self.kit, ONE, "gitlab.note", key, 2), again=again)

    def go(self, seconds: float = 0) -> None:
        """Lets time pass and does what is due."""
        self.clock[0] += round(seconds * 1000)
        errands.run(self.kit, self.kinds)

    def crash(self) -> None:
        """What is left after the process was killed is taken up by the next one."""
        with self.kit.store.write() as tx:
            tx.errands.recover()


@contextmanager
def world_of(store: Store, apart: Callable[[str, Callable[[], object]], object]) -> Iterator[World]:
    clock = [1_000_000]
    with closing(GitLab("http://127.0.0.1:1", "glpat-canary", now=lambda: clock[0])) as gitlab:
        kit = kit_of(
            parse(CONFIG, {}, Path("/")), store, Slack("xoxb-1-canary", "http://127.0.0.1:1"), gitlab,
            lambda: clock[0], new_id=lambda: "id", apart=apart,
        )  # fmt: skip
        yield World(kit, clock)


@pytest.fixture
def world(store: Store) -> Iterator[World]:
    with world_of(store, lambda name, act: act()) as world:
        with store.write() as tx:
            tx.incidents.put(ONE)
        yield world


def test_each_is_done_once_and_in_order(world: World) -> None:
    """However often it is asked for and looked at."""
    world.ask("a", "b")
    world.ask("a", "b")
    for _ in range(3):
        world.go(1)
    assert world.done == world.settled == ["i1.a", "i1.b"]


def test_what_happened_first_goes_first(world: World) -> None:
    """Whichever was written down first; but what was begun is ended before that."""
    with world.kit.store.write() as tx:
        for key, at in (("later", 20), ("first", 10), ("last", 30)):
            errands.write(tx, errands.new(world.kit, ONE, "gitlab.note", key, 2, at=at))
    world.after.append(GitLabUnreachable("no answer", sent=True))
    world.go()
    assert world.done == ["i1.first"]
    with world.kit.store.write() as tx:
        errands.write(tx, errands.new(world.kit, ONE, "gitlab.note", "missed", 2, at=5))
    world.go(2)
    assert world.settled == ["i1.first", "i1.missed", "i1.later", "i1.last"]


def test_it_is_done_again_only_if_that_is_wanted(world: World) -> None:
    """What brings the other side to what is wanted is asked for again; the rest is over."""
    world.ask("a")
    world.go()
    world.ask("a")
    world.go(1)
    assert world.done == ["i1.a"]
    world.ask("a", again=True)
    world.go(1)
    assert world.done == ["i1.a", "i1.a"]


@pytest.mark.parametrize(
    "error",
    [
        NotYet(), NotLinked(), GitLabBusy(retry_after=3), SlackBusy(retry_after=3), GitLabUnreachable(sent=False),
        SlackUnreachable(sent=False),
    ],
)  # fmt: skip
def test_what_surely_did_not_happen_is_done_later(world: World, error: BotError) -> None:
    """After the time that was named; what was asked for later does not overtake it."""
    world.before.append(error)
    world.ask("a", "b")
    world.go()
    assert world.done == []
    world.go(0.9)
    assert world.done == []
    world.go(60)
    assert world.done == ["i1.a", "i1.b"]


@pytest.mark.parametrize("error", [GitLabUnreachable(sent=True), SlackUnreachable(sent=True)])
def test_a_lost_answer_is_looked_for(world: World, error: BotError) -> None:
    """What was done after all is settled and not done twice."""
    world.after.append(error)
    world.ask("a")
    world.go()
    assert (world.done, world.settled) == (["i1.a"], [])
    world.go(2)
    assert world.done == world.settled == ["i1.a"]


def test_what_never_appears_is_done_again_when_that_is_safe(world: World) -> None:
    """Not before the other side has surely given up on the first request."""
    world.before.append(GitLabUnreachable(sent=True))
    world.ask("a")
    for _ in range(6):
        world.go(10)
        assert world.done == []
    for _ in range(7):
        world.go(10)
    assert world.done == world.settled == ["i1.a"]


@pytest.mark.parametrize("happened", [True, False])
def test_a_crash_while_it_is_done(world: World, happened: bool) -> None:
    """The next start finds out what became of it, and it is there once."""
    (world.after if happened else world.before).append(KeyboardInterrupt())
    world.ask("a")
    with pytest.raises(KeyboardInterrupt):
        world.go()
    world.crash()
    for _ in range(14):
        world.go(10)
    assert world.done == world.settled == ["i1.a"]


@pytest.mark.parametrize("may_be_passed", [False, True])
def test_gitlab_takes_no_connection_for_hours(world: World, may_be_passed: bool) -> None:
    """Then it is away: only the first is tried, and in the end all are done in their order."""
    world.may_be_passed = may_be_passed
    world.before += [GitLabUnreachable(sent=False)] * 200
    world.ask("a", "b")
    for _ in range(200):
        world.go(60)
    assert (world.before, world.done, world.refused) == ([], [], [])
    world.go(60)
    assert world.done == ["i1.a", "i1.b"]


def test_what_gitlab_fails_at_alone(world: World) -> None:
    """Is gone past after an hour by what waits behind it, then set aside; asked for again it is looked for first."""
    world.may_be_passed = True
    world.before += [GitLabUnreachable(sent=True)]
    world.ask("a", "b")
    world.go()
    world.clock[0] += late.PATIENCE_MS
    world.before += [GitLabUnreachable(sent=True)]
    world.go()
    assert world.settled == ["i1.b"]
    with world.kit.store.write() as tx:
        late.was_done(tx, ONE.id, world.clock[0])
    world.clock[0] += late.LAST_TRIES_MS
    world.after += [GitLabUnreachable(sent=True)]
    world.go()
    assert world.refused == [f"i1.a: {late.SetAside()}"]
    world.ask("a", again=True)
    world.go(1)
    assert world.done == ["i1.b", "i1.a"]
    assert world.settled == ["i1.b", "i1.a"]


def test_a_refusal_ends_it(world: World) -> None:
    """What follows from it is written down once; the others go on."""
    world.before.append(GitLabSaidNo("You may not.", status=403))
    world.ask("a", "b")
    world.go()
    assert world.refused == ["i1.a: You may not."]
    assert world.done == ["i1.b"]


def test_a_fault_of_ours_holds_nothing_up(world: World) -> None:
    """It is given up, and told of; what waits behind it goes on."""
    world.before.append(KeyError("of ours"))
    world.ask("a", "b")
    with pytest.raises(KeyError):
        world.go()
    world.go(1)
    assert world.refused == [f"i1.a: {errands.FAULT}"]
    assert world.done == ["i1.b"]


def test_a_store_that_fails_gives_up_nothing(world: World) -> None:
    """Nothing can be written down then; after the next start it is found out."""
    world.before.append(StoreError("The disk is full."))
    world.ask("a")
    with pytest.raises(StoreError):
        world.go()
    world.crash()
    for _ in range(14):
        world.go(10)
    assert world.done == ["i1.a"]


def test_one_lane_has_one_at_a_time(store: Store) -> None:
    """Lanes are handed on by name, so that nothing is done twice at once."""
    handed: list[str] = []
    with world_of(store, lambda name, act: handed.append(name)) as world:
        with store.write() as tx:
            tx.incidents.put(ONE)
        world.ask("a", "b")
        world.go()
        world.go()
    assert handed == ["errands gitlab i1"] * 2


def test_who_answers_for_it(world: World) -> None:
    """The commander, else who declared it, else whoever takes part, of those who are connected."""
    kit = world.kit
    with pytest.raises(NotYet, match="Nobody who takes part has connected"):
        errands.keeper(kit, ONE)
    with kit.store.write() as tx:
        tx.holders.put(Holder("h1", "i1", "responder", CAROL, "carol", 1))
    link(kit, CAROL, 3, "carol")
    assert errands.keeper(kit, ONE) == CAROL
    link(kit, ALICE, 1, "alice")
    assert errands.keeper(kit, replace(ONE, commander=BOB)) == ALICE
    link(kit, BOB, 2, "bob")
    assert errands.keeper(kit, replace(ONE, commander=BOB)) == BOB
