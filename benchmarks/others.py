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
#: Answered from the store alone, and not in the order of one person's requests: the flood gets as many workers as any.
TEXT = "runs"
#: Well below what one person, and all of them together, may ask in a minute.
EVERY_S = 1.0
#: A message takes this long in Slack: without it, milliseconds nobody feels would make the ratio.
SLACK_S = 0.05
#: For what comes in one moment, the bot needs some seconds to take it and to skip it.
BURST_TARGET = 5
ALONE, BESIDE, BURST = "alone", "beside", "burst"


def measure(quick: bool) -> Iterator[Figure]:
    """A fresh bot for each measurement, the kinds in turn; the limits are those of a new configuration."""
    rounds, seconds = (2, 8.0) if quick else (4, 10.0)
    kinds = (ALONE, BESIDE, BURST)
    told: dict[str, list[dict[str, Any]]] = {kind: [] for kind in kinds}
    with Child("benchmarks.fake_slack") as slack, Child("benchmarks.fake_gitlab") as gitlab:
        for number in range(rounds):
            for place in range(len(kinds)):
                kind = kinds[(number + place) % len(kinds)]
                flood = [0 if kind == ALONE else FLOOD, seconds if kind == BESIDE else 0.0]
                told[kind].append(_told(slack, gitlab, seconds=seconds, flood=flood))
    yield from _figures(told, seconds)


def _told(slack: Child, gitlab: Child, **how: Any) -> dict[str, Any]:
    slack.ask("forget", app=settings.APP)
    with TemporaryDirectory(prefix="signalbox-bench-") as temporary:
        config = settings.write(Path(temporary), slack.said["url"], gitlab.said["url"], limited=True)
        with Bot(config) as bot:
            if slack.ask("wait", app=settings.APP, connections=CONNECTIONS)["at"] is None:
                bot.check()
                raise CouldNotRun(f"The bot did not connect.\n{bot.tail()}")
            told: dict[str, Any] = slack.ask(
                "quiet", app=settings.APP, text=TEXT, people=PEOPLE, every=EVERY_S, delay=SLACK_S, **how
            )
            bot.check()
    if not told["answers"]:
        raise CouldNotRun("Nobody was answered.")
    return told


def _figures(told: dict[str, list[dict[str, Any]]], seconds: float) -> Iterator[Figure]:
    p95 = {kind: [each["p95"] * 1000 for each in found] for kind, found in told.items()}
    middle = {kind: median(each["median"] * 1000 for each in found) for kind, found in told.items()}
    for kind, how, target in ((BESIDE, f"within {seconds:g} s", 1.5), (BURST, "at once", BURST_TARGET)):
        yield Figure(
            f"p95 of {PEOPLE} people beside {FLOOD} commands {how} / alone",
            ratio(median(p95[kind]), median(p95[ALONE])), "x", AT_MOST, target,
            f"{spread(p95[kind])} ms, {spread(p95[ALONE])} ms alone;"
            f" medians {middle[kind]:.1f} and {middle[ALONE]:.1f} ms",
        )  # fmt: skip
    missed = sum(each["unanswered"] for found in told.values() for each in found)
    answers = sum(each["answers"] for found in told.values() for each in found)
    yield Figure("questions without an answer", missed, "", AT_MOST, 0, f"of {answers}")
