"""The command line of the sandbox: its exit codes, `--serve`, and the console without a terminal."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox.__main__ import main
from sandbox.console import completer, converse, job_names
from sandbox.process import ROOT
from sandbox.scenario import transcript_console
from sandbox.world import PROJECTS, World
from tests.sandbox.echoing import ECHO

LEAVES_WITHIN = 15


def test_unreadable_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line nobody can read ends it with 2 before anything starts, naming file, line and nearest form."""
    script = tmp_path / "odd.txt"
    script.write_text("/run hello\n:expct x\n")
    assert main(["--script", str(script)]) == 2
    assert f"{script}:2: " in (told := capsys.readouterr().err)
    assert ":expect TEXT" in told


def test_missing_script(tmp_path: Path) -> None:
    """A script that is not there ends it with 2."""
    assert main(["--script", str(tmp_path / "none.txt")]) == 2


def test_unknown_argument() -> None:
    """An argument nobody knows ends it with 2."""
    with pytest.raises(SystemExit, match="2"):
        main(["--fly"])


@contextmanager
def serving() -> Iterator[subprocess.Popen[str]]:
    """The two servers, in a process of their own."""
    command = [sys.executable, "-m", "sandbox", "--serve"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_serve(how: signal.Signals) -> None:
    """`--serve` prints what a client needs as environment lines, and leaves at a signal with its files."""
    with serving() as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip().partition("=") for _ in range(6)]
        told = {name: value for name, _, value in lines}
        assert [*told] == [
            "SLACK_API_URL",
            "SLACK_BOT_TOKEN",
            "SLACK_APP_TOKEN",
            "GITLAB_URL",
            "GITLAB_TOKEN",
            "CONFIG",
        ]
        held = tomllib.loads(Path(told["CONFIG"]).read_text())
        assert held["gitlab"]["token"] == told["GITLAB_TOKEN"]
        request = urllib.request.Request(f"{told['GITLAB_URL']}/api/v4/version")
        request.add_header("PRIVATE-TOKEN", told["GITLAB_TOKEN"])
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200
        os.kill(process.pid, how)
        assert process.wait(LEAVES_WITHIN) == 0
        assert not Path(told["CONFIG"]).exists()


def test_console_without_a_terminal() -> None:
    """Piped lines are obeyed one by one; a wrong one is told and the rest goes on; `:quit` ends it."""
    lines = ["/run say hello", ":expect hello in thread", ":fly", ":click Approve", ":help", ":quit", "never"]
    screen = io.StringIO()
    typed = io.StringIO("\n".join(lines))
    with World(command=ECHO) as world:
        assert converse(world, transcript_console(screen), source=typed) == 0
    printed = screen.getvalue()
    assert "✓ :expect hello in thread" in printed
    assert 'There is no line ":fly"' in printed
    assert "No message here has button Approve" in printed
    assert ":expect-gitlab PATH CONTAINS TEXT" in printed
    assert "never" not in printed


def test_completion() -> None:
    """The console completes jobs, people, channels and the lines themselves."""
    assert {"hello", "say", "scale", "rotate"} <= set(job_names(PROJECTS))
    with World(bot=False) as world:
        known = set(completer(world).words)  # type: ignore[arg-type]  # a list here, though a callable may be given
    assert {"/run", "say", ":as bob", ":in #dev", ":expect", ":type", ":shortcut New issue"} <= known
