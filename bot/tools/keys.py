"""`keys new|rotate|check`: makes a key, seals everything with a new one, and tells whether everything opens."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TextIO

from bot.access import resealing
from bot.access.resealing import Row
from bot.edges.store import Store
from bot.errors import ConfigError
from bot.text import plural
from bot.vault import Vault, new_key

YES, NO = 0, 1
HEAD = "# Signalbox: one key a line; the first seals, all open. Keep it apart from copies of the store."


def describe(parser: argparse.ArgumentParser) -> None:
    """Add to the parser of `keys` what can stand after it; the choice is `options.keys`."""
    kinds = parser.add_subparsers(dest="keys", metavar="WHAT", required=True)
    kinds.add_parser("new", help="print a new key; needs no configuration")
    rotate = kinds.add_parser(
        "rotate", help="seal everything with a new key; the bot may be running",
        epilog="Exit codes: 0 everything is sealed with the first key; 1 something does not open, or is in use.",
    )  # fmt: skip
    rotate.add_argument(
        "--same-key", action="store_true", help="make no new key: seal with the first there is"
    )
    kinds.add_parser(
        "check", help="try to open everything that is sealed",
        epilog="Exit codes: 0 everything opens; 1 something does not.",
    )  # fmt: skip


def new(out: TextIO) -> int:
    """Print a key."""
    print(new_key(), file=out)
    return YES


def run(options: argparse.Namespace, store: Path, keys: Sequence[str], file: Path | None, out: TextIO) -> int:
    """
    Do `rotate` or `check` with the store at this path, writing to `out`; return the exit code.

    `keys` are those of the configuration, the one that seals first; `file` is where they stand, None for a place where
    nothing can be written (a credential, the environment). A running bot follows the file by itself, and not the other
    two, which it reads at its start. Raises ConfigError if there is no store or the file cannot be written.
    """
    vault = Vault(keys)
    if not store.is_file():
        raise ConfigError(f"There is no store {store} (`store.path`), so nothing is sealed yet.")
    with closing(Store(store)) as opened:
        if options.keys == "check":
            return _check(opened, vault, out)
        if file and not options.same_key:
            keys = (new_key(), *keys)
            write(file, keys)
        return _rotate(opened, keys, file, out)


def _check(store: Store, vault: Vault, out: TextIO) -> int:
    found = resealing.look(store, vault)
    _name(found.closed, out)
    opened = found.rows - len(found.closed)
    print(f"{opened} of {found.rows} sealed texts open, {found.older} of them with an older key.", file=out)
    return NO if found.closed else YES


def _rotate(store: Store, keys: Sequence[str], file: Path | None, out: TextIO) -> int:
    vault = Vault(keys)
    done, closed = resealing.reseal(store, vault)
    print(f"{done} texts are now sealed with the first key.", file=out)
    if closed:
        _name(closed, out)
        print(
            "Every key stays. Put the key back that opens these, or have their owners type `link` again, and open"
            " the form once more.",
            file=out,
        )
        return NO
    return _without_older(store, vault, keys, file, out) if len(keys) > 1 else YES


def _without_older(store: Store, vault: Vault, keys: Sequence[str], file: Path | None, out: TextIO) -> int:
    """Take the older keys out of the file once nothing needs them; or say that somebody else may."""
    older = len(keys) - 1
    if not resealing.let_go(store, vault, partial(write, file, keys[:1]) if file else _nothing):
        print(
            "Something still needs an older key. Every key stays; type `keys rotate --same-key` in a minute.",
            file=out,
        )
        return NO
    if file:
        print(
            f"{file} holds the first key alone: nothing needs {plural(older, 'older key')} any more.",
            file=out,
        )
    else:
        print(f"Nothing needs the keys after the first any more: {plural(older, 'key')} may go.", file=out)
    return YES


def write(path: Path, keys: Sequence[str]) -> None:
    """Put these keys into a key file, at once or not at all; only its owner can read it."""
    beside = path.with_name(f"{path.name}.new")
    try:
        beside.unlink(missing_ok=True)
        handle = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write("\n".join((HEAD, *keys, "")))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        _sync(path.parent)
    except OSError as error:
        raise ConfigError(
            f"I cannot write the key file {path}: {error.strerror}. The keys are as they were."
        ) from None


def _sync(folder: Path) -> None:
    """Make the new name in a folder outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _name(closed: Sequence[Row], out: TextIO) -> None:
    for row in closed:
        print(f"The {row.what} of {row.about} does not open.", file=out)


def _nothing() -> None:
    """Take nothing away: the keys stand where nobody can write."""
