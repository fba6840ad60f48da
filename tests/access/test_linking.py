"""Accounts are connected: by a code that somebody enters in GitLab, or by a pasted token."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from blocks import connect
from bot.access import accounts, linking
from bot.edges.oauth import OAuth
from bot.errors import GitLabSaidNo, GitLabUnreachable, NotLinked, NotUnderstood, Refused
from bot.vault import Vault, new_key
from tests.access.linked import ALICE, BOB, HERE, Linked, linked_at
from tests.edges import wire
from tests.edges.wire import Reply


def text(stage: Linked, at: int = -1) -> str:
    return stage.letters()[at][1].text


def test_an_account_is_connected_by_a_code(linked: Linked) -> None:
    """Once somebody has agreed in GitLab, their account is theirs here, in the trail, and told to them alone."""
    invitation = linked.invite()
    assert invitation.url.startswith(f"{linked.gitlab.fake.url}/oauth/device?user_code=")
    assert (invitation.minutes, invitation.kept) == (5, False)
    linked.agree()
    linked.poll()
    account = linked.account()
    assert (account.gitlab_id, account.username, account.method, account.state) == (
        7,
        "alice",
        "device",
        "live",
    )
    [(letter, message)] = linked.letters()
    assert (letter.kind, letter.person) == ("whisper", ALICE.id)
    assert message.text == "You are now connected as *@alice* (Alice Archer)."
    [entry] = linked.trail()
    assert (entry.decision, entry.command, entry.username, entry.place) == ("linked", "link", "alice", HERE)


def test_what_was_kept_goes_on_by_itself(linked: Linked) -> None:
    """A request that waited for the account is in the inbox in the transaction that links it."""
    linked.keep()
    linked.link()
    assert [one.key for one in linked.requests()] == ["kept:kept1"]
    assert "What you asked for goes on now." in text(linked)


def test_nothing_is_asked_before_its_time(linked: Linked) -> None:
    """GitLab is asked every five seconds, one thread a device, and by nobody twice."""
    linked.invite()
    linked.poll(4)
    assert linked.calls["POST /oauth/token"] == 0
    linked.poll(1)
    linked.poll(4)
    assert linked.calls["POST /oauth/token"] == 1
    with linked.store.read() as tx:
        [device] = tx.devices.due(linked.clock.now + 5_000, 5)
    linked.clock.pass_(5)
    for _ in range(2):
        linking.look(linked.kit, connect, device)
    assert linked.calls["POST /oauth/token"] == 2


def test_slow_down_is_heeded(linked: Linked) -> None:
    """After `slow_down` the interval grows by five seconds (RFC 8628, 3.5)."""
    linked.invite()
    linked.poll()
    linked.gitlab.loop.ask(lambda: _polled_just_now(linked))
    linked.poll()
    with linked.store.read() as tx:
        assert tx.devices.due(linked.clock.now + 9_999, 5) == []
        [device] = tx.devices.due(linked.clock.now + 10_000, 5)
    assert device.interval == 10_000


def _polled_just_now(stage: Linked) -> None:
    [grant] = stage.gitlab.fake._state.oauth.pending()
    grant.polled_at = stage.clock.now / 1000 + 4


@pytest.mark.parametrize("is_purged", [False, True])
def test_a_code_expires(linked: Linked, is_purged: bool) -> None:
    """An expired code and a purged one end alike: its owner hears it once, with a button for a new one."""
    linked.invite()
    linked.clock.pass_(301)
    if is_purged:
        linked.kit.oauth.begin()
    linked.poll()
    linked.poll()
    [(_, message)] = linked.letters()
    assert "The code has expired" in message.text
    assert "If you refused in GitLab, that is why" in message.text
    assert "link.new" in str(message.blocks)
    assert linked.accounts() == 0


def test_a_new_code_replaces_the_old_one(linked: Linked) -> None:
    """Of two codes the second counts: what is agreed to with the first connects nobody."""
    linked.invite()
    linked.invite()
    linked.agree(at=0)
    linked.poll()
    assert linked.accounts() == 0
    linked.agree()
    linked.poll()
    assert linked.accounts() == 1


def test_a_code_that_was_replaced_while_gitlab_was_asked(linked: Linked) -> None:
    """Tokens nobody waits for any more are ended at GitLab, and link nobody."""
    linked.invite()
    linked.agree()
    linked.clock.pass_(5)
    linking.poll(linked.kit, connect)
    [(name, act)] = linked.apart
    assert name.startswith("link ")
    with linked.store.read() as tx:
        [device] = tx.devices.due(linked.clock.now, 5)
    with linked.store.write() as tx:
        assert tx.devices.look(device, linked.clock.now + 5_000)
    tokens = linked.kit.oauth.claim(
        linked.kit.vault.open(device.code, about=f"{ALICE.team}/{ALICE.id} device")
    )
    with linked.store.write() as tx:
        tx.devices.drop(ALICE)
    linking._completed(linked.kit, connect, device, tokens)
    act()
    assert linked.accounts() == 0
    assert linked.calls["POST /oauth/revoke"] == 1


def test_gitlab_goes_down_while_somebody_connects(linked: Linked) -> None:
    """A GitLab that does not answer is asked again, and the account is connected when it is back."""
    linked.invite()
    linked.agree()
    linked.break_("500")
    linked.poll()
    assert linked.accounts() == 0
    linked.mend()
    linked.poll()
    assert linked.accounts() == 1


def test_gitlab_stays_down_until_the_code_is_old(linked: Linked) -> None:
    """After the end of the code nobody is left waiting for ever."""
    linked.invite()
    linked.break_("500")
    linked.poll(400)
    assert "The code has expired" in text(linked)


def test_gitlab_is_down_from_the_beginning(linked: Linked) -> None:
    """Without GitLab there is no code; the sentence says what to do later."""
    linked.break_("500")
    with pytest.raises(GitLabUnreachable, match="type `link` then") as caught:
        linked.invite()
    assert not caught.value.sent


def test_gitlab_fails_between_the_token_and_the_name(linked: Linked) -> None:
    """Whose tokens they are must be known: if GitLab does not say, nothing is linked and its owner hears why."""
    linked.invite()
    linked.agree()
    linked.block("alice")
    linked.poll()
    assert linked.accounts() == 0
    assert "GitLab has blocked this account" in text(linked)
    assert linked.calls["POST /oauth/revoke"] == 1


def test_connecting_anew_ends_the_tokens_before(linked: Linked) -> None:
    """A second account takes the place of the first, whose tokens nobody holds any more."""
    linked.link()
    linked.invite()
    linked.agree("bob")
    linked.poll()
    assert (linked.account().username, linked.account().version) == ("bob", 2)
    assert linked.calls["POST /oauth/revoke"] == 1


@pytest.mark.parametrize("is_old", [False, True])
def test_without_a_device_grant_there_is_no_page(tmp_path: Path, is_old: bool) -> None:
    """A GitLab that is too old, or has no application for us, takes pasted tokens: there is no URL."""
    with linked_at(tmp_path, application=None if is_old else "") as stage:
        stage.gitlab.fake._state.oauth.device_grant = False
        assert stage.invite().url == ""


def test_a_wrong_application_is_said(tmp_path: Path) -> None:
    """An application GitLab does not know is for whoever runs the bot to mend."""
    with linked_at(tmp_path, application="unknown") as stage:
        with pytest.raises(GitLabSaidNo, match="Whoever runs me has to correct `gitlab"):
            stage.invite()
        assert stage.accounts() == 0


def test_the_application_is_taken_away_while_somebody_connects(linked: Linked) -> None:
    """A refusal that no waiting will mend ends the grant; its owner hears GitLab's reason."""
    linked.invite()
    linked.gitlab.loop.ask(lambda: setattr(linked.gitlab.fake._state.oauth, "application_id", "another"))
    linked.poll()
    assert "GitLab does not know my application" in text(linked)
    linked.poll()
    assert len(linked.letters()) == 1


