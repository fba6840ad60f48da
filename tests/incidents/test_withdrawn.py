"""What others read of an incident is taken back when it becomes private, and one in a thread gets a room of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.delivery import letters
from bot.model import Message, Place
from commands import incident as command
from tests.incidents.front import NEWS, OPS, Desk, desk_at
from tests.sandbox.slack_stage import until

SECRET = "Umbrella"
DECLARE = f"declare sev2 {SECRET} leaks"
ON, OFF = "private inc-1 on", "private inc-1 off"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """It has a channel of its own, is announced in another, and was declared in a third."""
    with desk_at(tmp_path) as made:
        made.type(DECLARE)
        made.settle()
        yield made


@pytest.fixture
def threaded(tmp_path: Path) -> Iterator[Desk]:
    """It lives in a thread of the channel in which incidents are announced."""
    with desk_at(tmp_path, threads="always") as made:
        made.type(DECLARE)
        made.settle(4)
        assert made.incident().thread
        yield made


def comes(desk: Desk, channel: str, text: str) -> None:
    """Waits until something is said: Slack takes a few messages a second in a channel."""

    def look() -> bool:
        desk.settle(1)
        return text in posts(desk, channel)

    until(look)


def posts(desk: Desk, channel: str) -> str:
    return "\n".join(desk.posts(channel))


# Where it was declared --------------------------------------------------------------------------------------


def test_the_signpost_is_withdrawn(desk: Desk) -> None:
    """It tells the way again when everybody may see the incident again."""
    (before,) = desk.posts(OPS)
    assert f"{SECRET} leaks" in before
    desk.type(ON)
    desk.settle()
    (after,) = desk.posts(OPS)
    assert SECRET not in after
    assert "private now" in after
    desk.type(OFF)
    desk.settle()
    (again,) = desk.posts(OPS)
    assert f"{SECRET} leaks" in again


def test_the_signpost_is_left_alone_otherwise(desk: Desk) -> None:
    """What becomes of the incident is told elsewhere."""
    before = desk.posts(OPS)
    desk.type("severity inc-1 sev1")
    desk.settle()
    assert desk.posts(OPS) == before


def test_of_one_that_is_private_from_the_first_there_is_none(tmp_path: Path) -> None:
    """Nor is there one once it is shown to everybody: that is for the announcement."""
    with desk_at(tmp_path) as desk:
        desk.type(f"{DECLARE} --private")
        desk.settle()
        desk.type(OFF)
        desk.settle()
        assert desk.posts(OPS) == []


# Below the announcement -------------------------------------------------------------------------------------


def test_lines_below_the_announcement_are_deleted(desk: Desk) -> None:
    """Each once, and what is gone already is no trouble."""
    desk.type(f"severity inc-1 sev1 the {SECRET} leaks")
    desk.type(f"update inc-1 {SECRET} is told")
    desk.settle()
    assert f"{SECRET} is told" in posts(desk, NEWS)
    desk.type(ON)
    desk.settle()
    (left,) = desk.posts(NEWS)
    assert "private now" in left
    calls = desk.floor.slack.slack.calls["chat.delete"]
    desk.type(OFF)
    desk.settle()
    desk.type(ON)
    desk.settle()
    assert desk.floor.slack.slack.calls["chat.delete"] == calls


def test_a_line_that_cannot_be_deleted_stays(desk: Desk) -> None:
    """The next time it becomes private it is tried again."""
    desk.type(f"severity inc-1 sev1 {SECRET}")
    desk.settle()
    (line,) = (one for one in desk.floor.slack.slack.workspace.posts[NEWS].values() if one.thread)
    ours, line.body["bot_id"] = line.body["bot_id"], "B0OTHER001"
    desk.type(ON)
    desk.settle()
    line.body["bot_id"] = ours
    assert len(desk.posts(NEWS)) == 2
    desk.type(OFF)
    desk.settle()
    desk.type(ON)
    desk.settle()
    assert len(desk.posts(NEWS)) == 1


def test_a_line_of_which_nobody_knows_whether_it_is_there_is_deleted(desk: Desk) -> None:
    """Slack has not answered yet whether it was said: it is looked for."""
    one, kit = desk.incident(), desk.kit
    twin, line = f"inc.{one.id}.twin", f"inc.{one.id}.twin.lost"
    card = desk.reads(lambda tx: tx.cards.get(twin))
    with kit.store.write() as tx:
        letters.under(tx, line, twin, Place(NEWS), Message(SECRET), kit.now())
        tx.outbox.claim(line)
    kit.slack.post(Place(NEWS, card.ts), Message(SECRET), oid=line)
    desk.type(ON)
    with kit.store.write() as tx:
        tx.outbox.later(line, kit.now() + 60_000, probe=True)
    desk.settle(4)
    assert SECRET not in posts(desk, NEWS)


# A thread ---------------------------------------------------------------------------------------------------


def test_who_lives_in_a_thread_moves_into_a_private_room(threaded: Desk) -> None:
    """Its card shows nothing more in the open channel; who takes part is brought along."""
    desk = threaded
    desk.type("join inc-1", "bob")
    desk.type(ON)
    desk.settle(5)
    one = desk.incident()
    assert (one.thread, one.announced_in) == ("", "")
    assert desk.room().kind == "group"
    assert {"U0ALICE001", "U0BOB00001"} <= set(desk.room().members)
    assert "private now" in desk.posts(NEWS)[0]
    assert SECRET not in posts(desk, NEWS)
    assert f"{SECRET} leaks" in posts(desk, one.channel)
    assert f"<#{NEWS}>" in posts(desk, one.channel)
    assert "made it private" in posts(desk, one.channel)
    assert one.channel_name in desk.issues()[0].description


def test_nothing_more_is_said_or_drawn_in_the_thread(threaded: Desk) -> None:
    """Neither what waits to be said there, nor what changes in what stands there: the room has it."""
    desk = threaded
    desk.type("task inc-1 Tell support")
    desk.settle(3)
    assert "Tell support" in posts(desk, NEWS)
    desk.type(f"severity inc-1 sev1 {SECRET} keys")
    desk.type(ON)
    desk.settle(5)
    desk.type(f"task inc-1 Change the {SECRET} keys")
    comes(desk, desk.incident().channel, f"Change the {SECRET} keys")
    comes(desk, desk.incident().channel, f"from 2 to 1: {SECRET} keys")
    assert "Tell support" in posts(desk, desk.incident().channel)
    assert SECRET not in posts(desk, NEWS)


def test_a_comment_that_waits_for_the_thread_is_shown_in_the_room(threaded: Desk) -> None:
    """It was read in GitLab a moment before, and Slack has not taken it yet."""
    desk = threaded
    desk.floor.gitlab.act(f"comment #1 Who has the {SECRET}", "bob")
    for _ in range(3):
        desk.floor.clock.pass_(20)
        command.tick(desk.kit)
        desk.floor.do([])
    (row,) = desk.reads(lambda tx: tx.mirror.unposted(desk.incident().id))
    assert row.state == "live"
    desk.type(ON)
    desk.settle(2)
    comes(desk, desk.incident().channel, f"Who has the {SECRET}")
    assert SECRET not in posts(desk, NEWS)


def test_a_card_that_was_not_posted_yet_never_is(tmp_path: Path) -> None:
    """It becomes private while the channel of its thread is busy."""
    with desk_at(tmp_path, threads="always") as desk:
        new = desk.floor.accept("slash_commands", desk.floor.slash_payload("alice", f"incident {DECLARE}"))
        desk.floor.router.do(new[0])
        desk.floor.do([])
        assert desk.reads(lambda tx: tx.cards.get(f"inc.{desk.incident().id}.card")) is not None
        desk.type(ON)
        desk.settle(5)
        assert desk.posts(NEWS) == []
        assert desk.room().kind == "group"


def test_it_becomes_private_while_its_thread_is_looked_for(tmp_path: Path) -> None:
    """Whoever looks has found the thread when it is none any more."""
    with desk_at(tmp_path, threads="always") as desk:
        new = desk.floor.accept("slash_commands", desk.floor.slash_payload("alice", f"incident {DECLARE}"))
        desk.floor.router.do(new[0])
        desk.floor.asides.clear()
        desk.type(ON)
        one = desk.incident()
        with desk.kit.store.write() as tx:
            errand = tx.errands.get(f"{one.id}.channel")
            assert errand is not None
            kinds = command.WHOLE.kinds
            kinds[errand.kind].settled(tx, desk.kit, errand, one, {"root": NEWS})
            kinds["slack.root"].settled(tx, desk.kit, errand, one, {"channel": NEWS, "ts": "1.0"})
        desk.settle(5)
        assert desk.posts(NEWS) == []
        assert desk.room().kind == "group"


def test_without_a_right_to_private_channels(threaded: Desk) -> None:
    """There is no room then, since it would be open; whoever commands is told. Shown to everybody it has its thread."""
    desk = threaded
    desk.type("role inc-1 commander me", "bob")
    desk.settle(3)
    slack = desk.floor.slack.slack
    slack.scopes -= {"groups:write"}
    desk.type(ON, "bob")
    desk.settle(4)
    one = desk.incident()
    assert (one.channel, one.thread) == ("", "")
    assert "A private incident has no other place." in one.trouble
    assert SECRET not in posts(desk, NEWS)
    told = [str(each.body) for each in slack.workspace.posts[NEWS].values() if each.only_for == "U0BOB00001"]
    assert any("A private incident has no other place." in each for each in told)
    desk.type(OFF, "bob")
    desk.settle(5)
    now = desk.incident()
    assert (now.channel, bool(now.thread), now.trouble) == (NEWS, True, "")
    assert f"{SECRET} leaks" in desk.posts(NEWS)[-1]
