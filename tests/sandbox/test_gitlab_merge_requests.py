"""The sandbox's merge requests answer as GitLab's do, refusals above all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gitlab
import pytest
import requests

from tests.sandbox.gitlab_stage import GitLabStage, sample, until

WAITS = "test:\n  script: ['until [ -e {gate} ]; do sleep 0.05; done']\n"


@pytest.fixture
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        yield stage


def opened(stage: GitLabStage, more: str = "", name: str = "alice", branch: str = "basket") -> Any:
    """A merge request of a branch with one commit, as the bot sees it."""
    stage.act(f'push {branch} "Draw a {branch}"', name)
    stage.act(f"mr {branch} Draw a {branch} {more}", name)
    return stage.project().mergerequests.list(get_all=True)[0]


def call(stage: GitLabStage, method: str, path: str, name: str = "alice", **body: Any) -> Any:
    made = stage.client(name).http_request(method, f"/projects/42/merge_requests/{path}", post_data=body)
    return made.json()


def refused(
    stage: GitLabStage, method: str, path: str, name: str = "alice", **body: Any
) -> tuple[int | None, Any]:
    with pytest.raises(gitlab.GitlabError) as error:
        call(stage, method, path, name, **body)
    return error.value.response_code, json.loads(error.value.response_body or b"{}")


def test_a_merge_request_has_the_keys_of_the_samples(stage: GitLabStage) -> None:
    """In lists, alone, and its approvals; the shop's pipeline of the branch is its head pipeline."""
    listed = opened(stage, "reviewer=bob,carol assignee=alice label=shop")
    assert set(listed.attributes) == set(sample("merge_requests_list")[0])
    one = stage.project(name="bob").mergerequests.get(listed.iid)
    assert set(one.attributes) == set(sample("merge_request_get"))
    assert set(one.head_pipeline) == set(sample("merge_request_get")["head_pipeline"])
    assert (one.title, one.state, one.detailed_merge_status) == ("Draw a basket", "opened", "mergeable")
    assert [who["username"] for who in one.reviewers] == ["bob", "carol"]
    assert (one.author["username"], one.assignee["username"], one.labels) == ("alice", "alice", ["shop"])
    assert (one.user, one.has_conflicts, one.changes_count) == ({"can_merge": True}, False, "1")
    assert one.references["full"] == "acme/shop!1"
    approvals = call(stage, "get", "1/approvals")
    assert set(approvals) == set(sample("merge_request_approvals_get"))
    assert (approvals["approved_by"], approvals["user_can_approve"]) == ([], False)
    assert [commit.title for commit in one.commits()] == ["Draw a basket"]
    assert [row.id for row in one.pipelines.list(get_all=True)] == [one.head_pipeline["id"]]
    assert [row["new_path"] for row in call(stage, "get", "1/diffs")] == [".changes/draw-a-basket.md"]


def test_lists_hold_what_one_made_unless_told_otherwise(stage: GitLabStage) -> None:
    """Everywhere the scope is `created_by_me`; of a project it is all. People, states and iids narrow it."""
    opened(stage, "reviewer=bob assignee=bob")
    opened(stage, "draft=yes", "bob", "lamp")
    stage.act("close-mr !2")

    def found(name: str, **query: Any) -> list[int]:
        return [one.iid for one in stage.client(name).mergerequests.list(get_all=True, **query)]

    assert (found("alice"), found("bob"), found("carol")) == ([1], [2], [])
    assert found("carol", scope="all") == [2, 1]
    assert found("bob", scope="assigned-to-me") == found("bob", scope="reviews_for_me") == [1]
    assert found("bot", scope="all", reviewer_username="bob", state="opened") == [1]
    assert found("bot", scope="all", author_username="bob") == [2]
    assert found("bot", scope="all", assignee_id="None") == [2]
    assert found("bot", scope="all", state="closed", wip="yes", order_by="updated_at", sort="asc") == [2]
    assert found("bot", scope="all", search="LAMP") == found("bot", scope="all", source_branch="lamp") == [2]
    rows = stage.project().mergerequests
    assert [one.iid for one in rows.list(get_all=True, iids=[1])] == [1]
    assert [one.iid for one in rows.list(get_all=True)] == [2, 1]
    assert rows.list(get_all=True, updated_after="2100-01-01T00:00:00Z") == []
    for wrong in (
        {"scope": "mine"},
        {"state": "open"},
        {"sort": "down"},
        {"query_parameters": {"iids[]": "x"}},
    ):
        with pytest.raises(gitlab.GitlabListError) as error:
            rows.list(get_all=True, **wrong)
        assert error.value.response_code == 400


