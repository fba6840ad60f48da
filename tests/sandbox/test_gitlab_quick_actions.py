"""The sandbox's GitLab runs quick actions and sends mail to who is named, where GitLab does and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.gitlab.mentions import mentioned
from sandbox.gitlab.quick_actions import KNOWN, extract
from tests.sandbox.gitlab_stage import GitLabStage, sample

ISSUES = "/projects/acme%2Fshop/issues"


@pytest.fixture
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        yield stage


@pytest.mark.parametrize(
    ("text", "left", "names"),
    [
        ("hello\n/close\nworld", "hello\nworld", ["close"]),
        ("/CLOSE now\n\n/label ~bug\n", "", ["close", "label"]),
        ("x\r\n/close\r\ny", "x\ny", ["close"]),
        ("> said\n/close", "> said", ["close"]),
        ("- item\n/close", "- item", ["close"]),
        ("<!-- mark -->\n/close", "<!-- mark -->", ["close"]),
        ("`a`\n\n/close\n\n`b`", "`a`\n\n`b`", ["close"]),
        ("a ` b\n\n/close\n\nc ` d", "a ` b\n\nc ` d", ["close"]),
        ("<details>\n/close\n\n/todo\n</details>", "<details>\n/close\n\n</details>", ["todo"]),
        ("/merge\n/approve\nno such issue", "no such issue", ["merge", "approve"]),
        ("- item\n   ```\n/close", "- item\n   ```", ["close"]),
        (">>>\n/close\n>>>", ">>>\n>>>", ["close"]),
        ("```\n/close\n```\n/todo", "```\n/close\n```", ["todo"]),
        ("/shrug why", "why ¯\\＿(ツ)＿/¯", ["shrug"]),
    ],
)
def test_lines_of_quick_actions_vanish(text: str, left: str, names: list[str]) -> None:
    """At the beginning of a line, in any case, for every name GitLab knows, whether it fits or not."""
    kept, actions = extract(text)
    assert (kept, [action.name for action in actions]) == (left, names)


@pytest.mark.parametrize(
    "text",
    [
        "\\/close",
        " /close",
        "see /close",
        "/closed",
        "/tmp/close is full",
        "/cc @bob",
        "/ close",
        "`/close`",
        "a `b\n/close\nc` d",
        "```\n/close\n```",
        "````\n```\n/close\n```\n````",
        "~~~ yaml\n/close\n~~~",
        "```\n/close",
        "<!--\n/close\n-->",
        "x\n\n    /close",
        "x\u2028/close",
    ],
)
def test_what_is_no_quick_action_stays(text: str) -> None:
    """A backslash, a blank, backticks, code blocks and comments keep a line; so does a name GitLab lacks."""
    assert extract(text) == (text, ())


@given(st.text(alphabet="/close \n`~x<!->\\", max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever is written, what is left is no longer, and what is found is a name GitLab knows."""
    left, actions = extract(text)
    assert len(left) <= len(text)
    assert all(action.name in KNOWN.split() for action in actions)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@all and @bob, @acme/shop.", ["all", "bob", "acme/shop"]),
        ("> @bob\n\n>>>\n@carol\n>>>", ["bob", "carol"]),
        ("(@bob)", ["bob"]),
        ("<details>\n<b>@bob</b>\n</details>", ["bob"]),
        ("\\\\@bob", ["bob"]),
        ("`@all` ``a ` @all``", []),
        ("```\n@all\n```\n~~~\n@all", []),
        ("x\n\n    @all", []),
        ("<!-- @all -->", []),
        ("\\@all bob@all.example @\u200ball", []),
        ("https://host/@bob [x](/@bob)", []),
    ],
)
def test_names_count_outside_of_code_and_addresses(text: str, names: list[str]) -> None:
    """An `@` inside a word, behind a backslash, in code, a comment or an address names nobody."""
    assert mentioned(text) == names


def test_a_description_is_rid_of_its_actions_and_they_are_done(stage: GitLabStage) -> None:
    """On a new issue what needs one that is there (`/close`, `/title`) vanishes and does nothing."""
    text = (
        "Since noon\n/label ~bug ~nowhere\n/assign @bob\n/due 2026-12-24\n/confidential\n/close\n/title Other"
    )
    issue = stage.project(name="alice").issues.create({"title": "Slow", "description": text})
    assert (issue.description, issue.title, issue.state) == ("Since noon", "Slow", "opened")
    assert (issue.labels, issue.assignee["username"], issue.due_date, issue.confidential) == (
        ["bug"],
        "bob",
        "2026-12-24",
        True,
    )


def test_actions_run_on_an_update_too(stage: GitLabStage) -> None:
    """A changed description closes the issue that it belongs to."""
    stage.act("issue Slow")
    changed = stage.project(name="bob").issues.update(1, {"description": "Fine now\n\n/close\n/title Fast\n"})
    assert (changed["description"], changed["state"], changed["title"]) == ("Fine now", "closed", "Fast")
    again = stage.project(name="bob").issues.update(1, {"description": "```\n/reopen\n```\n\\/reopen"})
    assert again["state"] == "closed"