def test_a_code_that_no_key_opens(linked: Linked) -> None:
    """With the key gone the grant cannot be completed: it ends with a sentence."""
    linked.invite()
    kit = replace(linked.kit, vault=Vault([new_key()]))
    linked.clock.pass_(5)
    with linked.store.read() as tx:
        [device] = tx.devices.due(linked.clock.now, 5)
    linking.look(kit, connect, device)
    assert "I cannot read what I wrote down sealed" in text(linked)


@pytest.mark.parametrize(
    ("info", "scope", "why"),
    [
        (wire.data({"resource_owner_id": 8}), "api", "names two different accounts"),
        (wire.data({"resource_owner_id": 7}), "read_user", "less than the scope `api`"),
        (wire.data({"resource_owner_id": 7}), "api", "does not accept the token that it has just given"),
    ],
)
def test_tokens_that_are_not_trusted(linked: Linked, info: Reply, scope: str, why: str) -> None:
    """Tokens of somebody else, or good for too little, connect nobody and are ended at once."""
    linked.invite()
    linked.clock.pass_(5)
    user = wire.data({"id": 7, "username": "alice", "name": "Alice"})
    refused = wire.data({"message": "401 Unauthorized"}, status=401)
    tokens = {
        "access_token": "canary",
        "token_type": "Bearer",
        "expires_in": 7200,
        "refresh_token": "r",
        "scope": scope,
    }
    pages = {
        "/oauth/token": wire.data(tokens), "/oauth/token/info": info, "/oauth/revoke": wire.data({}),
        "/api/v4/user": refused if "accept" in why else user,
    }  # fmt: skip
    with (
        wire.serve(lambda seen: pages[seen.path]) as server,
        closing(OAuth(server.url, "app", now=linked.clock)) as oauth,
    ):
        config = replace(linked.kit.config, gitlab=replace(linked.kit.config.gitlab, url=server.url))
        with linked.store.read() as tx:
            [device] = tx.devices.due(linked.clock.now, 5)
        linking.look(replace(linked.kit, config=config, oauth=oauth), connect, device)
        assert server.paths()[-1] == "POST /oauth/revoke"
    assert why in text(linked)
    assert linked.accounts() == 0


