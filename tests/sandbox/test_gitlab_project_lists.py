"""Lists of thousands of the sandbox's projects are paged as GitLab pages them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.gitlab_stage import GitLabStage

FAR = "Offset pagination has a maximum allowed offset of 50000"
NO_KEYSET = {"error": "Keyset pagination is not yet available for this type of request"}


@pytest.fixture
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        yield stage


def paths(stage: GitLabStage, query: str = "", name: str = "bot") -> list[str]:
    found = stage.send("GET", f"/projects?simple=true&{query}", name=name).json()
    return [one["path"] for one in found]


def test_thousands_of_projects_are_there_at_once(stage: GitLabStage) -> None:
    """No page has more than a hundred, and above ten thousand rows nobody says how many there are."""
    assert stage.act("projects 10000") == "acme has 10000 projects more, up to service-10000."
    answer = stage.send("GET", "/projects?simple=true&per_page=500&membership=true")
    assert (len(answer.json()), answer.headers["X-Per-Page"], answer.headers["X-Next-Page"]) == (
        100,
        "100",
        "2",
    )
    assert not {"X-Total", "X-Total-Pages"} & set(answer.headers)
    assert set(answer.links) == {"next", "first"}
    few = stage.send("GET", "/projects?simple=true&search=service-0999")
    assert (len(few.json()), few.headers["X-Total"], set(few.links)) == (10, "10", {"first", "last"})
    assert stage.act("role bob reporter").startswith("bob is reporter in 100")
    assert stage.act("projects 2 acme/labs") == "acme/labs has 2 projects more, up to service-00002."


def test_keyset_pages_follow_each_other_by_id(stage: GitLabStage) -> None:
    """Each page links to what comes after its last row, the last page too; then comes an empty one without a link."""
    stage.act("projects 250")
    found: list[list[str]] = []
    address = "/projects?simple=true&pagination=keyset&order_by=id&sort=asc&per_page=100"
    while address:
        answer = stage.send("GET", address)
        assert "X-Total" not in answer.headers
        found.append([one["path"] for one in answer.json()])
        address = answer.links.get("next", {}).get("url", "").removeprefix(f"{stage.fake.url}/api/v4")
        assert ("id_after=" in address) is bool(found[-1])
    rows = [path for page in found for path in page]
    assert [len(page) for page in found] == [100, 100, len(rows) - 200, 0]
    assert (len(rows), rows[-1]) == (len(set(rows)), "service-00250")
    backwards = stage.send("GET", "/projects?simple=true&pagination=keyset&order_by=id&per_page=2")
    assert "id_before=" in backwards.links["next"]["url"]
    assert [one["path"] for one in backwards.json()] == ["service-00250", "service-00249"]


@pytest.mark.parametrize("query", ["", "&order_by=name", "&order_by=last_activity_at"])
def test_keyset_pages_are_ordered_by_id_alone(stage: GitLabStage, query: str) -> None:
    """405 for any other order, and for none: the default is another."""
    answer = stage.send("GET", f"/projects?pagination=keyset{query}")
    assert (answer.status_code, answer.json()) == (405, NO_KEYSET)


def test_page_numbers_end_somewhere(stage: GitLabStage) -> None:
    """Beyond row 50 000 GitLab wants keysets."""
    assert stage.send("GET", "/projects?page=500&per_page=100").status_code == 200
    answer = stage.send("GET", "/projects?page=501&per_page=100")
    assert answer.status_code == 405
    assert answer.json()["error"].startswith(FAR)


def test_a_search_looks_in_names_and_with_namespaces_in_paths(stage: GitLabStage) -> None:
    """Words of three letters or more count in part, shorter ones only as the whole name."""
    stage.act("project go acme")
    stage.act("project gopher-tools acme")
    assert paths(stage, "search=gopher") == ["gopher-tools"]
    assert (paths(stage, "search=go"), paths(stage, "search=tools gopher")) == (["go"], ["gopher-tools"])
    assert paths(stage, "search=acme") == []
    assert "gopher-tools" in paths(stage, "search=acme&search_namespaces=true")
    assert paths(stage, "search=typed inputs") == ["infra"]
    assert paths(stage, "search=gopher&order_by=similarity") == ["gopher-tools"]


def test_lists_leave_out_what_was_not_asked_for(stage: GitLabStage) -> None:
    """Archived ones are in the list until one says so; roles, numbers and kinds narrow it down."""
    stage.act("archive infra")
    assert ("infra" in paths(stage), "infra" in paths(stage, "archived=false")) == (True, False)
    assert paths(stage, "archived=true") == ["infra"]
    assert stage.project("acme/infra").archived is True
    assert paths(stage, "min_access_level=40") == []
    assert paths(stage, "min_access_level=40&sort=asc&order_by=id", "alice")[:2] == ["shop", "infra"]
    assert (paths(stage, "visibility=public"), paths(stage, "owned=true"), paths(stage, "starred=true")) == (
        [],
        [],
        [],
    )
    assert paths(stage, "id_before=43", "alice") == ["shop"]
    assert paths(stage, "order_by=name&sort=asc")[0] == "empty"
    for wrong in (
        "order_by=luck",
        "sort=up",
        "min_access_level=35",
        "visibility=secret",
        "archived=perhaps",
        "id_after=x",
    ):
        assert stage.send("GET", f"/projects?{wrong}").status_code == 400


def test_nobody_writes_in_an_archived_project(stage: GitLabStage) -> None:
    """Issues and comments are 403 there, and read as before."""
    stage.act("issue Slow")
    stage.act("comment #1 Looking")
    stage.act("archive shop")
    path = "/projects/acme%2Fshop/issues"
    answers = [
        stage.send("POST", path, {"title": "x"}, name="alice"),
        stage.send("PUT", f"{path}/1", {"title": "x"}, name="alice"),
        stage.send("POST", f"{path}/1/notes", {"body": "x"}, name="alice"),
        stage.send("PUT", f"{path}/1/notes/3301", {"body": "x"}, name="alice"),
        stage.send("DELETE", f"{path}/1/notes/3301", name="alice"),
        stage.send("POST", "/projects/acme%2Fshop/uploads", files={"file": ("a.txt", b"a")}, name="alice"),
    ]
    assert [answer.status_code for answer in answers] == [403] * 6
    assert stage.send("POST", f"{path}/1/move", {"to_project_id": 43}, name="alice").status_code == 400
    assert stage.send("GET", f"{path}/1").status_code == 200
    stage.act("unarchive shop")
    assert stage.send("POST", path, {"title": "x"}, name="alice").status_code == 201


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("alice", "project"),
        ("alice", "project shop acme"),
        ("carol", "project mine acme"),
        ("alice", "project mine nowhere"),
        ("alice", "projects many"),
        ("alice", "projects 0"),
        ("alice", "projects 100001"),
        ("alice", "archive nowhere"),
        ("alice", "group-role bob king"),
        ("alice", "group-role bob guest alice"),
        ("alice", "attachment-limit none"),
    ],
)
def test_lines_that_cannot_be_done_say_why(stage: GitLabStage, name: str, line: str) -> None:
    """What cannot be done raises a sentence."""
    with pytest.raises(ValueError, match=r"\.$"):
        stage.act(line, name)
