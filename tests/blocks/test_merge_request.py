"""A merge request looks the same whatever stands in it, and has buttons only for what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks import merge_request as look
from bot.merge_requests import Approvals, MergeRequest, Review, Sighting
from bot.model import Message, Person, Pipeline
from sandbox.slack.blockkit import problems_of
from tests.blocks.looks import HOME, check, hostile
from tests.jobs.seen import buttons, shown

NOW = 10_000_000
PIPELINE = Pipeline(1201, "success", "push", "pool", "c0ffee", f"{HOME}/pipelines/1201", 1_000)
ONE = MergeRequest(
    1, 7, 42, "acme/shop", "Pool size", "opened", f"{HOME}/merge_requests/7", "pool", "main", "c0ffee12345", "bob",
    status="mergeable", created_at=NOW - 7_200_000, pipeline=PIPELINE, may_merge=True,
)  # fmt: skip
GIVEN = Approvals(may=True)
RUNNING = replace(PIPELINE, status="running")


def card(one: MergeRequest = ONE, approvals: Approvals | None = GIVEN, **how: Any) -> Message:
    shared: dict[str, Any] = {"personal": True, "shared": False} | how
    return look.card(Sighting(one, approvals), "aim1", NOW, **shared)


def test_what_a_card_tells() -> None:
    """Where it goes, whose it is, since when, and what is known of it."""
    text = shown(card())
    assert "!7 Pool size" in text
    assert "open · acme/shop · pool → main · by bob · `c0ffee12` · opened 2 h ago" in text
    assert f"Pipeline <{HOME}/pipelines/1201|#1201> passed" in text
    assert "Not approved yet" in text
    assert "It can be merged." in text
    check(card(), links=[f"{HOME}/pipelines/1201"])


@pytest.mark.parametrize(
    ("one", "approvals", "how", "expected"),
    [
        (ONE, GIVEN, {}, ["Approve", "Merge", "Share"]),
        (ONE, Approvals(mine=True, by=("alice",)), {}, ["Take approval back", "Merge", "Share"]),
        (replace(ONE, may_merge=False), GIVEN, {}, ["Approve", "Share"]),
        (replace(ONE, may_merge=False), GIVEN, {"personal": False, "shared": True}, ["Approve", "Merge"]),
        (ONE, Approvals(by=("carol",)), {"personal": False, "shared": True},
         ["Approve", "Take approval back", "Merge"]),
        (ONE, None, {}, ["Approve", "Merge", "Share"]),
        (replace(ONE, pipeline=RUNNING), GIVEN, {}, ["Approve", "Merge when it passes", "Share"]),
        (replace(ONE, pipeline=RUNNING, status="ci_still_running"), GIVEN, {},
         ["Approve", "Merge when it passes", "Share"]),
        (replace(ONE, status="checking"), GIVEN, {}, ["Approve", "Merge", "Share"]),
        (replace(ONE, auto=True, status="ci_still_running"), GIVEN, {}, ["Approve", "Share"]),
        (replace(ONE, status="conflict"), GIVEN, {}, ["Approve", "Share"]),
        (replace(ONE, draft=True, status="draft_status"), GIVEN, {}, ["Approve", "Share"]),
        (replace(ONE, status="not_approved"), GIVEN, {}, ["Approve", "Share"]),
        (replace(ONE, state="merged", status="not_open"), GIVEN, {}, ["Share"]),
        (replace(ONE, state="closed", status="not_open"), GIVEN, {"shared": True}, []),
        (replace(ONE, state="locked", status="not_open"), GIVEN, {"shared": True}, []),
    ],
)  # fmt: skip
def test_buttons_for_what_can_be_done(
    one: MergeRequest, approvals: Approvals | None, how: dict[str, bool], expected: Sequence[str]
) -> None:
    """Legal next moves, and the way to GitLab."""
    assert buttons(card(one, approvals, **how)) == [*expected, "Open in GitLab"]


def test_merging_is_asked_about_first() -> None:
    """With where it goes, and which commit."""
    [merge] = [one for block in card().blocks if block["type"] == "actions" for one in block["elements"]
               if one["action_id"] == look.MERGE]  # fmt: skip
    assert merge["confirm"]["text"]["text"] == "!7 Pool size goes into main at c0ffee12, as you."
    assert merge["value"] == "aim1"


@pytest.mark.parametrize(
    ("one", "approvals", "failed", "said"),
    [
        (replace(ONE, pipeline=None), GIVEN, (), "No pipeline"),
        (replace(ONE, pipeline=replace(PIPELINE, status="failed")), GIVEN, ("lint", "test"), "failed: lint, test"),
        (ONE, Approvals(("sam", "dana"), wanted=3), (), "2 of 3 approvals by sam, dana"),
        (ONE, Approvals(("sam",), wanted=1, approved=True), (), ":white_check_mark: 1 of 1 approval by sam"),
        (replace(ONE, reviewers=("sam", "erin")), Approvals(("sam",)), (), "Approved by sam · asked: erin"),
        (ONE, None, (), "does not tell who approved it"),
        (replace(ONE, labels=tuple("abcdefgh")), GIVEN, (), "a, b, c, d, e, f and 2 more"),
        (replace(ONE, threads_open=True, status="discussions_not_resolved"), GIVEN, (), "Threads are not resolved yet"),
        (replace(ONE, status="conflict"), GIVEN, (), "in conflict with its target branch"),
        (replace(ONE, status="never_heard_of"), GIVEN, (), "GitLab says of it: never_heard_of."),
        (replace(ONE, auto=True, merge_user="alice"), GIVEN, (), "by itself once nothing is in the way, set by alice"),
        (replace(ONE, error="Hook said no"), GIVEN, (), "last try failed: Hook said no."),
        (replace(ONE, draft=True), GIVEN, (), ":pencil2: draft"),
        (replace(ONE, state="locked"), GIVEN, (), "being merged"),
    ],
)  # fmt: skip
def test_what_is_to_be_known_is_said(
    one: MergeRequest, approvals: Approvals | None, failed: tuple[str, ...], said: str
) -> None:
    """In words; the emoji is only beside them."""
    assert said in shown(look.card(Sighting(one, approvals, failed), "a", NOW, personal=True, shared=True))


def test_a_head_that_moved_is_told_above_the_card() -> None:
    """The card below it is whole."""
    told = look.moved(Sighting(ONE, GIVEN), "aim2", NOW, "Nothing was merged: 1 commit more.")
    assert shown(told).startswith(":warning: Nothing was merged: 1 commit more.")
    assert "Merge" in buttons(told)


@pytest.mark.parametrize(
    ("one", "failed", "why"),
    [
        (
            replace(ONE, pipeline=replace(PIPELINE, status="failed")),
            ("lint",),
            "Its pipeline #1201 failed: lint.",
        ),
        (replace(ONE, pipeline=replace(PIPELINE, status="canceled")), (), "Its pipeline #1201 canceled."),
        (ONE, (), "Somebody pushed to it, or called it off."),
        (replace(ONE, status="conflict"), (), "It is in conflict"),
    ],
)
def test_who_waited_is_called_when_nothing_comes_of_it(
    one: MergeRequest, failed: tuple[str, ...], why: str
) -> None:
    """And told why."""
    told = look.dropped(Sighting(one, GIVEN, failed), ["U0ALICE001"])
    assert "<@U0ALICE001>" in shown(told)
    assert why in told.text


ALICE = Person("T0ACME0001", "U0ALICE001")
REVIEW = Review(ALICE, 42, "acme/shop", 7, "Pool size", f"{HOME}/merge_requests/7", "review", "bob",
                pipeline="failed", approvals=2, updated_at=NOW - 60_000)  # fmt: skip


def test_lists_tell_what_one_needs_to_choose() -> None:
    """Ten each; the rest is counted."""
    many = [replace(REVIEW, iid=n) for n in range(1, 13)]
    told = shown(look.waiting(many, [], NOW, prefix="/gitlab "))
    assert f"• <{HOME}/merge_requests/7|!7> Pool size (acme/shop, 1 m ago, :x: failed, 2 approvals)" in told
    assert "… and 2 more" in told
    assert "*Yours*: nothing." in told


def test_an_empty_list_has_nothing_to_pick() -> None:
    """Slack refuses a select without options."""
    assert [one["type"] for one in look.listed("None", [], NOW, footer="-").blocks] == ["section", "context"]


@given(hostile, hostile, st.sampled_from(["opened", "merged", "closed"]))
def test_nothing_in_it_calls_or_leads_away(text: str, name: str, state: str) -> None:
    """Titles, branches, labels, people and reasons are only shown."""
    one = replace(
        ONE, title=text, source=name, target=text, author=name, labels=(text,), reviewers=(name,), status=text,
        error=text, merge_user=name, auto=True, state=state,
    )  # fmt: skip
    seen = Sighting(one, Approvals((name,)), (text,))
    for message in (
        look.card(seen, "a", NOW, remark=text, personal=False, shared=True), look.line(text),
        look.moved(seen, "a", NOW, f"Nothing: {text}"), look.outcome(one.reference, "", text),
    ):  # fmt: skip
        check(message, links=[f"{HOME}/pipelines/1201"])
    review = replace(REVIEW, title=text, project=name)
    listed = look.waiting([review], [review], NOW, prefix="", about=text)
    check(listed, links=[f"{HOME}/merge_requests/7"])
    assert problems_of(list(look.dropped(seen, ["U0ALICE001"]).blocks)) == []
