"""The sandbox's issues are made, changed and moved as GitLab's are, and refused as there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gitlab
import pytest

from tests.sandbox.gitlab_stage import GitLabStage, sample

ISSUES = "/projects/acme%2Fshop/issues"


@pytest.fixture
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        yield stage


def made(stage: GitLabStage, name: str = "alice", **wish: Any) -> Any:
    """A new issue of the shop."""
    return stage.project(name=name).issues.create({"title": "Checkout is slow"} | wish)


def notes(stage: GitLabStage, iid: int = 1) -> list[str]:
    """What GitLab wrote itself below an issue, oldest first."""
    found = (
        stage.project().issues.get(iid).notes.list(get_all=True, sort="asc", activity_filter="only_activity")
    )
    return [one.body for one in found]


def test_a_new_issue_has_the_shape_of_the_sample(stage: GitLabStage) -> None:
    """It carries what was asked for, its author is who asked, and its number is the project's next."""
    issue = made(
        stage,
        description="Since noon\n- [x] look\n- [ ] mend",
        labels=["bug", "new label"],
        assignee_ids=[8],
        due_date="2026-12-24",
        confidential=True,
    )
    assert set(issue.attributes) == {*sample("issue_create_incident"), "task_status"}
    assert (issue.iid, issue.attributes["author"]["username"], issue.state) == (1, "alice", "opened")
    assert (issue.labels, issue.due_date, issue.confidential) == (["bug", "new label"], "2026-12-24", True)
    assert [one["username"] for one in issue.assignees] == ["bob"] == [issue.assignee["username"]]
    assert issue.attributes["task_completion_status"] == {"count": 2, "completed_count": 1}
    assert made(stage, labels="urgent, bug ,", issue_type="incident").labels == ["bug", "urgent"]
    assert stage.fake.calls[f"POST {ISSUES.replace('acme%2Fshop', ':id')}"] == 2


@pytest.mark.parametrize(
    ("wish", "body"),
    [
        ({}, sample("error_400_missing")),
        ({"title": "x" * 256}, sample("error_400_validation")),
        ({"title": " "}, {"message": {"title": ["can't be blank"]}}),
        ({"title": "x", "issue_type": "outage"}, {"error": "issue_type does not have a valid value"}),
        ({"title": "x", "confidential": "perhaps"}, {"error": "confidential is invalid"}),
        ({"title": "x", "assignee_ids": ["bob"]}, {"error": "assignee_ids is invalid"}),
        (
            {"title": "x", "description": "x" * 1_048_577},
            {"message": {"description": ["is too long (1 MiB). The maximum size is 1 MiB."]}},
        ),
    ],
)
def test_a_bad_issue_is_refused_as_gitlab_says_it(
    stage: GitLabStage, wish: dict[str, Any], body: dict[str, Any]
) -> None:
    """400 with GitLab's own body, and nothing is made."""
    answer = stage.send("POST", ISSUES, wish, name="alice")
    assert (answer.status_code, answer.json()) == (400, body)
    assert stage.project().issues.list(get_all=True) == []


def test_a_title_of_255_characters_is_long_enough(stage: GitLabStage) -> None:
    """Characters are counted, not bytes; blanks around them are none."""
    assert len(made(stage, title=f"  {'ü' * 255} ").title) == 255


def test_what_gitlab_cannot_use_is_left_out_without_a_word(stage: GitLabStage) -> None:
    """A second assignee, one who cannot see the project, a date that is none."""
    issue = made(stage, assignee_ids=[9, 8], due_date="soon", milestone_id=7)
    assert [one["username"] for one in issue.assignees] == ["carol"]
    assert issue.due_date is None
    assert made(stage, assignee_ids=[999]).assignees == []
    assert made(stage, assignee_id=9).assignee["username"] == "carol"
    assert made(stage, created_at="2020-01-01T00:00:00Z").created_at > "2021"


