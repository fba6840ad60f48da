"""The `:gitlab` lines about issues and comments do what somebody does in GitLab's own pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.gitlab_stage import GitLabStage


@pytest.fixture
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        yield stage


def seen(stage: GitLabStage, iid: int = 1, project: str = "acme/shop") -> Any:
    return stage.project(project, "alice").issues.get(iid)


def comments(stage: GitLabStage, iid: int = 1) -> list[str]:
    found = seen(stage, iid).notes.list(get_all=True, sort="asc", activity_filter="only_comments")
    return [one.body for one in found]


def test_an_issue_is_opened_with_all_that_a_line_can_say(stage: GitLabStage) -> None:
    """Options follow the title, a name with blanks in quotes; the next lines are its description."""
    title = 'issue Checkout is slow label=bug label="needs triage" assignee=bob project=infra'
    line = f"{title}\nSince noon\n/due 2026-12-24"
    assert stage.act(line, "carol") == "carol opened acme/infra#1: Checkout is slow"
    issue = seen(stage, project="acme/infra")
    assert (issue.title, issue.labels, issue.description) == (
        "Checkout is slow",
        ["bug", "needs triage"],
        "Since noon",
    )
    assert (issue.assignee["username"], issue.due_date, issue.issue_type) == ("bob", "2026-12-24", "issue")


def test_issues_are_named_by_number_and_project(stage: GitLabStage) -> None:
    """`#1`, `infra#1`, `acme/infra#1` and `#1 infra` are read; the shop is meant when no project is named."""
    stage.act("issue In the shop")
    stage.act("issue Elsewhere project=infra")
    for line in ("close infra#1", "reopen acme/infra#1", "close #1 infra"):
        stage.act(line, "bob")
    assert (seen(stage).state, seen(stage, project="acme/infra").state) == ("opened", "closed")


def test_labels_secrecy_and_moves(stage: GitLabStage) -> None:
    """Each line does one thing, and says what came of it."""
    stage.act("issue Checkout is slow label=bug")
    assert stage.act('label #1 +urgent +"needs triage" -bug', "bob").endswith("labels: urgent, needs triage.")
    assert stage.act("confidential #1", "bob") == "acme/shop#1 is confidential."
    assert seen(stage).confidential is True
    stage.act("confidential #1 off", "bob")
    assert seen(stage).confidential is False
    assert stage.act("move #1 infra", "bob") == "bob moved acme/shop#1 to acme/infra#1."
    assert (seen(stage).state, seen(stage).moved_to_id) == ("closed", seen(stage, project="acme/infra").id)


def test_comments_keep_their_lines_and_run_their_actions(stage: GitLabStage) -> None:
    """A comment, a reply, an edit and a deletion, of a note by its id or of the newest."""
    stage.act("issue Checkout is slow")
    assert stage.act("comment #1 Looking  into\nit", "carol") == "carol wrote note 3301 in acme/shop#1."
    stage.act("reply #1 3301 Found", "bob")
    stage.act("internal-note #1 secret", "bob")
    assert comments(stage) == ["Looking  into\nit", "Found", "secret"]
    assert len(seen(stage).discussions.list(get_all=True)) == 2
    stage.act("edit-note 3301 Looked", "carol")
    stage.act("delete-note newest", "bob")
    assert comments(stage) == ["Looked", "Found"]
    assert stage.act("comment #1 /close", "bob") == "Closed this issue."
    assert stage.act("comment #1 Well\n/reopen", "bob").endswith("in acme/shop#1. Reopened this issue.")
    assert (seen(stage).state, comments(stage)[-1]) == ("opened", "Well")
    assert stage.act("comment #1 /reopen", "bob").startswith("GitLab did nothing")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("alice", "issue"),
        ("alice", "issue label=bug"),
        ("alice", "issue X assignee=nobody"),
        ("alice", "issue X project=nowhere"),
        ("bob", "issue X project=vault"),
        ("alice", "label #1"),
        ("alice", "label #1 bug"),
        ("alice", "comment #1"),
        ("alice", "comment #9 hello"),
        ("alice", "reply #1 3399 hello"),
        ("alice", "reply #2 newest hello"),
        ("alice", "edit-note newest"),
        ("carol", "edit-note 3301 mine"),
        ("carol", "delete-note 3301"),
        ("dave", "comment #2 hello"),
        ("dave", "internal-note #1 hello"),
        ("dave", "label #1 +bug"),
        ("dave", "confidential #1"),
        ("alice", "move #1"),
        ("alice", "move #1 shop"),
        ("bob", "move #1 vault"),
    ],
)
def test_lines_that_cannot_be_done_say_why(stage: GitLabStage, name: str, line: str) -> None:
    """What cannot be done, or is not this person's to do, raises a sentence."""
    stage.act("issue Checkout is slow", "bob")
    stage.act("comment #1 Looking", "bob")
    stage.act("issue Hidden\n/confidential", "bob")
    stage.act("role dave guest")
    with pytest.raises(ValueError, match=r"\.$"):
        stage.act(line, name)
    assert comments(stage) == ["Looking"]


def test_help_lists_every_line(stage: GitLabStage) -> None:
    """`:gitlab help` says of each line how it is written."""
    told = stage.act("help").splitlines()
    words = [line.removeprefix(":gitlab ").split()[0].rstrip(":,") for line in told]
    assert {"push", "role", "authorize", "deploy", "issue", "comment", "move"} <= set(words)
    with pytest.raises(ValueError, match="is unknown") as unknown:
        stage.act("dance")
    assert all(word in str(unknown.value) for word in words)
    assert ":gitlab close #N [PROJECT]" in told
