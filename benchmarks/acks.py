"""Acks while GitLab is slow: the whole bot, `/gitlab run` at a steady rate, in a burst, and through lost sockets."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import linked, settings
from benchmarks.children import Bot, Child
from benchmarks.figures import AT_MOST, CouldNotRun, Figure
from benchmarks.traffic import askers

GITLAB_S = 2.0
RATE, BURST = 100, 2_000
TEXT = "run hello World"
CUT_AFTER_S, REFRESH_AFTER_S = 3.0, 1.0
CONNECTIONS = 2
#: The first thing that is asked for a command, and the last.
LOOKED_AT, STARTED = f"GET /api/v4/projects/{settings.SHOP}", "POST /api/v4/projects/:id/pipeline"


def measure(quick: bool) -> Iterator[Figure]:
    """A fresh bot and store for each kind of trouble."""
    steady_s, trouble_s = (8, 6) if quick else (25, 8)
    with Child("benchmarks.fake_slack") as slack, Child("benchmarks.fake_gitlab") as gitlab:
        fast = _told(slack, gitlab, "steady", rate=RATE, seconds=trouble_s)
        gitlab.ask("slow", seconds=GITLAB_S)
        yield from _steady(_told(slack, gitlab, "steady", rate=RATE, seconds=steady_s), "")
        yield from _burst(_told(slack, gitlab, "burst", count=BURST))
        cut = _told(slack, gitlab, "steady", rate=RATE, seconds=trouble_s, cut=CUT_AFTER_S)
        yield from _trouble("a connection cut", cut)
        refresh = _told(slack, gitlab, "steady", rate=RATE, seconds=trouble_s, refresh=REFRESH_AFTER_S)
        yield from _trouble("a refresh", refresh)
        # Not a slow GitLab but a fast one keeps every worker busy with work of its own.
        yield from _steady(fast, ", a fast GitLab")


def _told(slack: Child, gitlab: Child, what: str, **how: Any) -> dict[str, Any]:
    """Start a bot, send it commands, and return what was seen, with the ids of what it stored as `stored`."""
    slack.ask("forget", app=settings.APP)
    with TemporaryDirectory(prefix="signalbox-bench-") as temporary:
        folder = Path(temporary)
        config = settings.write(folder, slack.said["url"], gitlab.said["url"])
        linked.link(folder, askers())
        gitlab.ask("counted")
        with Bot(config) as bot:
            if slack.ask("wait", app=settings.APP, connections=CONNECTIONS)["at"] is None:
                bot.check()
                raise CouldNotRun(f"The bot did not connect.\n{bot.tail()}")
            told: dict[str, Any] = slack.ask(what, app=settings.APP, text=TEXT, **how)
            bot.check()
            told["calls"] = gitlab.ask("counted")["calls"]
        with closing(sqlite3.connect(settings.store(folder))) as store:
            told["stored"] = {row[0] for row in store.execute("SELECT envelope FROM inbox")}
    return told


def _steady(told: dict[str, Any], kind: str) -> Iterator[Figure]:
    waits = (
        f"median {told['median'] * 1000:.2f} ms, longest {told['longest'] * 1000:.0f} ms; {_meanwhile(told)}"
    )
    name = f"p99 of acks at {RATE} commands a second{kind}"
    yield Figure(name, told["p99"] * 1000, "ms", AT_MOST, 50, f"{told['acked']} acked, {waits}")
    yield Figure(f"unacked, or later than 3 s{kind}", _bad(told), "", AT_MOST, 0)


def _burst(told: dict[str, Any]) -> Iterator[Figure]:
    detail = (
        f"{told['acked']} acked within {told['took']:.2f} s, median {told['median'] * 1000:.0f} ms,"
        f" {told['late']} later than 3 s"
    )
    yield Figure(f"unacked of a burst of {BURST}", len(told["unacked"]), "", AT_MOST, 0, detail)


def _trouble(what: str, told: dict[str, Any]) -> Iterator[Figure]:
    """What was sent into a connection that was just cut may not have reached the bot; its store tells."""
    reached = [envelope for envelope in told["unacked"] if envelope in told["stored"]]
    detail = (
        f"{told['acked']} acked, p99 {told['p99'] * 1000:.1f} ms, {told['late']} later than 3 s;"
        f" {len(told['unacked']) - len(reached)} lost on the way to the bot"
    )
    yield Figure(f"{what}: unacked of those that were stored", len(reached), "", AT_MOST, 0, detail)
    yield Figure(f"{what}: longest time without an ack", told["gap"], "s", AT_MOST, 2)


def _meanwhile(told: dict[str, Any]) -> str:
    """What the bot asked of GitLab; raises CouldNotRun if it did not get as far as that: then nothing was slow."""
    calls: dict[str, int] = told["calls"]
    if not calls.get(LOOKED_AT):
        raise CouldNotRun("No command got as far as GitLab.")
    return (
        f"{sum(calls.values())} GitLab requests meanwhile, {calls.get(STARTED, 0)} of them started a pipeline"
    )


def _bad(told: dict[str, Any]) -> int:
    late: int = told["late"]
    return late + len(told["unacked"])
