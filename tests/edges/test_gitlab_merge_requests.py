"""Merge requests: GitLab's samples and the sandbox's GitLab."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bot.edges.gitlab import GitLab
from bot.errors import GitLabSaidNo, GitLabUnreachable, NotFound
from bot.merge_requests import Approvals, Checks, Reference
from tests.edges import wire
from tests.edges.gitlab_calls import Connect, answered, sample
from tests.sandbox.gitlab_stage import GitLabStage

SHOP = 42
HEAD = "4be1c0f1a9d34d7a2f0f5be2f0b8f6a1c7d9e013"


@pytest.fixture(scope="module")
def stage() -> Iterator[GitLabStage]:
    """The sandbox's GitLab, with a merge request of Bob's that Alice is asked to review."""
    with GitLabStage() as running:
        running.act('push pool-size "Raise the pool size"', "bob")
        running.act("mr pool-size Raise the pool size reviewer=alice assignee=bob label=ops", "bob")
        yield running


# GitLab's own samples ----------------------------------------------------------------------------


def test_a_merge_request_has_what_a_card_shows(connect: Connect) -> None:
    """Branches, head, state, people and the pipeline of its head are read."""
    one = answered(connect, sample("merge_request_get"), lambda gitlab: gitlab.merge_request(SHOP, 31))
    assert one.reference == Reference(SHOP, "acme/shop", 31)
    assert (one.source, one.target, one.sha) == ("pool-size", "main", HEAD)
    assert (one.author, one.reviewers, one.status) == ("dana", ("sam.ito",), "mergeable")
    assert one.pipeline is not None
    assert (one.pipeline.id, one.pipeline.status) == (1201, "success")
    assert one.may_merge is True
    assert (one.is_open, one.draft, one.auto, one.threads_open) == (True, False, False, False)


def test_a_list_leaves_out_what_only_one_tells(connect: Connect) -> None:
    """A merge request of a list has no pipeline, and nobody knows whether it may be merged."""
    found = answered(
        connect, sample("merge_requests_list"), lambda gitlab: gitlab.merge_requests_of("reviewer", 8)
    )
    assert found
    assert all(one.pipeline is None and one.may_merge is None for one in found)


def test_lists_ask_for_all_that_are_open(connect: Connect) -> None:
    """GitLab's own default is those that somebody made themselves."""
    with wire.serve(wire.always(wire.data([]))) as server:
        connect(server).merge_requests_of("reviewer", 8, most=7)
        connect(server).merge_requests(SHOP, search="pool")
    first, second = server.seen
    assert first.query == {
        "state": "opened", "scope": "all", "reviewer_id": "8", "order_by": "updated_at", "sort": "desc",
        "per_page": "7",
    }  # fmt: skip
    assert second.path.endswith("/projects/42/merge_requests")
    assert (second.query["search"], second.query["scope"]) == ("pool", "all")


def test_approvals_say_who_and_how_many(connect: Connect) -> None:
    """Premium tells how many it needs."""
    found = answered(
        connect, sample("merge_request_approvals_get"), lambda gitlab: gitlab.approvals(SHOP, 31)
    )
    assert found == Approvals(("sam.ito",), wanted=1, approved=True, mine=True, may=False)


def test_free_tells_of_four_keys_only(connect: Connect) -> None:
    """Then nobody knows how many approvals it needs."""
    free = {"user_has_approved": False, "user_can_approve": True, "approved": False, "approved_by": []}
    found = answered(connect, free, lambda gitlab: gitlab.approvals(SHOP, 31))
    assert found == Approvals((), wanted=None, may=True)


def test_approving_names_the_head(connect: Connect) -> None:
    """What was looked at, and nothing that came after it."""
    with wire.serve(wire.always(wire.data(sample("merge_request_approve"), 201))) as server:
        connect(server).approve(SHOP, 31, HEAD)
    assert server.seen[0].json == {"sha": HEAD}
    assert server.paths() == ["POST /api/v4/projects/42/merge_requests/31/approve"]


@pytest.mark.parametrize(
    ("how", "sent"),
    [
        ({}, {}),
        ({"squash": True}, {"squash": True}),
        ({"auto": True}, {"auto_merge": True, "merge_when_pipeline_succeeds": True}),
    ],
)
def test_merging_names_the_head_too(connect: Connect, how: dict[str, bool], sent: dict[str, bool]) -> None:
    """To merge later, the names of every version are said."""
    with wire.serve(wire.always(wire.data(sample("merge_request_merge")))) as server:
        connect(server).merge(SHOP, 31, HEAD, **how)
    assert server.seen[0].json == {"sha": HEAD, **sent}
    assert server.paths() == ["PUT /api/v4/projects/42/merge_requests/31/merge"]


