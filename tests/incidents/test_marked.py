"""What marks of each kind bring about, on whatever they are put, and by whomever."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.incident import FULL, FULL_INTERNAL
from bot.incident_work import Mirrored
from tests.evidence.floor import OPS
from tests.incidents.desk import ID, Desk, desk_at


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_at(tmp_path) as desk:
        yield desk


@pytest.mark.parametrize(
    ("emoji", "kind"), [("bulb", "hypothesis"), ("white_check_mark", "decision"), ("rewind", "cause")]
)
def test_what_else_is_an_event(desk: Desk, emoji: str, kind: str) -> None:
    """Each is one of its own kind, and no note; nothing is filled in by it."""
    ts = desk.say("It was the deployment")
    desk.react(ts, emoji=emoji)
    desk.react(ts)
    desk.hear()
    assert [one.kind for one in desk.events()] == [kind, "timeline"]
    desk.unreact(ts)
    desk.hear()
    assert [one.kind for one in desk.events()] == [kind]
    assert len(desk.lines) == 1
    assert desk.notes == []
    assert desk.incident.cause == ""


def test_a_star_is_an_internal_note(desk: Desk) -> None:
    """It is for members alone and no event, and it is gone with the star."""
    ts = desk.say("Customer ACME is hit")
    desk.react(ts, emoji="star")
    desk.hear()
    assert desk.events() == []
    assert desk.internal == [True]
    desk.unreact(ts, emoji="star")
    desk.hear()
    assert desk.notes == []


def test_where_all_talk_is_copied_a_pin_adds_no_note(tmp_path: Path) -> None:
    """The copy is there already."""
    with desk_at(tmp_path, policy=FULL) as desk:
        ts = desk.say("The workers are down")
        desk.react(ts)
        desk.hear()
        assert len(desk.notes) == 1
        desk.unreact(ts)
        desk.hear()
        assert len(desk.notes) == 1
        assert desk.lines == []


def test_a_hammer_makes_a_task(desk: Desk) -> None:
    """It is done with the other mark, open again without it, and dropped with the hammer."""
    ts = desk.say("Restart the workers")
    desk.react(ts, emoji="hammer")
    desk.react(ts, "carol", emoji="hammer")
    desk.hear()
    assert [(one.text, one.state) for one in desk.tasks()] == [("Restart the workers", "open")]
    desk.react(ts, emoji="ballot_box_with_check")
    desk.hear()
    assert [one.state for one in desk.tasks()] == ["done"]
    desk.unreact(ts, emoji="ballot_box_with_check")
    desk.hear()
    assert [one.state for one in desk.tasks()] == ["open"]
    desk.unreact(ts, emoji="hammer")
    desk.unreact(ts, "carol", emoji="hammer")
    desk.hear()
    assert [one.state for one in desk.tasks()] == ["dropped"]
    desk.react(ts, emoji="ballot_box_with_check")
    desk.react(ts, emoji="hammer")
    desk.hear()
    assert [one.state for one in desk.tasks()] == ["done"]


def test_bots_and_strangers_mark_nothing(desk: Desk) -> None:
    """Neither another app's emoji nor that of somebody of another company counts."""
    ts = desk.say("The workers are down")
    desk.react(ts, "robo")
    desk.react(ts, "erin")
    desk.hear()
    assert desk.events() == []
    desk.react(ts, "bob")
    desk.hear()
    desk.post()
    assert desk.event().who.name == "bob"
    assert "seconded" not in desk.echoes()[0]
    desk.unreact(ts, "bob")
    desk.hear()
    assert desk.events() == []


def test_somebody_without_an_account_marks_all_the_same(desk: Desk) -> None:
    """The keeper writes it, and the line names who did it."""
    ts = desk.say("The workers are down")
    desk.react(ts, "dave")
    desk.hear()
    assert desk.event().who.name == "dave"
    (line,) = desk.lines
    assert (line.author, line.text) == ("alice", "alice: The workers are down (dave in Slack)")


def test_an_emoji_that_is_no_mark(desk: Desk) -> None:
    """Nothing follows, and Slack is asked nothing."""
    ts = desk.say("The workers are down")
    desk.react(ts, emoji="eyes")
    desk.hear()
    assert desk.events() == []
    assert desk.floor.slack.slack.calls["reactions.get"] == 0


def test_slack_is_away_for_a_while(desk: Desk) -> None:
    """The mark waits, and counts when Slack says again what was said."""
    ts = desk.say("The workers are down")
    desk.react(ts)
    desk.floor.slack.slack.break_("500")
    desk.hear()
    assert desk.events() == []
    desk.floor.slack.slack.mend()
    desk.work(61)
    assert len(desk.events()) == 1


