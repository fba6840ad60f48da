"""Watching many jobs: GitLab requests of one round, and what the real bot uses between two rounds.

The bot is started on a store that holds running jobs of an hour ago. It looks at all of them at once, and then at
each of them again after 24 to 36 seconds, so that the time between is free of rounds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import settings
from benchmarks.children import Bot, Child, cpu_seconds, memory
from benchmarks.figures import AT_MOST, BELOW, CouldNotRun, Figure
from bot.edges.store import Store
from bot.model import Person, Place, Run, RunState

JOBS_IN_A_PROJECT = 10
HOUR_MS = 3_600_000
#: Ids as long as those of gitlab.com, since the length of a query is limited too.
FIRST_JOB, FIRST_PIPELINE = 9_800_000_000, 1_500_000_000
#: No request for this long: the round is over.
QUIET_S = 3.0
#: The earliest next round, counted from the beginning of the first (30 s less a fifth, and a bit).
NEXT_ROUND_S = 22.0


@dataclass(frozen=True, slots=True)
class _Seen:
    requests: int
    calls: str
    megabytes: float
    between: float
    """Share of one core, from the end of the round until shortly before the next."""
    with_round: float
    """The same from the beginning of the round."""
    took: float
    """Seconds of processor time until the round was over."""


def measure(quick: bool) -> Iterator[Figure]:
    """1 000 jobs, and ten times as many."""
    for jobs, requests in ((1_000, 20),) if quick else ((1_000, 20), (10_000, 200)):
        yield from _figures(jobs, requests, _watch(jobs))


def _figures(jobs: int, requests: int, seen: _Seen) -> Iterator[Figure]:
    projects = jobs // JOBS_IN_A_PROJECT
    name = f"{jobs} jobs in {projects} projects"
    yield Figure(f"{name}: GitLab requests a round", seen.requests, "", AT_MOST, requests, seen.calls)
    yield Figure(f"{name}: most memory", seen.megabytes, "MB", BELOW, 120)
    detail = f"{seen.took:.1f} s of processor time for the round; {seen.with_round:.1f} % with it included"
    yield Figure(f"{name}: processor between rounds", seen.between, "%", AT_MOST, 10, detail)


def _watch(jobs: int) -> _Seen:
    with (
        Child("benchmarks.fake_slack") as slack,
        Child("benchmarks.fake_gitlab") as gitlab,
        TemporaryDirectory(prefix="signalbox-bench-") as temporary,
    ):
        config = settings.write(Path(temporary), slack.said["url"], gitlab.said["url"])
        _fill(settings.store(Path(temporary)), jobs)
        with Bot(config) as bot:
            if slack.ask("wait", app=settings.APP, connections=1)["at"] is None:
                bot.check()
                raise CouldNotRun(f"The bot did not connect.\n{bot.tail()}")
            return _seen(bot, gitlab)


def _seen(bot: Bot, gitlab: Child) -> _Seen:
    began, cpu_began = time.monotonic(), cpu_seconds(bot.pid)
    while time.monotonic() - max(began + 1, gitlab.ask("last")["last"]) < QUIET_S:
        time.sleep(0.2)
    quiet, cpu_quiet = time.monotonic(), cpu_seconds(bot.pid)
    calls: dict[str, int] = gitlab.ask("counted")["calls"]
    calls.pop("GET /api/v4/user", None)  # At the start, to try the token.
    time.sleep(max(1.0, began + NEXT_ROUND_S - quiet))
    ended, cpu_ended = time.monotonic(), cpu_seconds(bot.pid)
    bot.check()
    return _Seen(
        requests=sum(calls.values()),
        calls=", ".join(f"{count} x {call}" for call, count in _summed(calls).items()),
        megabytes=memory(bot.pid, "VmHWM"),
        between=100 * (cpu_ended - cpu_quiet) / (ended - quiet),
        with_round=100 * (cpu_ended - cpu_began) / (ended - began),
        took=cpu_quiet - cpu_began,
    )


def _summed(calls: dict[str, int]) -> dict[str, int]:
    return dict(sorted(calls.items(), key=lambda item: -item[1]))


def _fill(path: Path, jobs: int) -> None:
    """Write `jobs` running jobs into a new store, each with the card that is shown for it."""
    began = time.time_ns() // 1_000_000 - HOUR_MS
    with closing(Store(path)) as store, store.write() as tx:
        for number in range(jobs):
            run = _run(number, began)
            tx.runs.add(run)
            tx.cards.want(run.id, run.place, '{"text":"Running","blocks":[],"file":null}', "shown", began)
            tx.cards.claim(run.id)
            tx.cards.shown(run.id, f"1700000000.{number:06d}", "shown", 0)


def _run(number: int, began: int) -> Run:
    project = number // JOBS_IN_A_PROJECT
    return Run(
        id=f"{number:012x}", source=f"request-{number}", person=Person("T0ACME0001", f"U0ASKER{number % 50:03d}"),
        asker=f"asker{number % 50:03d}", place=Place(f"C0ROOM{number % 20:04d}"),
        project=f"acme-industries/department-{project % 20:02d}/service-{project:04d}", project_id=1_000 + project,
        job="deploy", ref="main", arguments="production", state=RunState.RUNNING, asked_at=began, called_at=began,
        sha="3f2a9c1d" * 5, pipeline=FIRST_PIPELINE + number, pipeline_url="https://gitlab.test/p",
        job_id=FIRST_JOB + number, job_url="https://gitlab.test/j", status="running", started_at=began,
        next_look=began, looks=100,
    )  # fmt: skip
