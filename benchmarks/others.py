"""Answers for others while one person floods: the same people, alone and beside a thousand commands of somebody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import settings
from benchmarks.children import Bot, Child
from benchmarks.figures import AT_MOST, CouldNotRun, Figure, ratio, spread

CONNECTIONS = 2
PEOPLE, FLOOD = 20, 1_000
TEXT = "runs"
#: Well below what one person, and all of them together, may ask in a minute.
EVERY_S = 1.0
#: A message takes this long in Slack: without it, milliseconds nobody feels would make the ratio.
SLACK_S = 0.05
ALONE, BESIDE = "alone", "beside"


def measure(quick: bool) -> Iterator[Figure]:
    """A fresh bot for each measurement, both kinds in turn; the limits are those of a new configuration."""
    rounds, seconds = (2, 4.0) if quick else (5, 5.0)
    told: dict[str, list[dict[str, Any]]] = {ALONE: [], BESIDE: []}
    with Child("benchmarks.fake_slack") as slack, Child("benchmarks.fake_gitlab") as gitlab:
        for number in range(rounds):
            for kind in (ALONE, BESIDE) if number % 2 else (BESIDE, ALONE):
                told[kind].append(_told(slack, gitlab, FLOOD if kind == BESIDE else 0, seconds))
    yield from _figures(told)


def _told(slack: Child, gitlab: Child, flood: int, seconds: float) -> dict[str, Any]:
    slack.ask("forget", app=settings.APP)
    with TemporaryDirectory(prefix="signalbox-bench-") as temporary:
        config = settings.write(Path(temporary), slack.said["url"], gitlab.said["url"], limited=True)
        with Bot(config) as bot:
            if slack.ask("wait", app=settings.APP, connections=CONNECTIONS)["at"] is None:
                bot.check()
                raise CouldNotRun(f"The bot did not connect.\n{bot.tail()}")
            told: dict[str, Any] = slack.ask(
                "quiet", app=settings.APP, text=TEXT, people=PEOPLE, every=EVERY_S, seconds=seconds,
                flood=flood, delay=SLACK_S,
            )  # fmt: skip
            bot.check()
    if not told["answers"]:
        raise CouldNotRun("Nobody was answered.")
    return told


def _figures(told: dict[str, list[dict[str, Any]]]) -> Iterator[Figure]:
    p95 = {kind: [each["p95"] * 1000 for each in found] for kind, found in told.items()}
    middle = {kind: median(each["median"] * 1000 for each in found) for kind, found in told.items()}
    yield Figure(
        f"p95 of answers to {PEOPLE} people beside {FLOOD} commands / alone",
        ratio(median(p95[BESIDE]), median(p95[ALONE])), "x", AT_MOST, 1.5,
        f"{spread(p95[BESIDE])} ms beside, {spread(p95[ALONE])} ms alone;"
        f" medians {middle[BESIDE]:.1f} and {middle[ALONE]:.1f} ms",
    )  # fmt: skip
    missed = sum(each["unanswered"] for found in told.values() for each in found)
    answers = sum(each["answers"] for found in told.values() for each in found)
    yield Figure("questions without an answer", missed, "", AT_MOST, 0, f"of {answers}")
