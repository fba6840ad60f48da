"""What was promised survives two at once and `kill -9`, and nothing is done twice."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from bot.edges.gitlab import GitLab
from bot.edges.store import Store
from sandbox.scenario import run_script
from sandbox.script import read_file
from sandbox.world import World
from tests.evidence.floor import Floor, floor_at

REFRESH = "POST /oauth/token"
SHOP_ID = 42
#: A token lives for two hours.
LIFE_S = 7_200
RULE = '\n[[rules]]\nname = "two pairs of eyes"\nthen = "approve"\njobs = ["say"]\nby = ["leads"]\n'
SETTINGS = {"groups": {"leads": ["U0ALICE001"]}, "access": {"override": ["U0ALICE001"]}}


# Two at once ------------------------------------------------------------------------------------------------


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    """Nina is connected by the device grant, and her token has just ended."""
    with floor_at(tmp_path) as floor:
        floor.slash("nina", "link")
        floor.agree("dave")
        floor.poll()
        floor.clock.pass_(LIFE_S)
        yield floor


def test_many_who_need_a_fresh_token_ask_once(floor: Floor) -> None:
    """Of eight threads that need the same person's new token, one asks for it and all of them get it."""
    before, gate = floor.gitlab.fake.calls[REFRESH], threading.Barrier(8)
    found: list[GitLab] = []

    def work() -> None:
        gate.wait(10)
        found.append(floor.identities(floor.person("nina")))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert floor.gitlab.fake.calls[REFRESH] == before + 1
    assert len(found) == 8
    assert {one.me().username for one in found} == {"dave"}
    account = floor.account("nina")
    assert account is not None
    assert account.version == 2


def test_two_requests_at_once_ask_once(floor: Floor) -> None:
    """Two commands of one person at the same moment, both with a token that has ended, renew it once."""
    before, gate = floor.gitlab.fake.calls[REFRESH], threading.Barrier(2)
    asked = [floor.accept("slash_commands", floor.slash_payload("nina", "shop jobs"))[0] for _ in range(2)]

    def work(number: int) -> None:
        gate.wait(10)
        floor.router.do(asked[number])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert floor.gitlab.fake.calls[REFRESH] == before + 1
    assert all("can be started from chat" in floor.told(one.key) for one in asked)


def test_an_answer_that_was_lost_is_no_second_life(floor: Floor) -> None:
    """The renewal was done and its answer cut off: nobody has the new pair, and its owner is asked to connect again."""
    floor.gitlab.loop.ask(lambda: floor.gitlab.fake.break_("cut-after", times=1))
    floor.slash("nina", "shop run hello")
    assert "did not answer" in str(floor.voice.problems[-1]) or floor.voice.problems
    assert floor.pipelines() == 0
    floor.slash("nina", "shop run hello")
    assert floor.voice.unlinked == 1
    floor.slash("nina", "shop run hello")
    account = floor.account("nina")
    assert account is not None
    assert account.state == "dead"
    assert floor.decisions().count("lost") == 1, "it is told once"
    assert floor.pipelines() == 0


# kill -9 ----------------------------------------------------------------------------------------------------


class Watched(World):
    """A world whose policy asks for an approval."""

    def _write_files(self) -> None:
        super()._write_files()
        with self.config.open("a") as file:
            file.write(RULE)


@pytest.fixture
def world() -> Iterator[Watched]:
    with Watched(settings=SETTINGS) as world:
        yield world


def play(world: World, folder: Path, lines: str) -> None:
    file = folder / "lines.txt"
    file.write_text(lines)
    screen = io.StringIO()
    problem = run_script(read_file(file), Console(file=screen, width=160), world=world)
    assert problem is None, f"{problem}\n{screen.getvalue()[-3_000:]}"


BEFORE = """
:as alice
/run hello Kept
:expect "Hello Kept." within 20s
/gitlab lock staging for 2h because of the migration
:expect "is locked by" within 10s
:as bob
/run deploy-production
:expect-ephemeral "[Run it]" within 15s
/run say Approved --reason "It is due."
:expect "[Approve]" within 15s
/run deploy-staging
:expect-ephemeral "[Queue it]" within 15s
:click Queue it
:expect "waits" within 15s
"""
AFTER = """
:as bob
:click Run it
:expect "Deployed main to production." within 40s
:as alice
:click Approve
:expect "You said: Approved" within 40s
:refuse "Deployed main to staging."
:click Release
:expect "Deployed main to staging." within 40s
:refuse "[Approve]" for 1s
:count gitlab "POST /projects/:id/pipeline" = 4
"""


def test_killed_while_everything_waits(world: Watched, tmp_path: Path) -> None:
    """A kept command, an approval, a lock and its queue outlive `kill -9`; each then happens as promised, once."""
    play(world, tmp_path, BEFORE)
    for _ in range(2):
        world.kill_bot()
        world.start_bot()
    play(world, tmp_path, AFTER)
    with Store(world.store).read() as tx:
        decisions = [(one.name, one.command, one.decision) for one in tx.audit.since(0)]
    assert decisions.count(("bob", "run", "started")) == 3
    assert sum(decision == "approved" for _, _, decision in decisions) == 1
    assert sum(decision == "released" and name == "alice" for name, _, decision in decisions) == 1


RENEWING = """
:as dave
:dm
link
:expect /\\b(?=\\w*[A-Z])[0-9A-Z]{8}\\b/
:gitlab authorize newest
:expect /\\bdave\\b/ within 30s
:in #ops
:clock +3h
:break gitlab slow 1s
/run hello Slowly
:wait 1s
"""
RENEWED = """
:as dave
:in #ops
:mend
:expect /Hello Slowly\\.|no longer accepts/ within 40s
"""


def test_killed_in_the_middle_of_a_renewal(world: Watched, tmp_path: Path) -> None:
    """Killed while GitLab renews a token: it goes on, or asks its owner once to connect anew; nothing runs twice."""
    play(world, tmp_path, RENEWING)
    world.kill_bot()
    world.start_bot()
    play(world, tmp_path, RENEWED)
    pipelines = world.call(world.gitlab.get("pipelines", None))
    assert isinstance(pipelines, list)
    with Store(world.store).read() as tx:
        lost = sum(one.decision == "lost" for one in tx.audit.since(0))
        ran = sum(one.decision == "started" for one in tx.audit.since(0))
    assert len(pipelines) == ran
    assert (ran, lost) in {(1, 0), (0, 1)}
