"""The bot as the sandbox's child: the `serve()` of run_bot.py, with a clock that can be moved."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bot import log
from bot.config import load
from bot.errors import BotError
from bot.redact import Redactor
from run_bot import serve


def main() -> int:
    """Serve until SIGTERM, SIGINT, or the end of standard input, which is the end of the sandbox."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.child")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument(
        "--clock", type=Path, required=True, help="a file that holds an offset in milliseconds"
    )
    options = parser.parse_args()
    stop = threading.Event()
    stop_on_signals(stop)
    stop_with_parent(stop)
    try:
        config = load(options.config, os.environ)
        log.configure(config.bot.log_level, sys.stderr, Redactor(config.secrets()))
        serve(config, stop, now=moved_clock(options.clock))
    except BotError as error:
        print(error.sentence, file=sys.stderr)
        return 1
    return 0


def moved_clock(path: Path) -> Callable[[], int]:
    """The wall clock in milliseconds, plus the offset that the file holds at that moment."""

    def now() -> int:
        return time.time_ns() // 1_000_000 + int(path.read_text())

    return now


def stop_on_signals(stop: threading.Event) -> None:
    """Set `stop` from a thread: a handler that interrupts `stop.wait()` could wait for its lock for ever."""
    wanted = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, wanted)

    def wait() -> None:
        signal.sigwait(wanted)
        stop.set()

    threading.Thread(target=wait, name="signals", daemon=True).start()


def stop_with_parent(stop: threading.Event) -> None:
    """Set `stop` when the other end of standard input is gone, however the sandbox ended."""

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 4096):  # not sys.stdin.read(): its lock would be held at our exit
            pass
        stop.set()

    threading.Thread(target=wait, name="parent", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
