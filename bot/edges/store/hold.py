"""Locks between processes: one bot on a store for good, one at a time while a store is made."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import ConfigError, StoreBusy

#: More than any "pid 1234 on host" takes.
_OWNER_BYTES = 400


class Hold:
    """An flock on `<store>.lock`: it ends with the process, however that ends, and leaves nothing to tidy."""

    def __init__(self, store: Path, owner: str) -> None:
        """Take the lock and write `owner` into the file.

        Raises StoreBusy naming the present holder, ConfigError if the file cannot be locked at all.
        """
        path = store.with_name(store.name + ".lock")
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ConfigError(f"I cannot open {path} beside `store.path`: {error.strerror}.") from error
        try:
            self._lock(store)
            self._write(owner)
        except BaseException:
            os.close(self._file)
            raise

    def release(self) -> None:
        """Let go. The file stays: to delete it would race with the next one to open it."""
        os.close(self._file)

    def _lock(self, store: Path) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreBusy(
                f"Another Signalbox ({self._read()}) already uses the store {store}. "
                "Stop it, or give this one a store of its own in `store.path`."
            ) from None
        except OSError as error:  # some network file systems
            raise ConfigError(f"I cannot lock the store {store} (`store.path`): {error.strerror}.") from error

    def _read(self) -> str:
        return (
            os.pread(self._file, _OWNER_BYTES, 0).decode(errors="replace").strip()
            or "it has not said who it is"
        )

    def _write(self, owner: str) -> None:
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{owner}\n".encode()[:_OWNER_BYTES], 0)


@contextmanager
def one_by_one(folder: Path) -> Iterator[None]:
    """Let one thread of one process at a time into the block, for this folder; the others wait.

    Raises ConfigError if the folder cannot be locked.
    """
    file = _locked(folder)
    try:
        yield
    finally:
        os.close(file)


def _locked(folder: Path) -> int:
    # A lock on the folder leaves no file behind; one on the store itself would meddle with SQLite's own.
    try:
        file = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(file, fcntl.LOCK_EX)
    except OSError as error:
        raise ConfigError(f"I cannot lock {folder}, the folder of `store.path`: {error.strerror}.") from error
    return file
