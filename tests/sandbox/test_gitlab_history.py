"""The sandbox's commits have a history, and comparing them answers as GitLab does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import gitlab
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.gitlab.history import changed, diffs, merge_files
from tests.sandbox.gitlab_stage import GitLabStage, sample

FILES = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.text("xyz\n", max_size=4))


@pytest.fixture
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        yield stage


def compare(stage: GitLabStage, old: str, new: str, name: str = "bot", **more: Any) -> Any:
    query = {"from": old, "to": new, **more}
    return stage.client(name).http_get("/projects/42/repository/compare", query_data=query)


def titles(rows: Any) -> list[str]:
    return [one["title"] for one in rows]


def test_releases_have_work_between_them(stage: GitLabStage) -> None:
    """From one tag to the next there are commits of several people, oldest first, with diffs."""
    found = compare(stage, "v8.9.0", "v8.10.0")
    assert set(found) == set(sample("repository_compare"))
    assert set(found["commits"][0]) == set(sample("repository_compare")["commits"][0])
    assert set(found["diffs"][0]) == set(sample("repository_compare")["diffs"][0])
    assert titles(found["commits"])[-1] == "Release v8.10.0"
    assert found["commit"] == found["commits"][-1]
    assert {one["author_name"] for one in found["commits"]} > {"Bob Baker", "Dave Diaz"}
    assert [one["parent_ids"][0] for one in found["commits"][1:]] == [
        one["id"] for one in found["commits"][:-1]
    ]
    assert stage.project().repository_compare("v8.9.0", "v8.10.0") == found


def test_the_same_ref_compared_has_no_commit(stage: GitLabStage) -> None:
    """Nothing lies between, `commit` is null, and the answer says so; nor does anything lie behind."""
    same = compare(stage, "main", "main")
    assert (same["commit"], same["commits"], same["diffs"]) == (None, [], [])
    assert same["compare_same_ref"] is True
    back = compare(stage, "v8.10.0", "v8.9.0")
    assert (back["commits"], back["diffs"], back["compare_same_ref"]) == ([], [], False)
    assert compare(stage, "v8.10.0", "v8.9.0", straight="true")["diffs"] != []


def test_comparing_what_is_not_there_is_not_found(stage: GitLabStage) -> None:
    """An unknown ref is 404, a missing one 400; guests may not read code."""
    for old, new in (("nowhere", "main"), ("main", "abcdef0"), ("refs/heads/v8.9.0", "main")):
        with pytest.raises(gitlab.GitlabHttpError) as refused:
            compare(stage, old, new)
        assert (refused.value.response_code, refused.value.error_message) == (404, "404 Ref Not Found")
    with pytest.raises(gitlab.GitlabHttpError, match="to is missing") as refused:
        stage.client().http_get("/projects/42/repository/compare", query_data={"from": "main"})
    assert refused.value.response_code == 400
    stage.act("role carol guest")
    with pytest.raises(gitlab.GitlabHttpError) as refused:
        compare(stage, "v8.9.0", "main", "carol")
    assert json.loads(refused.value.response_body or b"") == sample("error_403")


def test_a_push_is_by_the_person_and_goes_on_from_what_was_there(stage: GitLabStage) -> None:
    """`push BRANCH "TITLE"` adds one commit of the pusher; short and whole SHAs find it, old ones too."""
    before = stage.project().branches.get("main").commit["id"]
    stage.act('push main "Mend the basket"', "bob")
    stage.act("push main", "alice")
    found = compare(stage, before, "main")
    assert titles(found["commits"]) == ["Mend the basket", "Push by Alice Archer"]
    first = found["commits"][0]
    assert (first["author_name"], first["author_email"]) == ("Bob Baker", "bob@example.com")
    assert stage.project().commits.get(first["short_id"]).id == first["id"]
    assert stage.project().commits.get(before).id == before
    assert found["diffs"][0]["new_path"] == ".changes/mend-the-basket.md"
    assert found["diffs"][0]["diff"] == "@@ -0,0 +1 @@\n+Mend the basket\n"


def test_a_new_branch_begins_where_it_is_told_to(stage: GitLabStage) -> None:
    """At the default branch, or at `from`; `delete-branch` takes it away, its commits stay."""
    stage.act('push basket "Draw a basket"')
    assert titles(compare(stage, "main", "basket")["commits"]) == ["Draw a basket"]
    stage.act("push hotfix shop from=v8.9.0")
    assert titles(compare(stage, "v8.9.0", "hotfix")["commits"]) == ["Push by Alice Archer"]
    assert compare(stage, "main", "hotfix")["commits"] == compare(stage, "v8.9.0", "hotfix")["commits"]
    head = stage.project().branches.get("basket").commit["id"]
    stage.act("delete-branch basket")
    with pytest.raises(gitlab.GitlabGetError):
        stage.project().branches.get("basket")
    assert compare(stage, "main", head)["commit"]["id"] == head


def test_commits_are_listed_newest_first_and_uncounted(stage: GitLabStage) -> None:
    """Of a ref or the default branch, filtered by author, path and time; none for a ref that is not there."""
    rows = stage.project().commits
    listed = rows.list(get_all=True, ref_name="v8.10.0")
    assert listed[0].title == "Release v8.10.0"
    assert listed[-1].title == "Release v8.9.0"
    assert set(listed[0].asdict()) == set(sample("repository_compare")["commits"][0])
    assert rows.list(get_all=True)[0].title == "Work on main"
    assert {one.author_name for one in rows.list(get_all=True, author="dave")} == {"Dave Diaz"}
    wanted = {"path": ".changes/round-prices-to-whole-cents.md"}
    assert [one.title for one in rows.list(get_all=True, query_parameters=wanted)] == [
        "Round prices to whole cents"
    ]
    assert rows.list(get_all=True, since="2100-01-01T00:00:00Z") == []
    assert rows.list(get_all=True, ref_name="nowhere") == []
    page: Any = rows.list(iterator=True, per_page=2)
    assert (page.total, page.next_page) == (None, 2)
    assert len(list(page)) == 5


def test_a_commit_knows_its_refs_and_its_diff(stage: GitLabStage) -> None:
    """Branches and tags that hold it, by kind; what it changed against its first parent."""
    commit = stage.project().commits.get("v8.10.0")
    refs = commit.refs("all", get_all=True)
    assert {"type": "tag", "name": "v8.10.0"} in refs
    assert {"type": "branch", "name": "main"} in refs
    assert {"type": "tag", "name": "v8.9.0"} not in refs
    assert [one["name"] for one in commit.refs("tag", get_all=True)] == ["v8.10.0"]
    assert [one["new_path"] for one in commit.diff(get_all=True)] == [".changes/release-v8-10-0.md"]
    with pytest.raises(gitlab.GitlabHttpError) as refused:
        stage.client().http_get(f"/projects/42/repository/commits/{commit.id}/refs?type=kind")
    assert refused.value.response_code == 400


def test_a_branch_and_a_tag_of_one_name_are_ambiguous(stage: GitLabStage) -> None:
    """No pipeline is made for such a name; written out it is taken, and a plain one means the tag."""
    stage.act("push both")
    stage.act("tag both at=v8.9.0")
    project = stage.project()
    with pytest.raises(gitlab.GitlabCreateError) as refused:
        project.pipelines.create({"ref": "both"})
    message: Any = refused.value.error_message
    assert message == {"base": ["Ref is ambiguous"]}
    tag = project.pipelines.create({"ref": "refs/tags/both"})
    branch = project.pipelines.create({"ref": "refs/heads/both"})
    assert [(one.ref, one.tag) for one in (tag, branch)] == [("both", True), ("both", False)]
    assert tag.sha == project.tags.get("both").commit["id"] == project.commits.get("both").id
    assert branch.sha == project.branches.get("both").commit["id"] != tag.sha


def test_a_pushed_tag_has_a_pipeline_of_its_own(stage: GitLabStage) -> None:
    """Its source is `push`, its ref the tag's name."""
    stage.act("tag v9.0.0", "bob")
    found = stage.project().pipelines.list(get_all=True, ref="v9.0.0")[0]
    assert (found.source, stage.project().pipelines.get(found.id).tag) == ("push", True)
    tag = stage.project().tags.get("v9.0.0")
    assert set(tag.attributes) == {*sample("tags_list")[0], "project_id"}
    branch = stage.project().branches.list(get_all=True, search="^mai")[0]
    assert set(branch.attributes) == {*sample("branches_list")[0], "project_id"}


