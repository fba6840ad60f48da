"""What people do with an incident leaves a line in the audit trail, and a dry run of it does nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.evidence.floor import OPS
from tests.evidence.plays_incident import INCIDENT, TELLING
from tests.evidence.scenes import POLICY, Scene, scene_at
from tests.evidence.scenes_incident import commanded, declared, follower, held, task, with_

#: What is one's own, and changes nothing of an incident: who sees it, hears of it, or is in its room.
OWN = frozenset(
    {
        "incident join",
        "incident leave",
        "incident follow",
        "incident unfollow",
        "[incident.join]",
        "[incident.more]",
    }
    | {"[incident.follow]", "[incident.unfollow]", "[incident.request_update]"}
)
LINES = (
    "declare sev2 It burns --project acme/shop", "status N fixing", "severity N sev1", "title N Basket",
    "policy N full",
    "summary N It is slow", "private N on", "cancel N False alarm", "role N comms me", "role N commander me",
    "role N commander none It is late", "task N Restart", "task N done 1", "followup N Test", "timeline N It burns",
    "update N We roll back", "review N", "doctor N", "doctor N --rebuild", "join N", "leave N", "follow N",
    "unfollow N",
)  # fmt: skip


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene_at(tmp_path_factory.mktemp("trail"), POLICY) as scene:
        yield scene


@pytest.mark.parametrize("row", [one for one in INCIDENT if one not in TELLING | OWN])
def test_what_is_done_leaves_a_line(scene: Scene, row: str) -> None:
    """Whatever changes an incident, or GitLab for it, is in the trail with who did it; a form once it is sent."""
    scene.clear()
    act = INCIDENT[row](scene, "alice", OPS)
    (store, gitlab, _), trail = scene.floor.state(), len(scene.floor.decisions())
    act()
    changed = scene.floor.state()[:2] != (store, gitlab)
    with scene.floor.store.read() as tx:
        new = list(tx.audit.since(0))[trail:]
    assert bool(new) is changed
    assert all((one.command, one.name, one.username) == ("incident", "alice", "alice") for one in new)


@pytest.mark.parametrize("line", LINES)
def test_a_dry_run_does_nothing(scene: Scene, line: str) -> None:
    """It says what would be done."""
    scene.clear()
    of = {"leave N": held, "unfollow N": with_(follower), "task N done 1": with_(task)}.get(line, declared)
    of = commanded("rita") if "none" in line else of
    number = of(scene, "alice", OPS).number
    before = scene.floor.state()
    key = scene.floor.slash("alice", f"incident {line.replace(' N', f' inc-{number}')} --dry-run")
    assert scene.floor.state() == before
    assert "would be done" in scene.floor.told(key)