# Pasted tokens ----------------------------------------------------------------------------------------------


def test_a_token_is_pasted(linked: Linked) -> None:
    """A personal token with the scope `api` connects the account it belongs to, and ends a code nobody used."""
    linked.keep()
    linked.invite()
    account = linked.paste(f" {linked.gitlab.fake.tokens['alice']}\n")
    assert (account.username, account.method, account.refresh) == ("alice", "token", "")
    assert account.expires_at is not None
    assert [one.key for one in linked.requests()] == ["kept:kept1"]
    linked.poll()
    assert linked.calls["POST /oauth/token"] == 0


@pytest.mark.parametrize("token", ["", "two words", "glpät-1", "x" * 513])
def test_what_is_no_token_is_asked_for_again(linked: Linked, token: str) -> None:
    """What cannot be a token is not sent anywhere."""
    with pytest.raises(NotUnderstood, match="That is no token"):
        linked.paste(token)
    assert linked.calls["GET /user"] == 0


@pytest.mark.parametrize(
    ("name", "why"),
    [("read", "lacks the scope `api`"), ("wrong", "does not accept that"), ("mine", "one of my own"),
     ("oauth", "does not accept that"), ("bot", "belongs to the bot")],
)  # fmt: skip
def test_a_token_that_will_not_do(linked: Linked, name: str, why: str) -> None:
    """Each reason has its own sentence, without the token."""
    fake = linked.gitlab.fake
    tokens = {"wrong": "glpat-wrong-0000000000000", "mine": fake.bot_token}
    if name == "read":
        tokens["read"] = fake.new_token("alice", "read_api")
    if name == "oauth":
        linked.link("bob")
        tokens["oauth"] = fake.oauth_tokens[0]
    if name == "bot":
        tokens["bot"] = fake.new_token("bot")
    with pytest.raises(Refused, match=why) as caught:
        linked.paste(tokens[name])
    assert tokens[name] not in str(caught.value)
    with pytest.raises(NotLinked):
        accounts.account(linked.kit, ALICE)


# Secrets ----------------------------------------------------------------------------------------------------


def test_no_secret_is_left_anywhere(linked: Linked, caplog: pytest.LogCaptureFixture) -> None:
    """Tokens, codes and keys are in no log, not readable in the store, and in nothing that goes to Slack."""
    caplog.set_level(logging.DEBUG)
    linked.link()
    code = linked.kit.oauth.begin().device_code
    linked.invite(BOB)
    with linked.store.read() as tx:
        [device] = tx.devices.due(linked.clock.now + 5_000, 5)
    secret_code = linked.kit.vault.open(device.code, about=f"{BOB.team}/{BOB.id} device")
    linked.clock.pass_(7_100)
    linked.kit.gitlab_as(ALICE).me()
    pasted = linked.gitlab.fake.tokens["bob"]
    linked.paste(pasted, BOB)
    linked.revoke()
    with pytest.raises(Refused):
        linked.kit.gitlab_as(ALICE).me()
    secrets = {*linked.gitlab.fake.oauth_tokens, code, secret_code, pasted, *linked.kit.config.keys}
    assert len(secrets) == 8
    left = caplog.text + linked.dump() + repr(linked.account()) + repr(linked.kit.config)
    left += "".join(str(one.target) + one.body.decode() for one in linked.slack_server.seen)
    assert [one for one in secrets if one in left] == []
