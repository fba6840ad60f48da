"""Issues look the same whatever stands in them, in cards, lists and forms."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from blocks import issue as look
from blocks import issue_forms
from bot.model import GitLabUser, Option, Place
from bot.tracker import Comment, Draft, Issue, Subject
from sandbox.slack.blockkit import problems_of
from tests.blocks.looks import HOME, check, hostile
from tests.jobs.seen import buttons, shown

URL = f"{HOME}/issues/4"
ISSUE = Issue(8804, 4, 42, "acme/shop", "Basket loses items", "opened", URL)
LAST = Comment(1, "It happens on **Fridays**.", "bob", "Bob Baker", 8, 1_000_000)
PLACE = Place("C0OPS00001", "17.1")


def test_a_card() -> None:
    """Title, state in words, and what there is to know."""
    full = replace(
        ISSUE, labels=("bug", "needs triage"), assignees=(GitLabUser(8, "bob", "Bob Baker"),), due="2026-12-01",
        kind="incident", confidential=True,
    )  # fmt: skip
    card = look.card(full, LAST, "k1.card", 1_300_000, remark="Created by alice")
    check(card, links=[URL])
    seen = shown(card)
    assert "#4 Basket loses items" in seen
    assert (
        ":large_green_circle: open incident · acme/shop · labels: bug, needs triage · assigned to Bob Baker"
        " · due 1 December 2026 · :lock: confidential" in seen
    )
    assert "Bob Baker, 5 m ago:" in seen
    assert "Fridays" in seen
    assert "Created by alice" in seen
    assert card.text == "#4 Basket loses items: open"


@pytest.mark.parametrize(
    ("state", "labels"),
    [
        ("opened", ["Comment", "Assign me", "Label", "Close", "Open in GitLab"]),
        ("closed", ["Comment", "Label", "Reopen", "Open in GitLab"]),
    ],
)
def test_only_legal_buttons(state: str, labels: list[str]) -> None:
    """A closed issue is not closed again, and nobody takes it."""
    card = look.card(replace(ISSUE, state=state), None, "k1.card", 0)
    assert buttons(card) == labels
    values = [one.get("value") for one in card.blocks[-1]["elements"][:-1]]
    assert set(values) == {"k1.card"}


def test_many_labels_are_counted() -> None:
    """A card names some of them."""
    many = replace(ISSUE, labels=tuple(f"label{n}" for n in range(20)), due="someday")
    seen = shown(look.card(many, None, "k", 0))
    assert "label7 and 12 more" in seen
    assert "due someday" in seen


def test_what_a_search_found() -> None:
    """A line and, for the first, a button each."""
    issues = [(replace(ISSUE, iid=n, labels=("bug",)), f"c{n}") for n in range(1, 8)]
    closed = (replace(ISSUE, iid=9, state="closed"), "c9")
    found = look.found("acme/shop", "basket", [*issues, closed], prefix="/gitlab ")
    assert found.text == "8 issues with `basket` in acme/shop"
    assert "Basket loses items (closed)" in shown(found)
    assert buttons(found) == ["#1", "#2", "#3", "#4", "#5"]
    none = look.found("acme/shop", "basket", [], prefix="/gitlab ")
    assert "`/gitlab issue create Title` makes one" in shown(none)


def test_what_is_told() -> None:
    """Found after all, or not; what is left of a card; what a place is about."""
    assert f"<{URL}|Basket>" in look.lost("Basket", URL).text
    assert "GitLab has not done it: Basket." in look.lost("Basket", "").text
    assert look.withdrawn(Subject(42, "acme/shop", 4), "it is gone.").text == "#4 in acme/shop: it is gone."
    assert "channel is about no issue any more" in look.no_subject(was=True, dm=False).text
    assert "conversation was about no issue" in look.no_subject(was=False, dm=True).text
    assert f"<{URL}|acme/shop#4> is closed already." in look.told(ISSUE, "is closed already.").text


def test_a_button_that_opens_a_form() -> None:
    """With what can be typed instead, where there is that."""
    offer = look.offer("Say it:", "Comment", look.COMMENT, "s1", "issue comment #4 your words")
    assert buttons(offer) == ["Comment"]
    assert "Or type `issue comment #4 your words`." in shown(offer)
    assert "Or type" not in shown(look.offer("No.", "Open the form again", look.CREATE, "s1", ""))


@given(hostile, hostile)
def test_hostile_words_are_shown(title: str, words: str) -> None:
    """In a card, in its lists and under it; nothing links but the issue, and nobody is called."""
    one = replace(ISSUE, title=title, labels=(words, title), project=words, kind=title)
    check(look.card(one, None, "k", 0, remark=words), links=[URL])
    check(look.found(words, title, [(one, "k")], prefix="/gitlab "), links=[URL])
    check(look.withdrawn(Subject(1, words, 4), title))
    check(look.offer(words.strip() or "x", "Comment", look.COMMENT, "s1", title))


# Forms ------------------------------------------------------------------------------------------------------


def test_the_form_of_a_new_issue() -> None:
    """What is known is filled in; what is said in a place can be quoted there, and the line is under it."""
    draft = Draft("acme/shop", "Basket", "It is empty", ("bug",), "It quotes what bob said.")
    view = issue_forms.create("s1", PLACE, draft, line="/gitlab issue create Title", quotes=True)
    assert problems_of(view["blocks"], view=True) == []
    fields = {one["block_id"]: one for one in view["blocks"] if one["type"] == "input"}
    assert list(fields) == ["issue.project", "title", "text", "labels", "more", "last"]
    assert fields["issue.project"]["dispatch_action"] is True
    assert fields["title"]["element"]["initial_value"] == "Basket"
    assert fields["title"]["element"]["max_length"] == 255
    assert [one["value"] for one in fields["labels"]["element"]["initial_options"]] == ["bug"]
    assert view["private_metadata"] == "s1 C0OPS00001 17.1"
    assert "It quotes what bob said." in str(view)
    assert "/gitlab issue create Title" in str(view["blocks"][-1])
    bare = issue_forms.create("s1", PLACE, Draft(), line="x", quotes=False)
    assert problems_of(bare["blocks"], view=True) == []
    assert "last" not in [one.get("block_id") for one in bare["blocks"]]


@pytest.mark.parametrize("issue", [None, Option("#4 Basket", "#4")])
def test_the_form_that_adds_a_message(issue: Option | None) -> None:
    """The issue of the place is picked already."""
    view = issue_forms.add("s1", PLACE, Draft("acme/shop", about="It quotes bob."), issue=issue, line="x")
    assert problems_of(view["blocks"], view=True) == []
    field = next(one for one in view["blocks"] if one.get("block_id") == "issue")
    assert ("initial_option" in field["element"]) is (issue is not None)


@given(hostile)
def test_forms_hold_anything(words: str) -> None:
    """Whatever stands in an issue, Slack takes the form."""
    one = replace(ISSUE, title=words, labels=(words,) if words.strip() else ())
    draft = Draft(words, words, words, (words,), words)
    for view in (
        issue_forms.comment("s1", PLACE, one, words, words),
        issue_forms.label("s1", PLACE, one, "", words),
        issue_forms.create("s1", PLACE, draft, line=words, quotes=True),
        issue_forms.add("s1", PLACE, draft, issue=Option(words, words), line=words),
    ):
        assert problems_of(view["blocks"], view=True) == []
