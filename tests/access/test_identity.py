"""GitLab as a person: tokens are renewed once, in time and for good, and nobody else's is ever used."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest

from bot.access import accounts
from bot.access.identity import TOLD_AFTER_MS
from bot.edges.oauth import OAuth
from bot.edges.store import Store
from bot.errors import GitLabSaidNo, GitLabUnreachable, LinkLost, NotLinked, StoreError
from bot.model import Person
from tests.access.linked import ALICE, BOB, DAVE, DM, Linked
from tests.edges.slack_calls import refused
from tests.edges.wire import cut

REFRESH = "POST /oauth/token"


def refreshes(stage: Linked) -> int:
    """How often GitLab was asked for tokens since the account was linked."""
    return int(stage.calls[REFRESH]) - 1


def test_everybody_acts_as_themselves(linked: Linked) -> None:
    """Each person's GitLab is their own account; the same person in another team is nobody."""
    linked.link("alice")
    linked.link("bob")
    assert [linked.kit.gitlab_as(one).me().username for one in (ALICE, BOB)] == ["alice", "bob"]
    for stranger in (DAVE, Person("T0OTHER001", ALICE.id)):
        with pytest.raises(NotLinked):
            linked.kit.gitlab_as(stranger)


def test_connections_are_kept(linked: Linked) -> None:
    """The same token has the same connections; a new one has its own."""
    linked.link()
    first = linked.kit.gitlab_as(ALICE)
    assert linked.kit.gitlab_as(ALICE) is first
    linked.clock.pass_(7_100)
    assert linked.kit.gitlab_as(ALICE) is not first


def test_a_token_that_ends_soon_is_renewed_before_it_is_used(linked: Linked) -> None:
    """Two minutes before its end a token is renewed; the pair is in the store before GitLab sees it."""
    before = linked.link()
    linked.clock.pass_(7_079)
    linked.kit.gitlab_as(ALICE)
    assert refreshes(linked) == 0
    linked.clock.pass_(2)
    assert linked.kit.gitlab_as(ALICE).me().username == "alice"
    after = linked.account()
    assert refreshes(linked) == 1
    assert after.version == before.version + 1
    assert after.access != before.access
    assert after.expires_at == linked.clock.now + 7_200_000


def test_two_refreshes_at_once_are_one(linked: Linked) -> None:
    """Of many threads that find an old token one asks, and all of them get what it got."""
    linked.link()
    linked.clock.pass_(7_300)
    together = threading.Barrier(8)

    def use(_: int) -> str:
        together.wait(10)
        return linked.kit.gitlab_as(ALICE).me().username

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(use, range(8))) == {"alice"}
    assert refreshes(linked) == 1
    assert linked.account().version == 2


def test_refused_in_the_middle(linked: Linked) -> None:
    """A token refused before its time, as after a change of GitLab's clock, is renewed and the change sent again."""
    linked.link()
    gitlab = linked.kit.gitlab_as(ALICE)
    linked.gitlab.loop.ask(lambda: _expire(linked))
    pipeline = gitlab.create_pipeline(42, "main", variables={"CHATOPS_JOB": "hello"}, inputs={})
    assert pipeline.username in (None, "alice")
    assert refreshes(linked) == 1
    assert len(linked.gitlab.project().pipelines.list(get_all=True, source="api")) == 1
    assert gitlab.me().username == "alice"
    assert refreshes(linked) == 1


def _expire(stage: Linked) -> None:
    for one in stage.gitlab.fake._state.oauth.tokens:
        one.expires_at = 0


def test_threads_that_are_refused_together_renew_once(linked: Linked) -> None:
    """Who comes late with the refused token is given the one that has taken its place."""
    linked.link()
    gitlab = linked.kit.gitlab_as(ALICE)
    linked.gitlab.loop.ask(lambda: _expire(linked))
    with ThreadPoolExecutor(4) as pool:
        assert {one.username for one in pool.map(lambda _: gitlab.me(), range(8))} == {"alice"}
    assert refreshes(linked) == 1


