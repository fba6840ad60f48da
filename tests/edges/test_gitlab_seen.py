"""What is remembered of GitLab for half a minute: one request at a time, shared answers, no remembered failures."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.edges.gitlab_seen import TTL_MS, Seen
from bot.environments import may_be
from bot.errors import GitLabError, GitLabSaidNo, GitLabUnreachable
from bot.model import Millis
from tests.edges import wire
from tests.edges.gitlab_calls import NOW, Connect, sample
from tests.edges.wire import Reply, Script, Server

SHOP = 42
ENVIRONMENTS = wire.data(sample("environments_list"))
Look = Callable[[], Any]


@dataclass(slots=True)
class Clock:
    """The time, which passes only when a test says so."""

    now: Millis = field(default=NOW)

    def __call__(self) -> Millis:
        return self.now


@contextmanager
def seen_at(connect: Connect, script: Script, clock: Clock | None = None) -> Iterator[tuple[Seen, Server]]:
    with wire.serve(script) as server:
        yield Seen(connect(server), clock or Clock()), server


def _named(*names: str, tier: str = "other") -> Reply:
    return wire.data([{"id": number, "name": name, "tier": tier} for number, name in enumerate(names)])


def test_environments_count_for_half_a_minute(connect: Connect) -> None:
    """Within it nothing is asked again, at its end everything is."""
    clock = Clock()
    with seen_at(connect, wire.always(ENVIRONMENTS), clock) as (seen, server):
        first = seen.environments(SHOP)
        clock.now += TTL_MS["environments"] - 1
        assert seen.environments(SHOP) is first
        assert len(server.seen) == 1
        clock.now += 1
        assert seen.environments(SHOP) == first
        assert len(server.seen) == 2


def test_an_incident_of_just_now_is_met(connect: Connect) -> None:
    """Freezes and incidents are asked for anew, but for a burst."""
    clock = Clock()
    with seen_at(connect, wire.always(wire.data([])), clock) as (seen, server):
        seen.incidents(SHOP)
        seen.incidents(SHOP)
        assert len(server.seen) == 1
        clock.now += TTL_MS["incidents"]
        seen.incidents(SHOP)
        assert len(server.seen) == 2


def test_a_clock_that_was_set_back_keeps_nothing_for_longer(connect: Connect) -> None:
    """An answer from the future is asked for anew."""
    clock = Clock()
    with seen_at(connect, wire.always(ENVIRONMENTS), clock) as (seen, server):
        seen.environments(SHOP)
        clock.now -= 3_600_000
        seen.environments(SHOP)
        assert len(server.seen) == 2


def test_projects_and_questions_are_kept_apart(connect: Connect) -> None:
    """Another project, and another question, are asked for themselves."""
    script = wire.always(wire.data([]))
    with seen_at(connect, script) as (seen, server):
        for project in (1, 2):
            assert seen.environments(project) == ()
            assert seen.freeze_periods(project) == ()
            assert seen.incidents(project) == ()
    assert len(server.seen) == 6


@dataclass(slots=True)
class Gate:
    """A server that holds its first answer until it is let go."""

    reply: Reply
    came: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    def __call__(self, request: wire.Seen) -> Reply:
        self.came.set()
        self.go.wait(10)
        return self.reply


def _together(gate: Gate, look: Look, number: int = 8) -> list[Any]:
    """What `number` threads are told that look while the first question is still open."""

    def outcome() -> Any:
        try:
            return look()
        except GitLabError as error:
            return error

    with ThreadPoolExecutor(number) as pool:
        first = pool.submit(outcome)
        gate.came.wait(10)
        others = [pool.submit(outcome) for _ in range(number - 1)]
        gate.go.set()
        return [one.result(10) for one in (first, *others)]


def test_who_asks_at_the_same_time_waits_for_one_answer(connect: Connect) -> None:
    """Eight threads make one request and are given the same."""
    gate = Gate(ENVIRONMENTS)
    with seen_at(connect, gate) as (seen, server):
        told = _together(gate, lambda: seen.environments(SHOP))
    assert len(server.seen) == 1
    assert len({id(one) for one in told}) == 1


def test_no_failure_is_remembered(connect: Connect) -> None:
    """Who asks after a failure asks anew, and is told."""
    replies = iter([wire.data({"message": "no"}, 500), ENVIRONMENTS])
    with seen_at(connect, lambda request: next(replies)) as (seen, server):
        with pytest.raises(GitLabUnreachable):
            seen.environments(SHOP)
        assert len(seen.environments(SHOP)) == 2
    assert len(server.seen) == 2


def test_a_failure_is_told_to_all_that_waited_for_it(connect: Connect) -> None:
    """Nobody waits for ever, and nobody is told that there is nothing."""
    gate = Gate(wire.data({"message": "no"}, 500))
    with seen_at(connect, gate) as (seen, _):
        told = _together(gate, lambda: seen.incidents(SHOP))
    assert {type(one) for one in told} == {GitLabUnreachable}


def test_only_so_much_is_kept(connect: Connect) -> None:
    """The project that was asked for first is forgotten for the one too many."""
    with wire.serve(wire.always(wire.data([]))) as server:
        seen = Seen(connect(server), Clock(), most=2)
        for project in (1, 2, 3, 3, 2):
            seen.incidents(project)
        assert len(server.seen) == 3
        seen.incidents(1)
        assert len(server.seen) == 4


# Tiers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "tier"),
    [
        ("eu-1", "production"),
        ("live", "production"),
        ("review/new", "development"),
        ("somewhere", "other"),
        ("eu-$NUMBER", "production"),
        ("$TARGET", "production"),
        ("${TARGET}", "production"),
        ("%TARGET%", "production"),
        ("review/$CI_COMMIT_REF_SLUG", "development"),
        ("test/$PRODUCT", "testing"),
        ("$PRODUCT/x", "other"),
    ],
)
def test_a_tier_is_gitlabs_or_guessed_by_the_name(connect: Connect, name: str, tier: str) -> None:
    """GitLab's tier wins; a name with variables is all that it may become; a new one is guessed."""
    body = [
        {"id": 1, "name": "eu-1", "tier": "production"},
        {"id": 2, "name": "eu-2", "tier": "testing"},
        {"id": 3, "name": "review/a", "tier": "development"},
    ]
    with seen_at(connect, wire.always(wire.data(body))) as (seen, _):
        assert seen.tier(SHOP, name) == tier


