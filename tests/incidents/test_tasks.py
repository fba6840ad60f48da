"""Tasks are the same on both sides, whichever side they are done on, and follow-ups are issues of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest

import blocks.incident as drawing
from bot.incident import Who
from bot.incident_work import Task
from bot.incidents.crew import followups, task_words, tasks
from bot.incidents.crew.task_words import Typed
from tests.incidents.crew import Crew


def test_a_typed_task_is_a_box_in_the_issue_and_a_line_in_the_room(crew: Crew) -> None:
    """With its owner and its time."""
    assert crew.type("task Roll back the deployment <@U0ALICE001> +30m") == ""
    crew.settle()
    assert [(one.text, one.owner_name, one.state) for one in crew.tasks()] == [
        ("Roll back the deployment", "alice", "open")
    ]
    assert "- [ ] 1. Roll back the deployment (alice)" in crew.description()
    seen = crew.seen("tasks")
    assert "Tasks of inc 1: 0 of 1 done" in seen
    assert "Roll back the deployment" in seen
    assert crew.tasks()[0].due == crew.floor.clock() + 1_800_000


def test_what_people_wrote_in_the_description_stays(crew: Crew) -> None:
    """The checklist comes behind their words."""
    crew.describe("Checkout answers with *errors*.\n\n1. since 9:00")
    crew.type("task Tell support")
    crew.settle()
    words = "Checkout answers with *errors*.\n\n1. since 9:00"
    assert crew.description().startswith(f"{words}\n\n<!-- signalbox begin tasks ")


def test_done_in_slack_is_ticked_in_gitlab(crew: Crew) -> None:
    """And said once: whoever presses after that hears who it was, alone."""
    crew.type("task Roll back")
    crew.settle()
    assert crew.click("task_done", "1", "bob") == ""
    assert "Task 1 is done already, by bob" in crew.click("task_done", "1", "alice")
    crew.settle()
    assert "- [x] 1. Roll back" in crew.description()
    assert "1 of 1 done" in crew.seen("tasks")


def test_ticked_in_gitlab_is_done_in_slack(crew: Crew) -> None:
    """By whoever ticked it there; taken back there it is open again."""
    crew.type("task Roll back")
    crew.type("task Tell support")
    crew.settle()
    crew.describe(crew.description().replace("- [ ] 2.", "- [x] 2."))
    look(crew)
    crew.settle()
    assert [(one.number, one.state, one.done_by) for one in crew.tasks()] == [
        (1, "open", ""),
        (2, "done", "carol"),
    ]
    assert "1 of 2 done" in crew.seen("tasks")
    crew.describe(crew.description().replace("- [x] 2.", "- [ ] 2."))
    look(crew)
    crew.settle()
    assert [one.state for one in crew.tasks()] == ["open", "open"]


def test_ticks_of_both_sides_at_once_both_count(crew: Crew) -> None:
    """A tick in GitLab is not written over by one in Slack."""
    crew.type("task Roll back")
    crew.type("task Tell support")
    crew.settle()
    crew.describe(crew.description().replace("- [ ] 2.", "- [x] 2."))
    crew.click("task_done", "1")
    crew.settle()
    crew.settle()
    assert [one.state for one in crew.tasks()] == ["done", "done"]
    assert "- [x] 1. Roll back\n- [x] 2. Tell support" in crew.description()


def test_what_was_read_before_we_wrote_undoes_nothing(crew: Crew) -> None:
    """The watcher may come with a description that is older than our last word."""
    crew.type("task Roll back")
    crew.settle()
    old = crew.description()
    crew.click("task_done", "1")
    crew.settle()
    look(crew, old)
    crew.settle()
    assert [one.state for one in crew.tasks()] == ["done"]
    assert "- [x] 1." in crew.description()


def test_a_list_that_somebody_edited_is_left_alone(crew: Crew) -> None:
    """The room hears so once; deleted there it is written anew."""
    crew.type("task Roll back")
    crew.settle()
    crew.describe(crew.description().replace("Roll back", "Roll back at once"))
    crew.type("task Tell support")
    crew.settle()
    crew.type("task Tell the press")
    crew.settle()
    assert "Tell support" not in crew.description()
    assert sum("changed the part “tasks”" in line for line in crew.said()) == 1
    crew.describe("Checkout is down")
    crew.type("task Sleep")
    crew.settle()
    assert "4. Sleep" in crew.description()


def test_a_description_that_others_write_meanwhile_is_written_again(crew: Crew) -> None:
    """Nobody's words are lost, and the list is there."""
    crew.type("task Roll back")
    crew.settle()
    crew.describe("New words. " + crew.description())
    crew.type("task Tell support")
    crew.settle()
    assert crew.description().startswith("New words. ")
    assert "2. Tell support" in crew.description()


