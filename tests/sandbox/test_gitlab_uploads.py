"""The sandbox takes files and labels as GitLab does, and gives them back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gitlab
import pytest
import requests

from tests.sandbox.gitlab_stage import GitLabStage, sample

UPLOADS = "/projects/acme%2Fshop/uploads"
MIB = 1024 * 1024


@pytest.fixture
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        yield stage


def sent(stage: GitLabStage, name: str, content: bytes, who: str = "bob") -> requests.Response:
    return stage.send("POST", UPLOADS, files={"file": (name, content)}, name=who)


def test_a_file_is_taken_and_can_be_read_back(stage: GitLabStage) -> None:
    """The answer has the shape of the sample; members read the file by its secret, Maintainers by its number."""
    found = stage.project(name="bob").upload("graph.png", filedata=b"\x89PNG\xff")
    assert set(found) | {"id", "full_path"} == set(sample("project_upload"))
    body = sent(stage, "graph.png", b"\x89PNG\xff").json()
    assert set(body) == set(sample("project_upload"))
    assert body["markdown"] == f"![graph]({body['url']})"
    assert body["full_path"] == f"/-/project/42{body['url']}"
    again = stage.send("GET", f"/projects/42{body['url']}", name="carol")
    assert (again.content, again.headers["Content-Type"]) == (b"\x89PNG\xff", "image/png")
    assert stage.send("GET", f"{UPLOADS}/{body['id']}", name="alice").content == b"\x89PNG\xff"
    assert stage.send("GET", f"{UPLOADS}/{body['id']}", name="bob").status_code == 403
    assert stage.send("GET", f"{UPLOADS}/{'0' * 32}/graph.png").status_code == 404
    listed = stage.send("GET", UPLOADS, name="alice").json()
    assert [(one["filename"], one["size"]) for one in listed] == [("graph.png", 5)] * 2
    assert "graph.png" in str(stage.run(stage.fake.get("uploads", None)))
    assert "PNG" in stage.run(stage.fake.get(f"uploads/{body['id']}", None))


def test_the_page_of_a_file_is_for_people(stage: GitLabStage) -> None:
    """A token does not open it: GitLab sends one to its page for signing in."""
    body = sent(stage, "a.txt", b"hello").json()
    headers = {"PRIVATE-TOKEN": stage.fake.tokens["bob"]}
    answer = stage.session.get(
        stage.fake.url + body["full_path"], headers=headers, allow_redirects=False, timeout=5
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, "/users/sign_in")


@pytest.mark.parametrize(
    ("name", "markdown"),
    [
        ("report.txt", "[report.txt]"),
        ("Screen Shot [1].PNG", "![Screen_Shot__1_]"),
        ("../../etc/passwd", "[passwd]"),
        ("größe.webp", "![größe]"),
        (".hidden", "[.hidden]"),
        ("drawing.svg", "[drawing.svg]"),
    ],
)
def test_names_are_made_harmless(stage: GitLabStage, name: str, markdown: str) -> None:
    """Folders and odd letters go; what can be shown is shown, under its name without the ending."""
    body = sent(stage, name, b"x").json()
    assert body["markdown"] == f"{markdown}({body['url']})"
    assert stage.send("GET", f"/projects/42{body['url']}").content == b"x"


def test_a_file_has_its_limit(stage: GitLabStage) -> None:
    """413 as text from what stands before GitLab; a hundred MiB until an administrator says otherwise."""
    assert stage.fake._state.uploads.largest == 100 * MIB
    assert sent(stage, "big.bin", b"0" * (17 * MIB)).status_code == 201
    stage.act("attachment-limit 1")
    assert sent(stage, "fits.bin", b"0" * MIB).status_code == 201
    answer = sent(stage, "big.bin", b"0" * (MIB + 1))
    assert (answer.status_code, answer.text) == (413, "Request Entity Too Large\n")
    assert len(stage.send("GET", UPLOADS, name="alice").json()) == 2


def test_what_is_no_file_is_refused(stage: GitLabStage) -> None:
    """400 without a part named `file`, or with one that is none; 404 where one may not look."""
    assert stage.send("POST", UPLOADS, {"file": "x"}, name="bob").json() == {"error": "file is missing"}
    other = stage.send("POST", UPLOADS, files={"other": ("a.txt", b"x")}, name="bob")
    assert (other.status_code, other.json()) == (400, {"error": "file is missing"})
    plain = stage.send("POST", UPLOADS, files={"file": (None, b"x")}, name="bob")
    assert (plain.status_code, plain.json()) == (400, {"error": "file is invalid"})
    vault = stage.send("POST", "/projects/acme%2Fvault/uploads", files={"file": ("a", b"x")}, name="bob")
    assert (vault.status_code, vault.json()) == (404, sample("error_404_project"))


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_a_file_may_be_there_although_its_answer_is_lost(stage: GitLabStage, how: str) -> None:
    """The work is done, and the one who asked is not told."""
    stage.loop.ask(lambda: stage.fake.break_(how))
    if how == "502-after":
        assert sent(stage, "a.txt", b"x").status_code == 502
    else:
        with pytest.raises(requests.ConnectionError):
            sent(stage, "a.txt", b"x")
    assert len(stage.send("GET", UPLOADS, name="alice").json()) == 1


def test_labels_are_listed_by_name(stage: GitLabStage) -> None:
    """With their colours; a search looks in names and descriptions; counts come when asked for."""
    stage.act("issue Slow label=bug label=brand-new")
    stage.act("issue Fast label=bug")
    stage.act("close #2")

    def found(**query: Any) -> list[str]:
        return [one.name for one in stage.project().labels.list(get_all=True, **query)]

    assert found() == ["brand-new", "bug", "feature", "needs triage", "urgent"]
    assert (found(search="triage"), found(search="not work"), found(search="nope")) == (
        ["needs triage"],
        ["bug"],
        [],
    )
    bug = stage.project().labels.list(get_all=True, search="bug", with_counts=True)[0]
    assert (bug.open_issues_count, bug.closed_issues_count, bug.color) == (1, 1, "#d9534f")
    assert set(sample("issue_label_events")[0]["label"]) <= set(bug.attributes)
    assert stage.project().labels.get("needs triage").id == stage.project().labels.get(bug.id + 2).id
    with pytest.raises(gitlab.GitlabGetError, match="404 Label Not Found"):
        stage.project().labels.get("nope")
