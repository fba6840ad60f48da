"""Runs the script of one job in a shell of its own, as the runner's shell executor does."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import shutil
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

#: How long a canceled script may take to end by itself before it is killed.
GRACE_SECONDS = 0.5
CHUNK = 64 * 1024
SAFE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

Write = Callable[[bytes, str], None]


def environment(variables: Mapping[str, str], home: Path) -> dict[str, str]:
    """The minimal environment of a job, and its CI/CD variables."""
    return {"PATH": SAFE_PATH, "HOME": str(home), "LANG": "C.UTF-8", "SHELL": shell(), **variables}


def shell() -> str:
    """The shell of the runner: bash where it is, else sh."""
    return shutil.which("bash", path=SAFE_PATH) or "/bin/sh"


def script_text(commands: Sequence[str]) -> str:
    """The script the runner makes of the `script` lines: each is echoed in green, then done."""
    strict = "set -eo pipefail" if shell().endswith("bash") else "set -e"
    steps = (f"printf '%s\\n' {shlex.quote(echo(command))}\n{command}\n" for command in commands)
    return f"{strict}\nset +o noclobber\n" + "".join(steps)


def echo(command: str) -> str:
    """The green line before a command; of one with several lines only the first is shown."""
    first, more, _ = command.strip().partition("\n")
    return f"\x1b[32;1m$ {first}{' # collapsed multi-line command' if more else ''}\x1b[0;m"


class ShellRun:
    """One shell process in its own process group."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None

    async def run(
        self, commands: Sequence[str], variables: Mapping[str, str], folder: Path, write: Write
    ) -> int:
        """Run the commands and hand their output on as it comes; answers the exit code."""
        script = folder.parent / "script"
        script.write_text(script_text(commands), "utf-8")
        process = await asyncio.create_subprocess_exec(
            shell(),
            str(script),
            cwd=folder,
            env=environment(variables, folder.parent),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        self._process = process
        try:
            await asyncio.gather(_pump(process.stdout, "O", write), _pump(process.stderr, "E", write))
            return await process.wait()
        finally:
            self._signal(signal.SIGKILL)
            await asyncio.gather(_pump(process.stdout, "O", _drop), _pump(process.stderr, "E", _drop))
            await process.wait()

    async def stop(self) -> None:
        """Ask the group to end, and kill it when it does not."""
        self._signal(signal.SIGTERM)
        await asyncio.sleep(GRACE_SECONDS)
        self._signal(signal.SIGKILL)

    def kill(self) -> None:
        """Kill the whole group at once."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        """A group whose last process is gone is none any more."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


def _drop(data: bytes, kind: str) -> None:
    """Output of a job that nobody waits for any more: pipes are read to their end so that they close."""


async def _pump(stream: asyncio.StreamReader | None, kind: str, write: Write) -> None:
    while stream is not None and (data := await stream.read(CHUNK)):
        write(data, kind)