def test_nothing_is_asked_of_gitlab_for_what_it_holds(crew: Crew) -> None:
    """One change for a task, and none for looking."""
    crew.type("task Roll back")
    crew.settle()
    before = crew.floor.gitlab.fake.calls["PUT /projects/:id/issues/:iid"]
    crew.settle(5)
    crew.settle(5)
    assert crew.floor.gitlab.fake.calls["PUT /projects/:id/issues/:iid"] == before


def test_a_lost_answer_is_looked_for(crew: Crew) -> None:
    """The description is written once."""
    crew.type("task Roll back")
    lose(crew)
    crew.settle()
    crew.settle(70)
    assert crew.description().count("1. Roll back") == 1


def test_hostile_texts_do_nothing(crew: Crew) -> None:
    """No quick action, no marker, no mention."""
    crew.type("task /close <!-- signalbox end tasks --> @all")
    crew.settle()
    crew.type("task Second")
    crew.settle()
    assert crew.in_gitlab().state == "opened"
    assert "2. Second" in crew.description()
    assert not any("changed the part" in line for line in crew.said())


def test_a_task_is_taken_and_dropped(crew: Crew) -> None:
    """By buttons and by words."""
    crew.type("task Roll back")
    crew.click("task_take", "1", "bob")
    assert crew.tasks()[0].owner_name == "bob"
    assert "is bob's already" in crew.click("task_take", "1", "bob")
    crew.type("task drop 1")
    crew.settle()
    assert "- [~] 1. Roll back (bob)" in crew.description()
    crew.type("task reopen 1")
    crew.settle()
    assert "- [ ] 1. Roll back (bob)" in crew.description()
    assert "There is no task 7" in crew.type("task done 7")


def test_a_form_adds_a_task(crew: Crew) -> None:
    """With the owner who was picked."""
    crew.send("task_add", text="Tell support", owner="U0CAROL001", minutes="15")
    assert [(one.text, one.owner_name) for one in crew.tasks()] == [("Tell support", "carol")]


def test_more_tasks_than_a_message_shows_are_counted(crew: Crew) -> None:
    """Ten have a line, the rest a number."""
    with crew.kit.store.write() as tx:
        for number in range(13):
            tasks.add(tx, crew.kit, crew.incident, f"Task {number}", Who("bob"), source=f"mark:{number}")
            tasks.add(tx, crew.kit, crew.incident, f"Task {number}", Who("bob"), source=f"mark:{number}")
    crew.settle()
    assert len(crew.tasks()) == 13
    assert "3 more open tasks" in crew.seen("tasks")
    assert crew.description().count("- [ ] ") == 13


def test_listing_shows_them_to_who_asks(crew: Crew) -> None:
    """Or says that there are none."""
    assert "There are no tasks" in crew.type("tasks")
    crew.type("task Roll back")
    assert "Roll back" in crew.type("tasks")


def test_a_verb_without_its_number_is_no_task(crew: Crew) -> None:
    """Which task is meant is asked; a text that begins so is one."""
    assert "`/gitlab incident task done 3`" in crew.type("task done")
    crew.type("task drop the cache")
    assert [one.text for one in crew.tasks()] == ["drop the cache"]


def test_without_an_account_nothing_is_changed(crew: Crew) -> None:
    """Whoever is not connected is asked to."""
    crew.type("task Roll back", "nina")
    assert crew.tasks() == []
    assert crew.floor.voice.unlinked == 1


# Follow-ups -------------------------------------------------------------------------------------------------


