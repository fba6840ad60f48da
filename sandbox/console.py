"""The console: a person types lines, and what happens in the world appears by itself."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TextIO

import yaml
from prompt_toolkit import PromptSession
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.patch_stdout import patch_stdout
from rich.console import Console

from sandbox.acts import Quit
from sandbox.lines import FORMS, NotALine, read_line
from sandbox.process import BotDied
from sandbox.scenario import Player
from sandbox.session import NotHeld, Session
from sandbox.slack.acts import USAGES
from sandbox.transcript import Transcript
from sandbox.world import PROJECTS, World

VERBS = (
    "/gitlab", "/run", "/issue", "/deploy", "/rollback", "/project", "/incident",
    "help", "jobs", "run", "again", "runs", "cancel", "retry", "log", "project", "@Signalbox",
)  # fmt: skip
LOOK_EVERY = 0.3
"""Seconds between two looks at whether there is something new to print."""
CALM = 1.5
"""Seconds between two printings of what changes all the time, such as a running card."""
NO_JOBS = frozenset({"stages", "variables", "default", "include", "workflow", "image", "cache", "spec"})
"""Keys of a .gitlab-ci.yml that are no jobs (doc/ci/yaml, keywords)."""
WELCOME = "Slack and GitLab are on loopback, the bot is connected. Try `/run hello World`, or `:help`."


def converse(
    world: World, console: Console, player: Player | None = None, *, source: TextIO | None = None
) -> int:
    """Let a person type, or read lines from `source`, until `:quit` or the end of input; always answers 0."""
    player = player or Player(Session(world), Transcript(console))
    player.transcript.note(WELCOME, "yellow")
    with reader(world, player, source or sys.stdin) as read:
        while (line := read()) is not None:
            if not obey(player, line):
                break
    return 0


def obey(player: Player, line: str) -> bool:
    """Do one line and say what went wrong with it, if anything did; False when it was `:quit`."""
    try:
        act = read_line(line)
        if isinstance(act, Quit):
            return False
        if act is not None:
            player.play(line.strip(), act, announce=False)
    except (NotALine, NotHeld, BotDied) as error:
        player.transcript.note(f"  {error}", "red")
    return True


Read = Callable[[], str | None]
"""Waits for a line; None at the end of input."""


def reader(world: World, player: Player, source: TextIO) -> AbstractContextManager[Read]:
    """Lines from a terminal with history and completion, or plain lines where there is no terminal."""
    return _terminal(world, player) if source.isatty() else _plain(player, source)


@contextmanager
def _plain(player: Player, source: TextIO) -> Iterator[Read]:
    def read() -> str | None:
        line = source.readline()
        if line.strip():
            player.transcript.prompt(player.session, line.strip())
        return line or None

    yield read


@contextmanager
def _terminal(world: World, player: Player) -> Iterator[Read]:
    keyboard: PromptSession[str] = PromptSession(history=history(), completer=completer(world))
    with patch_stdout(raw=True), watching(world, player):

        def read() -> str | None:
            try:
                return keyboard.prompt(f"{player.session.person} in {player.session.place} ▸ ")
            except (EOFError, KeyboardInterrupt):
                return None

        yield read


def history() -> History:
    """What was typed before, also in earlier consoles; kept nowhere if the home is read-only."""
    home = Path.home()
    if not os.access(home, os.W_OK):
        return InMemoryHistory()
    return FileHistory(str(home / ".signalbox_history"))


@contextmanager
def watching(world: World, player: Player) -> Iterator[None]:
    """Print what is new while the person thinks."""
    done = threading.Event()

    def watch() -> None:
        printed = world.changes()
        while not done.wait(LOOK_EVERY):
            if world.changes() != printed:
                printed = world.changes()
                player.news()
                done.wait(CALM)

    thread = threading.Thread(target=watch, name="news", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def completer(world: World) -> WordCompleter:
    """Completes verbs, jobs, people, channels and the lines that begin with a colon."""
    people = [f":as {name}" for name in world.slack.people]
    channels = [f":in #{name}" for name, channel in world.slack.channels.items() if channel.kind != "im"]
    shortcuts = [f":shortcut {each.name}" for each in world.slack.shortcuts.offered]
    slack = [f":slack {usage.partition(' ')[0]}" for usage in USAGES]
    known = [
        *VERBS,
        *job_names(PROJECTS),
        *(form.name for form in FORMS),
        *people,
        *channels,
        *slack,
        *shortcuts,
    ]
    return WordCompleter(sorted(set(known)), sentence=False, WORD=True)


def job_names(projects: Path) -> list[str]:
    """The jobs of all sample projects."""
    found: set[str] = set()
    for path in sorted(projects.rglob(".gitlab-ci.yml")):
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            found |= {str(key) for key in document or {} if not str(key).startswith(".")} - NO_JOBS
    return sorted(found)
