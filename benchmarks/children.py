"""Processes that a benchmark starts: they print one line of JSON when ready, and answer lines with lines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from benchmarks.figures import CouldNotRun

ROOT = Path(__file__).resolve().parent.parent
#: Longest wait for a process to end by itself after SIGTERM.
STOP_WITHIN_S = 12.0
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Child:
    """`python -m MODULE ARGUMENTS`, spoken to over standard input and output."""

    def __init__(self, module: str, *arguments: str) -> None:
        """Start it and wait until it is ready; `said` holds what it said then."""
        self._name = module
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.said = self._line()

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, what: str, **arguments: Any) -> Any:
        """Send a command and return its answer; raises CouldNotRun if the process is gone."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"do": what, **arguments}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise CouldNotRun(f"{self._name} has ended.") from None
        return self._line()

    def _line(self) -> Any:
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        if not said:
            raise CouldNotRun(f"{self._name} ended with exit code {self._process.wait()}.")
        return json.loads(said)

    def close(self) -> None:
        """Kill it: nothing it holds is wanted any more."""
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Bot:
    """The bot as people start it: `python run_bot.py --config FILE`."""

    def __init__(self, config: Path, environ: Mapping[str, str] | None = None) -> None:
        """Start it, with these environment variables instead of our own."""
        self._log = config.with_suffix(".log")
        self.started_at = time.monotonic()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "run_bot.py", "--config", str(config)],
                cwd=ROOT,
                stdout=log,
                stderr=log,
                env=environ,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def check(self) -> None:
        """Raise CouldNotRun with the end of its log if it has ended."""
        if self._process.poll() is not None:
            raise CouldNotRun(f"The bot ended with exit code {self._process.returncode}.\n{self.tail()}")

    def tail(self, lines: int = 8) -> str:
        """The end of its log."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:])

    def close(self) -> None:
        """Kill it: what it leaves half done is no part of the measurement."""
        self._process.kill()
        self._process.wait(STOP_WITHIN_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def memory(pid: int, what: str = "VmRSS") -> float:
    """Resident memory of a process in MB; `VmHWM` for the most it ever had."""
    for each in _proc(pid, "status").splitlines():
        if each.startswith(f"{what}:"):
            return int(each.split()[1]) / 1024
    raise CouldNotRun(f"There is no {what} of process {pid}.")


def cpu_seconds(pid: int) -> float:
    """Processor time a process has used so far, in user and system mode."""
    fields = _proc(pid, "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def _proc(pid: int, what: str) -> str:
    try:
        return Path(f"/proc/{pid}/{what}").read_text()
    except OSError as error:
        raise CouldNotRun(f"Memory and processor time are read from Linux's /proc: {error}.") from error


def run_json(arguments: Sequence[str]) -> Any:
    """Run `python ARGUMENTS` to its end and return the JSON it prints."""
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CouldNotRun(f"{' '.join(arguments)} failed: {done.stderr.strip()[-500:]}")
    return json.loads(done.stdout)
