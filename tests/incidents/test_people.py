"""One person commands at most; command changes hands by handshake, or is taken with a reason, and never twice."""

from __future__ import annotations

from dataclasses import replace
from threading import Thread

import pytest

from bot.command import Heard
from bot.incident_work import Holder, Suspect
from bot.incidents.crew import people
from bot.model import Person
from commands.incident.people import heard_left
from sandbox.slack.people import TEAM
from tests.incidents.crew import Crew
from tests.incidents.stage import ID, ROOM

DMS = {"alice": "D0ALICEBOT", "bob": "D0BOBBOT", "carol": "D0CAROLBOT"}


@pytest.fixture
def led(crew: Crew) -> Crew:
    """Alice commands."""
    assert crew.press("take", "alice") == ""
    crew.settle()
    return crew


def test_whoever_takes_command_of_what_nobody_commands_has_it(crew: Crew) -> None:
    """In GitLab they are the assignee, and the description names them."""
    assert crew.press("take", "bob") == ""
    crew.settle()
    assert crew.incident.commander == crew.person("bob")
    assert crew.assignees() == ["bob"]
    assert "- Commander: bob" in crew.description()
    assert crew.said() == ["bob took command"]
    assert crew.letters(f"inc.{ID}.brief") == []


def test_until_the_other_accepts_nothing_changes(led: Crew) -> None:
    """The one who is asked has a card with the brief, and so has the thread."""
    told = led.send("hand_over", "alice", to="U0BOB00001", note="Support waits for a word")
    assert "bob is asked" in told
    led.settle()
    assert led.incident.commander == led.person("alice")
    for card in ("handover.1", "handover.1.dm"):
        seen = led.seen(card)
        assert "alice asks bob to take command" in seen
        assert "Support waits for a word" in seen
        assert "How it stands" in seen
        assert "Accept" in seen
    assert led.click("accept", "1", "bob") == ""
    led.settle()
    led.settle()
    assert led.incident.commander == led.person("bob")
    assert led.assignees() == ["bob"]
    assert "bob has taken command." in led.seen("handover.1")
    assert "Accept" not in led.seen("handover.1.dm")
    notes = led.notes()
    assert [note.internal for note in notes] == [True]
    assert "**Command: bob**" in notes[0].body
    assert [one.who.name for one in led.events("commander")] == ["alice", "bob"]


def test_who_accepts_is_brought_into_the_room(led: Crew) -> None:
    """They were asked in direct messages, and may never have been there."""
    room = led.floor.slack.slack.workspace.channels[ROOM]
    carol = led.floor.user("carol").id
    room.members[:] = [one for one in room.members if one != carol]
    led.send("hand_over", "alice", to=carol)
    assert carol not in room.members
    led.click("accept", "1", "carol")
    assert led.incident.commander == led.person("carol")
    assert carol in room.members


def test_only_the_one_who_is_asked_answers(led: Crew) -> None:
    """And once."""
    led.send("hand_over", "alice", to="U0BOB00001")
    assert "bob was asked, not you" in led.click("accept", "1", "carol")
    led.click("accept", "1", "bob")
    assert "That is over" in led.click("decline", "1", "bob")
    assert led.incident.commander == led.person("bob")


def test_who_declines_leaves_it_as_it_was(led: Crew) -> None:
    """Whoever asked is told."""
    led.send("hand_over", "alice", to="U0BOB00001")
    led.click("decline", "1", "bob")
    assert led.incident.commander == led.person("alice")
    assert [(room, text) for _, room, text in led.letters(f"inc.{ID}.handover.1.")] == [
        (DMS["alice"], "acme/shop#1: bob declined to take command.")
    ]


def test_without_an_answer_both_are_told_after_five_minutes(led: Crew) -> None:
    """Once, and nothing can be accepted after that."""
    led.send("hand_over", "alice", to="U0BOB00001")
    led.settle(299)
    assert led.letters(f"inc.{ID}.handover.1.") == []
    led.settle(2)
    led.settle(60)
    rooms = [room for _, room, text in led.letters(f"inc.{ID}.handover.1.") if "has not answered" in text]
    assert rooms == [DMS["alice"], DMS["bob"]]
    assert "That is over" in led.click("accept", "1", "bob")
    assert led.incident.commander == led.person("alice")


