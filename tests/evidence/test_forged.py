"""Buttons that were forged, are stale, are pressed twice at once, or are pressed by somebody else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

import pytest

import blocks.connect
import blocks.favourite
import blocks.home
import blocks.incident
import blocks.settings
import commands
from bot.deeds import AGREE
from bot.edges.store import Received
from bot.incidents import values
from bot.ledger import Kept
from bot.model import OFFER, RunState
from tests.evidence.floor import OPS, Floor
from tests.evidence.scenes import DEPLOY, POLICY, RUN, Scene, scene_at, theirs
from tests.evidence.scenes_incident import carried, declared, task, with_

BUTTONS = sorted({action for one in commands.load() for action in one.buttons} | {OFFER, *AGREE})
FORMS = sorted({form for one in commands.load() for form in one.forms} | {AGREE.approval, AGREE.override})
#: Buttons that mean who presses them, whatever their value says.
OF_WHO_PRESSES = frozenset(
    {blocks.connect.NEW, blocks.connect.TOKEN, blocks.home.REFRESH, blocks.home.UNLINK, blocks.settings.EDIT}
)
#: Those that open a form first; what is sent in with it is looked at then.
OPENING = frozenset({"approvals.reject", blocks.favourite.EDIT, AGREE.approval, AGREE.override})
#: Values with which a button opens an empty form, for whoever presses it.
EMPTY = frozenset({(blocks.incident.DECLARE, blocks.incident.NEW)})
FORGED = (
    "", "-", "no-such-row", "x" * 2_000, "' OR '1'='1", "1; DROP TABLE runs; --", "%", "../../etc/passwd",
    "\u202e\x00\ud83d", "<!channel>", '{"id": "scene1"}', "0", "-1", "NULL",
)  # fmt: skip


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene_at(tmp_path_factory.mktemp("forged"), POLICY) as scene:
        yield scene


@pytest.fixture(autouse=True)
def quiet(scene: Scene) -> None:
    scene.clear()
    scene.floor.voice.forget()


# Forged -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", [one for one in BUTTONS if one not in OF_WHO_PRESSES | OPENING])
def test_a_forged_value_does_nothing(scene: Scene, action: str) -> None:
    """Whatever a button's value says that is no id of a fitting row is answered with a sentence, by no bug of ours."""
    scene.lock("rita", OPS)
    before = state(scene, action)
    for value in FORGED:
        if (action, value) in EMPTY:
            continue
        scene.floor.voice.forget()
        scene.floor.click("alice", action, value)
        assert scene.floor.voice.bugs == 0, value
        assert scene.floor.voice.problems or action == AGREE.leave or says_only(scene, "alice"), value
    assert state(scene, action) == before


def state(scene: Scene, action: str) -> object:
    """Everything there is; of a button that opens a form without the forms, which then only say why not."""
    store, gitlab, views = scene.floor.state()
    return (store, gitlab) if action in FORMS else (store, gitlab, views)


def says_only(scene: Scene, name: str) -> bool:
    """Whether the form that is open for somebody says something, and has nothing to be filled in or sent."""
    (view,) = scene.floor.slack.slack.views.stacks.get(scene.floor.user(name).id) or [{}]
    return not view.get("submit") and [block["type"] for block in view.get("blocks", ())] == ["section"]


@pytest.mark.parametrize("action", [one for one in FORMS if one not in OF_WHO_PRESSES])
def test_a_forged_form_does_nothing(scene: Scene, action: str) -> None:
    """A form that names no row is answered, or not even taken; nothing comes of it."""
    before = scene.floor.state()
    for value in FORGED:
        scene.floor.form("alice", action, value, reason="It is due.")
    assert scene.floor.voice.bugs == 0
    assert scene.floor.state() == before


