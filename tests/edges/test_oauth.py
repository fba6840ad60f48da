"""GitLab's authorization server: each call is one request, its refusals have codes, and nothing of it is told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.edges.oauth import NO_DEVICE_GRANT, OAuth, OAuthRefused, Tokens
from bot.errors import GitLabBusy, GitLabError, GitLabSaidNo, GitLabUnreachable
from tests.edges import wire
from tests.edges.gitlab_calls import NOW, sample
from tests.edges.wire import Reply, Server

CODE, REFRESH, ACCESS = "canary-device-code", "canary-refresh", "canary-access"
Ask = Callable[[OAuth], Any]
CALLS: list[tuple[str, Ask]] = [
    ("begin", lambda oauth: oauth.begin()),
    ("claim", lambda oauth: oauth.claim(CODE)),
    ("refresh", lambda oauth: oauth.refresh(REFRESH)),
    ("revoke", lambda oauth: oauth.revoke(ACCESS)),
    ("owner", lambda oauth: oauth.owner(ACCESS)),
]
EVERY_CALL = pytest.mark.parametrize("ask", [ask for _, ask in CALLS], ids=[name for name, _ in CALLS])


@pytest.fixture
def oauth_at() -> Iterator[Callable[[Server | str], OAuth]]:
    """Opens the authorization server of an application called `app`."""
    opened: list[OAuth] = []

    def open_one(server: Server | str, application: str = "app") -> OAuth:
        url = server if isinstance(server, str) else server.url
        opened.append(OAuth(url, application, timeout=(3.0, 5.0), now=lambda: NOW))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


def code(url: str, **changes: Any) -> Reply:
    body = sample("oauth_authorize_device")
    page = f"{url}/oauth/device"
    both = {"verification_uri": page, "verification_uri_complete": f"{page}?user_code=0A44L90H"}
    return wire.data(body | both | changes)


def test_a_device_code(oauth_at: Callable[..., OAuth]) -> None:
    """The request is a form for the scope `api`; life and interval are in our unit."""
    with wire.serve(lambda seen: code(f"http://{seen.headers['Host']}")) as server:
        found = oauth_at(server).begin()
    [seen] = server.seen
    assert (seen.method, seen.path) == ("POST", "/oauth/authorize_device")
    assert seen.form == {"client_id": "app", "scope": "api"}
    assert found.url == f"{server.url}/oauth/device?user_code=0A44L90H"
    assert (found.user_code, found.interval, found.expires_at) == ("0A44L90H", 5_000, NOW + 300_000)
    assert found.device_code not in repr(found)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({"interval": None}, (5_000, 300_000)), ({"interval": 9, "expires_in": 10**9}, (9_000, 3_600_000))],
)
def test_numbers_of_a_device_code_are_kept_within_reason(
    oauth_at: Callable[..., OAuth], changes: dict[str, Any], expected: tuple[int, int]
) -> None:
    """Never more often than every five seconds, and no code is good for longer than an hour."""
    with wire.serve(lambda seen: code(f"http://{seen.headers['Host']}", **changes)) as server:
        found = oauth_at(server).begin()
    assert (found.interval, found.expires_at - NOW) == expected


@pytest.mark.parametrize("key", ["verification_uri", "verification_uri_complete"])
@pytest.mark.parametrize(
    "where", ["https://evil.example/oauth/device", "javascript:alert(1)", "http://127.0.0.1:1/"]
)
def test_a_page_elsewhere_is_refused(oauth_at: Callable[..., OAuth], key: str, where: str) -> None:
    """Nobody is sent to a page that is not on the configured GitLab."""
    with (
        wire.serve(lambda seen: code(f"http://{seen.headers['Host']}", **{key: where})) as server,
        pytest.raises(GitLabSaidNo, match="I do not follow it there"),
    ):
        oauth_at(server).begin()


@pytest.mark.parametrize(
    ("ask", "name", "form"),
    [
        (CALLS[1][1], "oauth_token_device_success",
         {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": CODE}),
        (CALLS[2][1], "oauth_token_refresh", {"grant_type": "refresh_token", "refresh_token": REFRESH}),
    ],
)  # fmt: skip
def test_tokens(oauth_at: Callable[..., OAuth], ask: Ask, name: str, form: dict[str, str]) -> None:
    """A pair of tokens with the moment at which the first one ends, by our clock."""
    body = sample(name)
    with wire.serve(wire.always(wire.data(body))) as server:
        found = ask(oauth_at(server))
    assert isinstance(found, Tokens)
    assert (found.access, found.refresh) == (body["access_token"], body["refresh_token"])
    assert (found.expires_at, found.scopes) == (NOW + 7_200_000, frozenset({"read_user", "api"}))
    assert server.paths() == ["POST /oauth/token"]
    assert server.seen[0].form == {"client_id": "app", **form}
    assert body["access_token"] not in repr(found)


def test_an_end_and_an_owner(oauth_at: Callable[..., OAuth]) -> None:
    """Revoking sends the token as a form, asking for the owner sends it as a bearer."""
    with wire.serve(wire.in_turn(wire.data({}), wire.data(sample("oauth_token_info")))) as server:
        oauth = oauth_at(server)
        oauth.revoke(ACCESS)
        assert oauth.owner(ACCESS) == 7
    revoke, info = server.seen
    assert (revoke.path, revoke.form) == ("/oauth/revoke", {"client_id": "app", "token": ACCESS})
    assert (info.target, info.headers["Authorization"]) == ("/oauth/token/info", f"Bearer {ACCESS}")


@pytest.mark.parametrize(
    "name", ["authorization_pending", "slow_down", "expired_token", "invalid_grant", "access_denied"]
)
def test_refusals_have_codes(oauth_at: Callable[..., OAuth], name: str) -> None:
    """What GitLab answers while nobody has agreed, or nobody will, is told apart by its code."""
    reply = wire.data(sample(f"oauth_token_device_{name}"), status=400)
    with wire.serve(wire.always(reply)) as server, pytest.raises(OAuthRefused) as caught:
        oauth_at(server).claim(CODE)
    assert caught.value.code == name
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "reply", [wire.html(404), wire.data({"error": "unsupported_grant_type"}, status=400)]
)
def test_an_old_gitlab_has_no_device_grant(oauth_at: Callable[..., OAuth], reply: Reply) -> None:
    """Neither a missing page nor an unknown grant is a fault: this GitLab takes pasted tokens."""
    with wire.serve(wire.always(reply)) as server, pytest.raises(OAuthRefused) as caught:
        oauth_at(server).begin()
    assert caught.value.code == NO_DEVICE_GRANT


def test_without_an_application_nothing_is_asked(oauth_at: Callable[..., OAuth]) -> None:
    """Where nobody has registered an application, GitLab is not bothered."""
    with wire.serve(wire.always(wire.data({}))) as server, pytest.raises(OAuthRefused) as caught:
        oauth_at(server, "").begin()
    assert caught.value.code == NO_DEVICE_GRANT
    assert server.seen == []


@EVERY_CALL
@pytest.mark.parametrize(
    ("reply", "kind", "sent"),
    [
        (wire.cut(), GitLabUnreachable, True),
        (wire.plain("oops", status=502), GitLabUnreachable, True),
        (wire.data({"error": "invalid_client"}, status=401), OAuthRefused, None),
        (wire.data({"error": "invalid_scope"}, status=400), OAuthRefused, None),
        (wire.data({"error": "<!channel> canary " * 40}, status=400), OAuthRefused, None),
        (wire.html(200), GitLabSaidNo, None),
        (wire.data([1]), GitLabUnreachable, True),
        (
            Reply(200, b"{" + b" " * 70_000 + b"}", {"Content-Type": "application/json"}),
            GitLabUnreachable,
            True,
        ),
        (wire.redirect("https://evil.example/oauth/token", status=307), GitLabSaidNo, None),
    ],
    ids=["cut", "502", "client", "scope", "hostile", "page", "list", "endless", "redirect"],
)
def test_trouble_is_told_once_and_without_secrets(
    oauth_at: Callable[..., OAuth], ask: Ask, reply: Reply, kind: type[GitLabError], sent: bool | None,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """Whatever comes back, one request was sent, and neither sentence nor log holds what was sent."""
    caplog.set_level(logging.DEBUG)
    with wire.serve(wire.always(reply)) as server, pytest.raises(kind) as caught:
        ask(oauth_at(server))
    assert len(server.seen) == 1
    assert getattr(caught.value, "sent", None) == sent
    assert "canary" not in str(caught.value) + caplog.text
    assert "<!" not in str(caught.value)


@EVERY_CALL
def test_gitlab_wants_a_pause(oauth_at: Callable[..., OAuth], ask: Ask) -> None:
    """A limit is told with the seconds to wait."""
    reply = wire.plain("Retry later", status=429, Retry_After="30")
    with wire.serve(wire.always(reply)) as server, pytest.raises(GitLabBusy) as caught:
        ask(oauth_at(server))
    assert caught.value.retry_after == 30


def test_nobody_listens(oauth_at: Callable[..., OAuth]) -> None:
    """If no connection could be opened, nothing was sent."""
    with pytest.raises(GitLabUnreachable) as caught:
        oauth_at(f"http://127.0.0.1:{wire.closed_port()}").refresh(REFRESH)
    assert not caught.value.sent


@pytest.mark.parametrize("missing", ["access_token", "expires_in"])
def test_half_an_answer(oauth_at: Callable[..., OAuth], missing: str) -> None:
    """Without a token nobody knows what happened; without an end the token simply has none."""
    body = {key: value for key, value in sample("oauth_token_refresh").items() if key != missing}
    with wire.serve(wire.always(wire.data(body))) as server:
        if missing == "expires_in":
            assert oauth_at(server).refresh(REFRESH).expires_at is None
        else:
            with pytest.raises(GitLabUnreachable):
                oauth_at(server).refresh(REFRESH)