def test_a_follow_up_is_an_issue_of_its_own(crew: Crew) -> None:
    """Made by who asked for it, tied to the incident, with a label and a day."""
    crew.type("followup Test the failover", "bob")
    crew.settle()
    crew.settle()
    one = crew.tasks()[0]
    issue = crew.floor.gitlab.project("acme/shop", "root").issues.get(one.follow_up)
    assert issue.title == "Test the failover"
    assert issue.author["username"] == "bob"
    assert issue.labels == [followups.LABEL]
    assert issue.due_date is not None
    assert [link.iid for link in crew.in_gitlab().links.list()] == [one.follow_up]
    assert any("made a follow-up: acme/shop#" in line for line in crew.said())
    assert "Test the failover" not in crew.description()


def test_a_follow_up_is_none_of_the_tasks_on_the_card(crew: Crew) -> None:
    """The card counts what the list counts."""
    crew.type("task Tell support")
    crew.type("followup Test the failover")
    crew.settle()
    assert "Tasks: 0 of 1 done" in crew.seen("card")
    assert "0 of 1 done" in crew.seen("tasks")


def test_a_follow_up_whose_answer_was_lost_is_made_once(crew: Crew) -> None:
    """It is found by its mark."""
    crew.type("followup Test the failover")
    lose(crew)
    crew.settle()
    crew.settle(70)
    titles = [one.title for one in crew.floor.gitlab.project("acme/shop", "root").issues.list(get_all=True)]
    assert titles.count("Test the failover") == 1
    assert crew.tasks()[0].follow_up


def test_owners_are_reminded_weekly_in_one_message_until_it_is_closed(crew: Crew) -> None:
    """Of all they have."""
    for text in ("Test the failover", "Write the runbook"):
        crew.type(f"followup {text}", "bob")
    crew.settle()
    crew.settle()
    crew.settle(7 * 86_400 + 1)
    assert [text for _, _, text in crew.letters("follow_ups.")] == ["2 follow-ups of incidents still open"]
    number = crew.tasks()[0].follow_up
    crew.act(f"close #{number}")
    crew.settle(7 * 86_400 + 1)
    assert [text for _, _, text in crew.letters("follow_ups.")][1:] == ["1 follow-up of incidents still open"]
    crew.act(f"close #{crew.tasks()[1].follow_up}")
    crew.settle(7 * 86_400 + 1)
    crew.settle(7 * 86_400 + 1)
    assert len(crew.letters("follow_ups.")) == 2


# Words ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Roll back", Typed("Roll back")),
        ("Roll back <@U0BOB00001>", Typed("Roll back", "U0BOB00001")),
        ("Roll back +2h @me", Typed("Roll back", "@me", 7_200_000)),
        ("Ask <@U0BOB00001> about it", Typed("Ask <@U0BOB00001> about it")),
        ("+30m", Typed("", "", 1_800_000)),
        ("Scale to +30m then wait", Typed("Scale to +30m then wait")),
    ],
)  # fmt: skip
def test_owner_and_time_stand_at_the_end(said: str, meant: Typed) -> None:
    """Anywhere else they are words."""
    assert task_words.typed(said) == meant


def test_boxes_are_read_by_their_number() -> None:
    """Whatever people made of the words."""
    body = tasks.checklist([Task("a", "i", 1, "One", state="done"), Task("b", "i", 12, "Two")])
    assert tasks.boxes(body.replace("Two", "something else")) == {1: "done", 12: "open"}


def look(crew: Crew, description: str | None = None) -> None:
    """What the watcher does with a description that it has read."""
    with crew.kit.store.write() as tx:
        text = crew.description() if description is None else description
        tasks.from_description(tx, crew.kit, drawing, crew.incident, text, Who("somebody"))


def lose(crew: Crew) -> None:
    """GitLab does the next change, and its answer is lost."""
    gitlab = crew.floor.gitlab
    gitlab.loop.ask(lambda: gitlab.fake.break_("cut-after", times=1))


def test_an_owner_who_has_left_keeps_nobody_else_from_being_reminded(crew: Crew) -> None:
    """Whom Slack does not let us write to is passed over."""
    crew.type("followup Test the failover", "carol")
    crew.type("followup Write the runbook", "bob")
    crew.settle()
    crew.settle()
    carol, users = crew.floor.user("carol"), crew.floor.slack.slack.workspace.users
    users[carol.id] = replace(carol, deleted=True)
    crew.settle(7 * 86_400 + 1)
    assert [room for _, room, _ in crew.letters("follow_ups.")] == ["D0BOBBOT"]
