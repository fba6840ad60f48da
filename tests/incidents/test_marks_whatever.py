"""Five people mark and unmark a message as they like, and Slack tells of it in any order, and more than once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from bot.command import Heard
from bot.incidents.chart import marks
from tests.evidence.floor import OPS
from tests.incidents.desk import Desk, desk_at

PEOPLE = ("alice", "bob", "carol", "dave", "anna")
#: Whose turn it is: whoever has no mark there puts one, and whoever has one takes it away.
TURNS = some.lists(some.sampled_from(PEOPLE), min_size=1, max_size=14)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    path: Path = tmp_path_factory.mktemp("desk")
    with desk_at(path, **{name: name for name in ("alice", "bob", "carol")}) as desk:
        desk.floor.slack.slack.limits.enforced = False
        yield desk


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=TURNS, data=some.data())
def test_what_is_left_is_what_the_reactions_are(desk: Desk, turns: list[str], data: some.DataObject) -> None:
    """One event if anybody's mark is left, seconded by the others; none, and no line and no note, if nobody's is."""
    ts = desk.say("The workers are down")
    told, left = _told(desk, ts, turns)
    again = data.draw(some.lists(some.sampled_from(told), max_size=6), label="told again")
    for heard in data.draw(some.permutations([*told, *again]), label="order"):
        hears = marks.reacted if heard.kind == "reacted" else marks.unreacted
        hears(desk.kit, desk.incident, heard)
        if data.draw(some.booleans(), label="done at once"):
            desk.work()
    desk.work()
    events = [one for one in desk.events() if one.ts == ts]
    assert len(events) == bool(left)
    assert len(desk.lines) == len(desk.notes) == bool(left)
    _end(desk, ts, left)


def _told(desk: Desk, ts: str, turns: list[str]) -> tuple[list[Heard], set[str]]:
    """What Slack tells of these turns, each a hundredth of a second after the last, and whose marks are left."""
    left: set[str] = set()
    told = []
    began = desk.kit.now()
    for turn, name in enumerate(turns):
        kind = "unreacted" if name in left else "reacted"
        left ^= {name}
        person, at = desk.floor.person(name), began + turn * 10
        told.append(
            Heard(
                f"Ev{ts}.{turn}", kind, person.team, person.id, OPS, ts, None, f"{at // 1000}.{at % 1000:03}000",
                text="pushpin",
            )
        )  # fmt: skip
    return told, left


def _end(desk: Desk, ts: str, left: set[str]) -> None:
    """Take the rest away, so that the next begins with nothing; then nothing is there."""
    later = desk.kit.now() + 1_000_000
    for name in left:
        person = desk.floor.person(name)
        heard = Heard(
            f"Ev{ts}.{name}",
            "unreacted",
            person.team,
            person.id,
            OPS,
            ts,
            None,
            f"{later // 1000}.000000",
            "pushpin",
        )
        assert marks.unreacted(desk.kit, desk.incident, heard)
    desk.work()
    assert (desk.events(), desk.lines, desk.notes) == ([], [], [])
