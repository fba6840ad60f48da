"""What is heard in a room reaches every part that listens for it, with the incident it is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.command import Heard
from bot.edges.slack_history import SlackMessage
from bot.errors import NotUnderstood, StoreError
from bot.incident import Incident
from bot.incidents import hearing
from bot.kit import Kit
from commands.incident.parts import Part, all_of
from tests.evidence.floor import OPS
from tests.incidents.room import Room, heard, room_at


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with room_at(tmp_path_factory.mktemp("hearing")) as made:
        yield made


def about(room: Room, kind: str, ts: str, thread: str | None = None, **more: str) -> list[str]:
    one = replace(heard(kind, SlackMessage(ts, "U0ALICE001", "", thread=thread)), **more)  # type: ignore[arg-type]
    return [each.id for each in hearing.about_which(room.kit, one)]


@pytest.mark.parametrize("kind", ["said", "edited", "deleted", "reacted", "topic", "archived", "bot_left"])
def test_a_channel_of_its_own(room: Room, kind: str) -> None:
    """Whatever happens there is about its incident."""
    assert about(room, kind, "1800000000.000100") == ["inc01"]


def test_a_channel_that_is_no_room(room: Room) -> None:
    """Nothing that happens there is about one."""
    one = replace(heard("said", SlackMessage("1800000000.000100", "U0ALICE001", "hi")), channel="C0DEV00001")
    assert hearing.about_which(room.kit, one) == []


def test_threads_of_one_channel(tmp_path: Path) -> None:
    """A message is about the incident of its thread, the channel itself about all of them."""
    with room_at(tmp_path) as room:
        post = room.floor.slack.web.chat_postMessage
        roots = [str(post(channel=OPS, text=f"Announcement {n}")["ts"]) for n in range(2)]
        first = room.alter(thread=roots[0])
        with room.kit.store.write() as tx:
            tx.incidents.put(replace(first, id="inc02", number=2, source="other", thread=roots[1]))
        below = str(post(channel=OPS, text="A reply", thread_ts=roots[1])["ts"])
        assert about(room, "said", "1800000000.000100", roots[1]) == ["inc02"]
        assert about(room, "said", "1800000000.000100") == []
        assert about(room, "reacted", roots[0]) == ["inc01"]
        assert about(room, "reacted", below, text="pushpin") == ["inc02"]
        assert about(room, "reacted", below, text="tada") == []
        assert about(room, "reacted", "1700000000.000100", text="pushpin") == []
        assert about(room, "topic", "1800000000.000100") == ["inc01", "inc02"]
        room.say("Known", thread=roots[0])
        room.hear()
        (known,) = room.rows
        assert about(room, "deleted", known.ts) == ["inc01"]


def test_several_parts_hear_the_same(room: Room) -> None:
    """In the order of the parts; what one of them cannot do does not keep it from the next."""
    told: list[str] = []

    def listens(name: str, error: Exception | None = None) -> Part:
        def hear(_kit: Kit, incident: Incident, one: Heard) -> None:
            told.append(f"{name} {incident.id} {one.kind}")
            if error is not None:
                raise error

        return Part(hears={"said": hear})

    whole = all_of([listens("first", NotUnderstood("No.")), listens("second"), Part(hears={"joined": print})])
    one = heard("said", SlackMessage("1800000000.000100", "U0ALICE001", "hi"))
    with pytest.raises(NotUnderstood):
        hearing.heard(room.kit, whole.hears, one)
    assert told == ["first inc01 said", "second inc01 said"]
    assert hearing.heard(room.kit, whole.hears, replace(one, kind="topic")) == []
    with pytest.raises(StoreError):
        hearing.heard(room.kit, all_of([listens("x", StoreError()), listens("y")]).hears, one)
    assert told[-1] == "x inc01 said"