@pytest.mark.parametrize("status", [403, 404])
def test_a_tier_is_guessed_where_gitlab_does_not_show_environments(connect: Connect, status: int) -> None:
    """A bot that is no member guesses as GitLab would."""
    with seen_at(connect, wire.always(wire.data({"message": "no"}, status))) as (seen, _):
        assert seen.tier(SHOP, "production") == "production"
        assert seen.tier(SHOP, "staging") == "staging"


@pytest.mark.parametrize(("status", "error"), [(500, GitLabUnreachable), (401, GitLabSaidNo)])
def test_a_tier_is_not_guessed_where_gitlab_does_not_answer(
    connect: Connect, status: int, error: type[GitLabError]
) -> None:
    """What GitLab might say is not taken for what it says."""
    refusal = wire.always(wire.data({"message": "no"}, status))
    with seen_at(connect, refusal) as (seen, _), pytest.raises(error):
        seen.tier(SHOP, "eu-1")


def test_an_environment_beyond_the_list_is_asked_for_by_its_name(connect: Connect) -> None:
    """Of more than 1,000 environments the one that is wanted is found all the same."""
    full = _named(*(f"review/{number}" for number in range(100)), tier="development")

    def script(request: wire.Seen) -> Reply:
        wanted = request.query.get("name")
        return full if wanted is None else _named(*([wanted] if wanted == "eu-1" else []), tier="production")

    with seen_at(connect, script) as (seen, server):
        assert [seen.tier(SHOP, name) for name in ("eu-1", "eu-1", "qa", "review/$X")] == [
            "production", "production", "testing", "development"
        ]  # fmt: skip
    assert len(server.seen) == 10 + 2


@pytest.mark.parametrize(
    ("name", "other", "may"),
    [
        ("production", "production", True),
        ("production", "Production", False),
        ("review/$A", "review/x/y", True),
        ("review/$A", "review", False),
        ("$A-$B", "eu-1", True),
        ("$A-$B", "eu", False),
        ("a$X.a", "a.a", True),
        ("a$X.a", ".a", False),
        ("x$A-mid-$B-mid-$C", "x-mid-", False),
        ("x$A-mid-$B-mid-$C", "x-mid--mid-", True),
        ("aa${X}aa", "aaa", False),
        ("$A$B", "", True),
    ],
)
def test_a_name_with_variables_may_become_what_fits_around_them(name: str, other: str, may: bool) -> None:
    """The known parts have to come in their order and without overlap."""
    assert may_be(name, other) is may
