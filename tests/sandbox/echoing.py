"""What the tests of the scenario language share: the command of a bot that only echoes, and lines to play."""

from __future__ import annotations

import sys

from sandbox.scenario import Player

ECHO = (sys.executable, "-m", "tests.sandbox.echo_bot")
COLUMNS = 80


def do(player: Player, *lines: str) -> None:
    """Play lines one after the other."""
    for line in lines:
        player.do(line)
