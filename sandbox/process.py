"""The bot's process: started, killed, stopped, and asked how it fares."""

from __future__ import annotations

import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STOP_WITHIN = 12.0
"""Seconds the bot has to leave after SIGTERM: the 10 s it may finish its work in, and some slack."""
CHILD = (sys.executable, "-m", "sandbox.child")


class BotDied(RuntimeError):
    """The bot ended by itself; the sentence shows the end of its log."""


class BotProcess:
    """A child process on given files; what it writes goes to the end of `log`, over all its lives."""

    def __init__(self, arguments: Sequence[str], log: Path, *, command: Sequence[str] = CHILD) -> None:
        self._command = [*command, *arguments]
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches only the console."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        """`kill -9`."""
        if self._process is not None:
            self._process.kill()
            self._gone(STOP_WITHIN)

    def stop(self) -> int:
        """SIGTERM; the exit code. Raises BotDied if it has not left after STOP_WITHIN; it is killed then."""
        if self._process is None:
            return 0
        self._process.terminate()
        try:
            return self._gone(STOP_WITHIN)
        except subprocess.TimeoutExpired as error:
            self.kill()
            raise BotDied(
                f"The bot did not leave within {STOP_WITHIN:g} s after SIGTERM.\n{self.tail()}"
            ) from error

    def _gone(self, seconds: float) -> int:
        assert self._process is not None
        code = self._process.wait(seconds)
        if self._process.stdin:
            self._process.stdin.close()
        self._process = None
        return code

    def check(self) -> None:
        """Raise BotDied if it was started and has ended."""
        if self._process is not None and not self.alive:
            raise BotDied(f"The bot ended with exit code {self._process.returncode}.\n{self.tail()}")

    def tail(self, lines: int = 15) -> str:
        """The last lines of its log."""
        if not self._log.exists():
            return ""
        with self._log.open(encoding="utf-8", errors="replace") as log:
            return "".join(deque(log, lines)).rstrip()
