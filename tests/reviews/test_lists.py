"""What waits for somebody and what is theirs; which one is meant, and what can be picked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.command import Letters
from bot.edges.gitlab import GitLab
from bot.errors import GitLabSaidNo, LeftOut, NotLinked, NotUnderstood
from bot.merge_requests import Checks, Reference
from bot.model import Person, Place
from bot.reviews import mine, picks
from tests.jobs.seen import buttons, shown
from tests.jobs.stage import OPS, PEOPLE
from tests.reviews.stage import SITE, Reviews, speaking


def test_both_lists_are_told(shop: Reviews) -> None:
    """Each with what one needs to choose, and a select for it."""
    shop.open("fix", reviewer="alice", draft="yes")
    shop.act(f"push own {SITE}", "alice")
    shop.act(f"mr own My own project={SITE} reviewer=bob", "alice")
    shop.act(f"approve-mr !2 {SITE}", "bob")
    told = shown(shop.say("mr"))
    review, own = told.split("*Yours*")
    assert "Draft: Work on fix (acme/site, draft, just now)" in review
    assert "My own (acme/site, just now, 1 approval)" in own


def test_what_was_approved_does_not_wait_any_more(shop: Reviews) -> None:
    """A review is done once."""
    about = shop.open("fix", reviewer="alice")
    shop.say(f"mr approve {about.text}")
    assert mine.refresh(shop.kit, PEOPLE["alice"]).review == ()
    assert "Waiting for your review*: nothing" in shown(shop.say("mr"))


def test_it_is_kept_for_the_home(shop: Reviews) -> None:
    """By role, as it was seen; what is gone is forgotten."""
    shop.open("fix", reviewer="alice", assignee="bob")
    mine.refresh(shop.kit, PEOPLE["alice"])
    mine.refresh(shop.kit, PEOPLE["bob"])
    with shop.store.read() as tx:
        assert [one.title for one in tx.reviews.of(PEOPLE["alice"], "review")] == ["Work on fix"]
        assert [one.title for one in tx.reviews.of(PEOPLE["bob"], "mine")] == ["Work on fix"]
        assert tx.reviews.of(PEOPLE["bob"], "review") == []
    shop.act(f"merge-mr !1 {SITE}", "bob")
    mine.refresh(shop.kit, PEOPLE["bob"])
    with shop.store.read() as tx:
        assert tx.reviews.of(PEOPLE["bob"], "mine") == []


def test_a_gitlab_without_such_questions_still_has_lists(shop: Reviews) -> None:
    """Pipelines and approvals are left out."""
    shop.open("fix", reviewer="alice")

    class Old(GitLab):
        """Its GraphQL knows no merge requests."""

        def checks(self, wanted: object) -> dict[Reference, Checks]:
            raise GitLabSaidNo

    assert "Work on fix (acme/site, just now)" in shown(speaking(shop, Old).say("mr list review"))


def test_words_look_for_titles(shop: Reviews) -> None:
    """In one's own lists here, in a project's by GitLab."""
    shop.open("fix", reviewer="alice")
    shop.open("other", reviewer="alice")
    assert "Work on other" not in shown(shop.say("mr list review FIX"))
    assert "Work on other" not in shown(shop.say("mr list fix"))
    found = shown(shop.say(f"{SITE} mr list all other"))
    assert "Work on other" in found
    assert "Work on fix" not in found
    assert "with “<nobody>” in it" not in shown(shop.say(f"{SITE} mr list all <nobody>"))


def test_nobody_without_an_account_has_lists(shop: Reviews) -> None:
    """They are asked to connect one."""
    with pytest.raises(NotLinked):
        mine.refresh(shop.kit, Person("T0ACME0001", "U0NOBODY01"))


# Which one --------------------------------------------------------------------------------------------------


def test_one_that_is_left_out_is_picked(shop: Reviews) -> None:
    """From those of the project; what else was typed stays behind it."""
    about = shop.open()
    with pytest.raises(LeftOut) as caught:
        shop.say(f"{SITE} mr merge squash")
    question = caught.value
    assert (question.before, question.after, question.source) == (f"{SITE} mr merge", "squash", "mr")
    letters = Letters(PEOPLE["alice"], Place(OPS), "work", question.context)
    [option] = picks.find(shop.kit, letters)
    assert option.value == about.text
    assert shop.say(f"{question.before} {option.value} {question.after}") is None
    assert shop.state(about) == "merged"


def test_without_an_open_one_there_is_nothing_to_pick(shop: Reviews) -> None:
    """The answer says so."""
    with pytest.raises(NotUnderstood, match="has no open merge request"):
        shop.say(f"{SITE} mr approve")


def test_nobody_is_offered_what_they_were_not_shown(shop: Reviews) -> None:
    """Names are known by whom they were shown to."""
    shop.open()
    shop.say(f"{SITE} mr list all")
    assert picks.find(shop.kit, Letters(PEOPLE["alice"], Place(OPS), "", SITE)) != []
    assert picks.find(shop.kit, Letters(PEOPLE["bob"], Place(OPS), "", SITE)) == []


def test_those_of_the_project_come_first(shop: Reviews) -> None:
    """Others are offered all the same."""
    one, other = shop.open("fix"), shop.open("fix", "acme/shop")
    shop.say(f"{SITE} mr list all")
    shop.say("acme/shop mr list all")
    found = picks.find(shop.kit, Letters(PEOPLE["alice"], Place(OPS), "fix", other.project))
    assert [option.value for option in found] == [other.text, one.text]


def test_a_thread_is_about_the_one_that_was_shown_in_it(shop: Reviews) -> None:
    """Its number is then enough, and so is none."""
    first, second = shop.open("one"), shop.open("two")
    assert shop.say(f"mr show {first.text}", thread="17.1") is None
    assert "Work on one" in shown(shop.shown(first))
    shop.say("mr approve", thread="17.1")
    assert "Approved by alice" in shown(shop.shown(first))
    shop.say("mr approve !2", thread="17.1")
    assert "Approved by alice" in shown(shop.shown(second))


def test_a_project_before_the_verb_wins_over_the_thread(shop: Reviews) -> None:
    """Whoever names one means it."""
    first = shop.open("one")
    shop.say(f"mr show {first.text}", thread="17.1")
    with pytest.raises(NotUnderstood, match="acme/shop has no open merge request"):
        shop.say("acme/shop mr approve", thread="17.1")


def test_the_project_of_the_thread_is_that_of_its_merge_request(shop: Reviews) -> None:
    """For every other command, too."""
    shop.say(f"mr show {shop.open('one').text}", thread="17.1")
    assert f"Commands here are about <{shop.kit.config.gitlab.url}/{SITE}|{SITE}>" in shown(
        shop.say("project show", thread="17.1")
    )


# Shown ------------------------------------------------------------------------------------------------------


def test_what_is_shown_in_a_channel_is_for_the_asker(shop: Reviews) -> None:
    """It has what they may do, and a button that shares it."""
    about = shop.open()
    assert buttons(shop.say(f"mr show {about.text}")) == ["Approve", "Merge", "Share", "Open in GitLab"]
    assert buttons(shop.say(f"mr show {about.text}", name="carol")) == ["Share", "Open in GitLab"]
    assert shop.cards(about) == []


def test_what_is_shared_is_for_all(shop: Reviews) -> None:
    """By word and by button; done again it is the same card."""
    about = shop.open()
    shop.say(f"mr share {about.text}", key="once")
    shop.say(f"mr share {about.text}", key="once")
    assert len(shop.cards(about)) == 1
    assert buttons(shop.shown(about)) == ["Approve", "Merge", "Open in GitLab"]


def test_what_is_picked_in_a_list_is_shown(shop: Reviews) -> None:
    """As the one who picks."""
    about = shop.open()
    assert "Work on fix" in shown(shop.press("mr.show", about.text))
    with pytest.raises(NotUnderstood):
        shop.press("mr.show", "!1")


def test_a_hostile_title_is_only_shown(shop: Reviews) -> None:
    """Nobody is called by it, and nothing in it is a link of ours."""
    about = shop.open()
    one = replace(
        shop.kit.gitlab_as(PEOPLE["alice"]).merge_request(about.project_id, 1), title="<!channel> & *co*"
    )
    found = mine.review(PEOPLE["alice"], "mine", one, Checks(), shop.clock())
    assert found.title == "<!channel> & *co*"
