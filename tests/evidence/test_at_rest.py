"""What somebody writes into a form stands nowhere in the store for all to read, nor do tokens pasted by mistake."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from bot.deeds import Bound
from bot.incidents.values import value
from bot.ledger import Approval
from tests.evidence.floor import OPS, Floor, floor_at
from tests.evidence.scenes import Scene
from tests.evidence.scenes_incident import declared

CANARY = "glpat-Canary0Canary0Canary"


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    with floor_at(tmp_path_factory.mktemp("rest")) as made:
        yield made


def written_down(floor: Floor) -> str:
    """All that the store holds, as text."""
    with closing(sqlite3.connect(floor.kit.config.store.path)) as sql:
        return "\n".join(sql.iterdump())


@pytest.mark.parametrize("line", ["project create depot in acme", "project create depot in acme private"])
def test_a_project_s_description_is_not_kept(floor: Floor, line: str) -> None:
    """Neither with the form that it waits for, nor with the change in GitLab that it is a part of."""
    floor.slash("alice", f"{line}\nThe token is {CANARY}")
    assert CANARY not in written_down(floor)


def test_what_a_form_holds_is_not_kept(floor: Floor) -> None:
    """Neither when it is sent in, nor when GitLab refuses it and it has to be opened again."""
    filled = {"name": "depot2", "group": "acme", "visibility": "private", "description": f"It is {CANARY}"}
    keys = [floor.form("alice", "project.create", "sheet", **filled) for _ in range(2)]
    assert "Open the form again" in floor.told(keys[-1])
    assert CANARY not in written_down(floor)


#: What people write about an incident, and where the token stands in it.
LINES = (
    f"incident declare sev2 It leaks {CANARY} --project acme/shop\nThe token is {CANARY}",
    f"incident title N Leaks {CANARY}", f"incident summary N It is {CANARY}", f"incident update N Changed {CANARY}",
    f"incident timeline N We found {CANARY}", f"incident task N Revoke {CANARY}",
    f"incident followup N Rotate {CANARY}", f"incident policy N full --reason \"{CANARY}\"",
    f"incident severity N sev1 {CANARY} leaked", f"incident status N fixing {CANARY} leaked",
    f"incident cancel N It was {CANARY}", f"incident role N commander me {CANARY} leaked",
)  # fmt: skip
FILLED: dict[str, dict[str, str]] = {
    "edit": {"title": f"Leaks {CANARY}", "severity": "2", "summary": f"It is {CANARY}"},
    "resolve": {"fix": f"Revoked {CANARY}", "cause": f"{CANARY} in a log"},
    "update": {"changed": f"We found {CANARY}", "impact": f"{CANARY} is known", "next": f"Revoke {CANARY}"},
    "task_add": {"text": f"Revoke {CANARY}"}, "timeline": {"text": f"We found {CANARY}"},
    "severity": {"level": "1", "why": f"{CANARY} leaked"}, "hand_over": {"to": "U0RITA0001", "note": f"See {CANARY}"},
}  # fmt: skip


@pytest.fixture(scope="module")
def scene(floor: Floor) -> Scene:
    floor.slash("rita", "shop run hello")
    with floor.store.read() as tx:
        (run,) = tx.runs.recent(None, limit=1)
    return Scene(floor, run, Approval(run.id, "", 0, (), "", Bound(), 0, 0, 0))


@pytest.mark.parametrize("line", LINES)
def test_no_token_typed_about_an_incident_is_kept(scene: Scene, line: str) -> None:
    """Nor does it reach GitLab: in its issue, on its timeline, or below it."""
    number = declared(scene, "alice", OPS).number
    key = scene.floor.slash("alice", line.replace(" N", f" inc-{number}", 1))
    assert scene.floor.voice.bugs == 0, scene.floor.told(key)
    assert not scene.floor.voice.problems, scene.floor.voice.problems
    assert CANARY not in written_down(scene.floor)
    assert CANARY not in in_gitlab(scene.floor)


@pytest.mark.parametrize("form", FILLED)
def test_no_token_filled_in_about_an_incident_is_kept(scene: Scene, form: str) -> None:
    """Nor does it reach GitLab."""
    one = declared(scene, "alice", OPS, commander=scene.floor.person("alice"), commander_name="alice")
    scene.floor.form("alice", f"incident.{form}", value(one), OPS, **FILLED[form])
    assert scene.floor.voice.bugs == 0
    assert not scene.floor.voice.problems, scene.floor.voice.problems
    assert CANARY not in written_down(scene.floor)
    assert CANARY not in in_gitlab(scene.floor)


def in_gitlab(floor: Floor) -> str:
    """All that GitLab holds of issues, as text."""
    return "\n".join(floor.asks(lambda state: [repr(one) for one in state.tracker.issues.values()]))
