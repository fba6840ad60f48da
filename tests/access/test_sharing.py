"""Whoever has connected a GitLab account hears of it when another Slack account gets connected to the same."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from blocks import connect
from bot.access import linking
from bot.errors import Refused
from bot.model import Person
from tests.access.linked import ALICE, BOB, HERE, Linked
from tests.edges import wire
from tests.edges.slack_calls import refused
from tests.edges.wire import cut

TOLD = "was connected to another Slack account just now"


def notices(stage: Linked) -> list[tuple[str, str, str]]:
    """Where each went, to whom, and what it says."""
    return [
        (letter.place.channel, letter.person, str(message.blocks))
        for letter, message in stage.letters()
        if TOLD in message.text
    ]


def phish(stage: Linked) -> None:
    """Bob began it, and alice agreed to it on GitLab's page."""
    stage.invite(BOB)
    stage.agree("alice")
    stage.poll()


def test_who_agreed_to_somebody_else_s_code_is_told(linked: Linked) -> None:
    """In their own direct messages: which Slack account, and how to undo it; the trail names both and the method."""
    linked.link("alice")
    phish(linked)
    assert linked.account(BOB).username == "alice"
    [(channel, person, said)] = notices(linked)
    assert (channel, person) == ("D0ALICE001", ALICE.id)
    assert f"<@{BOB.id}>" in said
    assert "/-/user_settings/applications|Applications>" in said
    assert "type `unlink` and `link`" in said
    first, second = linked.trail()
    assert (first.decision, first.detail) == ("linked", "by device grant")
    assert (second.decision, second.detail) == ("linked", f"by device grant; also connected to {ALICE.id}")


def test_a_pasted_token_tells_as_well(linked: Linked) -> None:
    """Somebody's token in somebody else's hands."""
    linked.link("alice")
    linked.paste(linked.gitlab.fake.tokens["alice"], BOB)
    [(_, person, said)] = notices(linked)
    assert person == ALICE.id
    assert "/-/user_settings/personal_access_tokens|Access tokens>" in said
    assert linked.trail()[-1].detail == f"by personal access token; also connected to {ALICE.id}"


def test_nobody_is_told_of_their_own(linked: Linked) -> None:
    """Connecting anew is no news, and neither are others' accounts."""
    linked.link("alice")
    linked.link("bob")
    linked.link("alice")
    linked.paste(linked.gitlab.fake.tokens["alice"])
    assert notices(linked) == []


def test_each_time_is_told(linked: Linked) -> None:
    """Once for each connection, to each of the others."""
    linked.link("alice")
    phish(linked)
    linked.clock.pass_(1)
    linked.paste(linked.gitlab.fake.tokens["alice"], BOB)
    linked.paste(linked.gitlab.fake.tokens["alice"], Person(ALICE.team, "U0ALICE002"))
    with closing(sqlite3.connect(linked.kit.config.store.path)) as sql:
        told = [one for (one,) in sql.execute("SELECT person FROM outbox WHERE id LIKE 'shared.%'")]
    assert (told.count(ALICE.id), told.count(BOB.id)) == (3, 1)


@pytest.mark.parametrize("reply", [cut(), wire.html(503)], ids=["cut", "503"])
def test_nothing_is_connected_that_its_owner_cannot_be_told_of(linked: Linked, reply: wire.Reply) -> None:
    """While Slack does not answer, tokens are ended again at GitLab, and a pasted one is refused."""
    linked.link("alice")
    linked.slack.reply = reply
    linked.invite(BOB)
    linked.agree("alice")
    linked.poll()
    with linked.store.read() as tx:
        assert tx.accounts.get(BOB) is None
    assert linked.calls["POST /oauth/revoke"] == 1
    assert "Nothing was connected. Type `link` again in a minute." in linked.letters()[-1][1].text
    with pytest.raises(Refused, match="Nothing was connected"):
        linked.paste(linked.gitlab.fake.tokens["alice"], BOB)


def test_who_is_gone_from_slack_is_not_waited_for(linked: Linked) -> None:
    """The trail says it all the same."""
    linked.link("alice")
    linked.slack.reply = refused("user_disabled")
    phish(linked)
    assert notices(linked) == []
    assert linked.trail()[-1].detail.endswith(f"also connected to {ALICE.id}")
    assert linked.trail()[-1].place == HERE


def test_a_hostile_name_is_only_text(linked: Linked) -> None:
    """Whoever does it chooses how they are called."""
    linked.link("alice")
    linking.paste(linked.kit, connect, BOB, "<!channel> *you*", HERE, linked.gitlab.fake.tokens["alice"])
    [(_, _, said)] = notices(linked)
    assert "<!channel>" not in said
