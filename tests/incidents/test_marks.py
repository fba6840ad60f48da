"""Marks on messages: what each emoji brings about, and that it is taken back with the last of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.incidents.chart.mark_facts import moment_of
from commands.incident import talk
from tests.evidence.floor import OPS
from tests.incidents.desk import ID, Desk, desk_at


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_at(tmp_path) as desk:
        yield desk


def test_a_pin_puts_a_message_on_the_timeline(desk: Desk) -> None:
    """At the moment of the message, as who marked it, on both sides, with its words in a public note."""
    ts = desk.say("The *payment* workers are down")
    desk.react(ts)
    desk.hear()
    event = desk.event()
    assert (event.kind, event.who.name, event.who.person) == ("timeline", "bob", desk.floor.person("bob"))
    assert (event.at, event.text) == (moment_of(ts), "alice: The payment workers are down")
    assert event.link.endswith(f"/archives/{OPS}/p{ts.replace('.', '')}")
    (line,) = desk.lines
    assert (line.text, line.author, line.at // 1000) == (event.text, "bob", moment_of(ts) // 1000)
    assert len(desk.notes) == 1
    assert "workers are down" in desk.notes[0]
    desk.post()
    (echo,) = desk.echoes()
    assert "On the timeline, " in echo
    assert "['Edit', 'Undo']" in echo
    assert [one.body.get("thread_ts") for one in desk.posts() if "timeline" in one.body["text"]] == [ts]


@pytest.mark.parametrize("name", ["greg", "erin"])
def test_who_may_ask_for_nothing_marks_nothing(desk: Desk, name: str) -> None:
    """What a guest, or somebody of another company, marks is not published in the name of who answers for it."""
    members = desk.floor.slack.slack.workspace.channels[OPS].members
    if desk.floor.user(name).id not in members:
        members.append(desk.floor.user(name).id)
    ts = desk.say("The workers are down")
    desk.react(ts, name)
    desk.hear()
    assert desk.events() == []
    assert desk.lines == []
    assert desk.notes == []


def test_five_people_are_one_event(desk: Desk) -> None:
    """Four second it; with four marks removed it is still there, and with the last it is gone on both sides."""
    ts = desk.say("The workers are down")
    people = ["bob", "alice", "carol", "dave", "anna"]
    for name in people:
        desk.react(ts, name)
    desk.hear()
    desk.post()
    assert [one.who.name for one in desk.events()] == ["bob"]
    assert "seconded by 4" in desk.echoes()[0]
    for name in people[:4]:
        desk.unreact(ts, name)
    desk.hear()
    desk.post()
    assert len(desk.lines) == len(desk.events()) == 1
    assert "seconded by 1" in desk.echoes()[0]
    desk.unreact(ts, people[4])
    desk.hear()
    desk.post()
    assert desk.events() == []
    assert desk.lines == []
    assert desk.notes == []
    assert len(desk.echoes()) == 1
    assert "~" in desk.echoes()[0]
    assert "taken back" in desk.echoes()[0]


def test_it_can_be_marked_again(desk: Desk) -> None:
    """The same line in the thread tells of it, and no other."""
    ts = desk.say("The workers are down")
    desk.react(ts)
    desk.hear()
    desk.post()
    desk.unreact(ts)
    desk.hear()
    desk.post()
    desk.react(ts, "carol")
    desk.hear()
    desk.post()
    assert desk.event().who.name == "carol"
    assert len(desk.lines) == 1
    (echo,) = desk.echoes()
    assert "~" not in echo
    assert "Undo" in echo


def test_what_is_taken_back_at_once_is_never_told(desk: Desk) -> None:
    """Nothing is posted of a mark that was gone before its line was."""
    ts = desk.say("The workers are down")
    desk.react(ts)
    desk.unreact(ts)
    desk.hear()
    desk.post()
    assert desk.events() == []
    assert desk.echoes() == []
    desk.react(ts)
    desk.hear()
    desk.unreact(ts)
    desk.hear()
    desk.post()
    assert desk.echoes() == []
    desk.react(ts)
    desk.hear()
    desk.post()
    assert len(desk.echoes()) == 1


@pytest.mark.parametrize("seed", range(4))
def test_in_any_order(desk: Desk, seed: int) -> None:
    """Five people mark and unmark, and Slack tells of it in any order and more than once: the reactions count."""
    chance = random.Random(seed)
    ts = desk.say("The workers are down")
    people = ["bob", "alice", "carol", "dave", "anna"]
    left: set[str] = set()
    for _ in range(3):
        for name in chance.sample(people, 5):
            if name in left:
                desk.unreact(ts, name)
                left.remove(name)
            elif chance.random() < 0.8:
                desk.react(ts, name)
                left.add(name)
    envelopes = desk.events_of_slack()
    envelopes += [
        {**one, "envelope_id": f"again-{one['envelope_id']}"} for one in envelopes if chance.random() < 0.4
    ]
    chance.shuffle(envelopes)
    for envelope in envelopes:
        desk.take(envelope)
        if chance.random() < 0.5:
            desk.work()
    desk.work()
    assert len(desk.events()) == len(desk.lines) == bool(left)
    assert len(desk.notes) == bool(left)


def test_a_mark_nobody_told_us_of_counts(desk: Desk) -> None:
    """When a message is looked at for another mark, its reactions are what Slack has now."""
    ts = desk.say("The workers are down")
    desk.react(ts, "carol")
    desk.react(ts, "bob")
    desk.unreact(ts, "bob")
    lost = desk.events_of_slack()
    desk.take(lost[-1])
    desk.work()
    assert desk.event().who.name == "carol"
    desk.unreact(ts, "carol")
    desk.events_of_slack()
    desk.work(60)
    desk.react(ts, emoji="pushpin")
    desk.unreact(ts, emoji="pushpin")
    desk.hear()
    assert desk.events() == []


def test_a_reply_is_taken_for_itself(desk: Desk) -> None:
    """Its words and its moment, and the line stands in its thread."""
    root = desk.say("Something is slow")
    reply = desk.say("The workers are down", "carol", root)
    desk.say("Really?", "bob", root)
    desk.react(reply)
    desk.hear()
    desk.post()
    assert (desk.event().text, desk.event().at) == ("carol: The workers are down", moment_of(reply))
    (echo,) = [one for one in desk.posts() if "timeline" in one.body["text"]]
    assert echo.body["thread_ts"] == root
    assert "thread_ts=" in desk.event().link


def test_the_same_second(desk: Desk) -> None:
    """Two messages of one second are two events, and deleting one takes only that back."""
    first, second = desk.say("One"), desk.say("Two")
    desk.react(first)
    desk.react(second)
    desk.hear()
    assert desk.texts == ["alice: One", "alice: Two"]
    desk.delete(first)
    desk.hear()
    assert [one.text for one in desk.events()] == desk.texts == ["alice: Two"]


def test_a_message_that_is_edited(desk: Desk) -> None:
    """Its event says what it says now, on both sides, and what somebody has put into words by hand stays."""
    ts = desk.say("The workers are down")
    desk.react(ts, "alice")
    desk.hear()
    desk.edit(ts, "The payment workers are down")
    desk.hear()
    assert desk.event().text == "The payment workers are down"
    assert desk.texts == ["The payment workers are down"]
    event = desk.event()
    when = str(event.at // 1000)
    desk.send(f"{ID}:1:e/{event.id}", text="Workers died", when=when, tag="Impact detected")
    assert (desk.event().text, desk.event().tag, desk.event().at) == (
        "Workers died",
        "Impact detected",
        moment_of(ts),
    )
    desk.edit(ts, "Never mind")
    desk.hear()
    assert desk.texts == ["Workers died"]
    assert desk.lines[0].tags == ("Impact detected",)
    desk.unreact(ts, "alice")
    desk.hear()
    assert (desk.events(), desk.lines) == ([], [])


def test_undo_takes_it_back_although_the_mark_stays(desk: Desk) -> None:
    """Who made it may, or the commander; marked by somebody else it comes again."""
    ts = desk.say("The workers are down")
    desk.react(ts, "bob")
    desk.hear()
    desk.post()
    assert "Only they and the commander" in desk.press("undo", desk.event(), "carol")
    event = desk.event()
    desk.press("undo", event, "bob")
    desk.post()
    assert (desk.events(), desk.lines, desk.notes) == ([], [], [])
    assert "taken back by bob" in desk.echoes()[0]
    assert "not on the timeline any more" in desk.press("undo", event, "bob")
    desk.react(ts, "carol")
    desk.hear()
    assert desk.event().who.name == "carol"
    desk.unreact(ts, "carol")
    desk.hear()
    assert desk.events() == []


def test_what_nobody_told_of(desk: Desk) -> None:
    """An edit, and a deletion, that is found in the history of the room counts as one that was heard."""
    ts = desk.say("The workers are down")
    desk.react(ts)
    desk.hear()
    desk.edit(ts, "The *payment* workers are down")
    desk.events_of_slack()
    talk.caught(desk.kit)
    desk.work()
    assert [one.text for one in desk.lines] == ["alice: The payment workers are down"]
    desk.delete(ts)
    desk.events_of_slack()
    talk.caught(desk.kit)
    desk.work(60)
    assert (desk.events(), desk.lines) == ([], [])
