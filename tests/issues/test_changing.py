"""Issues are closed, opened again, assigned and labelled; every card follows, and what cannot be is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.deeds import Permit
from bot.edges import gitlab_issue_shapes as shapes
from bot.errors import GitLabUnreachable
from bot.issues import changing
from bot.issues.acting import Actor, By
from bot.model import Person, Place
from tests.edges import wire
from tests.edges.gitlab_calls import Connect, sample
from tests.evidence.floor import DEV, OPS
from tests.issues.stage import Stage


def open_card(stage: Stage, number: int, channel: str = OPS) -> None:
    stage.type(f"shop issue open #{number}", channel=channel)


def test_every_card_follows(stage: Stage) -> None:
    """Whoever changes it, wherever; only legal buttons stay."""
    number = stage.issue()
    open_card(stage, number)
    open_card(stage, number, DEV)
    assert stage.press("close", stage.card(number), "alice") == ""
    for card in stage.cards(number):
        look = str(stage.look(card))
        assert "closed" in look
        assert "Closed by alice" in look
    assert stage.buttons(number) == ["Comment", "Label", "Reopen", "Open in GitLab"]
    assert stage.in_gitlab(number).state == "closed"
    stage.press("reopen", stage.card(number), "carol")
    assert "Reopened by carol" in stage.seen(number)
    assert [one.decision for one in stage.trail()] == ["closed", "reopened"]


def test_where_there_is_no_card_one_is_posted(stage: Stage) -> None:
    """What changed the world is public; under a card that stands there it is a line."""
    number = stage.issue()
    assert stage.type(f"issue close {number}") == ""
    assert stage.card(number).place == Place(OPS)
    assert stage.line() == ""
    stage.type(f"issue reopen {number}")
    assert len(stage.cards(number)) == 1
    assert "Reopened by bob" in stage.line()
    stage.type(f"shop issue close {number}", channel=DEV)
    assert len(stage.cards(number)) == 2


def test_what_is_so_already_is_said(stage: Stage) -> None:
    """GitLab is asked for no change, and the cards show how it is."""
    number = stage.issue()
    open_card(stage, number)
    stage.act(f"close #{number}")
    assert "is closed already" in stage.press("close", stage.card(number))
    assert "closed" in stage.seen(number)
    assert stage.calls("PUT /projects/:id/issues/:issue_iid") == 0


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_a_lost_answer_is_looked_at(stage: Stage, how: str) -> None:
    """The issue itself tells whether it was done."""
    number = stage.issue()
    stage.break_(how, times=1)
    assert stage.type(f"issue close {number}") == ""
    assert "Closed by bob" in stage.seen(number)


@pytest.mark.parametrize("again", [wire.data(sample("issue_get")), wire.cut(), wire.data({}, 500)])
def test_a_change_that_was_not_made_is_said(connect: Connect, again: wire.Reply) -> None:
    """Whoever reads that may ask again: it cannot be done twice."""
    issue = shapes.issue(sample("issue_get"))
    with wire.serve(wire.in_turn(wire.cut(), again, again)) as server:
        who = Actor(By(Person("T1", "U1"), "bob", Place(OPS), "k"), Permit(), lambda: connect(server))
        with pytest.raises(GitLabUnreachable) as caught:
            changing.close(who, issue)
    assert caught.value.sent
    assert [one.method for one in server.seen][:2] == ["PUT", "GET"]


def test_what_a_role_does_not_allow_is_said(stage: Stage) -> None:
    """GitLab leaves it as it is without a word; we do not."""
    number = stage.issue()
    stage.act("role carol guest acme/shop", "root")
    assert "GitLab does not allow that" in stage.type(f"issue close {number}", "carol")
    stage.act("issue Own", "carol")
    said = stage.type(f"issue label #{number + 1} +bug", "carol")
    assert "@carol may not change that in acme/shop" in said
    assert stage.in_gitlab(number + 1).labels == []


def test_who_works_on_it(stage: Stage) -> None:
    """Me, somebody in Slack, a GitLab username, nobody."""
    number = stage.issue()
    stage.type(f"issue assign {number} me")
    assert "assigned to Bob Baker" in stage.seen(number)
    assert "Taken by bob" in stage.seen(number)
    stage.type(f"issue assign {number} <@U0ALICE001>")
    assert "assigned to Alice Archer" in stage.seen(number)
    stage.type(f"issue assign {number} @CAROL")
    assert stage.in_gitlab(number).assignees[0]["username"] == "carol"
    assert "is assigned to `@carol` already" in stage.type(f"issue assign {number} carol")
    stage.type(f"issue assign {number} -")
    assert "assigned to nobody" in stage.seen(number)
    assert "is assigned to `nobody` already" in stage.type(f"issue assign {number} nobody")


def test_who_is_not_known_is_said(stage: Stage) -> None:
    """Near names are offered; who is not connected is not guessed; who may not see the project is refused."""
    number = stage.issue()
    assert "GitLab knows no user `bobb`. Did you mean `bob`?" in stage.type(f"issue assign {number} bobb")
    assert "nina has not connected a GitLab account" in stage.type(f"issue assign {number} <@U0NINA0001>")
    assert "GitLab knows no user `two words`" in stage.type(f"issue assign {number} two words")
    hidden = int(stage.act("issue Hidden project=acme/vault").partition("#")[2].partition(":")[0])
    said = stage.type(f"acme/vault issue assign {hidden} bob", "alice")
    assert "may not change that in acme/vault" in said


def test_nobody_named_is_a_question(stage: Stage) -> None:
    """With the members to pick from."""
    number = stage.issue()
    assert f"Who shall have acme/shop#{number}?" in stage.type(f"issue assign {number}")


def test_labels_are_put_on_and_taken_off(stage: Stage) -> None:
    """As GitLab spells them; all that are not there are told at once, and none is made."""
    number = stage.issue(label="urgent")
    stage.type(f'issue label {number} +BUG +"needs triage" -urgent')
    assert stage.in_gitlab(number).labels == ["bug", "needs triage"]
    assert "Labelled bug, needs triage and no longer labelled urgent by bob" in stage.seen(number)
    said = stage.type(f"issue label {number} +bgu +nothing-like-it -bug")
    assert "acme/shop has no label `bgu`, `nothing-like-it`. Did you mean `bug`?" in said
    assert stage.in_gitlab(number).labels == ["bug", "needs triage"]
    assert "has just these labels already" in stage.type(f"issue label {number} bug")


def test_labels_in_a_form(stage: Stage) -> None:
    """What the form showed and is gone comes off; what somebody put on meanwhile stays."""
    number = stage.issue(label="bug")
    open_card(stage, number)
    assert stage.press("label", stage.card(number)) == ""
    view = stage.floor.slack.slack.forms.seen("bob")
    assert view is not None
    about = view["private_metadata"].split()[0]
    stage.act(f'label #{number} +"needs triage"')
    stage.send("label", about, labels="urgent")
    assert sorted(stage.in_gitlab(number).labels) == ["needs triage", "urgent"]


# What became of it meanwhile --------------------------------------------------------------------------------


def test_an_issue_that_was_moved_is_followed(stage: Stage) -> None:
    """By word and by button; the card is that of the other one from then on."""
    number = stage.issue()
    open_card(stage, number)
    card = stage.card(number)
    stage.act(f"move #{number} acme/infra")
    assert stage.press("close", card) == ""
    (moved,) = stage.cards(1, (43, "acme/infra"))
    assert moved.id == card.id
    look = str(stage.look(moved))
    assert f"acme/shop#{number} was moved to acme/infra#1. Closed by bob" in look
    assert f"acme/shop#{number} was moved to acme/infra#1." in stage.type(f"issue show {number}")
    assert stage.in_gitlab(1, "acme/infra").state == "closed"


def test_an_issue_that_moved_out_of_sight(stage: Stage) -> None:
    """Who may not see where it went is told that."""
    number = stage.issue()
    stage.act(f"move #{number} acme/vault")
    said = stage.type(f"issue show {number}", "bob")
    assert f"acme/shop#{number} was moved to acme/vault#1, and you may not see that." in said


def test_an_issue_that_became_confidential(stage: Stage) -> None:
    """Its cards show it no more, whoever presses; who may see it gets what they asked for, alone."""
    number = stage.issue()
    open_card(stage, number)
    card = stage.card(number)
    stage.act(f"confidential #{number}")
    stage.act("role carol guest acme/shop", "root")
    assert "you may not see it" in stage.press("close", card, "carol")
    assert "it is confidential now" in str(stage.look(card))
    assert "Basket" not in str(stage.look(card))
    assert stage.cards(number) == []
    told = stage.press("close", card, "bob")
    assert f"#{number} Basket" in told
    assert "closed" in told
    assert stage.cards(number) == []


def test_an_issue_that_is_gone(stage: Stage) -> None:
    """The card says so once the bot itself does not see it either."""
    number = stage.issue()
    open_card(stage, number)
    card = stage.card(number)
    stage.asks(lambda state: state.tracker.issues.clear())
    assert "There is no issue" in stage.press("close", card)
    assert "GitLab does not show it any more" in str(stage.look(card))


def test_an_issue_that_only_somebody_does_not_see(stage: Stage) -> None:
    """Their press changes no card."""
    stage.act("issue Hidden project=acme/vault")
    stage.type("acme/vault issue open 1", "alice")
    card = stage.card(1, (44, "acme/vault"))
    before = stage.look(card)
    assert "There is no issue" in stage.press("close", card, "bob")
    assert stage.look(card) == before


def test_a_card_that_is_forgotten(stage: Stage) -> None:
    """A button of it says what to type."""
    for action in ("close", "reopen", "assign", "show"):
        assert "That card is too old" in stage.press(action, "gone")


def test_a_thread_is_about_its_card(stage: Stage) -> None:
    """A mention below it needs no number, and names its project for others."""
    stage.act("issue Scale project=acme/infra")
    stage.type("acme/infra issue open 1")
    card = stage.card(1, (43, "acme/infra"))
    stage.posted(card, "1700.9")
    mention = {"way": "mention", "thread_ts": "1700.9", "ts": "1701.0"}
    stage.keys.append(stage.floor.say("bob", "<@U0OPSBOT01> issue close", **mention))
    assert stage.in_gitlab(1, "acme/infra").state == "closed"
    assert "Closed by bob" in stage.line()
    stage.act("issue Other project=acme/infra")
    stage.floor.say("bob", "<@U0OPSBOT01> issue close 2", **mention)
    assert stage.in_gitlab(2, "acme/infra").state == "closed"


def test_a_place_that_is_about_an_issue(stage: Stage) -> None:
    """Until another is opened, or none; a project that is named is another matter."""
    first, second = stage.issue("One"), stage.issue("Two")
    open_card(stage, first)
    open_card(stage, second)
    assert f"#{second} Two" in stage.type("issue show")
    assert "acme/infra has no open issue that you may see" in stage.type("acme/infra issue show")
    assert "about no issue any more" in stage.type("issue open -")
    assert "was about no issue" in stage.type("issue open -")
    assert "Which issue of acme/shop?" in stage.type("issue show")


def test_cards_are_those_of_the_place_they_stand_in(stage: Stage) -> None:
    """A card keeps its place when the issue is changed from elsewhere."""
    number = stage.issue()
    open_card(stage, number)
    card = stage.card(number)
    stage.type(f"shop issue close {number}", channel=DEV)
    assert {one.place for one in stage.cards(number)} == {card.place, replace(card.place, channel=DEV)}
