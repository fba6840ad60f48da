"""Issues are made once, as the person, of what was typed or filled in, and shown where it was asked."""

from __future__ import annotations

from typing import Any

import pytest

from bot.command import Form
from bot.deeds import Permit
from bot.issues import filling, picks, sheets
from bot.issues.acting import Actor, By
from bot.issues.sheets import Sheet
from bot.model import Place
from sandbox.gitlab.people import person_named
from tests.evidence.floor import DEV, OPS, SHOP, SHOP_ID, dm
from tests.issues.stage import Stage


def test_an_issue_and_its_card(stage: Stage) -> None:
    """It is made as the one who asked, with a hidden mark; the card says it all, and nothing else is said."""
    assert stage.type("issue create Basket loses items\nIt happens on *Fridays*.") == ""
    made = stage.in_gitlab(1)
    assert (made.title, made.author["username"]) == ("Basket loses items", "bob")
    assert made.description.startswith("It happens on **Fridays**.\n\n<!-- signalbox ")
    seen = stage.seen(1)
    assert "#1 Basket loses items" in seen
    assert ":large_green_circle: open · acme/shop · assigned to nobody" in seen
    assert "Created by bob" in seen
    assert stage.buttons(1) == ["Comment", "Assign me", "Label", "Close", "Open in GitLab"]
    (entry,) = stage.trail()
    assert (entry.name, entry.command, entry.decision) == ("bob", "issue", "created")
    assert (entry.project, entry.subject, entry.detail) == ("acme/shop", "#1", "Basket loses items")


def test_a_request_that_comes_twice_makes_one(stage: Stage) -> None:
    """Done again after a crash it is the same issue, and the same card."""
    new = stage.floor.accept("slash_commands", stage.floor.slash_payload("bob", "issue create Basket"))
    stage.floor.do(new)
    with stage.kit.store.write() as tx:
        tx.inbox.give_back(new[0].key)
    stage.floor.do(new)
    assert stage.calls("POST /projects/:id/issues") == 1
    assert len(stage.cards(1)) == 1
    assert [one.decision for one in stage.trail()] == ["created"]


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_an_answer_that_is_lost_is_found(stage: Stage, how: str) -> None:
    """The asker is told that it is looked for, and then what was found; the card comes once."""
    stage.break_(how, times=1)
    assert "I am looking" in stage.type("issue create Basket")
    assert stage.cards(1) == []
    stage.tick(2)
    assert stage.seen(1)
    assert "GitLab has done it after all: <http" in stage.floor.told(f"{stage.keys[-1]}.create.found")
    stage.tick(10)
    assert stage.calls("POST /projects/:id/issues") == 1


def test_what_is_not_found_was_not_made(stage: Stage) -> None:
    """Once GitLab has surely given up, the asker is told so, and may ask anew."""
    stage.break_("502-after", times=1)
    stage.type("issue create Basket")
    stage.asks(lambda state: state.tracker.issues.clear())
    stage.tick(10)
    assert stage.floor.told(f"{stage.keys[-1]}.create.found") == ""
    stage.tick(60)
    assert "GitLab has not done it: Basket." in stage.floor.told(f"{stage.keys[-1]}.create.found")


def test_somebody_elses_mark_is_not_taken_for_ours(stage: Stage) -> None:
    """Who can write in GitLab can copy a mark; so the author counts, too."""
    stage.break_("502-after", times=1)
    stage.type("issue create Basket")

    carol = person_named("carol")

    def hand_over(state: Any) -> None:
        state.tracker.issues[max(state.tracker.issues)].author = carol

    stage.asks(hand_over)
    stage.tick(10)
    assert stage.cards(1) == []


def test_a_long_title_is_cut_and_told_whole(stage: Stage) -> None:
    """Nothing of it is lost: the description begins with all of it."""
    stage.type("issue create " + "x" * 999 + "!\nIt is long.")
    made = stage.in_gitlab(1)
    assert len(made.title) == 255
    assert made.description.startswith("x" * 999 + "!\n\nIt is long.")
    assert "its title was cut at 255 characters" in stage.seen(1)


def test_hostile_words_do_nothing(stage: Stage) -> None:
    """Quick actions stay text, nobody is called, and Slack reads nothing in the title."""
    stage.type("issue create /close <!channel> @alice مرحبا 🎉\n/close\n/label ~bug\n@all")
    made = stage.in_gitlab(1)
    assert (made.state, made.labels) == ("opened", [])
    assert made.description.startswith("\\/close\\\n\\/label")
    assert stage.asks(lambda state: [one.notified for one in state.tracker.notices]) == []
    assert "مرحبا 🎉" in stage.seen(1)