def test_command_is_taken_from_who_cannot_be_reached_with_a_reason(led: Crew) -> None:
    """They are told, and the brief is in the thread and in the issue."""
    assert "say why you take over" in led.type("role commander me", "carol")
    assert led.type("role commander me Alice sleeps", "carol") == ""
    led.settle()
    assert led.incident.commander == led.person("carol")
    assert led.said()[-1] == "carol took command from alice: Alice sleeps"
    assert [room for _, room, _ in led.letters(f"inc.{ID}.taken.")] == [DMS["alice"]]
    assert len(led.letters(f"inc.{ID}.brief.")) == 1
    assert len(led.notes()) == 1


def test_of_an_acceptance_and_an_override_at_the_same_moment_one_counts(led: Crew) -> None:
    """The other is told; the brief is posted once, and there is one event."""
    led.send("hand_over", "alice", to="U0BOB00001")
    override = f"{ID}:{led.incident.version}:U0ALICE001"
    accepted = led.floor.accept(
        "interactive", led.floor.click_payload("bob", "incident.accept", f"{ID}:1:1", ROOM)
    )
    told: dict[str, str] = {}

    def accept() -> None:
        led.floor.do(accepted)

    def take() -> None:
        told["carol"] = led.send("override", "carol", override, reason="Nobody answers")

    before = len(led.events("commander"))
    threads = [Thread(target=accept), Thread(target=take)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    led.settle()
    led.settle()
    told["bob"] = led.floor.told(accepted[0].key)
    winner = "bob" if led.incident.commander == led.person("bob") else "carol"
    loser = {"bob": "carol", "carol": "bob"}[winner]
    assert led.incident.commander == led.person(winner)
    assert len(led.events("commander")) == before + 1
    assert told[winner] == ""
    assert "by now" in told[loser] or "That is over" in told[loser]
    assert led.assignees() == [winner]
    assert led.letters(f"inc.{ID}.brief.") == []
    assert len(led.notes()) == 1
    assert len(led.commanders()) == 1


def test_a_stale_override_takes_nothing_from_who_has_just_taken_it(led: Crew) -> None:
    """What was opened about Alice says nothing about Bob."""
    about = f"{ID}:{led.incident.version}:U0ALICE001"
    led.send("hand_over", "alice", to="U0BOB00001")
    led.click("accept", "1", "bob")
    assert "bob commands it by now" in led.send("override", "carol", about, reason="Nobody answers")


def test_what_was_assigned_in_gitlab_meanwhile_is_not_overwritten(led: Crew) -> None:
    """An acceptance answers the commander who asked, and no other."""
    led.send("hand_over", "alice", to="U0BOB00001")
    led.change("commander", f"{TEAM}/U0CAROL001/carol", "carol")
    assert "carol commands it by now" in led.click("accept", "1", "bob")


@pytest.mark.parametrize(
    ("name", "why"),
    [("robo", "an app"), ("greg", "a guest"), ("zoe", "deactivated"), ("erin", "of another company")],
)
def test_who_cannot_have_a_part(led: Crew, name: str, why: str) -> None:
    """Apps, guests, people of other companies and those who have left."""
    user = led.floor.user(name).id
    assert why in led.send("hand_over", "alice", to=user)
    assert why in led.type(f"role comms <@{user}>", "alice")
    assert led.reads(lambda tx: tx.dues.of(ID, "handover")) is None


def test_who_is_asked_for_twice_is_asked_once(led: Crew) -> None:
    """Another one who is asked takes the place of the first, who is told."""
    led.send("hand_over", "alice", to="U0BOB00001")
    led.send("hand_over", "alice", to="U0CAROL001")
    assert "That is over" in led.click("accept", "1", "bob")
    assert any(room == DMS["bob"] for _, room, _ in led.letters(f"inc.{ID}.handover.1."))
    assert led.click("accept", "2", "carol") == ""


def test_others_than_the_commander_do_not_hand_it_over(led: Crew) -> None:
    """They may take it, with a reason."""
    assert "alice commands it, and hands it over" in led.type("role ic <@U0CAROL001>", "bob")


# Without a commander ----------------------------------------------------------------------------------------


def test_a_commander_who_leaves_the_room_commands_no_more(led: Crew) -> None:
    """The card says so, and the room is reminded after two minutes, once."""
    left(led, "alice")
    led.settle()
    assert led.incident.commander is None
    assert led.assignees() == []
    assert "nobody yet" in led.seen("card")
    assert led.said()[-1] == "alice left it without a commander: they left the room"
    led.settle(119)
    assert "Nobody commands" not in led.said()[-1]
    led.settle(2)
    led.settle(300)
    assert [line for line in led.said() if "Nobody commands" in line] == [
        "Nobody commands acme/shop#1 any more. Who takes it?"
    ]


def test_nobody_is_reminded_of_what_somebody_has_taken(led: Crew) -> None:
    """Within the two minutes."""
    left(led, "alice")
    led.settle(60)
    led.press("take", "bob")
    led.settle(120)
    assert not any("Nobody commands" in line for line in led.said())


def test_a_commander_whose_account_is_deactivated_commands_no_more(led: Crew) -> None:
    """It is noticed within two minutes."""
    user = led.floor.user("alice")
    led.floor.slack.slack.workspace.users[user.id] = replace(user, deleted=True)
    led.settle(61)
    led.settle(61)
    assert led.incident.commander is None
    assert "their Slack account is deactivated" in led.said()[-1]


def test_a_commander_who_was_unassigned_in_gitlab_is_missed_too(led: Crew) -> None:
    """However it came to be so."""
    led.change("commander", "", "alice", origin="gitlab", source="gitlab:1")
    led.settle(1)
    led.settle(121)
    assert any("Nobody commands" in line for line in led.said())


def test_who_is_responsible_lays_it_down(led: Crew) -> None:
    """Others say why."""
    assert "Say why" in led.type("role commander none", "bob")
    assert led.type("role commander none", "alice") == ""
    assert led.incident.commander is None


def test_who_is_relieved_by_another_is_told(led: Crew) -> None:
    """In a direct message, with the reason; who lays it down knows that."""
    assert led.type("role commander none Asleep by now", "bob") == ""
    ((_, room, said),) = led.letters(f"inc.{ID}.taken.")
    assert (room, said) == (
        DMS["alice"], "bob has taken command of acme/shop#1 from you, and nobody has it now: Asleep by now"
    )  # fmt: skip


def test_a_commander_who_was_assigned_in_gitlab_comes_into_the_room(crew: Crew) -> None:
    """As one does who takes command in Slack."""
    members, carol = crew.floor.slack.slack.workspace.channels[ROOM].members, crew.floor.user("carol").id
    members[:] = [one for one in members if one != carol]
    crew.in_pages("assign carol", "alice")
    crew.settle()
    assert crew.incident.commander == crew.person("carol")
    assert carol in members


def test_who_commands_in_gitlab_alone_is_not_passed_over(crew: Crew) -> None:
    """Somebody without an account here was assigned there: to take over takes a reason, as with anybody else."""
    change = {"commander": None, "commander_name": "@dana"}
    with crew.kit.store.write() as tx:
        tx.incidents.note(ID, **change)
    assert "@dana commands it. If they cannot be reached, say why" in crew.type("role commander me", "bob")
    assert "@dana commands it, and hands it over" in crew.type("role commander <@U0CAROL001>", "bob")
    assert "Say why" in crew.type("role commander none", "bob")
    crew.press("take", "bob")
    assert "@dana commands it in GitLab" in str(crew.form("bob")["blocks"][0])
    crew.send("override", "bob", about=f"{ID}:{crew.incident.version}:@dana", reason="she is asleep")
    assert crew.incident.commander == crew.person("bob")


# Parts, joining and leaving ---------------------------------------------------------------------------------


def test_a_part_is_one_person_s_at_a_time(crew: Crew) -> None:
    """Whoever had it has it no longer."""
    crew.type("role comms <@U0CAROL001>", "alice")
    crew.type("role comms me", "bob")
    assert "is bob already" in crew.type("role comms me", "bob")
    crew.settle()
    present = [one for one in crew.reads(lambda tx: tx.holders.present(ID)) if one.role == "comms"]
    assert [one.name for one in present] == ["bob"]
    assert crew.said() == ["alice made carol communications lead", "bob became communications lead"]
    assert "- Communications lead: bob" in crew.description()
    crew.type("role comms none", "bob")
    crew.settle()
    assert "Roles" not in crew.description()


def test_roles_are_shown_to_who_asks(led: Crew) -> None:
    """And what cannot be one is explained."""
    assert "alice" in led.type("role")
    assert "is no part" in led.type("role boss me")
    assert "Mention somebody" in led.type("role comms bob")


def test_who_speaks_takes_part_once(crew: Crew) -> None:
    """However much they say."""
    dave = Person(TEAM, "U0DAVE0001")
    with crew.kit.store.write() as tx:
        people.spoke(tx, crew.kit, crew.incident, dave, "dave")
        people.spoke(tx, crew.kit, crew.incident, dave, "dave")
    assert len([one for one in crew.reads(lambda tx: tx.holders.present(ID)) if one.person == dave]) == 1


def test_leaving_ends_what_somebody_has(led: Crew) -> None:
    """The commander hands over first."""
    led.type("role scribe me", "bob")
    assert "You command it" in led.type("leave", "alice")
    assert "no part in it any more" in led.type("leave", "bob")
    assert not [one for one in led.reads(lambda tx: tx.holders.present(ID)) if one.name == "bob"]


def test_joining_brings_into_the_room(crew: Crew) -> None:
    """Also who has no account."""
    assert "You take part" in crew.type("join inc 1", "carol", "C0OPS00001")
    assert "U0CAROL001" in crew.floor.slack.slack.workspace.channels[ROOM].members


def test_joining_a_thread_shows_the_way_into_it(crew: Crew) -> None:
    """Typed or pressed, the answer is the same."""
    with crew.kit.store.write() as tx:
        tx.incidents.note(ID, thread="1.000100")
    told = "You take part in inc 1: the thread below its card in <#C0DEV00001>."
    assert told in crew.type("join inc 1", "carol", "C0OPS00001")
    assert told in crew.press("join", "bob")


# The brief --------------------------------------------------------------------------------------------------


def test_a_brief_has_what_is_open_and_what_was_asked(led: Crew) -> None:
    """Tasks with owners, unanswered questions, suspects and what was ruled out, who is here."""
    slack = led.floor.slack
    slack.run(slack.slack.say("carol", ROOM, "Is the database up?", None))
    asked = slack.run(slack.slack.say("bob", ROOM, "Did anybody deploy?", None))
    slack.run(slack.slack.say("carol", ROOM, "Yes, at nine", str(asked)))
    led.type("task Roll back <@U0CAROL001>", "alice")
    with led.kit.store.write() as tx:
        for key, state in (("a", "suspect"), ("b", "out")):
            tx.suspects.put(
                Suspect(key, ID, "merge", f"Change {key}", "https://gitlab/1", 1, f"merge {key}", state=state)
            )
        tx.holders.put(Holder("h1", ID, "scribe", led.person("carol"), "carol", 1))
    led.send("hand_over", "alice", to="U0BOB00001")
    seen = led.seen("handover.1")
    for words in (
        "Checkout: Investigating, severity 2, running for", "1. Roll back (carol)", "Is the database up?",
        "alice took command", "Change a: suspect", "Change b: ruled out", "Scribe: carol", "Commander: alice",
    ):  # fmt: skip
        assert words in seen
    assert "Did anybody deploy?" not in seen


def left(crew: Crew, name: str) -> None:
    """Slack tells that somebody has left the room."""
    person = crew.person(name)
    one = Heard(f"Ev{name}", "left", person.team, person.id, ROOM, "", None, "1763651020.000300")
    heard_left(crew.kit, crew.incident, one)
