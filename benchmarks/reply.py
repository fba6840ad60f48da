"""Reading the reply out of a long job log, against a line-by-line Python scan of the same file.

Each reading is a process of its own; the seconds compared are measured inside it, without start and imports.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import logs, scan
from benchmarks.children import run_json
from benchmarks.figures import AT_MOST, BELOW, CouldNotRun, Figure, ratio, spread

LARGE, SMALL = 100_000_000, 1_000


def measure(quick: bool) -> Iterator[Figure]:
    """One log at a time, since each of them fills 100 MB of disk; readings in turn."""
    rounds, size = (2, LARGE // 5) if quick else (5, LARGE)
    with TemporaryDirectory(prefix="signalbox-bench-") as temporary:
        path = Path(temporary) / "job.log"
        logs.write(path, SMALL, stamped=False)
        small = _read(scan.REPLY, path)["megabytes"]
        for stamped, target in ((False, 0.4), (True, 0.8)):
            logs.write(path, size, stamped=stamped)
            yield from _compare(path, rounds, small, target, " with timestamps" if stamped else "")


def _compare(path: Path, rounds: int, small: float, target: float, kind: str) -> Iterator[Figure]:
    ours, theirs = [], []
    for _ in range(rounds):
        theirs.append(_read(scan.LINES, path))
        ours.append(_read(scan.REPLY, path))
    if any(logs.REPLY not in each["said"] for each in ours):
        raise CouldNotRun(f"The reply in the log was not found; found was: {ours[0]['said'][:200]!r}")
    took, scanned = [_seconds(each) for each in (ours, theirs)]
    size = path.stat().st_size / 1e6
    yield Figure(
        f"reply of {size:.0f} MB{kind} / scan of its lines", ratio(median(took), median(scanned)), "x", AT_MOST,
        target, f"{spread(took)} s, line by line {spread(scanned)} s",
    )  # fmt: skip
    most = max(each["megabytes"] for each in ours)
    yield Figure(
        f"its memory above that of a log of {SMALL // 1000} kB", most - small, "MB", BELOW, 16,
        f"at most {most:.1f} MB, {small:.1f} MB",
    )  # fmt: skip


def _read(way: str, path: Path) -> Any:
    return run_json(["-m", "benchmarks.scan", way, str(path)])


def _seconds(readings: list[Any]) -> list[float]:
    return [each["seconds"] for each in readings]
