"""SQLite connections: how one is opened, lent and given back, and what its failures mean in words."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import ConfigError, StoreError

#: How long SQLite waits for another process to finish writing (reliability.md 1.5).
BUSY_SECONDS = 5.0
#: How long a thread waits for its turn to write before it gives up: far beyond what a healthy disk needs.
TURN_SECONDS = 30.0
#: Prepared statements kept per connection; the store has about a hundred.
STATEMENTS = 256
#: The part of an SQLite result code that is not detail (sqlite.org/rescode.html).
_PRIMARY = 0xFF

_LOCKED = "The store {path} (`store.path`) is locked by another process. Close what has it open."
_SENTENCES = {
    sqlite3.SQLITE_FULL: "No room is left for the store {path}. Free some, or set `store.path` elsewhere.",
    sqlite3.SQLITE_IOERR: "The disk failed under the store {path} (`store.path`): {error}. Look at the disk.",
    sqlite3.SQLITE_READONLY: "I may not write to the store {path} (`store.path`). Check its owner and mode.",
    sqlite3.SQLITE_CANTOPEN: "I cannot open the store {path} (`store.path`). Check the path and its owner.",
    sqlite3.SQLITE_CORRUPT: "The store {path} (`store.path`) is damaged: {error}. Put back a copy of it.",
    sqlite3.SQLITE_NOTADB: "The file {path} is not a store of mine. Set `store.path` to another file.",
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
}


def create(path: Path) -> None:
    """Make an empty file that only its owner can read, unless there is one.

    SQLite gives its `-wal` and `-shm` files the mode of the file they belong to.

    Raises ConfigError if that is not possible.
    """
    if not path.parent.is_dir():
        raise ConfigError(f"There is no folder {path.parent} for the store. Make it, or change `store.path`.")
    try:
        # Exclusive: an open and close of a file that SQLite has open in this process would drop its locks.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise ConfigError(f"I cannot create the store {path} (`store.path`): {error.strerror}.") from error


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection that any one thread at a time may use, without transactions of its own making."""
    connection = sqlite3.connect(
        path,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=STATEMENTS,
    )
    try:
        _set_up(connection, read_only)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def use_wal(connection: sqlite3.Connection) -> None:
    """Write-ahead logging: readers and the writer do not wait for each other. The file remembers it."""
    connection.execute("PRAGMA journal_mode = WAL").fetchall()


def _set_up(connection: sqlite3.Connection, read_only: bool) -> None:
    # With NORMAL a power cut takes the last commits along (sqlite.org/pragma.html#pragma_synchronous).
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA query_only = {'ON' if read_only else 'OFF'}")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn a failure of disk, file or lock into a StoreError that names the store; leave bugs as they are."""
    try:
        yield
    except sqlite3.Error as error:
        sentence = _SENTENCES.get(getattr(error, "sqlite_errorcode", 0) & _PRIMARY)
        if sentence is None:
            raise
        raise StoreError(sentence.format(path=path, error=error)) from error


class Pool:
    """Idle connections, lent to one unit of work at a time; the one given back last is lent first."""

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self._path = path
        self._read_only = read_only
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def lend(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection; one whose transaction could not be ended is closed instead of lent again."""
        connection = self._take()
        try:
            yield connection
        finally:
            self._give_back(connection)

    def close(self) -> None:
        """Close what is idle now, and what is still lent when it comes back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._closed:
                raise StoreError(f"The store {self._path} is closed.")
            if self._idle:
                return self._idle.pop()
        return connect(self._path, read_only=self._read_only)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            keep = not self._closed and not connection.in_transaction
            if keep:
                self._idle.append(connection)
        if not keep:
            connection.close()
