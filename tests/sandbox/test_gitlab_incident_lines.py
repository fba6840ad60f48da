"""The `:gitlab` lines about incidents do what responders and automations do in GitLab's own pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.gitlab_stage import GitLabStage


@pytest.fixture
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        stage.act("incident Checkout is down\n- [ ] look\n- [ ] mend", "carol")
        yield stage


def seen(stage: GitLabStage, iid: int = 1) -> Any:
    return stage.project(name="alice").issues.get(iid)


def look(stage: GitLabStage, path: str) -> Any:
    """What `:expect-gitlab` finds there."""
    return stage.run(stage.fake.get(path, None))


def test_status_severity_and_timeline(stage: GitLabStage) -> None:
    """What is set is seen through the API, with a line of the timeline for each."""
    assert stage.act("status #1 acknowledged", "bob") == "acme/shop#1 is acknowledged."
    assert stage.act("severity #1 S2", "carol") == "acme/shop#1 is high."
    assert stage.act("timeline #1 Cache  is cold", "bob").startswith("bob wrote event 6")
    found = look(stage, "timeline/1")
    assert (found["escalationStatus"], found["severity"]) == ("ACKNOWLEDGED", "HIGH")
    assert [one["note"] for one in found["timeline"]] == [
        "@carol created the incident",
        "@bob changed the incident status to **Acknowledged**",
        "@carol changed the incident severity to **High - S2**",
        "Cache  is cold",
    ]
    assert [one["author"]["username"] for one in found["timeline"]] == ["carol", "bob", "carol", "bob"]


def test_title_description_boxes_and_people(stage: GitLabStage) -> None:
    """A description is replaced, a box is found by the words of its task."""
    stage.act("title #1 Checkout is slow", "bob")
    stage.act("tick #1 MEND", "bob")
    stage.act("assign #1 bob", "carol")
    assert (seen(stage).title, seen(stage).description) == ("Checkout is slow", "- [ ] look\n- [x] mend")
    assert seen(stage).assignee["username"] == "bob"
    stage.act("untick #1 mend", "bob")
    stage.act("unassign #1", "carol")
    assert (seen(stage).task_completion_status["completed_count"], seen(stage).assignee) == (0, None)
    stage.act("describe #1 Since noon\n\n- one", "bob")
    assert seen(stage).description == "Since noon\n\n- one"


def test_files_and_internal_replies(stage: GitLabStage, tmp_path: Path) -> None:
    """A picture is shown in its comment; an internal reply is one to an internal note."""
    assert stage.act("attach #1 sandbox/files/graph.png Look", "bob") == "bob wrote note 3301 in acme/shop#1."
    body = seen(stage).notes.get(3301).body
    assert body.startswith("Look\n\n![graph](/uploads/")
    (tmp_path / "log.txt").write_text("boom")
    stage.act(f"attach #1 {tmp_path / 'log.txt'}", "bob")
    assert seen(stage).notes.get(3302).body.startswith("[log.txt](/uploads/")
    stage.act("internal-note #1 secret", "bob")
    stage.act("internal-reply #1 newest hush", "bob")
    assert [one.internal for one in seen(stage).notes.list(get_all=True)[:2]] == [True, True]
    with pytest.raises(ValueError, match="is for everybody"):
        stage.act("internal-reply #1 3301 hush", "bob")


def test_duplicates_alerts_and_automations(stage: GitLabStage) -> None:
    """The alert bot declares, a project's bot closes; the API says of both that they are bots."""
    assert stage.act("alert Disk is full").startswith("alert-bot declared acme/shop#2 (critical)")
    assert stage.act("duplicate #2 of #1", "bob").startswith("bob closed acme/shop#2")
    assert look(stage, "issues/2/links")[0]["iid"] == 1
    assert stage.act("bot close #1").endswith("closed acme/shop#1.")
    first, second = look(stage, "issues/1"), look(stage, "issues/2")
    accounts = (first["closed_by"], second["author"], first["author"])
    assert [look(stage, f"/users/{one['id']}")["bot"] for one in accounts] == [True, True, False]
    assert [one["state"] for one in look(stage, "issues/1/state_events")] == ["closed"]
    stage.act("bot reopen #1")
    stage.act("label #1 +bug", "bob")
    assert look(stage, "issues/1/label_events")[0]["label"]["name"] == "bug"
    assert [one["body"] for one in look(stage, "issues/1/notes")][
        -1
    ] == "marked #2 as a duplicate of this incident"


