"""The ladder: how long climbing it takes, in requests to the same GitLab, and how many requests a run costs."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import requests

from benchmarks import linked, settings
from benchmarks.asking import quiet_person
from benchmarks.children import Bot, Child
from benchmarks.figures import AT_MOST, CouldNotRun, Figure, ratio, spread
from benchmarks.traffic import askers

CONNECTIONS = 2
HELLO, DEPLOY = "run hello World", "run deploy-production"
DRY_RUN = "run --dry-run deploy-production"
STARTED = "POST /api/v4/projects/:id/pipeline"
#: A request takes this long in GitLab: many times what the bot computes for one, as with a real one.
GITLAB_S = 0.05
#: Single requests that are timed, before and after.
SINGLE = 20
#: Shorter than any answer takes, so that one thing is asked.
ONCE_S = 0.02
#: Longest wait for a run to begin.
BEGUN_WITHIN_S = 10.0


def measure(quick: bool) -> Iterator[Figure]:
    """What is slow is GitLab alone; a fresh bot for each count."""
    with Child("benchmarks.fake_slack") as slack, Child("benchmarks.fake_gitlab") as gitlab:
        yield from _counts(slack, gitlab)
        gitlab.ask("slow", seconds=GITLAB_S)
        with _bot(slack, gitlab):
            yield _climbing(slack, gitlab, 3.0 if quick else 5.0)


def _counts(slack: Child, gitlab: Child) -> Iterator[Figure]:
    for text, most, most_first in ((HELLO, 3, 6), (DEPLOY, 8, 12)):
        for before, how, target in ((f"{text} --dry-run", "", most), ("", ", the first ever", most_first)):
            with _bot(slack, gitlab):
                calls = _calls(slack, gitlab, text, before)
            yield Figure(f"GitLab requests per `{text}`{how}", len(calls), "", AT_MOST, target, _told(calls))


def _calls(slack: Child, gitlab: Child, text: str, before: str) -> list[str]:
    """What is asked of GitLab from the command to the start of its pipeline, in order; `before` warms the caches."""
    if before:
        _ask(slack, before, ONCE_S)
    gitlab.ask("trailed", forget=True)
    slack.ask("burst", app=settings.APP, text=text, count=1)
    deadline = time.monotonic() + BEGUN_WITHIN_S
    while STARTED not in (trail := gitlab.ask("trailed")["trail"]):
        if time.monotonic() > deadline:
            raise CouldNotRun(f"`{text}` did not start; asked was: {_told(trail)}.")
        time.sleep(0.02)
    calls: list[str] = trail[: trail.index(STARTED) + 1]
    return calls


def _told(calls: list[str]) -> str:
    return ", ".join(f"{count} x {call}" for call, count in Counter(calls).items())


def _climbing(slack: Child, gitlab: Child, seconds: float) -> Figure:
    _ask(slack, DRY_RUN, ONCE_S)
    gitlab.ask("trailed", forget=True)
    single = _single(gitlab)
    gitlab.ask("trailed", forget=True)
    waits = _ask(slack, DRY_RUN, seconds)
    each = len(gitlab.ask("trailed")["trail"]) / len(waits)
    single += _single(gitlab)
    return Figure(
        f"median answer of `{DRY_RUN}` / a GitLab request", ratio(median(waits), median(single)), "x", AT_MOST, 10,
        f"{spread(waits)} ms, one request {spread(single)} ms; {each:.1f} requests for each of {len(waits)} answers",
    )  # fmt: skip


def _single(gitlab: Child) -> list[float]:
    """How long single requests take on an open connection, in ms."""
    took = []
    with requests.Session() as session:
        for _ in range(SINGLE):
            start = time.monotonic()
            session.get(f"{gitlab.said['url']}/api/v4/user", timeout=BEGUN_WITHIN_S)
            took.append((time.monotonic() - start) * 1000)
    return took


def _ask(slack: Child, text: str, seconds: float) -> list[float]:
    """Let one person ask that, one answer after the other, and return how long each took, in ms."""
    told = slack.ask("quiet", app=settings.APP, text=text, people=1, every=0.0, seconds=seconds, delay=0.0)
    if told["unanswered"] or not told["asked"]:
        raise CouldNotRun(f"`{text}` was not answered.")
    return [took * 1000 for _, took in told["asked"]]


@contextmanager
def _bot(slack: Child, gitlab: Child) -> Iterator[None]:
    """A bot on a new store, connected; production is not to be confirmed, since that takes a click."""
    slack.ask("forget", app=settings.APP)
    with TemporaryDirectory(prefix="signalbox-bench-") as temporary:
        folder = Path(temporary)
        config = settings.write(folder, slack.said["url"], gitlab.said["url"], confirmed=False)
        linked.link(folder, [quiet_person(0), askers()[0]])
        with Bot(config) as bot:
            if slack.ask("wait", app=settings.APP, connections=CONNECTIONS)["at"] is None:
                bot.check()
                raise CouldNotRun(f"The bot did not connect.\n{bot.tail()}")
            yield
            bot.check()
