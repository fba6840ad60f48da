"""The sandbox's notes and discussions are those of GitLab."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gitlab
import pytest

from tests.sandbox.gitlab_stage import GitLabStage, sample

NOTES = "/projects/acme%2Fshop/issues/1/notes"
DISCUSSIONS = "/projects/acme%2Fshop/issues/1/discussions"


@pytest.fixture
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        stage.act("issue Checkout is slow")
        yield stage


def issue(stage: GitLabStage, name: str = "bob") -> Any:
    return stage.project(name=name).issues.get(1)


def test_notes_and_discussions_have_the_shape_of_the_samples(stage: GitLabStage) -> None:
    """Key for key; ids of notes are numbers, those of discussions 40 hexadecimal digits."""
    note = issue(stage).notes.create({"body": "Looking"})
    own = {"issue_iid"}
    assert set(note.attributes) - own == set(sample("issue_note_create"))
    assert {*issue(stage).notes.list(get_all=True)[0].attributes} - own == set(sample("issue_notes_list")[0])
    listed = stage.send("GET", DISCUSSIONS).json()
    assert set(listed[0]) == set(sample("issue_discussions_list")[0])
    assert (len(listed[0]["id"]), listed[0]["individual_note"]) == (40, True)
    assert (note.id, note.body, note.author["username"], note.type) == (3301, "Looking", "bob", None)


def test_notes_move_the_count_and_the_time_of_their_issue(stage: GitLabStage) -> None:
    """Comments count, GitLab's own lines do not; writing, editing and deleting all move `updated_at`."""
    moments = [issue(stage).updated_at]
    note = issue(stage).notes.create({"body": "Looking"})
    moments.append(issue(stage).updated_at)
    issue(stage).notes.update(note.id, {"body": "Found it"})
    moments.append(issue(stage).updated_at)
    stage.project(name="bob").issues.update(1, {"description": "Since noon"})
    assert issue(stage).user_notes_count == 1
    assert issue(stage).notes.get(note.id).body == "Found it"
    issue(stage).notes.delete(note.id)
    assert (issue(stage).user_notes_count, moments) == (0, sorted(moments))
    with pytest.raises(gitlab.GitlabGetError, match="404 Not found"):
        issue(stage).notes.get(note.id)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, {"error": "body is missing"}),
        ({"body": " \n"}, {"message": '400 Bad request - Note {:note=>["can\'t be blank"]}'}),
        (
            {"body": "x" * 1_000_001},
            {"message": '400 Bad request - Note {:note=>["is too long (maximum is 1000000 characters)"]}'},
        ),
        ({"body": "x", "internal": "perhaps"}, {"error": "internal is invalid"}),
        ({"body": ["x"]}, {"error": "body is invalid"}),
    ],
)
def test_a_bad_note_is_refused(stage: GitLabStage, body: dict[str, Any], error: dict[str, Any]) -> None:
    """400 with GitLab's own body, in both places."""
    for path in (NOTES, DISCUSSIONS):
        answer = stage.send("POST", path, body, name="bob")
        assert (answer.status_code, answer.json()) == (400, error)
    assert issue(stage).notes.list(get_all=True) == []


def test_a_note_of_a_million_characters_is_taken(stage: GitLabStage) -> None:
    """Characters count, not bytes."""
    assert len(issue(stage).notes.create({"body": "ü" * 1_000_000}).body) == 1_000_000


def test_notes_are_listed_by_their_times_and_kinds(stage: GitLabStage) -> None:
    """Newest first unless asked otherwise; comments or activity alone; other words are refused."""
    first = issue(stage).notes.create({"body": "one"})
    issue(stage).notes.create({"body": "two"})
    stage.project(name="bob").issues.update(1, {"title": "Checkout is down"})
    issue(stage).notes.update(first.id, {"body": "one, edited"})

    def found(query: str) -> list[str]:
        return [one["body"].split()[0] for one in stage.send("GET", f"{NOTES}?{query}").json()]

    assert found("") == ["changed", "two", "one,"]
    assert found("sort=asc&activity_filter=only_comments") == ["one,", "two"]
    assert found("order_by=updated_at&activity_filter=only_comments") == ["one,", "two"]
    assert found("activity_filter=only_activity") == ["changed"]
    assert found("per_page=1&page=2") == ["two"]
    for query in ("order_by=id", "sort=down", "activity_filter=mine"):
        assert stage.send("GET", f"{NOTES}?{query}").status_code == 400