def test_actions_of_a_comment_run_when_it_is_written_and_when_it_is_edited(stage: GitLabStage) -> None:
    """The note is left with the rest, and its answer names what was changed."""
    stage.act("issue Slow")
    issue = stage.project(name="bob").issues.get(1)
    note = issue.notes.create({"body": "Done\n/close\n/label ~bug"})
    assert (note.body, note.commands_changes["state_event"]) == ("Done", "close")
    assert list(note.commands_changes) == ["state_event", "add_label_ids"]
    assert stage.project().issues.get(1).state == "closed"
    changed = issue.notes.update(note.id, {"body": "Not done\n/reopen\n/unlabel\n/assign me"})
    assert changed["body"] == "Not done"
    found = stage.project().issues.get(1)
    assert (found.state, found.labels, found.assignee["username"]) == ("opened", [], "bob")


def test_a_comment_of_actions_alone_is_no_note(stage: GitLabStage) -> None:
    """202 with what was done; an edit to nothing but actions deletes the note; 400 when nothing could be done."""
    stage.act("issue Slow")
    path = f"{ISSUES}/1/notes"
    answer = stage.send("POST", path, {"body": "/close\n/label ~urgent"}, name="bob")
    assert answer.status_code == 202
    assert set(answer.json()) == set(sample("issue_note_commands_only"))
    assert answer.json()["commands_changes"]["state_event"] == "close"
    assert answer.json()["summary"] == ["Closed this issue. Added ~urgent label."]
    note = stage.send("POST", path, {"body": "hello"}, name="bob").json()
    gone = stage.send("PUT", f"{path}/{note['id']}", {"body": "/reopen"}, name="bob")
    assert (gone.status_code, gone.json()["summary"]) == (202, ["Reopened this issue."])
    assert stage.send("GET", f"{path}?activity_filter=only_comments").json() == []
    stage.act("role carol guest")
    nothing = stage.send("POST", path, {"body": "/close"}, name="carol")
    assert (nothing.status_code, nothing.json()) == (
        400,
        {"message": "400 Bad request - Failed to apply commands."},
    )
    assert stage.project().issues.get(1).state == "opened"


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ('/label ~"needs triage" ~bug', "labels", ["bug", "needs triage"]),
        ("/relabel ~bug", "labels", ["bug"]),
        ("/unlabel ~urgent", "labels", []),
        ("/unassign", "assignees", []),
        ("/remove_due_date", "due_date", None),
        ("/due soon", "due_date", "2026-12-24"),
        ("/lock", "discussion_locked", True),
        ("/severity S2", "severity", "UNKNOWN"),
        ("/promote_to_incident", "issue_type", "incident"),
        ("/title " + "x" * 256, "title", "Slow"),
        ("/assign @nobody", "assignees", None),
        ("/todo", "state", "opened"),
    ],
)
def test_each_action_does_its_own(stage: GitLabStage, line: str, key: str, value: Any) -> None:
    """What an issue has afterwards; what makes no sense there changes nothing."""
    project = stage.project(name="alice")
    start = {"title": "Slow", "assignee_ids": [8], "due_date": "2026-12-24"}
    labels = ["bug", "urgent"] if line == "/relabel ~bug" else ["urgent"] if "urgent" in line else []
    issue = project.issues.create(start | {"labels": labels})
    before = issue.attributes[key]
    issue.notes.create({"body": f"Look\n{line}"})
    found = project.issues.get(1).attributes[key]
    assert found == (before if value is None and key == "assignees" else value)


def test_who_is_named_gets_mail_once(stage: GitLabStage) -> None:
    """Title (no Markdown), description, comments and edits count; not who writes, was named before, or cannot see."""
    read = stage.fake.get
    assert stage.run(read("notified", None)) == ["nobody"]
    issue = stage.project(name="alice").issues.create(
        {"title": "For `@bob`", "description": "`@all` \\@all @alice @nobody"}
    )
    assert stage.run(read("notified", None)) == [
        {"mention": "@bob", "notified": ("bob",), "by": "alice", "where": "acme/shop#1"}
    ]
    stage.act("role carol guest")
    issue.notes.create({"body": "@carol look", "internal": True})
    stage.project(name="alice").issues.update(1, {"description": "@bob once more, and @acme"})
    note = issue.notes.create({"body": "hello"})
    issue.notes.update(note.id, {"body": "hello @all"})
    issue.notes.update(note.id, {"body": "hello again @all"})
    found = [(one["mention"], one["notified"]) for one in stage.run(read("notified", None))[1:]]
    assert found == [
        ("@acme", ("bob", "carol", "dave", "signalbox")),
        ("@all", ("bob", "carol", "dave", "signalbox")),
    ]