def rows_of_all_kinds(scene: Scene) -> dict[str, str]:
    """One row of each kind, all of them of Rita or in her name."""
    theirs(scene, "rita", OPS)
    return {
        "run": scene.run("rita", OPS).id, "held": scene.waiting("rita", OPS).id, "grant": scene.grant("rita", OPS),
        "kept": scene.kept("rita", OPS, RUN), "waiter": scene.waiter("dave", OPS, scene.floor.clock() + 60_000).id,
        "incident": values.value(declared(scene, "rita", OPS)),
    }  # fmt: skip


#: Which kinds of rows a button is really about.
ABOUT = {
    "run.again": {"run", "held"}, "cancel.press": {"run", "held"}, "retry.press": {"run", "held"},
    "log.press": {"run", "held"}, "approvals.approve": {"held"}, "approvals.withdraw": {"held"},
    "access.hour": {"grant"}, "access.day": {"grant"}, "access.decline": {"grant"}, "access.ask": {"kept"},
    "lock.give": {"waiter"}, "lock.keep": {"waiter"}, "incident.declare": set(),
    "incident.declare_from": {"run", "held"},
}  # fmt: skip


def _usual(action: str) -> set[str]:
    """What buttons are about that have nothing of their own in the list above."""
    return {"kept"} if action in AGREE else {"incident"} if action.startswith("incident.") else set()


@pytest.mark.parametrize("action", [one for one in BUTTONS if one not in OF_WHO_PRESSES | OPENING])
def test_an_id_of_another_kind_of_row_does_nothing(scene: Scene, action: str) -> None:
    """The id of a run is none of a lock, of a grant or of a kept request, and the other way round."""
    for kind, value in rows_of_all_kinds(scene).items():
        before = state(scene, action)
        if kind in ABOUT.get(action, _usual(action)):
            continue
        scene.floor.click("anna", action, value)
        assert scene.floor.voice.bugs == 0
        assert state(scene, action) == before, kind


# By somebody else -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", [*sorted({AGREE.go, AGREE.queue, AGREE.leave}), "access.ask"])
def test_a_whispers_button_is_its_owners(scene: Scene, action: str) -> None:
    """Somebody who knows the id of another's kept request can neither let it go on nor take it away."""
    value = scene.kept("alice", OPS, DEPLOY)
    before = scene.floor.state()
    for name in ("bob", "anna", "carol", "nina", "rita"):
        scene.floor.click(name, action, value)
        assert scene.floor.told(f"kept:{value}") == ""
    assert scene.floor.state() == before
    assert _kept(scene.floor, value).state == "waiting", "it is still there for its owner"


@pytest.mark.parametrize("action", [AGREE.approval, AGREE.override])
def test_a_whispers_form_is_its_owners(scene: Scene, action: str) -> None:
    """The form under another's kept request, once sent in, does nothing."""
    value = scene.kept("alice", OPS, DEPLOY)
    before = scene.floor.state()
    scene.floor.form("anna", action, value, reason="It is due.")
    assert scene.floor.voice.problems
    assert scene.floor.state() == before
    assert _kept(scene.floor, value).state == "waiting"


def _kept(floor: Floor, kept_id: str) -> Kept:
    with floor.store.read() as tx:
        found = tx.kept.get(kept_id)
    assert found is not None
    return found


# Stale ------------------------------------------------------------------------------------------------------


def pressed_before(scene: Scene) -> dict[str, tuple[str, str]]:
    """Buttons that have done their work already: action -> who pressed it, and its value."""
    gone = {
        "approvals.approve": ("alice", scene.waiting("rita", OPS).id),
        "approvals.withdraw": ("bob", scene.waiting("bob", OPS).id),
        "access.hour": ("anna", scene.grant("rita", OPS)),
        "access.decline": ("anna", scene.grant("rita", OPS)),
        AGREE.go: ("bob", scene.kept("bob", OPS, RUN)),
        AGREE.leave: ("bob", scene.kept("bob", OPS, RUN)),
        "lock.release": ("bob", scene.lock("bob", OPS).id),
    }
    for action, (name, value) in gone.items():
        before = scene.floor.state()
        scene.floor.click(name, action, value)
        assert scene.floor.state() != before, action
    return gone