def test_a_note_is_named_by_its_words(stage: GitLabStage) -> None:
    """In double quotes; the newest comment that holds them is meant."""
    for text in ("Cache is cold", "Look at the cache", 'He said "cold"'):
        stage.act(f"comment #1 {text}", "bob")
    assert stage.act('edit-note "Cache is" Cache is  warm', "bob").startswith("bob wrote note 3301")
    assert stage.act('reply #1 "the cache" Did', "carol").startswith("carol wrote note 3304")
    assert stage.act('delete-note "said"', "bob") == "bob deleted note 3303 of acme/shop#1."
    bodies = [one["body"] for one in look(stage, "issues/1/notes")]
    assert bodies == ["Did", "Look at the cache", "Cache is  warm"]
    with pytest.raises(ValueError, match="has no comment"):
        stage.act('delete-note "no such words"', "bob")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("carol", "status #1 resolved"),
        ("bob", "status #1 done"),
        ("bob", "status #2 resolved"),
        ("bob", "status #1"),
        ("dave", "severity #1 S1"),
        ("bob", "severity #1 S9"),
        ("bob", "severity #2 S1"),
        ("carol", "timeline #1 x"),
        ("bob", "timeline #1"),
        ("bob", f"timeline #1 {'x' * 281}"),
        ("dave", "title #1 x"),
        ("bob", f"title #1 {'x' * 256}"),
        ("bob", "describe #1"),
        ("bob", "tick #1 nothing"),
        ("bob", "untick #1 look"),
        ("dave", "assign #1 bob"),
        ("bob", "assign #1"),
        ("bob", "attach #1"),
        ("bob", "attach #1 no-such-file"),
        ("bob", "duplicate #1 of #1"),
        ("bob", "duplicate #1"),
        ("dave", "duplicate #1 of #2"),
        ("bob", "alert"),
        ("bob", "bot close"),
        ("bob", "bot merge #1"),
        ("bob", "bot reopen #1"),
        ("bob", "feature magic"),
        ("bob", "note-limit many"),
    ],
)
def test_lines_that_cannot_be_done_say_why(stage: GitLabStage, name: str, line: str) -> None:
    """What cannot be done, or is not this person's to do, raises a sentence and changes nothing."""
    stage.act("issue Slow", "bob")
    stage.act("role dave guest")
    before = look(stage, "timeline/1"), look(stage, "issues/1"), look(stage, "issues/1/notes")
    with pytest.raises(ValueError, match=r"\.$"):
        stage.act(line, name)
    assert (look(stage, "timeline/1"), look(stage, "issues/1"), look(stage, "issues/1/notes")) == before


def test_comments_are_limited_by_the_minute() -> None:
    """So many a minute of one person, wherever they write; then 429 of the application, and again the minute after."""
    now = [1_700_000_000.0]
    with GitLabStage(clock=lambda: now[0]) as stage:
        stage.act("issue Slow")
        stage.act("note-limit 2")
        issue = "/projects/acme%2Fshop/issues/1"
        paths = [f"{issue}/notes", f"{issue}/discussions", f"{issue}/notes", "/projects/none/issues/9/notes"]
        found = [stage.send("POST", path, {"body": "x"}, name="bob").status_code for path in paths]
        assert found == [201, 201, 429, 429]
        assert stage.send("POST", paths[0], {"body": "x"}, name="carol").status_code == 201
        now[0] += 60
        assert stage.send("POST", paths[0], {"body": "x"}, name="bob").status_code == 201


def test_gitlab_can_be_out_of_service_for_long(stage: GitLabStage) -> None:
    """Every request is a 503 in HTML until it is mended."""
    stage.fake.break_("503")
    for _ in range(3):
        answer = stage.send("GET", "/projects/acme%2Fshop/issues")
        assert (answer.status_code, answer.headers["Content-Type"][:9]) == (503, "text/html")
    stage.fake.mend()
    assert stage.send("GET", "/projects/acme%2Fshop/issues").status_code == 200
