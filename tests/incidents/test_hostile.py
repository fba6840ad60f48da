"""Whatever is said in a room, in whatever order and however often it is told of, the issue holds just that, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.edges.slack_history import SlackMessage
from bot.incident import FULL
from bot.incidents import errands
from bot.incidents.outward import outwards
from commands.incident.talk import KINDS
from tests.incidents.room import Room, heard, plain, room_at
from tests.unit.markdown.shapes import hostile

INJECTIONS = (
    "/close\n  /assign @all\n> /confidential", "• /close\n• /label ~bug", "> /close", "```\n/close\n@all\n```",
    "`/close` @all @acme/ops", "hello\n/close", "1. /close", "\u200b/close", "<!channel> <@U0BOB00001> @bob",
)  # fmt: skip


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with room_at(tmp_path_factory.mktemp("hostile")) as made:
        yield made


def state(room: Room) -> object:
    """All of the issue that a quick action may change, and who got mail for being named."""
    return room.floor.asks(
        lambda seen: (
            [
                (one.state, one.title, one.labels, one.assignees, one.confidential, one.due_date)
                for one in seen.tracker.issues.values()
            ],
            list(seen.tracker.notices),
        )
    )


@pytest.mark.parametrize("text", INJECTIONS)
def test_quick_actions_and_mentions(room: Room, text: str) -> None:
    """Neither when it is said nor when it is edited into a message does anything happen, and nobody is called."""
    before, known = state(room), len(room.notes)
    ts = room.say(text)
    room.hear()
    room.edit(ts, f"{text}\n{text}")
    room.hear()
    assert state(room) == before
    assert len(room.notes) == known + 1


def test_code_is_unchanged(room: Room) -> None:
    """What stands in a code block is read as it was written."""
    room.say("```\n/close\n@all #1\n```")
    room.hear()
    assert "/close\n @all #1\n" in room.bodies[-1]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=hostile, again=hostile)
def test_any_text(room: Room, text: str, again: str) -> None:
    """No text fires a quick action or calls anybody; a comment is never left out."""
    before, known = state(room), len(room.notes)
    number = len(room.rows)
    one = SlackMessage(f"18{number:08}.000100", room.floor.user("alice").id, text)
    outwards.said(room.kit, room.incident, heard("said", one))
    room.work()
    outwards.edited(room.kit, room.incident, heard("edited", SlackMessage(one.ts, one.user, again)))
    room.work()
    assert state(room) == before
    is_command = text.lstrip().startswith("<@U0OPSBOT01>")
    assert len(room.notes) == known + (not is_command)


# Order and doubles ------------------------------------------------------------------------------------------

#: What may be heard of five messages, two of which answer the first: which one, and what of it.
STEPS = st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["said", "edited", "deleted"])), max_size=25)


@settings(max_examples=30)
@given(steps=STEPS, cuts=st.lists(st.integers(0, 24), max_size=3))
def test_redelivery_in_any_order(
    steps: list[tuple[int, str]], cuts: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """However often and in whatever order it is told of, with answers lost in between, each message has one comment."""
    with room_at(tmp_path_factory.mktemp("order")) as room:
        alice = room.floor.user("alice").id
        roots = [None, "1800000000.000100", "1800000000.000100", None, None]
        messages = [
            SlackMessage(f"180000000{n}.000100", alice, f"Number {n}", thread=thread)
            for n, thread in enumerate(roots)
        ]
        live: dict[int, bool] = {}
        for at, (which, kind) in enumerate(steps):
            if at in cuts:
                room.break_("cut-after", times=1)
            room_hears(room, kind, messages[which])
            live[which] = live.get(which, True) and kind != "deleted"
            room.work(1)
        room.mend()
        for _ in range(4):
            room.work(70)
        check(room, messages, live)


def room_hears(room: Room, kind: str, one: SlackMessage) -> None:
    act = {"said": outwards.said, "edited": outwards.edited, "deleted": outwards.deleted}[kind]
    act(room.kit, room.incident, heard(kind, one))
    errands.run(room.kit, KINDS)
    room.floor.do([])


def check(room: Room, messages: list[SlackMessage], live: dict[int, bool]) -> None:
    assert room.waiting() == []
    notes = {note.id: note.body for note in room.notes}
    rows = {row.ts: row for row in room.rows}
    assert set(rows) == {messages[n].ts for n in live}
    assert len({row.note_id for row in rows.values() if row.note_id}) == len(notes)
    for n, is_live in live.items():
        body = notes.get(rows[messages[n].ts].note_id, "")
        if is_live:
            assert plain(body).rpartition("\n")[2] == f"Number {n}"
        else:
            assert f"Number {n}" not in body


def test_the_order_of_a_long_talk(tmp_path: Path) -> None:
    """What is said while GitLab comes and goes is in the order in which it was said."""
    with room_at(tmp_path, policy=FULL) as room:
        alice = room.floor.user("alice").id
        for n in range(40):
            if n % 7 == 3:
                room.break_("503", times=1)
            if n % 11 == 5:
                room.break_("cut-after", times=1)
            room_hears(room, "said", SlackMessage(f"18000000{n:02}.000100", alice, f"Number {n}"))
            room.floor.clock.pass_(0.5)
        for _ in range(10):
            room.work(70)
        assert room.words == [f"Number {n}" for n in range(40)]