@pytest.mark.parametrize(
    "line", ["push", "push x from=nowhere", "tag v1 at=nowhere", "delete-branch main", "push x acme/nothing"]
)
def test_lines_about_code_that_cannot_be_done_say_why(stage: GitLabStage, line: str) -> None:
    """What cannot be done raises a sentence, and Reporters may push nothing."""
    with pytest.raises(ValueError, match=r"\.$"):
        stage.act(line)
    with pytest.raises(ValueError, match="wants developer"):
        stage.act("push main", "carol")


@given(FILES, FILES)
def test_a_merge_into_what_stayed_is_the_other_side(base: dict[str, str], theirs: dict[str, str]) -> None:
    """When one side changed nothing, the other side's files are the result, whichever side it is."""
    assert merge_files(base, base, theirs) == theirs
    assert merge_files(base, theirs, base) == theirs
    assert merge_files(base, theirs, theirs) == theirs
    assert [one["new_path"] for one in diffs(base, theirs)] == changed(base, theirs)


@given(FILES, FILES, FILES)
def test_both_sides_in_one_file_are_a_conflict(
    base: dict[str, str], ours: dict[str, str], theirs: dict[str, str]
) -> None:
    """There is no result exactly when both changed one file, and not in the same way."""
    both = set(changed(base, ours)) & set(changed(base, theirs))
    clash = any(ours.get(path) != theirs.get(path) for path in both)
    assert (merge_files(base, ours, theirs) is None) is clash