def test_revoked_between_accept_and_act(linked: Linked) -> None:
    """A revoked link is dead: nothing is done, its owner hears it once in their direct messages, with a button."""
    linked.link()
    gitlab = linked.kit.gitlab_as(ALICE)
    linked.revoke()
    for _ in range(2):
        with pytest.raises(LinkLost):
            gitlab.create_pipeline(42, "main", variables={}, inputs={})
    with pytest.raises(LinkLost):
        linked.kit.gitlab_as(ALICE)
    with pytest.raises(LinkLost):
        accounts.account(linked.kit, ALICE)
    [(letter, message)] = [one for one in linked.letters() if one[0].place.is_dm]
    assert (letter.kind, letter.place.channel) == ("post", "D0ALICE001")
    assert "no longer accepts the connection to your account *@alice* (Alice Archer)" in message.text
    assert "link.new" in str(message.blocks)
    assert [one.decision for one in linked.trail()] == ["linked", "lost"]
    assert linked.gitlab.project().pipelines.list(get_all=True, source="api") == []


def test_a_revoked_personal_token(linked: Linked) -> None:
    """A pasted token that GitLab refuses cannot be renewed: the link is dead, told once."""
    linked.paste(linked.gitlab.fake.tokens["alice"])
    gitlab = linked.kit.gitlab_as(ALICE)
    linked.revoke()
    with pytest.raises(LinkLost):
        gitlab.me()
    with pytest.raises(LinkLost):
        linked.kit.gitlab_as(ALICE)
    assert len(linked.letters()) == 1
    assert refreshes(linked) == -1


def test_a_token_that_can_no_longer_be_told_is_told_later(linked: Linked) -> None:
    """While Slack does not say where to write, the account is not marked dead; the next use tells."""
    linked.paste(linked.gitlab.fake.tokens["alice"])
    linked.revoke()
    linked.slack.reply = cut()
    with pytest.raises(LinkLost):
        linked.kit.gitlab_as(ALICE).me()
    assert linked.account().state == "live"
    linked.slack.reply = DM
    with pytest.raises(LinkLost):
        linked.kit.gitlab_as(ALICE).me()
    assert linked.account().state == "dead"
    assert len(linked.letters()) == 1


def test_nobody_is_left_to_tell(linked: Linked) -> None:
    """Somebody who has left Slack is not told, and their account is dead all the same."""
    linked.paste(linked.gitlab.fake.tokens["alice"])
    linked.revoke()
    linked.slack.reply = refused("user_disabled")
    with pytest.raises(LinkLost):
        linked.kit.gitlab_as(ALICE).me()
    assert linked.account().state == "dead"
    assert linked.letters() == []


def test_linked_lost_and_linked_again(linked: Linked) -> None:
    """Whoever loses their link twice is told twice."""
    for _ in range(2):
        linked.clock.pass_(1)
        linked.paste(linked.gitlab.fake.new_token("alice"))
        linked.revoke()
        with pytest.raises(LinkLost):
            linked.kit.gitlab_as(ALICE).me()
    assert [one.decision for one in linked.trail()] == ["linked", "lost"] * 2
    with linked.store.read() as tx:
        first = tx.outbox.heads(linked.clock.now + TOLD_AFTER_MS, (), 9)[0]
        assert first.id.startswith(f"lost.{ALICE.team}.{ALICE.id}.")


def test_a_blocked_user(linked: Linked) -> None:
    """GitLab blocks whom it blocked, whatever the chat says; the account stays, and nobody else's token helps."""
    linked.link()
    linked.block("alice")
    with pytest.raises(GitLabSaidNo, match="GitLab has blocked this account, so nothing was done") as caught:
        linked.kit.gitlab_as(ALICE).create_pipeline(42, "main", variables={}, inputs={})
    assert caught.value.status == 403
    assert linked.account().state == "live"
    assert linked.calls["POST /projects/:id/pipeline"] == 1


def test_gitlab_does_not_answer_a_refresh(linked: Linked) -> None:
    """Nothing was done, so that nothing is looked for; the next use asks with the same token again."""
    linked.link()
    linked.clock.pass_(7_300)
    linked.break_("500", times=1)
    with pytest.raises(GitLabUnreachable) as caught:
        linked.kit.gitlab_as(ALICE)
    assert not caught.value.sent
    assert linked.kit.gitlab_as(ALICE).me().username == "alice"


