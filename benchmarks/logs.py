"""Job logs of any size, as a runner writes them, with a chat_reply at their end."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

REPLY = "Deployed 3 replicas of the shop"
#: Lines that are made once and then repeated.
DIFFERENT_LINES = 2_000
LINES_IN_A_SECTION = 5_000
#: What a runner with timestamps writes before each line (gitlab-chatops.md 1.3).
STAMP = "2026-01-01T12:43:46.962646Z 01O "
_WORDS = (
    "compiling",
    "linking",
    "warning",
    "unused",
    "variable",
    "in",
    "src/core/render.c",
    "took",
    "ms",
    "ok",
)


def write(path: Path, size: int, *, stamped: bool) -> None:
    """Write a log of about `size` bytes; with `stamped`, every line has a timestamp header."""
    with path.open("wb") as log:
        for part in _parts(size, STAMP if stamped else ""):
            log.write(part)


def _parts(size: int, stamp: str) -> Iterator[bytes]:
    body = [f"{stamp}{text}\n" for text in _texts()]
    part = _section(stamp, "compile_part", "".join(body) * (LINES_IN_A_SECTION // DIFFERENT_LINES)).encode()
    yield f"{stamp}Running with gitlab-runner 17.0.0\n{_mark(stamp, 'start', 'step_script')}".encode()
    for _ in range(max(0, size - 1_000) // len(part)):
        yield part
    end = _section(stamp, "chat_reply", f"{stamp}{REPLY}\n") + _mark(stamp, "end", "step_script")
    yield f"{end}{stamp}Job succeeded\n".encode()


def _section(stamp: str, name: str, body: str) -> str:
    return _mark(stamp, "start", name) + body + _mark(stamp, "end", name)


def _mark(stamp: str, which: str, name: str) -> str:
    return f"{stamp}section_{which}:1767225600:{name}\r\x1b[0K\n"


def _texts() -> list[str]:
    """Lines of 20 to 150 characters, the same in every run."""
    chance = random.Random(7)
    return [" ".join(chance.choices(_WORDS, k=chance.randint(3, 24))) for _ in range(DIFFERENT_LINES)]
