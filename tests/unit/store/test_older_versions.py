"""Stores that older versions have written are taken over as they are, once, whatever happens meanwhile."""

from __future__ import annotations

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database, Migrations

from bot.edges.store import Store
from bot.edges.store.tables_access import ACCESS
from bot.edges.store.tables_start import START
from bot.model import Person
from tests.unit.store.test_store import start

Held = dict[str, list[dict[str, object]]]


def test_a_store_of_the_first_version_is_taken_over(path: Path) -> None:
    """What the first tables hold is still there, and the later ones are added, with what a run did not know then."""
    database = Database(path)
    first = Migrations("signalbox")

    @first(name="0001_start")
    def tables(database: Database) -> None:
        for statement in START:
            database.execute(statement)

    first.apply(database)
    filled = {
        "id": "run1", "seq": 1, "source": "key1", "team": "T1", "person": "U1", "asker": "alice", "channel": "C1",
        "project": "acme/shop", "project_id": 42, "job": "hello", "ref": "main", "arguments": "", "inputs": "{}",
        "start": "api", "state": "running", "asked_at": 1, "sha": "", "pipeline_url": "", "job_url": "", "status": "",
        "failure_reason": "", "others": 0, "progress": "", "problem": "", "cancelled_by": "", "retried_by": "",
        "next_look": 0, "looks": 0, "fails": 0,
    }  # fmt: skip
    database.table("runs").insert(filled)
    database.close()
    with closing(Store(path)) as store, store.read() as tx:
        [run] = tx.runs.open_runs()
        assert (run.id, run.job, run.environment, run.hold, run.approved_by) == ("run1", "hello", "", "", "")
        assert tx.accounts.get(Person("T1", "U1")) is None
        assert tx.audit.verify().rows == 0


def of_the_second_version(path: Path) -> Held:
    """Make a store as the version with accounts made it, with a row in each table; return all it holds."""
    database = Database(path)
    second = Migrations("signalbox")
    for name, statements in (("0001_start", START), ("0002_access", ACCESS)):

        @second(name=name)
        def tables(database: Database, statements: tuple[str, ...] = statements) -> None:
            for statement in statements:
                database.execute(statement)

    second.apply(database)
    for table in database.tables:
        if not table.name.startswith("_"):
            table.insert({one.name: 7 if one.type in {"BIGINT", "INTEGER"} else "x" for one in table.columns})
    held = all_of(path)
    database.close()
    return held


def all_of(path: Path) -> Held:
    """Every row of every table of ours, by the names of its columns."""
    with closing(Database(path)) as database:
        names = [name for name in database.table_names() if not name.startswith(("_", "sqlite"))]
        return {name: list(database[name].rows) for name in names}


def test_a_store_of_the_second_version_loses_nothing(path: Path) -> None:
    """Each row of each table is there as it was; the tables of the whole vocabulary come beside them, empty."""
    before = of_the_second_version(path)
    assert {"accounts", "kept", "audit", "runs", "inbox", "outbox", "locks"} <= before.keys()
    Store(path).close()
    after = all_of(path)
    for name, rows in before.items():
        kept = [{column: row[column] for column in old} for row, old in zip(after[name], rows, strict=True)]
        assert kept == rows, name
    new = after.keys() - before.keys()
    assert {"writes", "sheets", "known", "environment_states", "word_aliases", "recurring", "picks"} <= new
    assert {name for name in new if after[name]} == set()
    with closing(sqlite3.connect(path)) as sql:
        steps = [row[0] for row in sql.execute("SELECT name FROM _sqlite_migrations ORDER BY id")]
    assert steps == ["0001_start", "0002_access", "0003_words", "0004_incidents"]


def test_a_killed_migration_begins_anew(path: Path) -> None:
    """Whatever stopped the first start of a new version, the old tables are whole, and the next start takes over."""
    before = of_the_second_version(path)
    code = """
import os, signal, sys
from pathlib import Path
from bot.edges.store import schema
from bot.edges.store import Store
words = schema.WORDS
class Killed(tuple):
    def __iter__(self):
        yield from words[:len(words) // 2]
        os.kill(os.getpid(), signal.SIGKILL)
schema.WORDS = Killed()
Store(Path(sys.argv[1]))
"""
    process = start(code, path)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    assert all_of(path) == before
    Store(path).close()
    assert all_of(path).keys() > before.keys()
