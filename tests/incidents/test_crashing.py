"""Whatever an incident does in GitLab and Slack is done once, at whichever step of it the process dies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from commands.incident import WHOLE
from sandbox.process import ROOT
from tests.incidents.dying import NEVER, STEPS
from tests.incidents.whole import Whole, whole_at

DECLARE = "declare sev2 Checkout 500s"
DAY = 86_400
Peace = Mapping[str, tuple[list[str], set[str]]]


def in_a_thread(whole: Whole) -> None:
    """It lives below its card, until it becomes private."""
    whole.type(DECLARE)
    whole.type("severity inc-1 1")
    whole.type("task inc-1 Tell support")
    whole.type("private inc-1 on")


def life(whole: Whole) -> None:
    """All that it is changes, and who commands it."""
    whole.type(DECLARE)
    whole.type("role commander me")
    whole.type("role commander me Nobody answers", "bob")
    whole.type("severity 1")
    whole.type("status fixing")
    whole.type("status monitoring", "bob")
    whole.type("title Checkout and basket")
    whole.type("update Rolled back")
    whole.type("private on")


def talk(whole: Whole) -> None:
    """It is talked about on both sides, with edits, files and marks."""
    whole.type(DECLARE)
    slack, room = whole.floor.slack.slack, whole.incident().channel
    root = whole.say("It is lsow")
    whole.say("Since noon", "bob", root)
    whole.heard(slack.edit("alice", room, root, "It is slow"))
    whole.heard(slack.upload("alice", room, ROOT / "sandbox/files/graph.png"))
    whole.heard(slack.react("bob", room, root, "pushpin"))
    gone = whole.say("swordfish")
    whole.heard(slack.delete("alice", room, gone))
    whole.act("attach #1 sandbox/files/graph.png Look at the graph")
    (note,) = whole.floor.asks(lambda state: [
        one.id for issue in state.tracker.issues.values() for one in issue.notes if "Since noon" in one.body
    ])  # fmt: skip
    whole.act(f"edit-note {note} Nobody said this", "alice")


def work(whole: Whole) -> None:
    """Tasks, follow-ups, lines of the timeline, and what may have caused it."""
    for line in ("record-deployment production main", "push main", "record-deployment production main"):
        whole.floor.gitlab.act(line, "bob")
        whole.floor.clock.pass_(60)
    whole.type(DECLARE)
    whole.type("task Roll back @bob")
    whole.type("task Tell support")
    whole.type("followup Test the failover")
    whole.type("timeline Restarted the workers")
    whole.type("changes")
    with whole.kit.store.read() as tx:
        suspect = tx.suspects.of(whole.incident().id)[0]
    one = whole.incident()
    whole.press("suspect", f"{one.id}:{one.version}:{suspect.reference}")


def ending(whole: Whole) -> None:
    """It is over, reviewed, closed, its room archived, and opened again; another one is its duplicate."""
    whole.type(DECLARE)
    whole.type("declare sev3 Basket stays empty", channel="C0OPS00001")
    whole.type("duplicate inc-2 of inc-1")
    whole.send("resolve", fix="Rolled back", cause="A missing index")
    whole.type("review")
    whole.type("status closed")
    whole.floor.clock.pass_(15 * DAY)
    whole.settle()
    whole.type("reopen inc-1 errors are back since noon", channel="C0OPS00001")


CHAPTERS: Mapping[str, Callable[[Whole], None]] = {
    one.__name__: one for one in (in_a_thread, life, talk, work, ending)
}
SETTINGS = {"in_a_thread": {"threads": "always"}}


def played(path: Path, chapter: str, step: str) -> tuple[list[str], set[str], set[str]]:
    """What is left of a chapter, which kinds of errands were done, and which errands died."""
    with whole_at(path, step, **SETTINGS.get(chapter, {})) as whole:
        CHAPTERS[chapter](whole)
        return whole.left(), whole.fate.done, whole.fate.deaths


@pytest.fixture(scope="module")
def peace(tmp_path_factory: pytest.TempPathFactory) -> Peace:
    """Each chapter as it is when nothing goes wrong."""
    return {one: played(tmp_path_factory.mktemp(one), one, NEVER)[:2] for one in CHAPTERS}


def test_every_kind_of_errand_is_killed(peace: Peace) -> None:
    """No kind of errand is missing from these chapters."""
    done = {kind for _, kinds in peace.values() for kind in kinds}
    assert sorted(set(WHOLE.kinds) - done) == []


@pytest.mark.parametrize("chapter", CHAPTERS)
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_every_step(peace: Peace, tmp_path: Path, chapter: str, step: str) -> None:
    """Each errand dies once at this step; in the end both sides are as if none had, with nothing missing or twice."""
    left, _, deaths = played(tmp_path, chapter, step)
    assert deaths
    assert left == peace[chapter][0]
