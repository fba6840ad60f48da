"""Starting: from the start of the process to both sockets greeted, against importing the same packages.

Both find their code compiled, as at every start but the first, whatever this environment says about that.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
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
    with (
        Child("benchmarks.fake_slack") as slack,
        Child("benchmarks.fake_gitlab") as gitlab,
        TemporaryDirectory(prefix="signalbox-bench-") as compiled,
    ):
        environ = _environ(compiled)
        for _ in range(1 + (3 if quick else 9)):
            imported.append(_import(environ))
            started.append(_start(slack, gitlab, environ, idle_s=0.0)[0])
        started, imported = started[1:], imported[1:]  # The first compiled everything.
        _, idle = _start(slack, gitlab, environ, idle_s=IDLE_S)
    yield Figure(
        "start to connected / importing the same packages", ratio(median(started), median(imported)), "x",
        AT_MOST, 2, f"{spread(started)} s, imports {spread(imported)} s",
    )  # fmt: skip
    yield Figure("memory when idle", idle, "MB", AT_MOST, 75, f"resident, {IDLE_S:g} s after it connected")


def _environ(compiled: str) -> dict[str, str]:
    """Our environment variables, with that folder for compiled code."""
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return ours | {"PYTHONPYCACHEPREFIX": compiled}


def _import(environ: Mapping[str, str]) -> float:
    start = time.monotonic()
    subprocess.run([sys.executable, "-c", IMPORTS], cwd=ROOT, check=True, env=environ)
    return time.monotonic() - start


def _start(slack: Child, gitlab: Child, environ: Mapping[str, str], *, idle_s: float) -> tuple[float, float]:
    """Return the seconds until both sockets were greeted, and the MB used `idle_s` after that."""
    slack.ask("forget", app=settings.APP)
    with TemporaryDirectory(prefix="signalbox-bench-") as temporary:
        config = settings.write(Path(temporary), slack.said["url"], gitlab.said["url"])
        with Bot(config, environ) as bot:
            found = slack.ask("wait", app=settings.APP, connections=CONNECTIONS)
            if found["at"] is None:
                bot.check()
                raise CouldNotRun(f"The bot did not connect.\n{bot.tail()}")
            time.sleep(idle_s)
            return found["at"] - bot.started_at, memory(bot.pid)