def test_a_guest_makes_issues_and_edits_none_but_their_own(stage: GitLabStage) -> None:
    """403 for another's issue; labels of their own issue stay as they are, since a Guest plans nothing."""
    made(stage)
    stage.act("role carol guest")
    own = made(stage, "carol", labels=["bug", "made up"], issue_type="incident")
    assert (own.labels, own.issue_type) == (["bug"], "issue")
    with pytest.raises(gitlab.GitlabUpdateError) as refused:
        stage.project(name="carol").issues.update(1, {"title": "Mine"})
    assert (refused.value.response_code, refused.value.error_message) == (403, "403 Forbidden")
    changed = stage.project(name="carol").issues.update(
        2, {"title": "Mine", "labels": "", "confidential": True}
    )
    assert (changed["title"], changed["labels"], changed["confidential"]) == ("Mine", ["bug"], False)
    stage.act("role carol none")
    with pytest.raises(gitlab.GitlabGetError, match="404 Project Not Found"):
        stage.project(name="carol")


def test_an_update_leaves_the_traces_gitlab_leaves(stage: GitLabStage) -> None:
    """Title, description, people, dates and secrecy are notes of GitLab's own; labels and state are events."""
    made(stage, labels=["bug"])
    issues = stage.project(name="bob").issues
    before = issues.get(1).updated_at
    issues.update(
        1, {"title": "Checkout is very slow", "description": "Since noon", "due_date": "2026-12-03"}
    )
    issues.update(1, {"assignee_ids": [9], "add_labels": "urgent,new", "remove_labels": ["bug"]})
    issues.update(1, {"assignee_ids": [8], "confidential": True, "discussion_locked": True})
    closed = issues.update(
        1, {"state_event": "close", "assignee_ids": [], "due_date": "", "confidential": False}
    )
    assert set(closed) == set(sample("issue_close"))
    assert (closed["state"], closed["closed_by"]["username"], closed["labels"]) == (
        "closed",
        "bob",
        ["new", "urgent"],
    )
    assert closed["updated_at"] > before
    assert notes(stage) == [
        "changed title from **Checkout is slow** to **Checkout is {+very +}slow**",
        "changed the description",
        "changed due date to December 3, 2026",
        "assigned to @carol",
        "made the issue confidential",
        "locked the discussion in this issue",
        "assigned to @bob and unassigned @carol",
        "removed due date",
        "made the issue visible to everyone",
        "unassigned @bob",
    ]
    assert closed["user_notes_count"] == 0
    issue = issues.get(1)
    assert [(one.label["name"], one.action) for one in issue.resourcelabelevents.list(get_all=True)] == [
        ("bug", "add"),
        ("urgent", "add"),
        ("new", "add"),
        ("bug", "remove"),
    ]
    label_event = issue.resourcelabelevents.list(get_all=True)[0].attributes
    assert set(label_event) - {"project_id", "issue_iid"} == set(sample("issue_label_events")[0])
    assert set(label_event["label"]) == set(sample("issue_label_events")[0]["label"])
    issues.update(1, {"state_event": "reopen"})
    states = issue.resourcestateevents.list(get_all=True)
    assert [one.state for one in states] == ["closed", "reopened"]
    assert set(states[0].attributes) - {"project_id", "issue_iid"} == set(sample("issue_state_events")[0])


def test_an_update_without_a_change_is_refused(stage: GitLabStage) -> None:
    """Nothing given, or nothing GitLab knows, is 400; so is an event there is none of."""
    made(stage)
    for body in ({}, {"colour": "red"}):
        answer = stage.send("PUT", f"{ISSUES}/1", body, name="alice")
        assert answer.status_code == 400
        assert answer.json()["error"].endswith("are missing, at least one parameter must be provided")
    answer = stage.send("PUT", f"{ISSUES}/1", {"state_event": "closed"}, name="alice")
    assert answer.json() == {"error": "state_event does not have a valid value"}
    assert stage.send("PUT", f"{ISSUES}/9", {"title": "x"}, name="alice").status_code == 404