def test_a_refresh_whose_answer_is_lost(linked: Linked) -> None:
    """After a cut or a kill the old token is asked with again; if GitLab has used it up, the link is dead and told."""
    linked.link()
    linked.clock.pass_(7_300)
    linked.break_("cut-after", times=1)
    with pytest.raises(GitLabUnreachable):
        linked.kit.gitlab_as(ALICE)
    assert linked.account().state == "live"
    with pytest.raises(LinkLost):
        linked.kit.gitlab_as(ALICE)
    assert linked.account().state == "dead"
    assert len([one for one in linked.letters() if one[0].place.is_dm]) == 1


def test_fresh_tokens_that_the_store_does_not_take(linked: Linked) -> None:
    """A pair that could not be written is not used and not lost: the next use writes it."""
    linked.link()
    linked.clock.pass_(7_300)
    slow = Store(linked.kit.config.store.path, turn_seconds=0.05)
    identities = replace(linked.identities, store=slow)
    with linked.store.read():
        pass
    with slow.write(), pytest.raises(StoreError):
        _elsewhere(lambda: identities(ALICE))
    assert refreshes(linked) == 1
    assert identities(ALICE).me().username == "alice"
    assert refreshes(linked) == 1
    identities.close()
    slow.close()


def _elsewhere(act: object) -> None:
    assert callable(act)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(act).result()


def test_another_process_was_faster(linked: Linked) -> None:
    """Who is refused because another has renewed already goes on with the new token, and nothing is dead."""
    linked.link()
    linked.clock.pass_(7_300)
    old = linked.account()
    linked.kit.gitlab_as(ALICE)
    account = linked.identities._refreshed(old)
    assert account.version == 2
    assert linked.account().state == "live"
    assert len(linked.letters()) == 1


def test_parted_while_tokens_are_renewed(linked: Linked) -> None:
    """New tokens for somebody who has parted meanwhile are ended at GitLab and not kept."""
    old = linked.link()
    linked.clock.pass_(7_300)
    with linked.store.write() as tx:
        tx.accounts.drop(ALICE)
    with pytest.raises(NotLinked):
        linked.identities._refreshed(old)
    assert linked.accounts() == 0
    assert linked.calls["POST /oauth/revoke"] == 1


def test_only_the_last_few_hundred_stay_open(linked: Linked) -> None:
    """Connections of whoever was away longest are closed when there are too many, and opened again when needed."""
    account = linked.paste(linked.gitlab.fake.tokens["alice"])
    first = linked.kit.gitlab_as(ALICE)
    for number in range(300):
        somebody = replace(
            account, person=Person(ALICE.team, f"U{number}"), access=_sealed(linked, f"U{number}")
        )
        linked.identities._gitlab(somebody)
    assert len(linked.identities._open) == 300
    assert linked.kit.gitlab_as(ALICE) is not first
    assert first.me().username == "alice"


def _sealed(stage: Linked, name: str) -> str:
    return stage.kit.vault.seal("glpat-somebody", about=f"{ALICE.team}/{name} access")


def test_gitlab_cannot_say_whether_a_personal_token_is_gone(linked: Linked) -> None:
    """While GitLab does not answer, a refused token is not given up, and nothing was done."""
    linked.paste(linked.gitlab.fake.tokens["alice"])
    linked.break_("500")
    with pytest.raises(GitLabUnreachable) as caught:
        linked.identities._renewed(ALICE, linked.gitlab.fake.tokens["alice"])
    assert not caught.value.sent
    assert linked.account().state == "live"


def test_a_personal_token_that_is_good_after_all(linked: Linked) -> None:
    """GitLab answers some things that are not for a user with 401: the link is not given up for that."""
    token = linked.gitlab.fake.tokens["alice"]
    linked.paste(token)
    assert linked.identities._renewed(ALICE, token) == token
    assert linked.account().state == "live"


def test_a_wrong_application_ends_no_link(linked: Linked) -> None:
    """A mistake of whoever runs the bot is told as such; the account stays."""
    linked.link()
    linked.clock.pass_(7_300)
    wrong = OAuth(linked.gitlab.fake.url, "unknown", now=linked.clock)
    with closing(wrong), pytest.raises(GitLabSaidNo, match="Whoever runs me has to correct"):
        replace(linked.identities, oauth=wrong)(ALICE)
    assert linked.account().state == "live"
