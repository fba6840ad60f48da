"""Accepting commands: Signalbox, which stores first, against bare Bolt apps, which only acknowledge.

What is counted for Signalbox are acks of commands whose inbox row is committed (`synchronous=FULL`); the rows are
counted in its store afterwards. Its workers do the commands (`help`) and its courier posts the answers meanwhile.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks import settings
from benchmarks.children import Bot, Child
from benchmarks.contestants import BEFORE_RESPONSE, DEFAULT
from benchmarks.figures import AT_LEAST, AT_MOST, CouldNotRun, Figure, ratio, spread

SIGNALBOX = "signalbox"
CONTESTANTS = (DEFAULT, BEFORE_RESPONSE, SIGNALBOX)
IN_FLIGHT = 100


@dataclass(slots=True)
class _Results:
    """What each contestant reached in each round."""

    rate: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wait_ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    rows: int = 0
    acked: int = 0
    done: int = 0


def measure(quick: bool) -> Iterator[Figure]:
    """Rounds in turn, so that what else the machine does touches all contestants alike."""
    rounds, seconds = (2, 1.0) if quick else (4, 2.0)
    results = _Results()
    with Child("benchmarks.fake_slack") as slack, Child("benchmarks.fake_gitlab") as gitlab:
        for number in range(rounds):
            for place in range(len(CONTESTANTS)):
                name = CONTESTANTS[(number + place) % len(CONTESTANTS)]
                with _contestant(name, slack, gitlab) as folder:
                    _round(name, slack, folder, results, seconds)
    yield from _figures(results)


def _round(name: str, slack: Child, folder: Path, results: _Results, seconds: float) -> None:
    app = f"xapp-{name}"
    alone = slack.ask("flow", app=app, text="help", in_flight=1, seconds=seconds / 2)
    many = slack.ask("flow", app=app, text="help", in_flight=IN_FLIGHT, seconds=seconds)
    if not many["acked"]:
        raise CouldNotRun(f"{name} acknowledged nothing.")
    results.wait_ms[name].append(alone["median"] * 1000)
    results.rate[name].append(many["rate"])
    if name == SIGNALBOX:
        results.acked += alone["all"] + many["all"]
        rows = _rows(folder)
        results.rows += sum(rows.values())
        results.done += rows.get("done", 0)


@contextmanager
def _contestant(name: str, slack: Child, gitlab: Child) -> Iterator[Path]:
    """One contestant in a fresh process, connected; gives its folder."""
    slack.ask("forget", app=f"xapp-{name}")
    with TemporaryDirectory(prefix="signalbox-bench-") as temporary:
        folder = Path(temporary)
        if name == SIGNALBOX:
            config = settings.write(folder, slack.said["url"], gitlab.said["url"])
            with Bot(config) as bot:
                _wait(slack, name, 2, bot)
                yield folder
        else:
            with Child("benchmarks.contestants", name, slack.said["url"]):
                _wait(slack, name, 1)
                yield folder


def _wait(slack: Child, name: str, connections: int, bot: Bot | None = None) -> None:
    found = slack.ask("wait", app=f"xapp-{name}", connections=connections)
    if found["at"] is None:
        if bot:
            bot.check()
        raise CouldNotRun(f"{name} did not connect.")


def _rows(folder: Path) -> dict[str, int]:
    with closing(sqlite3.connect(settings.store(folder))) as store:
        return dict(store.execute("SELECT state, COUNT(*) FROM inbox GROUP BY state").fetchall())


def _figures(results: _Results) -> Iterator[Figure]:
    rate, wait = results.rate, results.wait_ms
    accepted, alone = median(rate[SIGNALBOX]), median(wait[SIGNALBOX])
    default, before = median(rate[DEFAULT]), median(rate[BEFORE_RESPONSE])
    yield Figure(
        "accepted a second / default Bolt's acks, 100 in flight", ratio(accepted, default), "x", AT_LEAST, 4,
        f"accepted {spread(rate[SIGNALBOX])}/s, default Bolt {spread(rate[DEFAULT])}/s",
    )  # fmt: skip
    yield Figure(
        "the same / Bolt's with process_before_response", ratio(accepted, before), "x", AT_LEAST, 0.5,
        f"Bolt with process_before_response {spread(rate[BEFORE_RESPONSE])}/s",
    )  # fmt: skip
    yield Figure(
        "median ack / default Bolt's, 1 in flight", ratio(alone, median(wait[DEFAULT])), "x", AT_MOST, 0.15,
        f"{spread(wait[SIGNALBOX])} ms, default Bolt {spread(wait[DEFAULT])} ms,"
        f" with process_before_response {spread(wait[BEFORE_RESPONSE])} ms",
    )  # fmt: skip
    yield Figure(
        "committed rows / acks of Signalbox", ratio(results.rows, results.acked), "x", AT_LEAST, 1,
        f"{results.acked} acked, {results.rows} committed, {results.done} of them done when the rounds ended",
    )  # fmt: skip