def test_closing_what_is_closed_changes_nothing(stage: GitLabStage) -> None:
    """200, as GitLab answers, and no second event."""
    made(stage)
    issues = stage.project(name="bob").issues
    first = issues.update(1, {"state_event": "close"})
    assert issues.update(1, {"state_event": "close"}) == first
    assert len(issues.get(1).resourcestateevents.list(get_all=True)) == 1


def test_a_confidential_issue_is_there_for_few(stage: GitLabStage) -> None:
    """Author, assignee and Planners see it; to a Guest it is 404, in no list, and none to comment on or change."""
    stage.act("role carol guest")
    stage.act("role dave guest")
    made(stage, "dave", confidential=True)
    for name, there in (("dave", True), ("bob", True), ("carol", False)):
        project = stage.project(name=name)
        assert bool(project.issues.list(get_all=True)) is there
        answers = [
            stage.send("GET", f"{ISSUES}/1", name=name).status_code,
            stage.send("GET", f"{ISSUES}/1/notes", name=name).status_code,
            stage.send("GET", f"{ISSUES}/1/discussions", name=name).status_code,
        ]
        assert answers == [200 if there else 404] * 3
    for verb, path in (("PUT", f"{ISSUES}/1"), ("POST", f"{ISSUES}/1/notes"), ("POST", f"{ISSUES}/1/move")):
        answer = stage.send(verb, path, {"title": "x", "body": "x", "to_project_id": 43}, name="carol")
        assert (answer.status_code, answer.json()) == (404, {"message": "404 Issue Not Found"})
    stage.project(name="bob").issues.update(1, {"assignee_ids": [9]})
    assert stage.project(name="carol").issues.get(1).confidential is True


def test_a_moved_issue_is_closed_and_points_to_the_new_one(stage: GitLabStage) -> None:
    """Notes, people and known labels come along; both issues say where from and where to."""
    issue = made(stage, labels=["bug", "only here"], assignee_ids=[8], description="Since noon")
    issue.notes.create({"body": "Looking"})
    target = stage.project("acme/infra")
    answer = stage.send("POST", f"{ISSUES}/1/move", {"to_project_id": target.id}, name="bob")
    assert answer.status_code == 201
    moved = answer.json()
    assert set(moved) == set(sample("issue_get"))
    assert (moved["project_id"], moved["iid"], moved["state"]) == (target.id, 1, "opened")
    assert (moved["labels"], moved["author"]["username"]) == (["bug"], "alice")
    assert moved["assignee"]["username"] == "bob"
    old = stage.project().issues.get(1)
    assert (old.state, old.moved_to_id, old.attributes["closed_by"]["username"]) == (
        "closed",
        moved["id"],
        "bob",
    )
    assert notes(stage)[-1] == "moved to acme/infra#1"
    assert [one.body for one in target.issues.get(1).notes.list(get_all=True, sort="asc")] == [
        "Looking",
        "moved from acme/shop#1",
    ]


def test_a_move_needs_rights_in_both_projects(stage: GitLabStage) -> None:
    """400 with GitLab's sentence; 404 for a project there is none of; a moved issue moves no more."""
    made(stage)
    path = f"{ISSUES}/1/move"
    infra, shop = stage.project("acme/infra").id, stage.project().id
    vault = stage.project("acme/vault", "alice").id
    no_right = {"message": "Cannot move issue due to insufficient permissions!"}
    assert stage.send("POST", path, {}, name="bob").json() == {"error": "to_project_id is missing"}
    assert stage.send("POST", path, {"to_project_id": vault}, name="bob").json() == no_right
    assert stage.send("POST", path, {"to_project_id": 999}, name="bob").status_code == 404
    same = stage.send("POST", path, {"to_project_id": shop}, name="bob")
    assert (same.status_code, same.json()["message"][-12:]) == (400, "iginates from!"[-12:])
    assert stage.send("POST", path, {"to_project_id": infra}, name="bob").status_code == 201
    assert stage.send("POST", path, {"to_project_id": infra}, name="bob").json() == no_right