def test_a_room_that_is_a_thread(desk: Desk) -> None:
    """The line stands in the thread of the room; what is marked elsewhere in the channel is nobody's."""
    root, other = desk.say("The card"), desk.say("Lunch?")
    desk.alter(thread=root)
    ts = desk.say("The workers are down", "carol", root)
    desk.react(ts)
    desk.react(other)
    desk.hear()
    desk.post()
    assert desk.event().ts == ts
    (echo,) = [one for one in desk.posts() if "timeline" in one.body["text"]]
    assert echo.body["thread_ts"] == root


def test_a_comment_of_gitlabs_that_is_shown_in_the_room(desk: Desk) -> None:
    """It is taken as what it is, by who wrote it, at its own moment, and leads to the comment; no note is added."""
    ts = desk.say("Bob Baker in GitLab: It is **up**", "bob")
    row = Mirrored(
        "m1", ID, "gitlab", "talk", OPS, ts, "", 1_700_000_000_000, "bob", "Bob Baker", note_id=3301,
        wanted="It is **up**.", state="live",
    )  # fmt: skip
    with desk.kit.store.write() as tx:
        tx.mirror.put(row)
    desk.react(ts, "carol")
    desk.hear()
    event = desk.event()
    assert (event.text, event.at) == ("Bob Baker: It is up.", 1_700_000_000_000)
    assert event.link == f"{desk.incident.url}#note_3301"
    assert desk.notes == []


def test_an_internal_comment_of_gitlabs_stays_internal(desk: Desk) -> None:
    """All who see the issue read its timeline, so that none of its words is there."""
    ts = desk.say("Bob Baker in GitLab: The password is 1234", "bob")
    row = Mirrored(
        "m1", ID, "gitlab", "talk", OPS, ts, "", 1_700_000_000_000, "bob", "Bob Baker", note_id=3301,
        wanted="The password is 1234", internal=True, state="live",
    )  # fmt: skip
    with desk.kit.store.write() as tx:
        tx.mirror.put(row)
    desk.react(ts, "carol")
    desk.hear()
    assert desk.event().text == "Bob Baker: an internal comment"


def test_where_all_talk_is_internal_a_pin_makes_a_public_note(tmp_path: Path) -> None:
    """Beside the internal one, as long as the mark is there."""
    with desk_at(tmp_path, policy=FULL_INTERNAL) as desk:
        ts = desk.say("The workers are down")
        desk.react(ts)
        desk.hear()
        assert sorted(desk.internal) == [False, True]
        desk.unreact(ts)
        desk.hear()
        assert desk.internal == [True]


def test_in_a_private_incident_a_pin_writes_for_members(desk: Desk) -> None:
    """The copy of the message is an internal note."""
    alice = desk.kit.gitlab_as(desk.floor.person("alice"))
    alice.change_issue(desk.incident.project_id, desk.incident.iid, {"confidential": True})
    desk.alter(private=True)
    ts = desk.say("The workers are down")
    desk.react(ts)
    desk.hear()
    assert len(desk.events()) == 1
    assert desk.internal == [True]


def test_a_message_without_words(desk: Desk, tmp_path: Path) -> None:
    """What was shared is named."""
    path = tmp_path / "graph.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n0000")
    ts = desk.upload(path)
    desk.react(ts)
    desk.hear()
    assert desk.event().text == "alice: shared graph.png"


def test_a_message_that_is_gone_before_it_is_looked_at(desk: Desk) -> None:
    """Nothing follows from its marks."""
    ts = desk.say("The workers are down")
    desk.react(ts)
    desk.delete(ts)
    desk.hear()
    desk.work(70)
    assert (desk.events(), desk.lines) == ([], [])


def test_secrets_are_taken_out(desk: Desk) -> None:
    """Neither side has the token that somebody wrote."""
    ts = desk.say("Use glpat-0123456789abcdefghij for it")
    desk.react(ts)
    desk.hear()
    assert "glpat-0123" not in desk.event().text
    assert "glpat-0123" not in desk.texts[0]


def test_a_message_that_was_deleted_while_it_was_looked_at(desk: Desk) -> None:
    """There is nothing to take, and nothing is asked for again and again."""
    ts = desk.say("The workers are down")
    desk.react(ts)
    marked = desk.events_of_slack()
    desk.delete(ts)
    for envelope in marked:
        desk.take(envelope)
    desk.work()
    assert desk.events() == []
    asked = desk.floor.slack.slack.calls["conversations.replies"]
    desk.work(120)
    assert desk.floor.slack.slack.calls["conversations.replies"] == asked
    desk.hear()
    assert desk.events() == []


def test_a_preview_changes_nothing(desk: Desk) -> None:
    """Slack tells of an edit when it adds one."""
    ts = desk.say("See https://x.example")
    desk.react(ts)
    desk.hear()
    desk.edit(ts, "See https://x.example")
    desk.hear()
    assert desk.event().source.endswith(":1")
