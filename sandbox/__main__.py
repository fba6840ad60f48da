"""The command line of the sandbox: `python -m sandbox`."""

from __future__ import annotations

import argparse
import io
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from sandbox.console import converse
from sandbox.demo import demo
from sandbox.picture import FOLDER, STARTS
from sandbox.process import BotDied
from sandbox.scenario import Failed, play_script, run_script, transcript_console
from sandbox.script import CannotRead, Script, read_file
from sandbox.serve import serve_alone
from sandbox.world import World

HELD, FAILED, UNREADABLE = 0, 1, 2
"""Exit codes (sandbox.md)."""
INTERRUPTED = 130
"""The shell's own code for what Ctrl-C ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 if all held, 1 if a line did not or the bot died, 2 for a line nobody can read."""
    options = parser().parse_args(arguments)
    if (options.what == "pictures") is (options.folder is None):
        parser().error("name a folder with `pictures`, and only there")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without UTF-8 shows ? instead of ending us
    console = transcript_console()
    try:
        return act(options, console)
    except CannotRead as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    except BotDied as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def act(options: argparse.Namespace, console: Console) -> int:
    """Do what was asked for on the command line."""
    if options.script:
        return replay(options.script, console, same_world=options.same_world)
    if options.serve:
        return serve_alone()
    if options.what == "demo":
        return demo(console)
    if options.what == "pictures":
        return draw_pictures(options.folder, console)
    with World() as world:
        return converse(world, console)


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog="python -m sandbox", description="A bot between two small servers.")
    found.add_argument(
        "what", nargs="?", choices=["demo", "pictures"], help="the tour, or pictures; without it, a console"
    )
    found.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="where pictures are drawn into")
    found.add_argument("--script", nargs="+", type=Path, metavar="FILE", help="replay scenarios")
    found.add_argument("--same-world", action="store_true", help="replay all scenarios in one world")
    found.add_argument("--serve", action="store_true", help="only the two servers, for a bot started by hand")
    return found


def draw_pictures(folder: Path, console: Console) -> int:
    """Play every file in sandbox/pictures, and draw what it shows."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(FOLDER.glob("*.txt")):
        try:
            draw(path, folder, console)
        except Failed as error:
            console.print(str(error), style="red", soft_wrap=True)
            return FAILED
    return HELD


def draw(path: Path, folder: Path, console: Console) -> None:
    """Play one file with pictures, at the same moment of the same day as every other. Raises Failed."""
    script = read_file(path)
    with World(settings=script.settings, starts=STARTS) as world:
        play_script(script, world, console, pictures=folder)


def replay(paths: Sequence[Path], console: Console, *, same_world: bool = False) -> int:
    """Replay scenarios one after the other and print a line about each; stops at the first that failed."""
    scripts = [read_file(path) for path in paths]
    if not same_world:
        return max(replay_each(scripts, console, None))
    with World(settings=scripts[0].settings) as world:
        return max(replay_each(scripts, console, world))


def replay_each(scripts: Sequence[Script], console: Console, world: World | None) -> list[int]:
    """Exit code of each scenario, all of them played."""
    codes = []
    for script in scripts:
        console.rule(script.name, style="dim")
        began = time.monotonic()
        problem = run_script(script, console, world=world)
        if problem:
            console.print(problem, style="red", soft_wrap=True)
        verdict = "failed" if problem else "held"
        console.print(
            f"{script.name}: {verdict}, {time.monotonic() - began:.1f} s", style="bold", soft_wrap=True
        )
        codes.append(FAILED if problem else HELD)
    return codes


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the bot and the files go with us
    sys.exit(main())
