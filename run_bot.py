"""Starts the bot: reads the configuration, puts the house together, waits for a signal, leaves in order."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot import tools
from bot.errors import BotError

if TYPE_CHECKING:
    from bot.command import Command
    from bot.config import Config
    from bot.house import House
    from bot.model import Millis

#: In-flight work may take this long after SIGTERM (the issue's own figure, and systemd's patience is 90 s).
LEAVE_WITHIN_S = 10.0
EXIT_OK, EXIT_NOTHING, EXIT_USAGE = 0, 1, 2


def wall_clock() -> Millis:
    return time.time_ns() // 1_000_000


def random_id() -> str:
    return secrets.token_hex(6)


def serve(
    config: Config,
    stop: threading.Event,
    *,
    now: Callable[[], Millis] = wall_clock,
    new_id: Callable[[], str] = random_id,
) -> None:
    """
    Run the bot until `stop` is set, then let what is under way finish within ten seconds.

    Raises BotError, in a sentence that names the key, when a token, a key or a URL is wrong.
    """
    with nothing_collected():
        house = _built(config, now, new_id)
    try:
        house.open()
        stop.wait()
    finally:
        house.close(LEAVE_WITHIN_S)


@contextmanager
def nothing_collected() -> Iterator[None]:
    """
    Look for no garbage while everything is imported and built: nearly all of it stays, and a tenth of the start goes.

    Afterwards it is left out of every look for garbage: a whole one would hold up acknowledgements for 20 ms.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _built(config: Config, now: Callable[[], Millis], new_id: Callable[[], str]) -> House:
    from blocks import voice  # noqa: PLC0415
    from bot import house as houses  # noqa: PLC0415
    from bot.config import check_commands  # noqa: PLC0415

    known = _commands()
    check_commands(config, tools.verbs(known))
    owner = f"pid {os.getpid()} on {socket.gethostname()}"
    return houses.build(config, known, voice, voice.displaced, now=now, new_id=new_id, owner=owner)


def _commands() -> tuple[Command, ...]:
    # Here and not above, as everywhere below: `reply` and `--help` load no Slack and no GitLab.
    import commands  # noqa: PLC0415

    return commands.load()


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and do what it says; return the exit code."""
    where, rest = _anywhere().parse_known_args(arguments)
    options = _parser().parse_args(rest, where)
    try:
        return int(options.run(options, os.environ))
    except BotError as error:
        print(error.sentence, file=sys.stderr)
        return EXIT_USAGE


def _anywhere() -> argparse.ArgumentParser:
    """What may stand before or behind a command."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument(
        "--config", type=Path, default=Path("config.toml"), metavar="FILE",
        help="the configuration of the bot; default: config.toml",
    )  # fmt: skip
    return parser


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="run_bot.py",
        parents=[_anywhere()],
        description="GitLab ChatOps in Slack, without a public URL. Without a command it starts the bot.",
        epilog="Exit codes: 0 ended as asked; 1 no: the log holds nothing to reply with, the rules deny it, something"
        " does not fit; 2 could not. docs/operations.md says more.",
    )
    parser.set_defaults(run=_serve, commands=_commands, now=wall_clock)
    told = "print what Slack would show for a job log"
    reply = tools.add(parser).add_parser(
        "reply",
        help=told,
        description=f"{told[:1].upper()}{told[1:]}. Needs no configuration and no network.",
    )
    reply.add_argument("file", metavar="FILE", help="the log as GitLab gives it, or - for standard input")
    reply.set_defaults(run=_reply)
    return parser


def _serve(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    from bot import config, log  # noqa: PLC0415
    from bot.redact import Redactor  # noqa: PLC0415

    settings = config.load(options.config, environ)
    log.configure(settings.bot.log_level, sys.stderr, Redactor(settings.secrets()))
    for warning in settings.warnings:
        logging.getLogger("bot").warning("%s", warning)
    serve(settings, stopped_by_signal())
    return EXIT_OK


def stopped_by_signal() -> threading.Event:
    """
    Return an event that SIGTERM or SIGINT sets; a second signal ends the process at once.

    The signals are waited for on a thread of their own: a handler that interrupts `Event.wait()` may find its
    lock held by the very thread it runs on, and wait for ever.
    """
    stop, wanted = threading.Event(), {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, wanted)

    def wait() -> None:
        signal.sigwait(wanted)
        stop.set()
        signal.sigwait(wanted)
        os._exit(EXIT_NOTHING)

    threading.Thread(target=wait, name="signals", daemon=True).start()
    return stop


def _reply(options: argparse.Namespace, _environ: Mapping[str, str]) -> int:
    from blocks import reply as drawing  # noqa: PLC0415
    from bot.jobs import trace  # noqa: PLC0415
    from bot.redact import Redactor  # noqa: PLC0415

    reply = trace.read_file(options.file, redact=Redactor(()))
    shown = drawing.terminal(reply)
    if shown is None:
        print(drawing.nothing(reply), file=sys.stderr)
        return EXIT_NOTHING
    print(shown)
    return EXIT_OK


if __name__ == "__main__":
    sys.exit(main())