def test_guests_and_strangers_see_none(stage: GitLabStage) -> None:
    """Reading wants Reporter; what is not there is 404."""
    opened(stage)
    assert refused(stage, "get", "9") == (404, {"message": "404 Not found"})
    assert refused(stage, "get", "x")[0] == 400
    stage.act("role carol guest")
    assert refused(stage, "get", "1", "carol") == (403, sample("error_403"))
    assert stage.client("carol").mergerequests.list(get_all=True, scope="all") == []
    with pytest.raises(gitlab.GitlabListError) as error:
        stage.project(name="carol").mergerequests.list(get_all=True)
    assert error.value.response_code == 403


def test_approving_is_for_developers_once_and_never_for_the_author(stage: GitLabStage) -> None:
    """201 with the approvals; 401 for who may not, whose token is fine; 409 when the head has moved."""
    head = opened(stage).sha
    made = call(stage, "post", "1/approve", "bob", sha=head)
    assert set(made) == set(sample("merge_request_approve"))
    assert [row["user"]["username"] for row in made["approved_by"]] == ["bob"]
    assert (made["user_has_approved"], made["user_can_approve"]) == (True, False)
    nobody = (401, {"message": "401 Unauthorized"})
    assert refused(stage, "post", "1/approve", "bob") == nobody
    assert refused(stage, "post", "1/approve", "alice") == nobody
    assert refused(stage, "post", "1/approve", "carol") == nobody
    status, body = refused(stage, "post", "1/approve", "dave", sha="0" * 40)
    assert (status, body["message"]) == (
        409,
        sample("merge_request_merge_error_409")["message"] + f": {head}",
    )
    assert call(stage, "post", "1/unapprove", "bob")["approved_by"] == []
    assert refused(stage, "post", "1/unapprove", "bob") == nobody
    mine = stage.project(name="dave").mergerequests.get(1)
    mine.approve(sha=head)
    assert stage.client("dave").http_get("/user") is not None


def test_a_merge_moves_the_target_and_tells_what_came(stage: GitLabStage) -> None:
    """A merge commit with both parents; comparing and the commit's merge requests tell of it."""
    listed = opened(stage)
    before = stage.project().branches.get("main").commit["id"]
    made = call(stage, "put", "1/merge", "bob", sha=listed.sha)
    assert set(made) >= set(sample("merge_request_merge"))
    assert (made["state"], made["detailed_merge_status"], made["sha"]) == ("merged", "not_open", listed.sha)
    assert made["merged_by"]["username"] == made["merge_user"]["username"] == "bob"
    main = stage.project().branches.get("main").commit
    assert (main["id"], main["parent_ids"]) == (made["merge_commit_sha"], [before, listed.sha])
    assert (main["title"], main["author_name"]) == ("Merge branch 'basket' into 'main'", "Bob Baker")
    assert "Draw a basket\n\nSee merge request acme/shop!1\n" in main["message"]
    between = stage.project().repository_compare(before, "main")
    assert isinstance(between, dict)
    assert [one["title"] for one in between["commits"]] == ["Draw a basket", main["title"]]
    for sha in (listed.sha, made["merge_commit_sha"]):
        rows = stage.project().commits.get(sha).merge_requests()
        assert [one["iid"] for one in rows] == [1]
    assert stage.project().commits.get(before).merge_requests() == []
    assert "basket" not in [one.name for one in stage.project().branches.list(get_all=True)]
    until(lambda: stage.project().pipelines.list(get_all=False)[0].sha == main["id"])
    assert stage.project().pipelines.list(get_all=False)[0].source == "push"


def test_squashing_makes_one_commit_of_many(stage: GitLabStage) -> None:
    """The squash commit stands between; of a single commit there is nothing to squash. The branch may stay."""
    opened(stage)
    stage.act('push basket "Colour the basket"')
    made = call(stage, "put", "1/merge", squash=True, should_remove_source_branch=False)
    main = stage.project().branches.get("main").commit
    assert main["parent_ids"][1] == made["squash_commit_sha"]
    squash = stage.project().commits.get(made["squash_commit_sha"])
    assert (squash.title, squash.author_name) == ("Draw a basket", "Alice Archer")
    assert len(squash.diff(get_all=True)) == 2
    assert stage.project().branches.get("basket")
    opened(stage, branch="lamp")
    assert call(stage, "put", "2/merge", squash=True)["squash_commit_sha"] is None


