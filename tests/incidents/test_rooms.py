"""Rooms are looked after: their topic, card and pin come back, and whatever becomes of the channel is followed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.incident import State
from bot.model import Place
from tests.incidents.front import NEWS, Desk, desk_at, dm

SHORT = "declare sev2 Checkout 500s"
DAY = 86_400


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_at(tmp_path) as made:
        made.type(SHORT)
        made.settle()
        yield made


# What stands above a room -----------------------------------------------------------------------------------


def test_a_topic_by_hand_is_put_back(desk: Desk) -> None:
    """Whoever wrote it is told what they wrote, alone."""
    channel, wanted = desk.room().id, desk.room().topic.value
    desk.press("join", f"{desk.incident().id}:1", name="bob")
    desk.floor.slack.web.conversations_setTopic(channel=channel, topic="lunch at <12>")
    desk.hear("topic", channel, text="lunch at 12")
    desk.settle()
    assert desk.room().topic.value == wanted
    posts = desk.floor.slack.slack.workspace.posts[channel].values()
    (told,) = [one for one in posts if one.only_for == desk.floor.user("bob").id]
    assert "lunch at 12" in str(told.body)


def test_a_topic_that_is_ours_stays(desk: Desk) -> None:
    """What says the same is no edit by hand."""
    before = desk.floor.slack.slack.calls["conversations.setTopic"]
    desk.hear("topic", desk.room().id, text=desk.room().topic.value)
    desk.settle()
    assert desk.floor.slack.slack.calls["conversations.setTopic"] == before


def test_a_card_that_was_deleted_comes_back(desk: Desk) -> None:
    """It is posted again, and pinned again."""
    one = desk.incident()
    card = desk.reads(lambda tx: tx.cards.get(f"inc.{one.id}.card"))
    desk.kit.slack.delete(one.channel, card.ts)
    desk.hear("deleted", one.channel, ts=card.ts)
    desk.settle()
    again = desk.reads(lambda tx: tx.cards.get(f"inc.{one.id}.card.1"))
    assert again.ts not in {None, card.ts}
    assert list(desk.room().pins) == [again.ts]


def test_a_pin_that_was_taken_off_comes_back(desk: Desk) -> None:
    """The card stays pinned; other pins are other people's."""
    one = desk.incident()
    card = desk.reads(lambda tx: tx.cards.get(f"inc.{one.id}.card"))
    desk.kit.slack.unpin(one.channel, card.ts)
    desk.hear("unpinned", one.channel, ts=card.ts)
    desk.settle()
    assert list(desk.room().pins) == [card.ts]
    calls = desk.floor.slack.slack.calls["pins.add"]
    desk.hear("unpinned", one.channel, ts="1.2")
    desk.settle()
    assert desk.floor.slack.slack.calls["pins.add"] == calls


# What becomes of the channel --------------------------------------------------------------------------------


def test_a_new_name_changes_nothing_else(desk: Desk) -> None:
    """The room is known by its id; the issue links to it under its new name."""
    one = desk.incident()
    desk.kit.slack.rename_channel(one.channel, "war-room")
    desk.hear("renamed", one.channel, text="war-room")
    desk.settle()
    assert desk.incident().channel == one.channel
    assert "#war-room" in desk.issues()[0].description


def test_a_bot_that_was_removed(desk: Desk) -> None:
    """Who leads it is told once, in direct messages; the card is right again when the bot is back."""
    one = desk.incident()
    room = desk.room()
    room.members.remove("U0OPSBOT01")
    desk.hear("bot_left", one.channel)
    desk.hear("bot_left", one.channel)
    desk.settle()
    assert desk.incident().muted == "not_in_channel"
    told = [post for post in desk.posts(dm(desk.floor.user("alice"))) if "I was removed from it" in post]
    assert len(told) == 1
    desk.send("edit", f"{one.id}:{one.version}", title="Checkout fails", severity="2", summary="")
    desk.settle(2)
    room.members.append("U0OPSBOT01")
    desk.hear("bot_joined", one.channel)
    desk.settle()
    assert desk.incident().muted == ""
    assert "Checkout fails" in room.topic.value
    shown = [post for post in desk.posts(one.channel) if "Checkout fails" in post]
    assert shown


def test_a_channel_that_moved(desk: Desk) -> None:
    """It is known by its new id from then on."""
    desk.hear("moved", desk.incident().channel, text="C0NEW00001")
    assert desk.incident().channel == "C0NEW00001"
    assert "C0NEW00001" in desk.kit.rooms
    assert desk.reads(lambda tx: tx.incidents.at(Place("C0NEW00001"))) is not None


def test_a_private_room_that_became_public(tmp_path: Path) -> None:
    """Who leads the incident is warned."""
    with desk_at(tmp_path) as desk:
        desk.type(f"{SHORT} --private")
        desk.settle()
        one = desk.incident()
        desk.hear("converted", one.channel, text="public")
        desk.settle()
        posts = desk.floor.slack.slack.workspace.posts[one.channel].values()
        assert any(each.only_for == desk.floor.user("alice").id for each in posts)


# Closing and opening ----------------------------------------------------------------------------------------


def end(desk: Desk, state: State, closed: bool = True) -> None:
    with desk.kit.store.write() as tx:
        one = tx.incidents.numbered(1)
        assert one is not None
        tx.incidents.alter(one, state=state, closed_at=desk.kit.now() if closed else None)


def test_it_is_archived_after_a_while(desk: Desk) -> None:
    """Two weeks after its end, and not before."""
    end(desk, State.CLOSED)
    desk.settle(1)
    desk.floor.clock.pass_(13 * DAY)
    desk.settle(3)
    assert not desk.room().is_archived
    desk.floor.clock.pass_(DAY)
    desk.settle(3)
    assert desk.room().is_archived


