"""The tour: a scenario with a narrator, and the console afterwards if somebody is there."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console

from sandbox.console import converse
from sandbox.scenario import Failed, play_script
from sandbox.script import read_file
from sandbox.world import World

TOUR = Path(__file__).resolve().parent / "scenarios" / "tour.txt"


def demo(console: Console) -> int:
    """Play the tour; exit code 0, or 1 if a line did not hold. With a terminal the console follows."""
    script = read_file(TOUR)
    with World(settings=script.settings) as world:
        try:
            player = play_script(script, world, console, checks=False)
        except Failed as error:
            console.print(str(error), style="red", soft_wrap=True)
            return 1
        if sys.stdin.isatty() and console.is_terminal:
            return converse(world, console, player)
    return 0
