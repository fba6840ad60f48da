"""What people write below an incident in GitLab stands in its room in Slack: once, in order, and calling nobody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.incidents import errands
from tests.incidents.below import Below, below


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Below]:
    with below(tmp_path) as stage:
        yield stage


# New notes --------------------------------------------------------------------------------------------------


def test_note_is_shown(here: Below) -> None:
    """A comment in GitLab stands in the room, with who wrote it, where, and its text."""
    note = here.note("It is the **database**.")
    here.follow()
    (post,) = here.posts()
    assert here.texts() == ["Bob Baker in GitLab: It is the database."]
    assert f"/-/issues/incident/1#note_{note}|in GitLab>" in str(post.body["blocks"])
    assert {"type": "text", "text": "database", "style": {"bold": True}} in post.body["blocks"][1][
        "elements"
    ][0]["elements"]


def test_once(here: Below) -> None:
    """Looking again and again shows nothing twice."""
    here.note("One")
    for _ in range(4):
        here.follow()
    assert here.texts() == ["Bob Baker in GitLab: One"]


def test_order(here: Below) -> None:
    """Several comments of one round are shown in the order they were written."""
    for number in range(4):
        here.note(f"Number {number}")
    here.follow()
    assert here.texts() == [f"Bob Baker in GitLab: Number {number}" for number in range(4)]


def test_order_survives_a_refusal(here: Below) -> None:
    """A comment that Slack does not take at once is not overtaken by the next."""
    here.note("First")
    here.note("Second")
    here.look()
    here.floor.slack.slack.break_("429", times=1, arg=20)
    here.post()
    here.floor.clock.pass_(60)
    here.post()
    assert here.texts() == ["Bob Baker in GitLab: First", "Bob Baker in GitLab: Second"]


def test_system_notes_are_not_shown(here: Below) -> None:
    """What GitLab writes by itself, such as who closed it, is no comment."""
    here.act("label #1 +urgent")
    here.follow()
    assert here.posts() == []


def test_calls_nobody(here: Below) -> None:
    """Mentions, broadcasts and links in a comment notify nobody in Slack."""
    here.note(
        "<!channel> @here <@U0ALICE001> @channel <!subteam^S1|x> [all](https://a.example) @alice `<!everyone>`"
    )
    here.follow()
    (post,) = here.posts()
    assert post.fired == []
    assert "@⁠here" in post.body["text"]


def test_hostile_name(here: Below) -> None:
    """The name of an author calls nobody either."""
    here.floor.asks(lambda state: None)
    note = here.note("Hello")
    here.look()
    with here.kit.store.write() as tx:
        tx.mirror.change("note_id = ?", (note,), name="<!channel> *@here*")
    here.post()
    assert here.posts()[0].fired == []


def test_forty_thousand_characters(here: Below) -> None:
    """Of a comment of 40,000 characters the beginning is shown, and the way to the rest."""
    here.note("word " * 8_000)
    here.follow()
    (post,) = here.posts()
    shown = str(post.body["blocks"])
    assert shown.count("word") < 700
    assert "more characters in GitLab" in shown
    assert "|Open in GitLab>" in shown


def test_secrets_do_not_leave(here: Below) -> None:
    """A token that somebody wrote into a comment is not shown."""
    here.note(f"curl -H 'PRIVATE-TOKEN: {here.kit.config.gitlab.token}'")
    here.follow()
    assert here.kit.config.gitlab.token not in str(here.posts()[0].body)


# Threads ----------------------------------------------------------------------------------------------------


def test_reply_in_the_thread_of_a_copy(here: Below) -> None:
    """A reply in GitLab stands in the thread of what it answers; a comment by itself becomes a root in place."""
    first = here.note("Who knows?")
    here.follow()
    reply = here.note("I do.", "carol", how=f"reply #1 {first}")
    here.follow()
    root, answer = here.posts()
    assert answer.thread == root.ts
    assert here.row(reply).root == here.row(first).id
    assert here.row(first).discussion == here.row(reply).discussion != ""
    assert here.row(first).ts == root.ts


def test_reply_in_the_same_round(here: Below) -> None:
    """A reply whose root is not posted yet waits for it."""
    first = here.note("Who knows?")
    here.note("I do.", "carol", how=f"reply #1 {first}")
    here.follow()
    root, answer = here.posts()
    assert answer.thread == root.ts


def test_reply_to_a_message_of_slack(here: Below) -> None:
    """A reply to the copy of a message stands in the thread of that message."""
    row = here.said("Is it up?")
    here.note("It is.", how=f"reply #1 {row.note_id}")
    here.follow()
    (answer,) = here.posts()
    assert answer.thread == row.ts


def test_room_in_a_thread(here: Below) -> None:
    """In an incident that lives in a thread everything is shown in that thread."""
    slack = here.floor.slack
    root = str(slack.run(slack.slack.say("alice", "C0OPS00001", "Card", None)))
    here.alter(thread=root)
    first = here.note("Who knows?")
    here.note("I do.", how=f"reply #1 {first}")
    here.follow()
    assert [one.thread for one in here.posts()] == [root, root]


def test_thread_is_gone(here: Below) -> None:
    """A reply whose thread was deleted in Slack stands in the room itself."""
    row = here.said("Is it up?")
    with here.kit.store.write() as tx:
        tx.mirror.change("id = ?", (row.id,), ts="1700000000.000100")
    here.note("It is.", how=f"reply #1 {row.note_id}")
    here.follow()
    here.follow()
    assert [one.thread for one in here.posts()] == [None]


# Our own ----------------------------------------------------------------------------------------------------


def test_no_echo(here: Below) -> None:
    """Copies of messages from Slack do not come back."""
    here.said("Is it up?")
    for _ in range(3):
        here.follow()
    assert here.posts() == []


def test_answer_on_its_way(here: Below) -> None:
    """A copy whose answer was lost is known by its mark; who it is for is checked by whoever writes it."""
    row = here.said("Is it up?")
    with here.kit.store.write() as tx:
        tx.mirror.change("id = ?", (row.id,), note_id=0, discussion="")
    here.follow()
    assert here.posts() == []
    assert [(one.id, one.note_id) for one in here.rows()] == [(row.id, 0)]


def test_pasted_mark(here: Below) -> None:
    """A mark that somebody pasted under their own words counts for nothing."""
    row = here.said("Is it up?")
    here.note("My own\n\n" + here.in_gitlab()[0].rpartition("\n")[2])
    here.follow()
    assert here.texts() == ["Bob Baker in GitLab: My own"]
    assert here.row(row.note_id).id == row.id


def test_pasted_mark_of_a_copy_that_is_gone(here: Below) -> None:
    """It hides nothing either: nobody writes that copy any more."""
    row = here.said("Is it up?")
    mark = here.in_gitlab()[0].rpartition("\n")[2]
    here.follow()
    here.act(f"delete-note {row.note_id}", "alice")
    here.follow(70)
    here.note(f"It was\n\n{mark}")
    here.follow()
    assert here.texts() == ["Bob Baker in GitLab: It was"]


def test_forged_mark(here: Below) -> None:
    """A mark whose hash is wrong hides nothing."""
    here.note(f"Mine\n\n<!-- signalbox i={here.incident.id} m=nobody h=00000000 -->")
    here.follow()
    assert here.texts() == ["Bob Baker in GitLab: Mine"]


def test_words_of_ours(here: Below) -> None:
    """What the bot writes besides copies is not shown, and counts as known."""
    mark = f"<!-- signalbox i={here.incident.id} w=0123456789abcdef -->"
    here.note(f"Told\n\n{mark}")
    here.follow()
    assert here.posts() == []
    assert here.rows() == []
    here.note(f"My own\n\n{mark}")  # Pasted.
    here.follow()
    assert here.texts() == ["Bob Baker in GitLab: My own"]


# Edits ------------------------------------------------------------------------------------------------------


def test_edit_in_gitlab(here: Below) -> None:
    """An edit of a comment changes its copy, without a new message."""
    note = here.note("It is up")
    here.follow()
    here.act(f"edit-note {note} It is down")
    here.follow()
    assert here.texts() == ["Bob Baker in GitLab: It is down"]


def test_edit_before_it_is_posted(here: Below) -> None:
    """A comment that is edited before it was shown is shown as it reads then."""
    note = here.note("It is up")
    here.look()
    here.act(f"edit-note {note} It is down")
    here.follow()
    assert here.texts() == ["Bob Baker in GitLab: It is down"]


def test_edit_of_a_copy(here: Below) -> None:
    """A copy that was edited in GitLab is to be written again, and its editor is told where to edit; once an edit."""
    row = here.said("Is it up?")
    here.follow()
    mark = here.in_gitlab()[0].rpartition("\n")[2]
    here.act(f"edit-note {row.note_id} Not what alice said\n\n{mark}", "alice")
    for _ in range(3):
        here.follow()
    assert "Is it up?" in here.in_gitlab()[0]
    assert "Not what" not in here.in_gitlab()[0]
    words = [one for one in here.in_gitlab() if "copy of a message in Slack" in one]
    assert len(words) == 1
    assert here.posts() == []


def test_edit_on_its_way(here: Below) -> None:
    """A copy that is being written anew was edited by nobody."""
    row = here.said("Is it up?")
    with here.kit.store.write() as tx:
        tx.mirror.change("id = ?", (row.id,), wanted="Is it up, anybody?", wanted_hash="1", shown_hash="0")
        talk = errands.new(here.kit, here.incident, "gitlab.talk", f"talk.{row.id}", 3, subject=row.id)
        errands.write(tx, talk)
    here.kinds["gitlab.talk"] = errands.Kind(_not_yet, _not_yet)
    here.act("comment #1 Anything")
    here.follow()
    assert not any("copy of a message in Slack" in one for one in here.in_gitlab())


def _not_yet(*_: object) -> errands.Result:
    raise errands.NotYet