def test_one_that_is_opened_again_in_time_stays(desk: Desk) -> None:
    """Its time is off."""
    end(desk, State.CLOSED)
    desk.settle(1)
    end(desk, State.INVESTIGATING, closed=False)
    desk.settle(1)
    desk.floor.clock.pass_(20 * DAY)
    desk.settle(3)
    assert not desk.room().is_archived


def test_another_room_takes_the_place_of_one_that_stays_closed(desk: Desk) -> None:
    """Slack lets no app unarchive what it is no member of: there is a new channel, which links the old one."""
    end(desk, State.CLOSED)
    desk.settle(1)
    desk.floor.clock.pass_(14 * DAY)
    desk.settle(3)
    before = desk.incident().channel
    end(desk, State.INVESTIGATING, closed=False)
    desk.settle(6)
    now = desk.incident()
    assert now.channel != before
    assert desk.room().name == "inc-1-checkout-500s-2"
    assert any(f"<#{before}>" in post for post in desk.posts(now.channel))
    assert now.channel_name in desk.issues()[0].description
    assert now.muted == ""


def test_never(tmp_path: Path) -> None:
    """With 0 days no room is archived."""
    with desk_at(tmp_path, archive_days=0) as desk:
        desk.type(SHORT)
        desk.settle()
        end(desk, State.CLOSED)
        desk.floor.clock.pass_(400 * DAY)
        desk.settle(2)
        assert not desk.room().is_archived


# The doctor -------------------------------------------------------------------------------------------------


def test_all_is_well(desk: Desk) -> None:
    """Nothing is changed where everything is as it should be."""
    desk.settle(3)
    said = desk.type("doctor inc 1")
    assert "All is well with inc 1." in said


def test_what_is_missing_is_brought_back(desk: Desk) -> None:
    """Topic, pin, bookmarks, card and labels, each with a line."""
    one = desk.incident()
    card = desk.reads(lambda tx: tx.cards.get(f"inc.{one.id}.card"))
    web = desk.floor.slack.web
    web.conversations_setTopic(channel=one.channel, topic="lunch")
    web.chat_delete(channel=one.channel, ts=card.ts)
    for bookmark in list(desk.room().bookmarks):
        web.bookmarks_remove(channel_id=one.channel, bookmark_id=bookmark)
    desk.floor.gitlab.act(f"label #{one.iid} -Incident::Active", "alice")
    said = desk.type("doctor inc 1")
    for words in (
        "The topic was not",
        "Its card was lost",
        "The bookmarks were not",
        "The label of its state",
    ):
        assert words in said
    desk.settle(4)
    assert "All is well with inc 1." in desk.type("doctor inc 1")


def test_what_people_did_in_gitlab_is_left_to_them(desk: Desk) -> None:
    """An issue that somebody has just closed or hidden there is neither opened again nor shown to everybody."""
    desk.settle(3)
    iid = desk.incident().iid
    desk.floor.gitlab.act(f"confidential #{iid}", "alice")
    desk.floor.gitlab.act(f"close #{iid}", "alice")
    said = desk.type("doctor inc 1")
    assert "The issue is confidential. I follow that" in said
    assert "The issue is closed. I follow that" in said
    with desk.kit.store.read() as tx:
        waiting = [tx.errands.get(f"{desk.incident().id}.{about}") for about in ("private", "state")]
    assert [one.state for one in waiting if one] in ([], ["done"])
    (issue,) = desk.issues()
    assert (issue.confidential, issue.state) == (True, "closed")


def test_what_is_lacking_is_said(desk: Desk) -> None:
    """Scopes the token lacks are named."""
    slack = desk.floor.slack.slack
    slack.scopes -= {"pins:write"}
    said = desk.type("doctor inc 1")
    assert "My token lacks pins:write" in said


def test_the_map_is_found_again_on_request(desk: Desk) -> None:
    """With the word for it, which is the only one: it says what it has found, and the audit trail who asked."""
    desk.settle(3)
    assert "0 texts found again" in desk.type("doctor inc 1 --rebuild")
    assert "rebuild" in desk.reads(lambda tx: [one.decision for one in tx.audit.backwards()])
    assert "incident doctor --rebuild" in desk.type("doctor inc 1 now")


def test_what_is_shown_to_everybody_is_announced(tmp_path: Path) -> None:
    """One that was declared in private gets the announcement it did without."""
    with desk_at(tmp_path) as desk:
        desk.type("declare sev2 Checkout 500s --private")
        desk.settle()
        assert desk.twin() is None
        desk.type("private inc-1 off")
        desk.settle()
        assert desk.twin() is not None
        assert any("Checkout 500s" in post for post in desk.posts(NEWS))


@pytest.mark.parametrize("days", [14, 0])
def test_a_room_that_people_closed_is_opened_again_too(tmp_path: Path, days: int) -> None:
    """Whether we archived it in time, or somebody did after its end: whoever opens it again needs a room."""
    with desk_at(tmp_path, archive_days=days) as desk:
        desk.type(SHORT)
        desk.settle()
        end(desk, State.CLOSED)
        desk.settle(1)
        desk.room().is_archived = True
        desk.hear("archived", desk.incident().channel)
        end(desk, State.INVESTIGATING, closed=False)
        desk.settle(6)
        assert desk.room().name == "inc-1-checkout-500s-2"
        assert desk.incident().muted == ""


def test_a_room_that_people_close_while_it_burns_stays_closed(desk: Desk) -> None:
    """Who leads it is told; nobody is fought."""
    desk.room().is_archived = True
    desk.hear("archived", desk.incident().channel)
    desk.settle(3)
    assert desk.room().is_archived
    assert desk.rooms() == ["inc-1-checkout-500s"]
