"""Changes in GitLab are made once, whatever becomes of the answer: looked for when it is lost, and told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bot import writing
from bot.config import parse
from bot.delivery import letters
from bot.edges.gitlab import GitLab
from bot.edges.slack import Slack
from bot.edges.store import Store, Tx
from bot.errors import BotError, GitLabSaidNo, GitLabUnreachable, NotFound, NotLinked
from bot.kit import Kit
from bot.ledger import Write
from bot.model import Message, Millis, Person, Place
from bot.writing import Kind, Result
from tests.doors.asking import CONFIG
from tests.edges import wire
from tests.kits import kit_of

WRITE = Write("k1.create", "issue.create", Person("T1", "U1"), "alice", Place("C1"), 42, "acme/shop", "{}")
NOW: Millis = 1_763_650_000_000


@dataclass
class World:
    """A GitLab that makes things with a mark, and may lose its answers."""

    kit: Kit
    now: list[Millis]
    made: list[str] = field(default_factory=list)
    settled: list[Result] = field(default_factory=list)
    lost: bool = False
    hidden: bool = False

    def answer(self, seen: wire.Seen) -> wire.Reply:
        if seen.method == "POST":
            self.made.append(seen.json["mark"])
            return wire.cut() if self.lost else wire.data({"iid": len(self.made)}, 201)
        wanted = seen.query["mark"]
        found = [] if self.hidden else [n for n, mark in enumerate(self.made, 1) if mark == wanted]
        return wire.data([{"iid": number} for number in found])

    @property
    def kind(self) -> Kind:
        return Kind(self.act, self.find, self.told, self.settle)

    def act(self, gitlab: GitLab, write: Write) -> Result:
        made: Result = gitlab._wire.post("/things", {"mark": write.id})
        return made

    def find(self, gitlab: GitLab, write: Write) -> Result | None:
        found: list[Any] = gitlab._wire.get("/things", {"mark": write.id})
        return found[0] if found else None

    def told(self, kit: Kit, write: Write, result: Result | None) -> Message:
        return Message(f"Made {result['iid']}." if result else "Nothing was made.")

    def settle(self, tx: Tx, kit: Kit, write: Write, result: Result) -> None:
        self.settled.append(result)

    def pass_(self, milliseconds: Millis) -> None:
        self.now[0] += milliseconds

    def look(self) -> None:
        writing.look(self.kit, {"issue.create": self.kind})

    def row(self) -> Write:
        with self.kit.store.read() as tx:
            found = tx.writes.get(WRITE.id)
        assert found is not None
        return found

    def heard(self) -> str | None:
        with self.kit.store.read() as tx:
            letter = tx.outbox.get(f"{WRITE.id}.found")
        return letters.load(letter.body).text if letter else None


@pytest.fixture
def world(store: Store) -> Iterator[World]:
    with at(store) as made:
        yield made


@contextmanager
def at(store: Store) -> Iterator[World]:
    now = [NOW]
    holder: list[World] = []
    with wire.serve(lambda seen: holder[0].answer(seen)) as server:  # noqa: PLW0108 -- the world is made below
        gitlab = GitLab(server.url, "glpat-canary", now=lambda: now[0])
        kit = kit_of(
            parse(CONFIG, {}, Path("/")), store, Slack("xoxb-1", f"{server.url}/slack/"), gitlab, lambda: now[0],
            new_id=lambda: "id", apart=lambda name, act: act(),
        )  # fmt: skip
        holder.append(World(kit, now))
        yield holder[0]
        gitlab.close()


def test_a_change_is_made_and_settled(world: World) -> None:
    """What GitLab answered is returned, and written down together with what belongs to it."""
    assert writing.once(world.kit, WRITE, world.kind) == {"iid": 1}
    assert (world.row().state, json.loads(world.row().result)) == ("done", {"iid": 1})
    assert world.settled == [{"iid": 1}]


def test_the_same_request_again_changes_nothing(world: World) -> None:
    """It hears what was answered the first time."""
    writing.once(world.kit, WRITE, world.kind)
    assert writing.once(world.kit, WRITE, world.kind) == {"iid": 1}
    assert world.made == [WRITE.id]
    assert len(world.settled) == 1


def test_a_lost_answer_is_looked_for_and_told(world: World) -> None:
    """The asker hears that it is not known, then what was made; nothing is made twice."""
    world.lost = True
    with pytest.raises(GitLabUnreachable, match="did not say"):
        writing.once(world.kit, WRITE, world.kind)
    world.look()
    assert world.heard() is None, "it is too early to look"
    world.pass_(writing.FIRST_LOOK_MS)
    world.look()
    assert world.heard() == "Made 1."
    assert (world.made, world.settled, world.row().state) == ([WRITE.id], [{"iid": 1}], "done")


def test_what_is_not_there_when_gitlab_has_given_up_was_not_made(world: World) -> None:
    """It is looked for again and again until then; nothing is sent again by itself."""
    world.lost = world.hidden = True
    with pytest.raises(GitLabUnreachable):
        writing.once(world.kit, WRITE, world.kind)
    for _ in range(20):
        world.pass_(writing.LOOK_AGAIN_MS)
        world.look()
    assert world.heard() == "Nothing was made."
    assert (world.made, world.settled, world.row().state) == ([WRITE.id], [], "failed")


def test_a_crash_in_between_is_looked_for(world: World) -> None:
    """The row says what was about to be sent; whoever takes the request up again does not send it."""
    with world.kit.store.write() as tx:
        tx.writes.intend(replace(WRITE, state="intent", at=NOW))
    world.made.append(WRITE.id)
    with pytest.raises(GitLabUnreachable, match="looking"):
        writing.once(world.kit, WRITE, world.kind)
    world.pass_(writing.FIRST_LOOK_MS)
    world.look()
    assert (world.heard(), world.made) == ("Made 1.", [WRITE.id])


def test_while_it_is_looked_for_the_same_request_waits(world: World) -> None:
    """Asked once more, it is still not known, and nothing is sent."""
    world.lost = True
    for _ in range(2):
        with pytest.raises(GitLabUnreachable, match="did not say"):
            writing.once(world.kit, WRITE, world.kind)
    assert world.made == [WRITE.id]


@pytest.mark.parametrize(
    "error", [GitLabSaidNo("No."), NotFound(), GitLabUnreachable(sent=False), NotLinked()]
)
def test_a_refusal_is_final(world: World, error: BotError) -> None:
    """GitLab has surely done nothing; the request is over, and asked anew it would be another one."""

    def refuse(gitlab: GitLab, write: Write) -> Result:
        raise error

    kind = replace(world.kind, act=refuse)
    with pytest.raises(type(error)):
        writing.once(world.kit, WRITE, kind)
    assert world.row().state == "failed"
    with pytest.raises(BotError, match="anew"):
        writing.once(world.kit, WRITE, world.kind)
    assert world.made == []


def test_a_gitlab_that_is_away_is_asked_again(world: World) -> None:
    """Looking costs nothing, so it goes on until there is an answer."""
    world.lost = True
    with pytest.raises(GitLabUnreachable):
        writing.once(world.kit, WRITE, world.kind)

    def away(gitlab: GitLab, write: Write) -> Result | None:
        raise GitLabUnreachable

    for _ in range(30):
        world.pass_(writing.LOOK_AGAIN_MS)
        writing.look(world.kit, {"issue.create": replace(world.kind, find=away)})
    assert (world.heard(), world.row().state) == (None, "unknown")
    world.pass_(writing.LOOK_AGAIN_MS)
    world.look()
    assert world.heard() == "Made 1."


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (NotLinked(), "not connected any more"), (GitLabSaidNo("You are out."), "You are out."),
        (NotFound(), "does not know"),
    ],
)  # fmt: skip
def test_where_nobody_can_look_nothing_is_claimed(world: World, error: BotError, why: str) -> None:
    """Who parted from their account, or lost their rights, hears that it is not known, not that nothing was made."""
    world.lost = True
    with pytest.raises(GitLabUnreachable):
        writing.once(world.kit, WRITE, world.kind)

    def gone(gitlab: GitLab, write: Write) -> Result | None:
        raise error

    kinds = {"issue.create": replace(world.kind, find=gone)}
    world.pass_(writing.FIRST_LOOK_MS)
    writing.look(world.kit, kinds)
    assert (world.heard(), world.row().state) == (None, "unknown"), "it may go better the next time"
    world.pass_(writing.SURELY_OVER_MS)
    writing.look(world.kit, kinds)
    heard = world.heard() or ""
    assert "never said whether it did what you asked for (`issue create acme/shop`)" in heard
    assert why in heard
    assert world.row().state == "lost"
    with pytest.raises(BotError, match="Look there before you ask"):
        writing.once(world.kit, WRITE, world.kind)
    assert world.made == [WRITE.id]


def test_a_gitlab_that_is_away_for_a_day_is_given_up(world: World) -> None:
    """It is asked less and less often, and in the end the asker hears that it is not known."""
    world.lost = True
    with pytest.raises(GitLabUnreachable):
        writing.once(world.kit, WRITE, world.kind)
    looked: list[str] = []

    def away(gitlab: GitLab, write: Write) -> Result | None:
        looked.append(write.id)
        raise GitLabUnreachable

    kinds = {"issue.create": replace(world.kind, find=away)}
    for _ in range(100):
        world.pass_(writing.LOOK_AGAIN_MS)
        writing.look(world.kit, kinds)
    assert len(looked) < 80
    assert world.row().state == "unknown"
    world.pass_(writing.GIVE_UP_MS)
    writing.look(world.kit, kinds)
    assert "never said" in (world.heard() or "")


def test_an_intent_that_nobody_comes_back_to_is_looked_for(world: World) -> None:
    """A bug, or a crash after which the request is refused, leaves the row; what was made is told all the same."""

    def broken(gitlab: GitLab, write: Write) -> Result:
        world.act(gitlab, write)
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError):
        writing.once(world.kit, WRITE, replace(world.kind, act=broken))
    world.look()
    assert world.row().state == "intent"
    world.pass_(writing.ORPHANED_MS)
    world.look()
    world.look()
    assert (world.heard(), world.row().state) == ("Made 1.", "done")
    assert (len(world.settled), world.made) == (1, [WRITE.id])


def test_changes_of_other_kinds_are_left_alone(world: World) -> None:
    """Each feature looks for its own."""
    world.lost = True
    with pytest.raises(GitLabUnreachable):
        writing.once(world.kit, WRITE, world.kind)
    world.pass_(writing.FIRST_LOOK_MS)
    writing.look(world.kit, {"project.create": world.kind})
    assert (world.heard(), world.row().state) == (None, "unknown")


def test_what_nobody_needs_to_know_is_not_told(world: World) -> None:
    """A change may settle without a word."""
    world.lost = True
    with pytest.raises(GitLabUnreachable):
        writing.once(world.kit, WRITE, world.kind)
    world.pass_(writing.FIRST_LOOK_MS)
    writing.look(world.kit, {"issue.create": replace(world.kind, told=lambda *_: None)})
    assert (world.heard(), world.row().state) == (None, "done")
    assert world.settled == [{"iid": 1}]
