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


class _Output(asyncio.SubprocessProtocol):
    """Hands output on as it comes. The end of the process and the end of its pipes are two moments."""

    def __init__(self, write: Write) -> None:
        self._write = write
        loop = asyncio.get_running_loop()
        self.exited: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self._write(data, "O" if fd == 1 else "E")

    def process_exited(self) -> None:
        _settle(self.exited)

    def connection_lost(self, exc: Exception | None) -> None:
        _settle(self.closed)


def _settle(future: asyncio.Future[None]) -> None:
    """A future that nobody waits for any more was canceled."""
    if not future.done():
        future.set_result(None)


class ShellRun:
    """One shell process in its own process group."""

    def __init__(self) -> None:
        self._group: int | None = None

    async def run(
        self, commands: Sequence[str], variables: Mapping[str, str], folder: Path, write: Write
    ) -> int:
        """Run the commands and hand their output on as it comes; answers the exit code.

        What the script leaves behind in the background is killed when it ends.
        """
        script = folder.parent / "script"
        script.write_text(script_text(commands), "utf-8")
        transport, output = await asyncio.get_running_loop().subprocess_exec(
            lambda: _Output(write),
            shell(),
            str(script),
            cwd=folder,
            env=environment(variables, folder.parent),
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        self._group = transport.get_pid()
        try:
            await output.exited
            code = transport.get_returncode() or 0
            return code if code >= 0 else 128 - code  # killed by a signal, as shells tell it
        finally:
            self._signal(signal.SIGKILL)
            try:
                await asyncio.wait([output.closed], timeout=GRACE_SECONDS)
            finally:
                transport.close()  # also when the runner is stopped just now

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
        if self._group is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._group, number)
