"""A token that GitLab refuses is asked for anew once, and the request is sent once more with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bot.edges.gitlab import GitLab
from bot.errors import GitLabSaidNo, GitLabUnreachable, LinkLost, TokenRejected
from tests.edges import wire
from tests.edges.gitlab_calls import CHANGES, NOW, Start, sample
from tests.edges.wire import Reply, Seen, Server

REVOKED = wire.data(sample("error_401_expired"), status=401)
Renew = Callable[[str], str]
Open = Callable[[Server, Renew], GitLab]


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens GitLab with the token `old` and a way to another one."""
    known: list[GitLab] = []

    def open_one(server: Server, renew: Renew) -> GitLab:
        known.append(GitLab(server.url, "old", timeout=(3.0, 5.0), now=lambda: NOW, renew=renew))
        return known[-1]

    yield open_one
    for one in known:
        one.close()


def bearer(seen: Seen) -> str:
    return str(seen.headers.get("Authorization", "")).removeprefix("Bearer ")


def only(token: str, reply: Reply) -> Callable[[Seen], Reply]:
    """Refuses every other token."""
    return lambda seen: reply if bearer(seen) == token else REVOKED


def test_a_fresh_token_is_used_from_then_on(opened: Open) -> None:
    """One request is sent twice, the next one goes with the fresh token at once."""
    asked: list[str] = []

    def renew(refused: str) -> str:
        asked.append(refused)
        return "new"

    user = {"id": 7, "username": "alice", "name": "Alice Archer"}
    with wire.serve(only("new", wire.data(user))) as server:
        gitlab = opened(server, renew)
        assert (gitlab.me().id, gitlab.me().id) == (7, 7)
    assert [bearer(one) for one in server.seen] == ["old", "new", "new"]
    assert asked == ["old"]


@pytest.mark.parametrize(("name", "change"), CHANGES[:-1])
def test_a_change_is_sent_once_more_at_most(opened: Open, name: str, change: Start) -> None:
    """A change that is refused with the fresh token as well is not sent a third time."""
    with wire.serve(wire.always(REVOKED)) as server, pytest.raises(GitLabSaidNo) as caught:
        change(opened(server, lambda _: "new"))
    assert [bearer(one) for one in server.seen] == ["old", "new"], name
    assert not isinstance(caught.value, TokenRejected)
    assert "your account" in str(caught.value)


def test_what_gitlab_refuses_to_a_good_token(opened: Open) -> None:
    """If the token is good after all, the request is not sent again: GitLab does not let this user do it."""
    with (
        wire.serve(wire.always(REVOKED)) as server,
        pytest.raises(GitLabSaidNo, match="does not let your account"),
    ):
        opened(server, lambda refused: refused).me()
    assert len(server.seen) == 1


@pytest.mark.parametrize("error", [LinkLost(), GitLabUnreachable(sent=False)])
def test_no_other_token_is_to_be_had(opened: Open, error: Exception) -> None:
    """What is raised instead of a token goes through, and nothing is sent again."""

    def renew(_: str) -> str:
        raise error

    with wire.serve(wire.always(REVOKED)) as server, pytest.raises(type(error)) as caught:
        CHANGES[0][1](opened(server, renew))
    assert caught.value is error
    assert len(server.seen) == 1


def test_a_log_is_read_with_the_fresh_token(opened: Open) -> None:
    """What is read as a stream is asked for once more, too."""
    with (
        wire.serve(only("new", wire.plain("a log"))) as server,
        opened(server, lambda _: "new").trace(42, 1) as log,
    ):
        assert b"".join(log) == b"a log"


def test_a_form_carries_its_own_token(opened: Open) -> None:
    """A refusal of a form is no refusal of ours, so nothing is renewed."""

    def renew(_: str) -> str:
        raise AssertionError("nothing is to be renewed")

    with wire.serve(wire.always(REVOKED)) as server, pytest.raises(TokenRejected):
        CHANGES[-1][1](opened(server, renew))
    assert len(server.seen) == 1


def test_what_gitlab_says_of_a_personal_token(opened: Open) -> None:
    """Scopes and the day it ends; a token for ever has no end."""
    body = sample("personal_access_tokens_self")
    replies = wire.in_turn(wire.data(body), wire.data(body | {"expires_at": None}))
    with wire.serve(replies) as server:
        gitlab = opened(server, lambda refused: refused)
        first, second = gitlab.personal_token(), gitlab.personal_token()
    assert (first.scopes, first.expires_at) == (frozenset({"api"}), 1_819_670_400_000)
    assert second.expires_at is None
    assert server.paths()[0] == "GET /api/v4/personal_access_tokens/self"