def test_merging_is_refused_in_gitlabs_order(stage: GitLabStage) -> None:
    """401 who may not, 405 not now, 422 a conflict, 409 another head; merged or closed ones are 405."""
    opened(stage, "draft=yes")
    other = {"sha": "0" * 40}
    not_now = (405, sample("merge_request_merge_error_405"))
    assert refused(stage, "put", "1/merge", "carol", **other) == (401, {"message": "401 Unauthorized"})
    assert call(stage, "get", "1", "carol")["user"] == {"can_merge": False}
    assert call(stage, "get", "1")["detailed_merge_status"] == "draft_status"
    assert refused(stage, "put", "1/merge", **other) == not_now
    stage.act("ready-mr !1")
    assert refused(stage, "put", "1/merge", **other)[0] == 409
    call(stage, "put", "1/merge")
    assert refused(stage, "put", "1/merge") == not_now
    stage.act('push lamp "Red" file=lamp.md from=v8.10.0')
    stage.act('push main "Blue" file=lamp.md')
    stage.act("mr lamp A red lamp")
    conflict = call(stage, "get", "2")
    assert (conflict["has_conflicts"], conflict["merge_status"]) == (True, "cannot_be_merged")
    assert conflict["detailed_merge_status"] == "conflict"
    assert refused(stage, "put", "2/merge", **other) == (422, sample("merge_request_merge_error_422"))
    stage.act("close-mr !2")
    assert refused(stage, "put", "2/merge") == not_now
    assert refused(stage, "put", "1/merge", squash="maybe")[0] == 400


def test_a_protected_target_wants_its_level(stage: GitLabStage) -> None:
    """Only Maintainers may merge into `stable`; who pushes there is not asked here."""
    opened(stage, "target=stable", "bob")
    assert call(stage, "get", "1", "bob")["user"] == {"can_merge": False}
    assert refused(stage, "put", "1/merge", "bob")[0] == 401
    assert call(stage, "put", "1/merge", "alice")["target_branch"] == "stable"


def test_wanted_approvals_are_waited_for(stage: GitLabStage) -> None:
    """A project may want some: `not_approved` until then, and 405."""
    stage.act("setting approvals_before_merge=1")
    opened(stage)
    assert call(stage, "get", "1")["detailed_merge_status"] == "not_approved"
    assert refused(stage, "put", "1/merge")[0] == 405
    assert call(stage, "get", "1/approvals")["approvals_left"] == 1
    stage.act("approve-mr !1", "bob")
    assert call(stage, "get", "1/approvals")["approved"] is True
    assert call(stage, "put", "1/merge")["state"] == "merged"


def test_the_answer_may_be_that_gitlab_is_still_checking(stage: GitLabStage) -> None:
    """Looked at once, a merge request that is being checked says so; looked at again, it is known."""
    opened(stage)
    stage.act("recheck-mr !1")
    first = call(stage, "get", "1")
    assert (first["detailed_merge_status"], first["merge_status"]) == ("checking", "checking")
    assert call(stage, "get", "1")["detailed_merge_status"] == "mergeable"


def test_a_pushed_commit_moves_the_head(stage: GitLabStage) -> None:
    """The sha of the merge request is its branch's; a branch that is gone leaves nothing to merge."""
    listed = opened(stage)
    stage.act('push basket "Colour the basket"', "bob")
    assert call(stage, "get", "1")["sha"] != listed.sha
    assert refused(stage, "put", "1/merge", sha=listed.sha)[0] == 409
    stage.act("delete-branch basket")
    gone = call(stage, "get", "1")
    assert (gone["detailed_merge_status"], gone["state"]) == ("commits_status", "opened")
    assert refused(stage, "put", "1/merge")[0] == 405


def waiting(root: Path, text: str = WAITS) -> Path:
    """A project whose one job runs until the gate is opened."""
    folder, gate = root / "acme" / "shop", root / "gate"
    folder.mkdir(parents=True)
    (folder / ".gitlab-ci.yml").write_text(text.format(gate=gate), "utf-8")
    return gate


def test_it_is_merged_by_itself_when_its_pipeline_succeeds(tmp_path: Path) -> None:
    """`auto_merge` waits for the running pipeline; then the one who asked for it has merged it."""
    gate = waiting(tmp_path)
    with GitLabStage(tmp_path) as stage:
        stage.act("setting only_allow_merge_if_pipeline_succeeds=yes")
        opened(stage)
        until(lambda: bool(call(stage, "get", "1")["detailed_merge_status"] == "ci_still_running"))
        assert refused(stage, "put", "1/merge")[0] == 405
        waits = call(stage, "put", "1/merge", "bob", auto_merge=True)
        assert (waits["state"], waits["merge_when_pipeline_succeeds"]) == ("opened", True)
        assert waits["merge_user"]["username"] == "bob"
        gate.touch()
        until(lambda: bool(call(stage, "get", "1")["state"] == "merged"))
        assert call(stage, "get", "1")["merged_by"]["username"] == "bob"


