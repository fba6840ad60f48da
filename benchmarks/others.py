"""Answers for others while one person floods: the same people, alone and beside a thousand commands of somebody.

What is compared was measured with the same bots, within seconds, and the limits are those of a new configuration.
The one who floods is connected to GitLab, and starts jobs.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import linked, settings
from benchmarks.children import Bot, Child
from benchmarks.figures import AT_MOST, CouldNotRun, Figure, ratio

CONNECTIONS, ROUNDS = 2, 2
PEOPLE, FLOOD = 20, 1_000
#: What the others ask: it is answered from the store alone, so that only what the bot does is measured.
TEXT = "runs"
#: What the one who floods asks: a run is what costs the bot most.
FLOOD_TEXT = "run hello World"
#: Well below what one person, and all of them together, may ask in a minute.
EVERY_S = 1.0
#: A message takes this long in Slack, and a request in GitLab: without it, milliseconds nobody feels would make
#: the ratio.
SLACK_S = GITLAB_S = 0.05
#: What comes in one moment keeps both processors busy for a second; a wait nobody feels.
BURST_TARGET = 2.5
ALONE, BESIDE, BURST = "alone", "beside", "burst"
#: How long the others ask in each measurement; all of it is measured.
SECONDS = {ALONE: 6.0, BESIDE: 8.0, BURST: 2.0}
#: In how many seconds the flood comes.
FLOOD_S = {BESIDE: 8.0, BURST: 0.0}


@dataclass(slots=True)
class _Found:
    """How long the answers took, in ms, of all rounds."""

    waits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    unanswered: int = 0
    done: list[int] = field(default_factory=list)
    """Of each round, how many commands of the floods were done with in the end."""

    def p95(self, kind: str) -> float:
        waits = sorted(self.waits[kind])
        return waits[int(len(waits) * 0.95)] if waits else float("inf")


def measure(quick: bool) -> Iterator[Figure]:
    """A fresh bot for each round, in which the kinds follow each other in another order."""
    kinds, found = (ALONE, BURST, BESIDE), _Found()
    with Child("benchmarks.fake_slack") as slack, Child("benchmarks.fake_gitlab") as gitlab:
        gitlab.ask("slow", seconds=GITLAB_S)
        for number in range(1 if quick else ROUNDS):
            _round(slack, gitlab, found, kinds[number:] + kinds[:number])
    yield from _figures(found)


def _round(slack: Child, gitlab: Child, found: _Found, kinds: tuple[str, ...]) -> None:
    slack.ask("forget", app=settings.APP)
    with TemporaryDirectory(prefix="signalbox-bench-") as temporary:
        folder = Path(temporary)
        config = settings.write(folder, slack.said["url"], gitlab.said["url"], limited=True)
        linked.link(folder, [_flooder(kind) for kind in kinds])
        with Bot(config) as bot:
            if slack.ask("wait", app=settings.APP, connections=CONNECTIONS)["at"] is None:
                bot.check()
                raise CouldNotRun(f"The bot did not connect.\n{bot.tail()}")
            _ask(slack, seconds=EVERY_S)  # Everybody is asked about in Slack once.
            for kind in kinds:
                told = _ask(slack, seconds=SECONDS[kind], flood=_flood(kind))
                found.waits[kind] += [took * 1000 for _, took in told["asked"]]
                found.unanswered += told["unanswered"]
            bot.check()
        found.done.append(_done(settings.store(folder)))


def _ask(slack: Child, **how: Any) -> dict[str, Any]:
    told: dict[str, Any] = slack.ask(
        "quiet", app=settings.APP, text=TEXT, people=PEOPLE, every=EVERY_S, delay=SLACK_S, **how
    )
    if not told["asked"]:
        raise CouldNotRun("Nobody was answered.")
    return told


def _flooder(kind: str) -> str:
    return f"U0FLOOD{kind.upper()}"


def _flood(kind: str) -> dict[str, Any] | None:
    if kind == ALONE:
        return None
    return {"text": FLOOD_TEXT, "person": _flooder(kind), "count": FLOOD, "seconds": FLOOD_S[kind]}


def _done(path: Path) -> int:
    with closing(sqlite3.connect(path)) as store:
        query = "SELECT COUNT(*) FROM inbox WHERE state = 'done' AND person LIKE '%U0FLOOD%'"
        return int(store.execute(query).fetchone()[0])


def _figures(found: _Found) -> Iterator[Figure]:
    alone = found.p95(ALONE)
    for kind, how, target in ((BESIDE, f"in {FLOOD_S[BESIDE]:g} s", 1.5), (BURST, "at once", BURST_TARGET)):
        waits = found.waits[kind]
        yield Figure(
            f"p95 of {PEOPLE} people beside {FLOOD} commands {how} / alone", ratio(found.p95(kind), alone), "x",
            AT_MOST, target, f"{_said(found, kind)}; alone {_said(found, ALONE)}; of {len(waits)} questions",
        )  # fmt: skip
    detail = f"of {sum(map(len, found.waits.values()))}; of the floods {found.done} commands were done with"
    yield Figure("questions without an answer", found.unanswered, "", AT_MOST, 0, detail)


def _said(found: _Found, kind: str) -> str:
    waits = found.waits[kind]
    return f"{found.p95(kind):.0f} ms, median {median(waits):.0f}, longest {max(waits):.0f}"