def test_an_internal_note_is_for_planners(stage: GitLabStage) -> None:
    """A Guest finds a shorter page, no note and no discussion; and what a Guest writes is for everybody."""
    for body, internal in (("public", False), ("secret", True), ("last", False)):
        issue(stage).notes.create({"body": body, "internal": internal})
    stage.act("role carol guest")
    page = stage.send("GET", f"{NOTES}?per_page=2", name="carol")
    assert ([one["body"] for one in page.json()], page.headers["X-Total"]) == (["last"], "3")
    secret = next(one for one in issue(stage).notes.list(get_all=True) if one.internal)
    assert secret.confidential is True
    hidden = stage.send("GET", f"{NOTES}/{secret.id}", name="carol")
    assert (hidden.status_code, hidden.json()) == (404, {"message": "404 Note Not Found"})
    thread = stage.send("GET", DISCUSSIONS, name="bob").json()[1]["id"]
    assert len(stage.send("GET", DISCUSSIONS, name="carol").json()) == 2
    answer = stage.send("POST", f"{DISCUSSIONS}/{thread}/notes", {"body": "x"}, name="carol")
    assert (answer.status_code, answer.json()) == (404, {"message": "404 Discussion Not Found"})
    assert stage.send("POST", f"{DISCUSSIONS}/{thread}/notes", {"body": "x"}, name="bob").json()["internal"]
    assert issue(stage, "carol").notes.create({"body": "x", "internal": True}).internal is False


def test_notes_are_changed_by_their_authors_and_by_maintainers(stage: GitLabStage) -> None:
    """403 for others, and for everybody where GitLab wrote the note itself."""
    note = issue(stage).notes.create({"body": "Looking"})
    stage.project(name="bob").issues.update(1, {"title": "Checkout is down"})
    own = issue(stage).notes.list(get_all=True, activity_filter="only_activity")[0]
    for name, number in (("carol", note.id), ("bob", own.id), ("alice", own.id)):
        for verb in ("PUT", "DELETE"):
            answer = stage.send(verb, f"{NOTES}/{number}", {"body": "x"}, name=name)
            assert (answer.status_code, answer.json()) == (403, {"message": "403 Forbidden"})
    assert stage.send("PUT", f"{NOTES}/{note.id}", {"body": ""}, name="bob").json() == {
        "error": "body is empty"
    }
    assert stage.send("PUT", f"{NOTES}/{note.id}", {"body": "Mine"}, name="alice").json()["body"] == "Mine"
    assert stage.send("DELETE", f"{NOTES}/{note.id}", name="alice").status_code == 204


def test_an_edited_note_stays_internal_and_runs_its_actions(stage: GitLabStage) -> None:
    """One that is left with nothing but quick actions is gone; both move the time of the issue."""
    note = issue(stage).notes.create({"body": "secret", "internal": True})
    changed = stage.send(
        "PUT", f"{NOTES}/{note.id}", {"body": "still secret\n/label ~bug"}, name="bob"
    ).json()
    assert (changed["body"], changed["internal"], issue(stage).labels) == ("still secret", True, ["bug"])
    before = issue(stage).updated_at
    answer = stage.send("PUT", f"{NOTES}/{note.id}", {"body": "/title Checkout is down"}, name="bob")
    assert (answer.status_code, issue(stage).title) == (202, "Checkout is down")
    assert (issue(stage).user_notes_count, issue(stage).updated_at > before) == (0, True)


