"""The start: each token and address is tried, and a wrong one is named within seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot import checks
from bot.checks import Found
from bot.config import Config, parse
from bot.edges.slack import Slack
from bot.edges.store import Store
from bot.errors import ConfigError
from tests.doors.accepting import IDENTITY
from tests.edges import slack_calls, wire

SAID_WITHIN = 4.5
"""Seconds; the issue gives the whole start five."""
USER = {"id": 100, "username": "signalbox", "name": "Signalbox", "bot": True}


def slack(seen: wire.Seen) -> wire.Reply:
    """Answers every method with its sample."""
    return slack_calls.samples(seen)


def gitlab(seen: wire.Seen) -> wire.Reply:
    """Knows whose token it is."""
    return wire.data(USER)


def no(method: str, code: str) -> wire.Script:
    """A Slack that refuses one method."""
    return lambda seen: slack_calls.refused(code) if seen.path.endswith(method) else slack(seen)


@contextmanager
def services(slack_script: wire.Script = slack, gitlab_script: wire.Script = gitlab) -> Iterator[Config]:
    """Two scripted services, and a configuration that points at them."""
    with wire.serve(slack_script) as at_slack, wire.serve(gitlab_script) as at_gitlab:
        yield configured(f"{at_slack.url}/api/", at_gitlab.url)


def configured(slack_at: str, gitlab_at: str) -> Config:
    """A configuration with these addresses."""
    text = f"""
    [slack]
    bot_token = "xoxb-1"
    app_token = "xapp-1"
    api_url = "{slack_at}"
    [gitlab]
    url = "{gitlab_at}"
    token = "glpat-1"
    """
    return parse(text, {}, Path("/"))


def check(config: Config, store: Store) -> Found:
    slack = Slack(config.slack.bot_token, config.slack.api_url)
    return checks.check(config, store, slack, lambda: 1)


def wrong(config: Config, store: Store) -> str:
    """The sentence with which the start ends."""
    began = time.monotonic()
    with pytest.raises(ConfigError) as caught:
        check(config, store)
    assert time.monotonic() - began < SAID_WITHIN
    assert "\n" not in caught.value.sentence
    assert "xoxb-1" not in caught.value.sentence
    return caught.value.sentence


def test_all_is_well(store: Store) -> None:
    """Slack says who we are, and gives the address of the first socket."""
    with services() as config:
        found = check(config, store)
    assert found.identity.user == "U0OPSBOT01"
    assert found.identity.scopes == {"chat:write", "commands"}
    assert found.socket_url.startswith("wss://")


@pytest.mark.parametrize(("scripts", "key"), [
    ({"slack_script": no("auth.test", "invalid_auth")}, "slack.bot_token"),
    ({"slack_script": no("auth.test", "account_inactive")}, "slack.bot_token"),
    ({"slack_script": no("auth.test", "not_allowed_token_type")}, "slack.bot_token"),
    ({"slack_script": no("connections.open", "invalid_auth")}, "slack.app_token"),
    ({"slack_script": no("connections.open", "not_allowed_token_type")}, "slack.app_token"),
    ({"slack_script": wire.always(wire.html())}, "slack.api_url"),
    ({"gitlab_script": wire.always(wire.data({"message": "401 Unauthorized"}, 401))}, "gitlab.token"),
    ({"gitlab_script": wire.always(wire.html())}, "gitlab.url"),
    ({"gitlab_script": wire.always(wire.html(404))}, "gitlab.url"),
    ({"gitlab_script": wire.always(wire.html(502))}, "gitlab.url"),
], ids=[f"{n}" for n in range(10)])  # fmt: skip
def test_what_is_wrong_is_named(store: Store, scripts: dict[str, wire.Script], key: str) -> None:
    """One sentence with the key to look at."""
    with services(**scripts) as config:
        assert key in wrong(config, store)


def test_nobody_at_an_address_is_named(store: Store) -> None:
    """A port where nobody listens."""
    nowhere = f"http://127.0.0.1:{wire.closed_port()}"
    with services() as config:
        assert "slack.api_url" in wrong(configured(f"{nowhere}/api/", config.gitlab.url), store)
        assert "gitlab.url" in wrong(configured(config.slack.api_url, nowhere), store)


def dribble() -> Iterator[bytes]:
    """A body that never ends, a byte at a time: no single wait is long."""
    for _ in range(9):
        yield b" "
        time.sleep(0.5)


@pytest.mark.parametrize("answer", [lambda: wire.Reply(silent=True), lambda: wire.Reply(body=dribble(), length=10_000)],
                         ids=["silent", "dribbling"])  # fmt: skip
@pytest.mark.parametrize("who", ["slack", "gitlab", "both"])
def test_a_service_that_never_finishes_ends_the_start_in_time(
    store: Store, answer: Callable[[], wire.Reply], who: str
) -> None:
    """Silent, or one byte at a time: three hanging calls take no longer than one."""
    hanging: wire.Script = lambda _: answer()  # noqa: E731 -- it stands for a service
    with services(hanging if who != "gitlab" else slack, hanging if who != "slack" else gitlab) as config:
        assert ("slack.api_url" if who == "slack" else "gitlab.url") in wrong(config, store)
        until_threads_end()


def until_threads_end() -> None:
    """Let the calls that were left behind end while their servers still stand."""
    deadline = time.monotonic() + 15
    while any("_try" in thread.name for thread in threading.enumerate()) and time.monotonic() < deadline:
        time.sleep(0.05)


def test_a_second_start_tolerates_that_gitlab_is_away(store: Store) -> None:
    """It answered at this address before, so the address is right; a rejected token still ends the start."""
    down, busy, gone = wire.html(502), wire.data({}, 429, Retry_After="5"), wire.data({"message": "401"}, 401)
    mood = [wire.data(USER), down, busy, gone]
    with services(gitlab_script=lambda _: mood[0]) as config:
        check(config, store)
        for _ in range(2):
            mood.pop(0)
            assert check(config, store).identity.user == IDENTITY.user
        mood.pop(0)
        assert "gitlab.token" in wrong(config, store)


def test_a_second_start_tolerates_that_slack_is_away(store: Store) -> None:
    """Who we are is remembered, and the sockets ask for their address later; a wrong token still ends it."""
    mood: list[wire.Script] = [slack]

    def moody(seen: wire.Seen) -> wire.Reply:
        return mood[0](seen)

    with services(moody) as config:
        first = check(config, store)
        mood[0] = wire.always(wire.html(503))
        second = check(config, store)
        assert second.identity == first.identity
        assert second.socket_url == ""
        mood[0] = no("auth.test", "token_revoked")
        assert "slack.bot_token" in wrong(config, store)


def test_another_address_is_not_known_from_before(store: Store) -> None:
    """What answered elsewhere says nothing of this address."""
    with services() as config:
        check(config, store)
        elsewhere = f"http://127.0.0.1:{wire.closed_port()}"
        assert "gitlab.url" in wrong(configured(config.slack.api_url, elsewhere), store)


def test_the_tried_address_is_used_once() -> None:
    """Each address is good for one connection; then a fresh one is asked for."""
    asked: list[str] = []

    def ask() -> str:
        asked.append("fresh")
        return f"fresh {len(asked)}"

    next_url = Found(IDENTITY, "tried").url_then(ask)
    assert [next_url() for _ in range(3)] == ["tried", "fresh 1", "fresh 2"]
    assert Found(IDENTITY, "").url_then(ask)() == "fresh 3"
