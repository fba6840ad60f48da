"""Reads one job log, the way it is told to, and prints what that took: `python -m benchmarks.scan WAY FILE`.

Seconds are those of the reading itself, after all imports; memory is the most this process ever had.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable

from benchmarks.children import memory
from blocks import reply as drawing
from bot.jobs import trace
from bot.redact import Redactor

REPLY, LINES = "reply", "lines"


def reply(name: str) -> str:
    """What `run_bot.py reply FILE` does."""
    return drawing.terminal(trace.read_file(name, redact=Redactor(()))) or ""


def lines(name: str) -> str:
    """A line-by-line scan for section markers, which is the least that any reader of lines does."""
    marker = re.compile(rb"section_(start|end):\d+:([a-zA-Z0-9_.-]+)")
    found = 0
    with open(name, "rb") as log:
        for line in log:
            if b"section_" in line and marker.search(line):
                found += 1
    return f"{found} lines with a marker"


WAYS: dict[str, Callable[[str], str]] = {REPLY: reply, LINES: lines}


def main() -> None:
    way, name = sys.argv[1:]
    start = time.perf_counter()
    said = WAYS[way](name)
    seconds = time.perf_counter() - start
    # Not ru_maxrss: what a process was before it became this one counts there, too.
    print(json.dumps({"seconds": seconds, "megabytes": memory(os.getpid(), "VmHWM"), "said": said}))


if __name__ == "__main__":
    main()