def test_secrets_are_kept_out_of_slack(stage: Stage) -> None:
    """What somebody writes into an issue is theirs, but its card and the store show no token."""
    token = "glpat-" + "a1B2" * 5
    stage.act(f"issue Basket {token}")
    stage.act(f"comment #1 my {token}")
    assert token not in stage.type("issue show 1")
    stage.type("issue open 1")
    assert token not in stage.seen(1)
    stage.type("issue close 1")
    path = stage.kit.config.store.path
    held = b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))
    assert token.encode() not in held


def test_in_direct_messages_the_card_lives_too(stage: Stage) -> None:
    """It is posted there, and is told to nobody else."""
    channel = dm(stage.floor.user("bob"))
    assert stage.type("shop issue create Basket", channel=channel) == ""
    assert stage.card(1).place.channel == channel


# By its form ------------------------------------------------------------------------------------------------


def sheet(stage: Stage, name: str = "bob", **about: str) -> str:
    return sheets.keep(stage.kit, stage.floor.person(name), Sheet(SHOP_ID, SHOP, **about))  # type: ignore[arg-type]


def test_a_form_that_is_sent(stage: Stage) -> None:
    """Title, description in Markdown, labels, and whose it is."""
    fields = {"issue.project": SHOP, "labels": "bug\nurgent", "more": "mine"}
    assert stage.send("create", sheet(stage), title="Basket", text="**Look** @alice", **fields) == ""
    made = stage.in_gitlab(1)
    assert (made.title, sorted(made.labels)) == ("Basket", ["bug", "urgent"])
    assert made.description.startswith("**Look** @\u2060alice")
    assert made.assignees[0]["username"] == "bob"


def test_a_confidential_issue_is_shown_to_its_maker(stage: Stage) -> None:
    """Nobody else in the channel sees a card, and its buttons work."""
    told = stage.send("create", sheet(stage), title="Keys", more="confidential")
    assert "#1 Keys" in told
    assert ":lock: confidential" in told
    assert stage.cards(1) == []
    assert stage.in_gitlab(1).confidential


def test_a_form_of_somebody_else_is_too_old(stage: Stage) -> None:
    """So is one that is forgotten."""
    for about in (sheet(stage, "alice"), "gone"):
        assert "That is too old" in stage.send("create", about, title="Basket")
    assert stage.calls("POST /projects/:id/issues") == 0


def test_what_gitlab_refuses_opens_again(stage: Stage) -> None:
    """With a button, whose form has all that was filled in."""
    stage.act("archive acme/shop", "root")
    told = stage.send("create", sheet(stage), title="Basket", text="Look", labels="bug")
    assert "Open the form again" in told
    assert stage.cards(1) == []


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"title": "Basket"}, {}),
        ({"title": "  "}, {"title": "at least one letter"}),
        ({"title": "Basket", "last": "0"}, {"last": "from 1 to 1000"}),
        ({"title": "Basket", "last": "5000"}, {"last": "from 1 to 1000"}),
        ({"title": "", "last": "-1"}, {"title": "letter", "last": "from 1"}),
        ({"title": "Basket", "last": "5"}, {}),
    ],
)
def test_mistakes_stand_at_their_fields(stage: Stage, fields: dict[str, str], wrong: dict[str, str]) -> None:
    """All of them at once, while the form is open."""
    form = Form("k", stage.floor.person("bob"), "bob", Place(OPS), sheet(stage), fields)
    found = filling.check_create(form, stage.kit)
    assert found.keys() == wrong.keys()
    assert all(wrong[field] in said for field, said in found.items())


def test_labels_of_another_project_are_told(stage: Stage) -> None:
    """As far as they were read; what the form showed at first may stay."""
    person = stage.floor.person("bob")
    form = Form("k", person, "bob", Place(DEV), sheet(stage), {"title": "x", "labels": "bug\nnone-such"})
    assert filling.check_create(form, stage.kit) == {}
    who = Actor(By(person, "bob", Place(DEV), "k", 8, "bob"), Permit(), lambda: stage.kit.gitlab_as(person))
    picks.ready(stage.kit, who, SHOP_ID, picks.LABEL)
    assert filling.check_create(form, stage.kit) == {
        "labels": "acme/shop has no label none-such. Take it out."
    }