def test_a_past_date_is_for_owners(stage: GitLabStage) -> None:
    """Others get the time it is."""
    past = {"body": "x", "created_at": "2020-01-01T00:00:00Z"}
    assert issue(stage, "alice").notes.create(past).created_at > "2021"
    stage.act("role alice owner")
    assert issue(stage, "alice").notes.create(past).created_at == "2020-01-01T00:00:00.000Z"


def test_a_reply_makes_a_discussion_of_a_note(stage: GitLabStage) -> None:
    """Notes of a discussion share its id; what GitLab wrote itself takes no reply."""
    issue(stage).notes.create({"body": "Looking"})
    thread = issue(stage).discussions.create({"body": "Who is on it?"})
    assert (thread.individual_note, thread.attributes["notes"][0]["type"]) == (False, "DiscussionNote")
    thread.notes.create({"body": "I am"})
    single = stage.send("GET", DISCUSSIONS).json()[0]["id"]
    answer = stage.send("POST", f"{DISCUSSIONS}/{single}/notes", {"body": "Found?"}, name="carol")
    assert (answer.status_code, answer.json()["type"]) == (201, "DiscussionNote")
    found = stage.send("GET", DISCUSSIONS).json()
    assert [[note["body"] for note in one["notes"]] for one in found] == [
        ["Looking", "Found?"],
        ["Who is on it?", "I am"],
    ]
    assert [one["individual_note"] for one in found] == [False, False]
    assert stage.send("GET", f"{DISCUSSIONS}/{single}").json() == found[0]
    stage.project(name="bob").issues.update(1, {"title": "Checkout is down"})
    own = stage.send("GET", DISCUSSIONS).json()[-1]["id"]
    refused = stage.send("POST", f"{DISCUSSIONS}/{own}/notes", {"body": "Why?"}, name="bob")
    assert refused.json() == {"message": "400 Bad request - Discussion can not be replied to."}
    assert stage.send("GET", f"{DISCUSSIONS}/nowhere").status_code == 404
    changed = stage.send("PUT", f"{DISCUSSIONS}/{single}/notes/3301", {"body": "Looked"}, name="bob")
    assert changed.json()["body"] == "Looked"
    assert stage.send("DELETE", f"{DISCUSSIONS}/{single}/notes/3301", name="bob").status_code == 204


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_a_note_may_be_there_although_its_answer_is_lost(stage: GitLabStage, how: str) -> None:
    """The work is done, and the one who asked is not told; the next request is answered again."""
    stage.run(_broken(stage, how))
    with pytest.raises((gitlab.GitlabHttpError, gitlab.GitlabError, ConnectionError, OSError)):
        issue(stage).notes.create({"body": "once"})
    assert [one.body for one in issue(stage).notes.list(get_all=True)] == ["once"]
    issue(stage).notes.create({"body": "twice"})
    assert issue(stage).user_notes_count == 2


@pytest.mark.parametrize(("arg", "status"), [(None, 500), (400, 400)])
def test_a_comment_that_gitlab_fails_at(stage: GitLabStage, arg: float | None, status: int) -> None:
    """Is the one that holds the word; everything else is answered."""
    stage.run(_broken(stage, "poison", arg))
    with pytest.raises(gitlab.GitlabCreateError) as raised:
        issue(stage).notes.create({"body": "What poison is this?"})
    assert raised.value.response_code == status
    assert issue(stage).notes.create({"body": "None"}).body == "None"
    assert issue(stage).user_notes_count == 1


async def _broken(stage: GitLabStage, how: str, arg: float | None = None) -> None:
    stage.fake.break_(how, arg=arg)


def test_too_many_notes_are_refused_before_anything_is_written(stage: GitLabStage) -> None:
    """429 of the application has a body of its own and no Retry-After."""
    stage.run(_broken(stage, "429-json"))
    answer = stage.send("POST", NOTES, {"body": "x"}, name="bob")
    assert (answer.status_code, answer.json()) == (429, sample("error_429_application"))
    assert "Retry-After" not in answer.headers
    stage.fake.mend()
    assert issue(stage).user_notes_count == 0
