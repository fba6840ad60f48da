"""Starting: from the start of the process to both sockets greeted, against importing the same packages."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks import settings
from benchmarks.children import ROOT, Bot, Child, memory
from benchmarks.figures import AT_MOST, CouldNotRun, Figure, ratio, spread

#: What the bot imports of its packages; `rich` is imported by the sandbox only.
IMPORTS = (
    "import slack_bolt, gitlab, apscheduler.schedulers.background, sqlite_utils, websockets.sync.client, yaml,"
    " cryptography.fernet, cronsim"
)
CONNECTIONS = 2
IDLE_S = 5.0


def measure(quick: bool) -> Iterator[Figure]:
    """Bot and imports in turn; each start has a new store, so the migrations are part of it."""
    started, imported = [], []
    with Child("benchmarks.fake_slack") as slack, Child("benchmarks.fake_gitlab") as gitlab:
        for _ in range(3 if quick else 9):
            imported.append(_import())
            started.append(_start(slack, gitlab, idle_s=0.0)[0])
        _, idle = _start(slack, gitlab, idle_s=IDLE_S)
    yield Figure(
        "start to connected / importing the same packages", ratio(median(started), median(imported)), "x",
        AT_MOST, 2, f"{spread(started)} s, imports {spread(imported)} s",
    )  # fmt: skip
    yield Figure("memory when idle", idle, "MB", AT_MOST, 75, f"resident, {IDLE_S:g} s after it connected")


def _import() -> float:
    start = time.monotonic()
    subprocess.run([sys.executable, "-c", IMPORTS], cwd=ROOT, check=True)
    return time.monotonic() - start


def _start(slack: Child, gitlab: Child, *, idle_s: float) -> tuple[float, float]:
    """Return the seconds until both sockets were greeted, and the MB used `idle_s` after that."""
    slack.ask("forget", app=settings.APP)
    with TemporaryDirectory(prefix="signalbox-bench-") as temporary:
        config = settings.write(Path(temporary), slack.said["url"], gitlab.said["url"])
        with Bot(config) as bot:
            found = slack.ask("wait", app=settings.APP, connections=CONNECTIONS)
            if found["at"] is None:
                bot.check()
                raise CouldNotRun(f"The bot did not connect.\n{bot.tail()}")
            time.sleep(idle_s)
            return found["at"] - bot.started_at, memory(bot.pid)