def test_merging_by_itself_is_called_off(tmp_path: Path) -> None:
    """By whoever may merge, or by a new commit."""
    waiting(tmp_path)
    with GitLabStage(tmp_path) as stage:
        opened(stage)
        stage.act("merge-mr !1 auto=yes")
        assert refused(stage, "post", "1/cancel_merge_when_pipeline_succeeds", "carol")[0] == 401
        call(stage, "post", "1/cancel_merge_when_pipeline_succeeds", "bob")
        assert call(stage, "get", "1")["merge_when_pipeline_succeeds"] is False
        assert refused(stage, "post", "1/cancel_merge_when_pipeline_succeeds")[0] == 406
        stage.act("merge-mr !1 auto=yes")
        stage.act("push basket")
        assert call(stage, "get", "1")["merge_when_pipeline_succeeds"] is False


def test_a_failed_or_missing_pipeline_is_not_enough(tmp_path: Path) -> None:
    """`ci_must_pass`; and asked to merge by itself, one without a pipeline is 405 though it could be merged."""
    waiting(tmp_path, "test:\n  script: exit 1\n  rules:\n    - if: $CI_COMMIT_BRANCH == 'basket'\n")
    with GitLabStage(tmp_path) as stage:
        opened(stage)
        opened(stage, branch="lamp")
        assert call(stage, "get", "2")["head_pipeline"] is None
        assert refused(stage, "put", "2/merge", auto_merge=True)[0] == 405
        stage.act("setting only_allow_merge_if_pipeline_succeeds=yes")
        until(lambda: bool(call(stage, "get", "1")["head_pipeline"]["status"] == "failed"))
        for iid in ("1", "2"):
            assert call(stage, "get", iid)["detailed_merge_status"] == "ci_must_pass"
            assert refused(stage, "put", f"{iid}/merge")[0] == 405
        assert stage.project().only_allow_merge_if_pipeline_succeeds is True


def test_a_merge_whose_answer_was_lost_is_done(stage: GitLabStage) -> None:
    """`502-after` and `cut-after` do the work first, for merging and approving as for anything else."""
    head = opened(stage).sha
    stage.fake.break_("502-after")
    assert refused_html(stage, "post", "1/approve", "bob") == 502
    assert len(call(stage, "get", "1/approvals")["approved_by"]) == 1
    stage.fake.break_("502-after")
    assert refused_html(stage, "put", "1/merge", "alice", sha=head) == 502
    assert call(stage, "get", "1")["state"] == "merged"
    opened(stage, branch="lamp")
    stage.fake.break_("cut-after")
    with pytest.raises(requests.ConnectionError):
        call(stage, "post", "2/approve", "bob")
    assert call(stage, "get", "2/approvals", "bob")["user_has_approved"] is True
    assert stage.fake.calls["PUT /projects/:id/merge_requests/:merge_request_iid/merge"] == 1


def refused_html(stage: GitLabStage, method: str, path: str, name: str, **body: Any) -> int | None:
    with pytest.raises(gitlab.GitlabError) as error:
        call(stage, method, path, name, **body)
    return error.value.response_code


@pytest.mark.parametrize(
    "line",
    [
        "mr",
        "mr basket",
        "mr nowhere A title",
        "mr main A title",
        "mr basket A title target=nowhere",
        "mr basket Twice",
        "mr basket A title reviewer=nobody",
        "approve-mr !1",
        "unapprove-mr !1",
        "merge-mr !9",
        "reopen-mr !1",
        "close-mr",
        "setting colour=red",
        "setting approvals_before_merge=many",
        "setting ci_forward_deployment_enabled=perhaps",
        "setting",
    ],
)
def test_lines_about_merge_requests_that_cannot_be_done_say_why(stage: GitLabStage, line: str) -> None:
    """What cannot be done raises a sentence."""
    opened(stage)
    with pytest.raises(ValueError, match=r"\.$"):
        stage.act(line)
    with pytest.raises(ValueError, match=r"\.$"):
        stage.act("merge-mr !1", "carol")


def test_settings_are_for_maintainers(stage: GitLabStage) -> None:
    """`setting NAME=VALUE` switches what `GET /projects/:id` shows; Developers may not."""
    assert stage.project().ci_forward_deployment_rollback_allowed is True
    stage.act("setting ci_forward_deployment_rollback_allowed=no ci_forward_deployment_enabled=off")
    project = stage.project()
    assert (project.ci_forward_deployment_rollback_allowed, project.ci_forward_deployment_enabled) == (
        False,
        False,
    )
    assert stage.project("acme/infra").ci_forward_deployment_enabled is True
    with pytest.raises(ValueError, match="wants maintainer"):
        stage.act("setting approvals_before_merge=2", "bob")