@pytest.mark.parametrize(
    ("name", "status"),
    [("merge_request_merge_error_405", 405), ("merge_request_merge_error_409", 409),
     ("merge_request_merge_error_422", 422)],
)  # fmt: skip
def test_a_merge_that_is_refused_says_how(connect: Connect, name: str, status: int) -> None:
    """The status tells why; a change is sent once."""
    with (
        wire.serve(wire.always(wire.data(sample(name), status))) as server,
        pytest.raises(GitLabSaidNo) as caught,
    ):
        connect(server).merge(SHOP, 31, HEAD)
    assert caught.value.status == status
    assert len(server.seen) == 1


def test_many_are_asked_for_a_few_at_a_time(connect: Connect) -> None:
    """Each question stays within GitLab's complexity; what is null is not shown, nor is a pipeline that is none."""
    one = {"mergeRequest": {"headPipeline": None, "approved": None, "approvedBy": None}}
    with wire.serve(wire.always(wire.data({"data": {"m0": one, "m1": None}}))) as server:
        wanted = [Reference(SHOP, 'acme/"shop', number) for number in range(45)]
        found = connect(server).checks(wanted)
    assert len(server.seen) == 3
    assert found == {wanted[0]: Checks(), wanted[20]: Checks(), wanted[40]: Checks()}
    assert 'fullPath:"acme/\\"shop"' in server.seen[0].json["query"]


def test_a_refused_question_about_several_is_an_error(connect: Connect) -> None:
    """GraphQL errors come with status 200."""
    with pytest.raises(GitLabSaidNo):
        answered(
            connect, sample("graphql_error_complexity"),
            lambda gitlab: gitlab.checks([Reference(SHOP, "acme/shop", 31)]),
        )  # fmt: skip


def test_an_answer_that_is_none_is_said_so(connect: Connect) -> None:
    """A body that GitLab does not document is no merge request."""
    with pytest.raises(GitLabUnreachable):
        answered(connect, {"iid": 31}, lambda gitlab: gitlab.merge_request(SHOP, 31))


# The sandbox's GitLab ----------------------------------------------------------------------------


def test_each_role_has_its_list(speak: Callable[[str], GitLab]) -> None:
    """By author, assignee and reviewer, whoever asks."""
    alice, bob = speak("alice"), speak("bob")
    mine, theirs = alice.me().id, bob.me().id
    assert [one.iid for one in alice.merge_requests_of("reviewer", mine)] == [1]
    assert [one.iid for one in bob.merge_requests_of("author", theirs)] == [1]
    assert [one.iid for one in bob.merge_requests_of("assignee", theirs)] == [1]
    assert alice.merge_requests_of("author", mine) == []
    assert [one.labels for one in alice.merge_requests(SHOP, search="pool")] == [("ops",)]


def test_checks_are_read_for_several_at_once(stage: GitLabStage, speak: Callable[[str], GitLab]) -> None:
    """With one request; what is not shown to somebody is not in it."""
    seen, hidden = Reference(SHOP, "acme/shop", 1), Reference(44, "acme/vault", 1)
    before = stage.fake.calls["POST /graphql"]
    found = speak("bob").checks([seen, hidden])
    assert found.keys() == {seen}
    assert found[seen].pipeline
    assert found[seen].by == ()
    assert stage.fake.calls["POST /graphql"] == before + 1


def test_approved_approved_again_and_taken_back(speak: Callable[[str], GitLab]) -> None:
    """GitLab counts an approval once, at the head it was given to."""
    alice, about = speak("alice"), Reference(SHOP, "acme/shop", 1)
    head = alice.merge_request(SHOP, 1).sha
    with pytest.raises(GitLabSaidNo) as caught:
        alice.approve(SHOP, 1, "0" * 40)
    assert caught.value.status == 409
    assert alice.approve(SHOP, 1, head).mine is True
    found = alice.checks([about])[about]
    assert (found.by, found.approved) == (("alice",), True)
    with pytest.raises(GitLabSaidNo) as caught:
        alice.approve(SHOP, 1, head)
    assert caught.value.status == 401
    assert alice.unapprove(SHOP, 1).mine is False
    assert [one.title for one in alice.commits_of_merge_request(SHOP, 1)] == ["Raise the pool size"]


def test_what_is_not_there_is_named(speak: Callable[[str], GitLab]) -> None:
    """The sentence has the number that was asked for."""
    with pytest.raises(NotFound, match="!999"):
        speak("alice").merge_request(SHOP, 999)
