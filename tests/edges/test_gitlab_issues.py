"""Issues, comments, labels, members and uploads: GitLab's samples and the sandbox's GitLab."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.edges.gitlab import GitLab
from bot.errors import GitLabSaidNo, GitLabUnreachable, NotFound
from bot.model import GitLabUser
from bot.tracker import INCIDENT, Issue, Label, NewIssue
from tests.edges.gitlab_calls import Connect, asked, sample
from tests.sandbox.gitlab_stage import GitLabStage

SHOP, INFRA = 42, 43


# GitLab's own samples ----------------------------------------------------------------------------


def test_an_issue_is_read_whole(connect: Connect) -> None:
    """Its project comes from the full reference, and people by their names."""
    found, seen = asked(connect, sample("issue_get"), lambda gitlab: gitlab.issue(SHOP, 17))
    assert seen.path == "/api/v4/projects/42/issues/17"
    assert found == Issue(
        id=8817, iid=17, project_id=42, project="acme/shop", title="Checkout latency > 5s", state="opened",
        url="https://gitlab.example.com/acme/shop/-/issues/incident/17", labels=("incident", "service::shop"),
        assignees=(GitLabUser(8, "sam.ito", "Sam Ito"),), author="dana", kind="incident", comments=1,
        updated_at=1_795_169_550_001, description="Declared from #ops by @dana", severity="high",
        created_at=1_795_169_400_123,
    )  # fmt: skip
    assert (found.reference, found.home, found.is_open) == (
        "acme/shop#17", "https://gitlab.example.com/acme/shop", True
    )  # fmt: skip


def test_what_may_be_absent_is_empty(connect: Connect) -> None:
    """No labels with details, no author, no description, a date, a move."""
    bare = sample("issue_get") | {
        "labels": [{"name": "bug"}], "author": None, "assignees": None, "description": None, "issue_type": None,
        "due_date": "2026-12-01", "moved_to_id": 8820, "confidential": True, "state": "closed",
    }  # fmt: skip
    found, _ = asked(connect, bare, lambda gitlab: gitlab.issue(SHOP, 17))
    assert (found.labels, found.author, found.assignees, found.description) == (("bug",), "", (), "")
    assert (found.due, found.moved_to, found.confidential, found.is_open) == ("2026-12-01", 8820, True, False)


def test_a_list_is_asked_for_by_words_or_numbers(connect: Connect) -> None:
    """Changed last first, one page."""
    found, seen = asked(connect, sample("issues_list"), lambda gitlab: gitlab.issues(SHOP, search="till"))
    assert [one.iid for one in found] == [17]
    assert seen.query == {
        "state": "opened", "order_by": "updated_at", "sort": "desc", "per_page": "50", "search": "till"
    }  # fmt: skip
    _, seen = asked(connect, [], lambda gitlab: gitlab.issues(SHOP, iids=(4, 5), state="all", most=900))
    assert "iids%5B%5D=4&iids%5B%5D=5" in seen.target
    assert seen.query["per_page"] == "100"


def test_an_issue_is_made_of_what_was_said(connect: Connect) -> None:
    """What is not said is not sent."""
    made = sample("issue_create_incident")
    new = NewIssue("Basket", "It is empty", ("bug", "needs triage"), 8, confidential=True)
    _, seen = asked(connect, made, lambda gitlab: gitlab.create_issue(SHOP, new), 201)
    assert seen.json == {
        "title": "Basket", "description": "It is empty", "labels": "bug,needs triage", "assignee_ids": [8],
        "confidential": True,
    }  # fmt: skip
    _, seen = asked(connect, made, lambda gitlab: gitlab.create_issue(SHOP, NewIssue("Basket")), 201)
    assert seen.json == {"title": "Basket", "description": ""}
    found, seen = asked(connect, made, lambda gitlab: gitlab.create_incident(SHOP, NewIssue("Basket")), 201)
    assert (seen.json["issue_type"], found.kind, found.severity) == (INCIDENT, INCIDENT, "high")


def test_a_gitlab_without_incidents_says_no(connect: Connect) -> None:
    """In its words, with the status 400."""
    with pytest.raises(GitLabSaidNo, match="issue_type does not have a valid value") as caught:
        asked(
            connect, {"error": "issue_type does not have a valid value"},
            lambda gitlab: gitlab.create_incident(SHOP, NewIssue("Basket")), 400,
        )  # fmt: skip
    assert caught.value.status == 400


def test_an_issue_is_changed_and_moved(connect: Connect) -> None:
    """A change is one PUT, a move one POST."""
    changes = {"state_event": "close", "add_labels": "bug"}
    found, seen = asked(connect, sample("issue_close"), lambda one: one.change_issue(SHOP, 17, changes))
    assert (seen.method, seen.json, found.state) == ("PUT", changes, "closed")
    _, seen = asked(connect, sample("issue_get"), lambda one: one.move_issue(SHOP, 17, INFRA), 201)
    assert (seen.method, seen.path, seen.json) == (
        "POST", "/api/v4/projects/42/issues/17/move", {"to_project_id": INFRA}
    )  # fmt: skip


def test_comments_are_read_newest_first(connect: Connect) -> None:
    """People's by themselves, and GitLab's own lines by themselves."""
    notes = sample("issue_notes_list")
    found, seen = asked(connect, notes, lambda gitlab: gitlab.comments(SHOP, 17))
    assert seen.query == {
        "activity_filter": "only_comments", "order_by": "created_at", "sort": "desc", "per_page": "20"
    }  # fmt: skip
    assert [one.id for one in found] == [one["id"] for one in notes]
    _, seen = asked(connect, [], lambda gitlab: gitlab.remarks(SHOP, 17))
    assert seen.query["activity_filter"] == "only_activity"
    old = notes[0] | {"author": None, "internal": None, "confidential": True}
    (one,), _ = asked(connect, [old], lambda gitlab: gitlab.comments(SHOP, 17))
    assert (one.author, one.name, one.author_id, one.internal) == ("", "", 0, True)
    assert (one.updated_at, one.in_discussion) == (1_795_169_550_001, False)


def test_a_file_is_sent_as_a_form(connect: Connect) -> None:
    """Its name, its type and its bytes; what comes back is Markdown."""
    found, seen = asked(
        connect, sample("project_upload"), lambda one: one.upload(SHOP, "graph.png", b"\x89PNG", "image/png"), 201
    )  # fmt: skip
    assert found == "![graph](/uploads/66dbcd21ec5d24ed6ea225176098d52b/graph.png)"
    assert seen.path == "/api/v4/projects/42/uploads"
    assert b'name="file"; filename="graph.png"' in seen.body
    assert b"image/png" in seen.body
    assert b"\x89PNG" in seen.body


def test_labels_and_members_are_listed(connect: Connect) -> None:
    """Labels by name and description; members by a part of their name."""
    found, _ = asked(connect, [{"name": "bug", "description": None}], lambda gitlab: gitlab.labels(SHOP))
    assert found == [Label("bug")]
    members = [{"id": 8, "username": "sam.ito", "name": "Sam Ito"}]
    found, seen = asked(connect, members, lambda gitlab: gitlab.members(SHOP, "sam"))
    assert found == [GitLabUser(8, "sam.ito", "Sam Ito")]
    assert seen.query["query"] == "sam"


def test_what_is_not_there_is_a_sentence(connect: Connect) -> None:
    """GitLab's 404 says nothing of whether it is there; neither does ours."""
    with pytest.raises(NotFound, match="no issue #4 there, or you may not see it"):
        asked(connect, {"message": "404 Not found"}, lambda gitlab: gitlab.issue(SHOP, 4), 404)


