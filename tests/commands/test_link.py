"""`link` and `unlink` as people type and press them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import commands
from bot import words
from bot.command import Click, Form, Request
from bot.errors import GitLabUnreachable, NotUnderstood, Refused, SlackError
from bot.model import Message, Place
from commands import link, unlink
from tests.access.linked import ALICE, HERE, Linked, linked_at
from tests.edges import wire
from tests.edges.slack_calls import refused

VERBS = {name: one for one in commands.load() for name in (one.name, *one.aliases)}


@pytest.fixture
def linked(tmp_path: Path) -> Iterator[Linked]:
    """The bot's rooms with the sandbox's GitLab, in which nobody has connected an account."""
    with linked_at(tmp_path) as stage:
        yield stage


def typed(stage: Linked, text: str) -> Message | None:
    line = words.read(text, VERBS)
    assert line.verb
    request = Request(
        "key", ALICE, "alice", HERE, line.words, line, line.verb, None, "/gitlab ", frozenset(VERBS)
    )
    return VERBS[line.verb].run(request, stage.kit)


def pressed(stage: Linked, action: str, trigger: str = "trigger") -> Message | None:
    press = link.COMMAND.buttons[action]
    return press(Click("key", ALICE, "alice", HERE, "-", trigger=trigger), stage.kit)


def sent_in(stage: Linked, **values: str) -> Message | None:
    send = link.COMMAND.forms["link.token"]
    return send(Form("key", ALICE, "alice", Place("D0ALICE001"), "-", values), stage.kit)


def text(message: Message | None) -> str:
    assert message is not None
    return message.text + str(message.blocks)


@pytest.mark.parametrize("verb", ["link", "connect"])
def test_link_invites_whoever_is_not_connected(linked: Linked, verb: str) -> None:
    """The page in GitLab and its code; after that GitLab is asked by the tick."""
    assert "/oauth/device?user_code=" in text(typed(linked, verb))
    linked.agree()
    linked.clock.pass_(5)
    assert link.COMMAND.tick is not None
    link.COMMAND.tick(linked.kit)
    [(_, act)] = linked.apart
    act()
    assert linked.account().username == "alice"


def test_link_says_who_is_connected(linked: Linked) -> None:
    """Whoever is connected sees as whom, and asks GitLab for nothing until they press."""
    linked.link()
    said = text(typed(linked, "link"))
    assert "You are connected as *@alice* (Alice Archer)" in said
    assert linked.calls["POST /oauth/authorize_device"] == 1
    assert "/oauth/device?user_code=" in text(pressed(linked, "link.new"))


def test_link_invites_whoever_lost_theirs(linked: Linked) -> None:
    """A dead link is no link: `link` begins again."""
    linked.paste(linked.gitlab.fake.tokens["alice"])
    linked.revoke()
    with pytest.raises(Refused):
        linked.kit.gitlab_as(ALICE).me()
    assert "/oauth/device?user_code=" in text(typed(linked, "link"))


@pytest.mark.parametrize(
    "token", ["glpat-canary-0000000000", "GLPAT-canary", "[redacted GitLab token]", "bearer glpat-canary00"]
)
def test_a_token_that_was_typed_is_refused(
    linked: Linked, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It has been seen in Slack: it is neither taken nor repeated, and is to be revoked."""
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Refused, match="Revoke it in GitLab") as caught:
        typed(linked, f"link {token}")
    assert "canary" not in str(caught.value) + caplog.text + linked.dump()
    assert linked.calls["GET /user"] == 0


@pytest.mark.parametrize("text", ["link me", "unlink me"])
def test_more_words_are_not_understood(linked: Linked, text: str) -> None:
    """The same without them is suggested."""
    with pytest.raises(NotUnderstood) as caught:
        typed(linked, text)
    assert caught.value.suggestions == (text.removesuffix(" me"),)


def test_link_while_gitlab_is_down(linked: Linked) -> None:
    """It says so, and what to do later."""
    linked.break_("500")
    with pytest.raises(GitLabUnreachable, match="type `link` then"):
        typed(linked, "link")


def test_a_token_is_pasted_into_a_form(linked: Linked) -> None:
    """The button opens the form with its trigger, at once; what comes back connects."""
    linked.slack.reply = wire.data({"ok": True})
    assert pressed(linked, "link.token") is None
    [seen] = linked.slack_server.seen
    body: Any = seen.form or seen.json
    assert "link.token" in str(body)
    assert "trigger" in str(body)
    said = text(sent_in(linked, token=linked.gitlab.fake.tokens["alice"]))
    assert "You are now connected as *@alice* (Alice Archer)." in said
    assert linked.gitlab.fake.tokens["alice"] not in said


def test_a_form_that_opens_too_late(linked: Linked) -> None:
    """A trigger that is over is told, and the button can be pressed again."""
    linked.slack.reply = refused("expired_trigger_id")
    with pytest.raises(SlackError, match="Press the button again"):
        pressed(linked, "link.token")


def test_a_form_without_a_token(linked: Linked) -> None:
    """An empty field is no token."""
    with pytest.raises(NotUnderstood, match="That is no token"):
        sent_in(linked)


def test_unlink_parts(linked: Linked) -> None:
    """Once it says what is left, then that there is nothing to part with."""
    linked.link()
    assert "GitLab has ended them, too." in text(typed(linked, "unlink"))
    assert "You have no GitLab account connected." in text(typed(linked, "unlink"))


def test_no_rule_takes_it_away() -> None:
    """Connecting and parting are always open; a link does not wait behind a long run."""
    assert link.COMMAND.always
    assert unlink.COMMAND.always
    assert not link.COMMAND.in_turn
