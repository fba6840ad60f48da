"""Merge requests are approved and merged as the person, once, at the head that was shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.deeds import Halted, Permit
from bot.edges.gitlab import GitLab
from bot.errors import GitLabUnreachable, NotFound, NotUnderstood, Refused
from bot.merge_requests import Approvals, MergeRequest
from bot.policy import CONFIRM, DENY, Policy, Rule
from tests.jobs.seen import buttons, shown
from tests.jobs.stage import VERBS
from tests.reviews.stage import SITE, Reviews, aim_of, speaking

APPROVED, MERGED = "approved", "merged"
ONE = "/projects/:id/merge_requests/:merge_request_iid"
APPROVE, MERGE = f"POST {ONE}/approve", f"PUT {ONE}/merge"


def under(shop: Reviews, *rules: Rule) -> Reviews:
    """The same stage under a policy of these rules."""
    return replace(shop, kit=replace(shop.kit, config=replace(shop.kit.config, policy=Policy(rules=rules))))


def test_an_approval_is_told_where_it_was_given(shop: Reviews) -> None:
    """The channel gets a card that says who did it; so does the trail."""
    about = shop.open()
    assert shop.say(f"mr approve {about.text}") is None
    card = shop.shown(about)
    assert "Approved by alice" in shown(card)
    assert buttons(card) == ["Approve", "Take approval back", "Merge", "Open in GitLab"]
    assert shop.decisions() == [(APPROVED, "!1")]
    assert shop.calls[APPROVE] == 1


def test_what_follows_is_told_on_the_same_card_and_below_it(shop: Reviews) -> None:
    """A second card would only be noise."""
    about = shop.open()
    shop.say(f"mr approve {about.text}")
    shop.say(f"mr merge {about.text} squash", name="bob", key="mine")
    assert len(shop.cards(about)) == 1
    assert "Merged by bob as one commit" in shown(shop.shown(about))
    assert buttons(shop.shown(about)) == ["Open in GitLab"]
    line = shop.letter("mine.merge.line")
    assert line is not None
    assert line.text == "Merged by bob as one commit."
    assert shop.decisions() == [(APPROVED, "!1"), (MERGED, "!1")]
    assert shop.state(about) == MERGED


def test_an_approval_is_taken_back(shop: Reviews) -> None:
    """By who gave it, and by nobody else."""
    about = shop.open()
    shop.say(f"mr approve {about.text}")
    with pytest.raises(Refused, match="have not approved !1"):
        shop.say(f"mr unapprove {about.text}", name="bob")
    shop.say(f"mr unapprove {about.text}")
    assert "alice took their approval back" in shown(shop.shown(about))
    assert "Take approval back" not in buttons(shop.shown(about))


def test_buttons_do_the_same(shop: Reviews) -> None:
    """They carry an id, and the head that the card showed stays in the store."""
    about = shop.open()
    aim = aim_of(shop.say(f"mr show {about.text}"))
    assert about.text not in aim
    shop.press("mr.approve", aim)
    shop.press("mr.merge", aim, name="bob")
    assert shop.state(about) == MERGED


# Moved ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["mr.approve", "mr.merge", "mr.later"])
def test_a_head_that_moved_is_shown_first(shop: Reviews, action: str) -> None:
    """Nothing is done to what nobody has seen; how many commits came is said, and the new card works."""
    about = shop.open()
    aim = aim_of(shop.say(f"mr show {about.text}"))
    shop.act(f"push fix {SITE}", "bob")
    shop.act(f'push fix {SITE} "One more"', "bob")
    again = shop.press(action, aim)
    assert "2 commits more since you looked" in shown(again)
    assert shop.calls[APPROVE] + shop.calls[MERGE] == 0
    assert shop.decisions() == []
    shop.press("mr.approve", aim_of(again))
    assert shop.decisions() == [(APPROVED, "!1")]


def test_a_head_that_moves_at_that_moment_is_told_the_same(shop: Reviews) -> None:
    """GitLab compares it once more, and answers 409."""
    about = shop.open()
    aim = aim_of(shop.say(f"mr show {about.text}"))

    class Meanwhile(GitLab):
        """Somebody pushes between the look and the approval."""

        def approve(self, project_id: int, iid: int, sha: str) -> Approvals:
            shop.act(f'push fix {SITE} "In between"', "bob")
            return super().approve(project_id, iid, sha)

    meanwhile = speaking(shop, Meanwhile)
    again = meanwhile.press("mr.approve", aim)
    assert "1 commit more since you looked" in shown(again)
    assert shop.calls[APPROVE] == 1
    assert shop.decisions() == []


def test_commits_that_were_rewritten_are_no_more_commits(shop: Reviews) -> None:
    """A force-push leaves nothing of what was looked at."""
    about = shop.open()
    aim = aim_of(shop.say(f"mr show {about.text}"))
    shop.act(f"delete-branch fix {SITE}", "bob")
    shop.act(f'push fix {SITE} "All new"', "bob")
    assert "its commits were rewritten" in shown(shop.press("mr.approve", aim))


def test_the_card_of_the_thread_is_what_is_approved(shop: Reviews) -> None:
    """Typed below a card, a command is about the head that the card shows."""
    about = shop.open()
    shop.say(f"mr share {about.text}")
    with shop.store.write() as tx:
        card = shop.cards(about)[0]
        tx.cards.claim(card.id)
        tx.cards.shown(card.id, "17.1", "x", 0)
    shop.act(f"push fix {SITE}", "bob")
    assert "1 commit more" in shown(shop.say("mr approve", thread="17.1"))
    assert shop.say("mr approve", thread="17.1") is None
    assert shop.decisions() == [(APPROVED, "!1")]


# No ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "name", "said"),
    [
        ("mr approve", "carol", "does not let @carol approve !1"),
        ("mr approve", "bob", "!1 is your own"),
        ("mr merge", "carol", "does not let @carol merge into main of acme/site"),
        ("mr unapprove", "alice", "have not approved !1"),
    ],
)
def test_who_may_not_is_told_why(shop: Reviews, line: str, name: str, said: str) -> None:
    """GitLab answers 401 to all of them, and that means something else each time."""
    verb, about = line, shop.open()
    with pytest.raises(Refused, match=said):
        shop.say(f"{verb} {about.text}", name=name)
    assert shop.decisions() == []


def test_twice_is_once(shop: Reviews) -> None:
    """Who has approved or merged already hears so; the same request again does nothing at all."""
    about = shop.open()
    shop.say(f"mr approve {about.text}", key="first")
    assert shop.say(f"mr approve {about.text}", key="first") is None
    with pytest.raises(Refused, match="You have approved !1 already"):
        shop.say(f"mr approve {about.text}")
    shop.say(f"mr merge {about.text}")
    with pytest.raises(Refused, match="!1 is merged, so there is nothing to merge"):
        shop.say(f"mr merge {about.text}")
    with pytest.raises(Refused, match="!1 is merged, so there is nothing to approve"):
        shop.say(f"mr approve {about.text}", name="bob")
    assert (shop.calls[APPROVE], shop.calls[MERGE]) == (1, 1)


def test_a_closed_one_is_left_alone(shop: Reviews) -> None:
    """The state is said."""
    about = shop.open()
    shop.act(f"close-mr !1 {SITE}", "bob")
    with pytest.raises(Refused, match="!1 is closed"):
        shop.say(f"mr merge {about.text}")


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("draft-mr !1 acme/site", "It is a draft: mark it as ready"),
        ("setting approvals_before_merge=2 acme/site", "It lacks approvals"),
        ("setting only_allow_merge_if_pipeline_succeeds=yes acme/site", "Its pipeline has to pass first"),
    ],
)
def test_what_stands_in_the_way_is_a_sentence(shop: Reviews, before: str, said: str) -> None:
    """GitLab answers 405 to all of them; why stands in the merge request."""
    about = shop.open()
    shop.act(before)
    with pytest.raises(Refused, match=said):
        shop.say(f"mr merge {about.text}")
    assert shop.state(about) == "opened"


def test_a_conflict_is_named(shop: Reviews) -> None:
    """GitLab answers 422."""
    shop.act(f'push one {SITE} "One" file=a.txt', "bob")
    shop.act(f'push two {SITE} "Two" file=a.txt', "bob")
    shop.act(f"mr one One project={SITE}", "bob")
    shop.act(f"mr two Two project={SITE}", "bob")
    shop.say(f"mr merge {SITE}!1")
    with pytest.raises(Refused, match="in conflict with its target branch"):
        shop.say(f"mr merge {SITE}!2")


def test_there_is_nothing_to_wait_for(shop: Reviews) -> None:
    """Asked to merge later what can be merged now, the answer offers that."""
    about = shop.open()
    with pytest.raises(NotUnderstood, match="nothing that !1 could wait for") as caught:
        shop.say(f"mr merge {about.text} when passes")
    assert caught.value.suggestions == (f"mr merge {SITE}!1",)


@pytest.mark.parametrize("line", [f"mr show {SITE}!999", f"mr approve {SITE}!999", "mr merge acme/vault!1"])
def test_what_is_not_there_or_not_theirs_is_not_found(shop: Reviews, line: str) -> None:
    """Both are told in the same way."""
    with pytest.raises((NotFound, NotUnderstood), match=r"!999|acme/vault"):
        shop.say(line, name="bob")


def test_a_forgotten_card_does_nothing(shop: Reviews) -> None:
    """What a button carries is an id of ours, or nothing."""
    with pytest.raises(Refused, match="too old"):
        shop.press("mr.merge", "acme/site!1")


# Later ------------------------------------------------------------------------------------------------------


def test_gitlab_merges_it_later(shop: Reviews) -> None:
    """What is in the way now need not be for ever; the card says who set it so."""
    about = shop.open()
    shop.act(f"setting approvals_before_merge=1 {SITE}")
    shop.say(f"mr merge {about.text} when it passes")
    assert "alice lets GitLab merge it once nothing is in the way" in shown(shop.shown(about))
    assert "Merge" not in buttons(shop.shown(about))
    assert shop.decisions() == [("set to merge", "!1")]
    shop.act(f"approve-mr !1 {SITE}", "dave")
    assert shop.state(about) == MERGED
    shop.clock.pass_(60)
    shop.tick()
    assert "Merged by @alice" in shown(shop.shown(about))


# Rules ------------------------------------------------------------------------------------------------------


def test_a_rule_may_name_the_target_branch(shop: Reviews) -> None:
    """What is refused is refused before GitLab is asked."""
    about = shop.open()
    ruled = under(shop, Rule("not-main", DENY, commands=("mr",), refs=("main",)))
    with pytest.raises(Halted, match="not-main"):
        ruled.say(f"mr merge {about.text}")
    assert shop.calls[MERGE] == 0


def test_a_confirmation_is_tied_to_the_head(shop: Reviews) -> None:
    """Agreed to one head, another one has to be agreed to anew."""
    about = shop.open()
    ruled = under(shop, Rule("sure", CONFIRM, commands=("mr",)))
    with pytest.raises(Halted) as first:
        ruled.say(f"mr merge {about.text}")
    shop.act(f"push fix {SITE}", "bob")
    with pytest.raises(Halted) as second:
        ruled.say(f"mr merge {about.text}")
    assert first.value.shown != second.value.shown


def test_a_dry_run_tells_what_would_be_asked(shop: Reviews) -> None:
    """And asks nothing."""
    about = shop.open()
    request = shop.request(f"mr merge {about.text}")
    with pytest.raises(Halted) as caught:
        VERBS["mr"].run(replace(request, permit=Permit(dry_run=True)), shop.kit)
    assert "PUT acme/site!1/merge at" in caught.value.verdict.call
    assert shop.calls[MERGE] == 0


# Lost answers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
@pytest.mark.parametrize(("verb", "done"), [("approve", "Approved by alice"), ("merge", "Merged by alice")])
def test_a_lost_answer_is_looked_for_and_nothing_is_done_twice(
    shop: Reviews, verb: str, done: str, how: str
) -> None:
    """GitLab has done it and did not say so; that is found out, and told."""
    about = shop.open()
    shop.break_(how)
    with pytest.raises(GitLabUnreachable, match="I am looking"):
        shop.say(f"mr {verb} {about.text}", key="lost")
    shop.mend()
    shop.clock.pass_(2)
    shop.tick()
    found = shop.letter(f"lost.{verb}.found")
    assert found is not None
    assert f"after all: {done}" in found.text
    assert done in shown(shop.shown(about))
    assert shop.calls[APPROVE] + shop.calls[MERGE] == 1
    assert len(shop.decisions()) == 1


def test_what_was_not_done_is_told_so(shop: Reviews) -> None:
    """Once GitLab has surely given it up; nothing is asked for again."""
    about = shop.open()

    class Lost(GitLab):
        """The request is lost on its way."""

        def merge(self, *_: object, **__: object) -> MergeRequest:
            raise GitLabUnreachable("The connection broke.", sent=True)

    with pytest.raises(GitLabUnreachable, match="I am looking"):
        speaking(shop, Lost).say(f"mr merge {about.text}", key="lost")
    for seconds in (2, 70):
        shop.clock.pass_(seconds)
        shop.tick()
    found = shop.letter("lost.merge.found")
    assert found is not None
    assert "is not merged: nothing came of it" in found.text
    assert shop.state(about) == "opened"
    assert (shop.calls[MERGE], shop.decisions(), shop.cards(about)) == (0, [], [])


def test_gitlab_that_is_down_is_said_so(shop: Reviews) -> None:
    """Nothing was sent, so there is nothing to look for."""
    about = shop.open()
    shop.break_("down")
    with pytest.raises(GitLabUnreachable):
        shop.say(f"mr merge {about.text}", key="down")
    shop.mend()
    with shop.store.read() as tx:
        assert tx.writes.get("down.merge") is None