READS = {
    "issue": lambda gitlab: gitlab.issue(SHOP, 1),
    "issues": lambda gitlab: gitlab.issues(SHOP),
    "comments": lambda gitlab: gitlab.comments(SHOP, 1),
    "labels": lambda gitlab: gitlab.labels(SHOP),
    "members": lambda gitlab: gitlab.members(SHOP),
    "user": lambda gitlab: gitlab.user_named("x"),
}


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("body", [[{}], [None], ["x"], {"a": 1}])
def test_an_answer_gitlab_does_not_document_is_no_answer(connect: Connect, read: str, body: Any) -> None:
    """Other JSON than expected is GitLabUnreachable, never a crash."""
    with pytest.raises(GitLabUnreachable):
        asked(connect, body, READS[read])


# The sandbox's GitLab ----------------------------------------------------------------------------


def test_the_sandbox_makes_changes_and_moves(speak: Callable[[str], GitLab]) -> None:
    """From being made to being found where it went."""
    bob = speak("bob")
    made = bob.create_issue(SHOP, NewIssue("Basket", "Empty", ("bug",), bob.me().id))
    assert (made.project, made.author, made.labels, made.state) == ("acme/shop", "bob", ("bug",), "opened")
    assert [one.username for one in made.assignees] == ["bob"]
    assert bob.issues_by(SHOP, bob.me().id, 0)[0].iid == made.iid
    changed = bob.change_issue(SHOP, made.iid, {"state_event": "close", "remove_labels": "bug"})
    assert (changed.state, changed.labels) == ("closed", ())
    assert bob.comment(SHOP, made.iid, "Done").body == "Done"
    assert [one.author for one in bob.comments(SHOP, made.iid)] == ["bob"]
    moved = bob.move_issue(SHOP, made.iid, INFRA)
    assert moved.project == "acme/infra"
    assert bob.issue(SHOP, made.iid).moved_to == moved.id
    assert f"moved to {moved.reference}" in [one.body for one in bob.remarks(SHOP, made.iid)]


def test_the_sandbox_hides_what_is_confidential(stage: GitLabStage, speak: Callable[[str], GitLab]) -> None:
    """A guest does not find it, and finds no internal note."""
    alice = speak("alice")
    made = alice.create_issue(INFRA, NewIssue("Keys", confidential=True))
    stage.act("role carol guest acme/infra")
    with pytest.raises(NotFound):
        speak("carol").issue(INFRA, made.iid)


def test_the_sandbox_refuses_what_is_too_long(speak: Callable[[str], GitLab]) -> None:
    """In GitLab's words."""
    with pytest.raises(GitLabSaidNo, match="too long"):
        speak("bob").create_issue(SHOP, NewIssue("x" * 256))


def test_the_sandbox_takes_files_and_knows_people(speak: Callable[[str], GitLab]) -> None:
    """An image is shown, any other file linked; a name is found in any case."""
    bob = speak("bob")
    assert bob.upload(SHOP, "graph.png", b"\x89PNG", "image/png").startswith("![graph](/uploads/")
    assert bob.upload(SHOP, "notes.txt", b"17:02", "text/plain").startswith("[notes.txt](/uploads/")
    assert {one.name for one in bob.labels(SHOP)} >= {"bug", "needs triage"}
    found = bob.user_named("ALICE")
    assert found is not None
    assert found.username == "alice"
    assert bob.user_named("nobody-at-all") is None
    assert "bob" in [one.username for one in bob.members(SHOP)]
