"""Typeahead: what fits the letters somebody types, among ten thousand projects, beside acks of plain commands."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import linked, settings
from benchmarks.children import Bot, Child
from benchmarks.figures import AT_MOST, CouldNotRun, Figure, ratio
from benchmarks.traffic import LETTERS, askers
from bot.edges.store import Store
from bot.model import Known, Person

PROJECTS = 10_000
RATE = 20
CONNECTIONS = 2
#: Slack shows nothing after three seconds; a list that comes later than this feels slow under the fingers.
FELT_MS = 300


def measure(quick: bool) -> Iterator[Figure]:
    """One bot for both, so that the two are what the same machine does."""
    seconds = 4 if quick else 10
    with Child("benchmarks.fake_slack") as slack, Child("benchmarks.fake_gitlab") as gitlab:
        slack.ask("forget", app=settings.APP)
        with TemporaryDirectory(prefix="signalbox-bench-") as temporary:
            folder = Path(temporary)
            config = settings.write(folder, slack.said["url"], gitlab.said["url"])
            linked.link(folder, askers())
            _fill(folder)
            with Bot(config) as bot:
                if slack.ask("wait", app=settings.APP, connections=CONNECTIONS)["at"] is None:
                    bot.check()
                    raise CouldNotRun(f"The bot did not connect.\n{bot.tail()}")
                commands = _told(slack, "help", seconds)
                letters = _told(slack, f"{LETTERS}service 77", seconds)
                bot.check()
    detail = f"{letters['acked']} answered, median {letters['median'] * 1000:.1f} ms"
    yield Figure(
        f"p99 of options among {PROJECTS} projects at {RATE} a second", letters["p99"] * 1000, "ms", AT_MOST, FELT_MS,
        detail,
    )  # fmt: skip
    yield Figure(
        "median options / median ack of a command", ratio(letters["median"], commands["median"]), "x", AT_MOST, 20,
        f"{letters['median'] * 1000:.2f} and {commands['median'] * 1000:.2f} ms",
    )  # fmt: skip
    late = letters["late"] + len(letters["unacked"])
    yield Figure("letters not answered within 3 s", late, "", AT_MOST, 0)


def _told(slack: Child, text: str, seconds: int) -> dict[str, Any]:
    told: dict[str, Any] = slack.ask("steady", app=settings.APP, text=text, rate=RATE, seconds=seconds)
    return told


def _fill(folder: Path) -> None:
    """Write down what some of those who ask were shown in GitLab a moment ago."""
    now = time.time_ns() // 1_000_000
    names = [Known(number, f"acme/services/service-{number:05}") for number in range(PROJECTS)]
    with closing(Store(settings.store(folder))) as store:
        for person in askers():
            with store.write() as tx:
                tx.known.put(Person(linked.TEAM, person), "project", names, now)
