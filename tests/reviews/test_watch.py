"""Cards follow what happens to a merge request in GitLab, as long as something may happen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.edges.gitlab import GitLab
from bot.errors import GitLabUnreachable, NotFound
from bot.merge_requests import MergeRequest, Reference
from bot.reviews import pace, seeing
from tests.jobs.seen import shown
from tests.reviews.stage import SITE, Reviews

ONE = MergeRequest(
    1, 7, 42, "acme/shop", "Pool size", "opened", "https://gitlab.example.com/7", "pool", "main", "c0ffee", "bob",
    status="mergeable",
)  # fmt: skip
LOOK = "GET /projects/:id/merge_requests/:merge_request_iid"


def shared(shop: Reviews) -> Reference:
    """One that waits for an approval, and that GitLab merges then; its card is in the channel."""
    shop.act(f"setting approvals_before_merge=1 {SITE}")
    about = shop.open()
    shop.say(f"mr merge {about.text} when passes", key="later")
    return about


def test_what_happens_by_itself_appears_by_itself(shop: Reviews) -> None:
    """The card says who merged it, and its thread that it is done."""
    about = shared(shop)
    shop.act(f"approve-mr !1 {SITE}", "dave")
    shop.clock.pass_(5)
    shop.tick()
    card = shop.cards(about)[0]
    assert "Merged by @alice" in shown(shop.shown(about))
    line = shop.letter(f"{card.id}.merged.0.{seeing.was(card.seen).sha[:8]}")
    assert line is not None
    assert line.text == "Merged by @alice."
    assert card.next_look == pace.NEVER


def test_nothing_is_looked_at_before_its_time(shop: Reviews) -> None:
    """Nor once nothing is about to happen."""
    shared(shop)
    before = shop.calls[LOOK]
    shop.tick()
    assert shop.calls[LOOK] == before
    shop.act(f"close-mr !1 {SITE}", "bob")
    for seconds in (5, 60, 600):
        shop.clock.pass_(seconds)
        shop.tick()
    assert shop.calls[LOOK] == before + 1


def test_who_let_gitlab_merge_it_hears_that_it_will_not(shop: Reviews) -> None:
    """They are mentioned; who pushed called it off."""
    about = shared(shop)
    card = shop.cards(about)[0]
    shop.act(f"push fix {SITE}", "bob")
    shop.clock.pass_(5)
    shop.tick()
    head = seeing.was(shop.cards(about)[0].seen).sha
    told = shop.letter(f"{card.id}.opened.0.{head[:8]}")
    assert told is not None
    assert "<@U0ALICE001>" in shown(told)
    assert "!1 is not merged by itself any more." in told.text
    assert "GitLab does not merge it by itself any more" in shown(shop.shown(about))


def test_a_closed_one_says_by_whom(shop: Reviews) -> None:
    """In the words of the card."""
    about = shared(shop)
    shop.act(f"close-mr !1 {SITE}", "bob")
    shop.clock.pass_(5)
    shop.tick()
    assert "Closed by @bob" in shown(shop.shown(about))


def test_approvals_by_others_are_drawn(shop: Reviews) -> None:
    """Whoever gave them, and wherever."""
    shop.act(f"setting approvals_before_merge=2 {SITE}")
    about = shop.open()
    shop.say(f"mr merge {about.text} when passes")
    shop.act(f"approve-mr !1 {SITE}", "dave")
    shop.clock.pass_(5)
    shop.tick()
    assert "1 of 2 approvals by dave" in shown(shop.shown(about))


def test_two_cards_are_one_look(shop: Reviews) -> None:
    """Both are drawn."""
    about = shared(shop)
    shop.say(f"mr share {about.text}")
    before = shop.calls[LOOK]
    shop.clock.pass_(5)
    shop.tick()
    assert shop.calls[LOOK] == before + 1
    assert len(shop.cards(about)) == 2


@pytest.mark.parametrize(("error", "gives_up"), [(NotFound(), True), (GitLabUnreachable(), False)])
def test_what_cannot_be_looked_at_is_looked_at_less(shop: Reviews, error: Exception, gives_up: bool) -> None:
    """What is gone is left as it is; what only does not answer is asked again."""
    about = shared(shop)

    class Silent(GitLab):
        """Shows no merge request."""

        def merge_request(self, project_id: int, iid: int) -> MergeRequest:
            raise error

    silent = Silent(shop.gitlab.fake.url, shop.gitlab.fake.bot_token, now=shop.clock)
    blind = replace(shop, kit=replace(shop.kit, gitlab=silent))
    for _ in range(4):
        shop.clock.pass_(100)
        blind.tick()
    card = shop.cards(about)[0]
    assert (card.next_look == pace.NEVER) is gives_up
    silent.close()


@pytest.mark.parametrize(
    ("changes", "moves"),
    [
        ({}, False),
        ({"auto": True}, True),
        ({"status": "checking"}, True),
        ({"state": "locked"}, True),
        ({"state": "merged", "auto": True}, False),
        ({"status": "not_approved"}, False),
    ],
)
def test_what_is_about_to_move(changes: dict[str, object], moves: bool) -> None:
    """GitLab is asked only while it does something by itself."""
    assert pace.is_about_to_move(replace(ONE, **changes)) is moves  # type: ignore[arg-type]


def test_looking_ends(shop: Reviews) -> None:
    """After three days without a change."""
    about = shared(shop)
    shop.clock.pass_(4 * 86_400)
    shop.tick()
    assert shop.cards(about)[0].next_look == pace.NEVER
