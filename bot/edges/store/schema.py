"""The tables, and the steps that bring a file from an older version to this one.

The SQL is what SQLite 3.35 and PostgreSQL 12 both read. Times are integer milliseconds, JSON is text,
truth is 0 or 1.
A step that has been released is never edited; a change is a new step at the end.
"""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database, Migrations

from bot.edges.store.tables_access import ACCESS
from bot.edges.store.tables_incidents import INCIDENTS
from bot.edges.store.tables_start import START
from bot.edges.store.tables_words import WORDS
from bot.errors import StoreError


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to the newest version; do nothing if it is.

    The whole is one immediate transaction: of two processes at once the second finds the work done.

    Raises StoreError if a newer version, or some other program, has written the file.
    """
    # Without its plugins and triggers pragma: our connections carry exactly what connections.py gives them.
    database = Database(connection, recursive_triggers=False, execute_plugins=False)
    steps = _steps()
    _refuse_newer(steps, database)
    if not steps.pending(database):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        _refuse_foreign(steps, database)
        steps.apply(database)
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _steps() -> Migrations:
    steps = Migrations(_SET)
    for name, step in _STEPS.items():
        steps(name=name)(step)
    return steps


def _start(database: Database) -> None:
    for statement in START:
        database.execute(statement)


def _access(database: Database) -> None:
    for statement in ACCESS:
        database.execute(statement)


def _words(database: Database) -> None:
    for statement in WORDS:
        database.execute(statement)


def _incidents(database: Database) -> None:
    for statement in INCIDENTS:
        database.execute(statement)


_SET = "signalbox"
_STEPS = {"0001_start": _start, "0002_access": _access, "0003_words": _words, "0004_incidents": _incidents}


def _refuse_newer(steps: Migrations, database: Database) -> None:
    unknown = {step.name for step in steps.applied(database)} - _STEPS.keys()
    if unknown:
        raise StoreError(
            f"The store was written by a newer Signalbox (step {max(unknown)}). "
            "Update this one, or give it a store of its own in `store.path`."
        )


def _refuse_foreign(steps: Migrations, database: Database) -> None:
    if database.table_names() and not steps.applied(database):
        raise StoreError(
            "The file in `store.path` belongs to another program. Set `store.path` to another file."
        )
