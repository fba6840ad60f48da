"""Tries every token and address before the doors open, so that a wrong one is one sentence and not a mystery."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TypeVar

from bot.config import Config
from bot.edges.gitlab import GitLab
from bot.edges.slack import BotIdentity, Slack
from bot.edges.store import Store
from bot.errors import (
    BotError,
    ConfigError,
    GitLabBusy,
    GitLabUnreachable,
    SlackBusy,
    SlackUnreachable,
    TokenRejected,
)
from bot.model import GitLabUser, Millis

log = logging.getLogger(__name__)

#: With the imports less than the five seconds in which a wrong configuration must have ended the start.
TRY_FOR_S = 3
T = TypeVar("T")
#: Down, slow or busy: that passes, and the address may still be right.
PASSES = (GitLabUnreachable, GitLabBusy, SlackUnreachable, SlackBusy)


@dataclass(frozen=True, slots=True)
class Found:
    """What the services said of us."""

    identity: BotIdentity
    socket_url: str

    def url_then(self, ask: Callable[[], str]) -> Callable[[], str]:
        """Return what gives the address that was tried at the start first, and then a fresh one each time."""
        first = [self.socket_url] if self.socket_url else []
        lock = threading.Lock()

        def next_url() -> str:
            with lock:
                if first:
                    return first.pop()
            return ask()

        return next_url


@dataclass(slots=True)
class _Attempt:
    """One call on its own thread: its result, or what it raised."""

    act: Callable[[], object]
    result: object = None
    error: BaseException | None = None
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._try, daemon=True)
        self.thread.start()

    def _try(self) -> None:
        try:
            self.result = self.act()
        except BotError as error:
            self.error = error


def check(config: Config, store: Store, slack: Slack, now: Callable[[], Millis]) -> Found:
    """
    Try the three tokens at once.

    A service that does not answer ends the start only if it has never answered at this address: a bot must come
    up again while GitLab is down. Raises ConfigError naming the key.
    """
    slack = slack.within(TRY_FOR_S)
    gitlab = GitLab(config.gitlab.url, config.gitlab.token, timeout=(TRY_FOR_S, TRY_FOR_S), now=now)
    who, url, me = (
        _Attempt(slack.whoami),
        _Attempt(lambda: slack.open_socket(config.slack.app_token)),
        _Attempt(gitlab.me),
    )
    # One deadline for all three: each of their waits is bounded, but a server may make many of them.
    deadline = time.monotonic() + TRY_FOR_S + 0.5
    for attempt in (who, url, me):
        attempt.thread.join(max(0.0, deadline - time.monotonic()))
    gitlab.close()
    _check_gitlab(config, store, me)
    identity = _identity(config, store, who)
    return Found(identity, _socket_url(config, store, url))


def _identity(config: Config, store: Store, who: _Attempt) -> BotIdentity:
    mark = f"slack {config.slack.api_url}"
    if isinstance(who.result, BotIdentity):
        kept = asdict(who.result) | {"scopes": sorted(who.result.scopes)}
        _remember(store, mark, json.dumps(kept))
        return who.result
    known = _recall(store, mark)
    if known is None or not _passes(who):
        raise _named("slack.api_url" if _passes(who) else "slack.bot_token", config.slack.api_url, who)
    log.warning("Slack does not answer; I go on with what it said before.")
    before = json.loads(known)
    return BotIdentity(**before | {"scopes": frozenset(before["scopes"])})


def _socket_url(config: Config, store: Store, url: _Attempt) -> str:
    if isinstance(url.result, str):
        return url.result
    if _passes(url) and _recall(store, f"slack {config.slack.api_url}") is not None:
        return ""  # The sockets ask again, with patience.
    raise _named("slack.api_url" if _passes(url) else "slack.app_token", config.slack.api_url, url)


def _check_gitlab(config: Config, store: Store, me: _Attempt) -> None:
    mark = f"gitlab {config.gitlab.url}"
    if isinstance(me.result, GitLabUser):
        _remember(store, mark, me.result.username)
        log.info("GitLab knows me as %s", me.result.username)
    elif not _passes(me) or _recall(store, mark) is None:
        key = "gitlab.token" if isinstance(me.error, TokenRejected) else "gitlab.url"
        raise _named(key, config.gitlab.url, me)
    else:
        log.warning("GitLab does not answer; I start all the same, since it did before: %s", me.error)


def _passes(attempt: _Attempt) -> bool:
    return attempt.error is None or isinstance(attempt.error, PASSES)


def _named(key: str, address: str, attempt: _Attempt) -> ConfigError:
    said = str(attempt.error) if attempt.error else f"no answer within {TRY_FOR_S} s."
    where = f" ({address})" if key.endswith("url") else ""
    return ConfigError(said if key in said else f"{key}{where}: {said}")


def _remember(store: Store, name: str, value: str) -> None:
    with store.write() as tx:
        tx.marks.put(name, value)


def _recall(store: Store, name: str) -> str | None:
    with store.read() as tx:
        return tx.marks.get(name)
