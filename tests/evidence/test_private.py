"""A private incident is nobody's business who takes no part in it: not even an admin learns that it is there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.policy import APPROVE, Policy, Rule
from tests.evidence.floor import NO_LIMITS, OPS
from tests.evidence.plays_incident import INCIDENT
from tests.evidence.scenes import Scene, scene_at
from tests.evidence.scenes_incident import hide
from tests.evidence.test_forged import says_only

TITLE = "The vault is open"
#: Who takes no part: an admin, a Maintainer, somebody without an account.
OTHERS = ("anna", "alice", "nina")
#: Rows that are about no incident that is there already.
ABOUT_NONE = frozenset(
    {"incident declare", "[incident.declare]", "[incident.declare_from]", "{incident.declare}"}
    | {"{incident.declare_from}", "incident private off"}
)
#: Rows that show several, and leave out what is not for who asks.
SEVERAL = frozenset({"incident", "incident list", "incident metrics"})
ROWS = [row for row in INCIDENT if row not in ABOUT_NONE]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    policy = Policy(
        rules=(Rule("four-eyes", APPROVE, jobs=("say",), by=("U0ALICE001",)),),
        admins=("U0ANNA0001",),
        limits=NO_LIMITS,
    )
    with scene_at(tmp_path_factory.mktemp("private"), policy) as scene:
        yield scene


@pytest.mark.parametrize("row", ROWS)
def test_who_takes_no_part_learns_nothing(scene: Scene, row: str) -> None:
    """Whatever is typed, pressed or sent in about it: nothing comes of it, and no word of it is said."""
    floor = scene.floor
    for name in OTHERS:
        scene.clear()
        act = INCIDENT[row](scene, name, OPS)
        hide(scene, TITLE)
        before = floor.state()
        floor.voice.forget()
        told = floor.told(act())
        assert floor.voice.bugs == 0, told
        assert TITLE not in told, name
        assert floor.state()[:2] == before[:2], f"{name}: {told}"
        if row not in SEVERAL:
            assert "not for you" in told or floor.voice.unlinked or says_only(scene, name), f"{name}: {told}"


@pytest.mark.parametrize("row", sorted(SEVERAL - {"incident metrics"} | {"incident show", "incident status"}))
def test_who_takes_part_is_told(scene: Scene, row: str) -> None:
    """The look that finds nothing for others finds it for whoever declared it."""
    scene.clear()
    act = INCIDENT[row](scene, "rita", OPS)
    hide(scene, TITLE)
    assert TITLE in scene.floor.told(act())