def test_a_stale_button_does_nothing_more(scene: Scene) -> None:
    """A button of a card that Slack still shows as it was finds that it has been pressed."""
    gone = pressed_before(scene)
    before, trail = scene.floor.state(), scene.floor.decisions()
    for action, (name, value) in gone.items():
        scene.floor.voice.forget()
        scene.floor.click(name, action, value)
        assert scene.floor.voice.problems or action == AGREE.leave, action
    assert scene.floor.state() == before
    assert scene.floor.decisions() == trail


# Twice at once ----------------------------------------------------------------------------------------------


def at_once(floor: Floor, requests: Sequence[Received]) -> None:
    """Do all of these at the same moment, each on a thread of its own."""
    gate = threading.Barrier(len(requests))

    def work(one: Received) -> None:
        gate.wait(10)
        floor.router.do(one)

    threads = [threading.Thread(target=work, args=(one,)) for one in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    floor.do([])


def clicks(floor: Floor, names: Sequence[str], action: str, value: str) -> list[Received]:
    return [
        floor.accept("interactive", floor.click_payload(name, action, value))[0]
        for name in names
    ]  # fmt: skip


Twice = tuple[Callable[[Scene], str], Sequence[str], str]
TWICE: dict[str, Twice] = {
    "approvals.approve": (lambda scene: scene.waiting("rita", OPS).id, ["alice"] * 4, "started"),
    AGREE.go: (lambda scene: scene.kept("bob", OPS, RUN), ["bob"] * 4, "started"),
    "lock.release": (
        lambda scene: scene.lock("bob", OPS).id,
        ["bob", "bob", "alice", "anna"],
        "released broken",
    ),
    "access.hour": (lambda scene: scene.grant("rita", OPS), ["anna"] * 4, "access granted"),
    "mr.approve": (lambda scene: scene.aim(scene.merge_request(), "alice", OPS), ["alice"] * 4, "approved"),
    "mr.merge": (
        lambda scene: scene.aim(scene.merge_request(), "bob", OPS),
        ["bob", "bob", "alice"],
        "merged",
    ),
    "pipeline.play": (lambda scene: scene.to_play("bob", OPS), ["bob", "bob", "alice"], "started"),
    "incident.take": (
        lambda scene: values.value(declared(scene, "", OPS)),
        ["bob", "alice", "carol"],
        "commander",
    ),
    "incident.state": (
        lambda scene: carried(declared, "fixing")(scene, "", OPS),
        ["bob", "bob", "alice"],
        "state",
    ),
    "incident.task_done": (
        lambda scene: carried(with_(task), "1")(scene, "", OPS),
        ["bob", "bob", "alice"],
        "task done",
    ),
}
#: Buttons that start what is there already.
PLAYING = frozenset({"pipeline.play"})


@pytest.mark.parametrize("action", sorted(TWICE))
def test_pressed_by_several_at_once_it_is_done_once(scene: Scene, action: str) -> None:
    """However often and by however many a button is pressed at the same moment, exactly one press counts."""
    make, names, decision = TWICE[action]
    value = make(scene)
    floor = scene.floor
    pipelines, trail = floor.pipelines(), len(floor.decisions())
    at_once(floor, clicks(floor, names, action, value))
    assert floor.voice.bugs == 0
    new = floor.decisions()[trail:]
    assert sum(one in {decision, *decision.split()} for one in new) == 1, new
    assert floor.pipelines() == pipelines + (decision == "started" and action not in PLAYING)


def test_one_account_is_one_vote(scene: Scene) -> None:
    """Pressed three times at the same moment by one approver, it is one vote and one start."""
    run = scene.waiting("rita", OPS)
    floor = scene.floor
    before = floor.pipelines()
    at_once(floor, clicks(floor, ["alice", "alice", "alice"], "approvals.approve", run.id))
    with floor.store.read() as tx:
        votes, found = tx.approvals.votes(run.id), tx.runs.get(run.id)
    assert len(votes) == 1
    assert found is not None
    assert found.state is RunState.RUNNING
    assert floor.pipelines() == before + 1
