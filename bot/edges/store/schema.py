"""The tables, and the steps that bring a file from an older version to this one.

The SQL is what SQLite 3.35 and PostgreSQL 12 both read. Times are integer milliseconds, JSON is text,
truth is 0 or 1.
A step that has been released is never edited; a change is a new step at the end.
"""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database, Migrations

from bot.errors import StoreError

# `seq` is the order of arrival: "greatest so far + 1", taken inside the write transaction. Rows that are gone
# do not matter, since only rows that are still there are compared.
_START = (
    """
    CREATE TABLE inbox (
      key TEXT NOT NULL PRIMARY KEY,
      seq BIGINT NOT NULL,
      envelope TEXT NOT NULL,
      kind TEXT NOT NULL,
      body TEXT NOT NULL,
      received_at BIGINT NOT NULL,
      tries INTEGER NOT NULL,
      person TEXT NOT NULL,
      state TEXT NOT NULL,
      finished_at BIGINT
    )
    """,
    "CREATE UNIQUE INDEX inbox_envelope ON inbox (envelope) WHERE envelope <> ''",
    "CREATE INDEX inbox_open ON inbox (seq) WHERE state IN ('new', 'taken')",
    "CREATE INDEX inbox_finished ON inbox (finished_at) WHERE finished_at IS NOT NULL",
    """
    CREATE TABLE runs (
      id TEXT NOT NULL PRIMARY KEY,
      seq BIGINT NOT NULL,
      source TEXT NOT NULL UNIQUE,
      team TEXT NOT NULL,
      person TEXT NOT NULL,
      asker TEXT NOT NULL,
      channel TEXT NOT NULL,
      thread TEXT,
      project TEXT NOT NULL,
      project_id BIGINT NOT NULL,
      job TEXT NOT NULL,
      ref TEXT NOT NULL,
      arguments TEXT NOT NULL,
      inputs TEXT NOT NULL,
      start TEXT NOT NULL,
      state TEXT NOT NULL,
      asked_at BIGINT NOT NULL,
      called_at BIGINT,
      sha TEXT NOT NULL,
      pipeline BIGINT,
      pipeline_url TEXT NOT NULL,
      job_id BIGINT,
      job_url TEXT NOT NULL,
      status TEXT NOT NULL,
      failure_reason TEXT NOT NULL,
      others INTEGER NOT NULL,
      progress TEXT NOT NULL,
      problem TEXT NOT NULL,
      started_at BIGINT,
      finished_at BIGINT,
      cancelled_by TEXT NOT NULL,
      retried_by TEXT NOT NULL,
      next_look BIGINT NOT NULL,
      looks INTEGER NOT NULL,
      fails INTEGER NOT NULL
    )
    """,
    "CREATE INDEX runs_state ON runs (state, next_look)",
    "CREATE INDEX runs_seq ON runs (seq)",
    "CREATE INDEX runs_person ON runs (team, person, seq)",
    "CREATE INDEX runs_project ON runs (project, seq)",
    "CREATE INDEX runs_channel ON runs (channel, seq)",
    "CREATE INDEX runs_thread ON runs (channel, thread) WHERE thread IS NOT NULL",
    "CREATE INDEX runs_pipeline ON runs (project_id, pipeline) WHERE pipeline IS NOT NULL",
    """
    CREATE TABLE outbox (
      id TEXT NOT NULL PRIMARY KEY,
      seq BIGINT NOT NULL,
      queue TEXT NOT NULL,
      kind TEXT NOT NULL,
      channel TEXT NOT NULL,
      thread TEXT,
      person TEXT NOT NULL,
      body TEXT NOT NULL,
      under TEXT NOT NULL,
      run TEXT NOT NULL,
      not_before BIGINT NOT NULL,
      tries INTEGER NOT NULL,
      created_at BIGINT NOT NULL,
      probe INTEGER NOT NULL,
      sent_ts TEXT NOT NULL,
      state TEXT NOT NULL,
      why TEXT NOT NULL,
      finished_at BIGINT
    )
    """,
    "CREATE INDEX outbox_open ON outbox (seq) WHERE state IN ('due', 'sending')",
    "CREATE INDEX outbox_queue ON outbox (queue, seq) WHERE state IN ('due', 'sending')",
    "CREATE INDEX outbox_finished ON outbox (finished_at) WHERE finished_at IS NOT NULL",
    """
    CREATE TABLE cards (
      id TEXT NOT NULL PRIMARY KEY,
      seq BIGINT NOT NULL,
      channel TEXT NOT NULL,
      thread TEXT,
      ts TEXT,
      wanted TEXT NOT NULL,
      wanted_hash TEXT NOT NULL,
      shown_hash TEXT,
      not_before BIGINT NOT NULL,
      tries INTEGER NOT NULL,
      probe INTEGER NOT NULL,
      created_at BIGINT NOT NULL,
      state TEXT NOT NULL,
      why TEXT NOT NULL
    )
    """,
    """
    CREATE INDEX cards_due ON cards (not_before)
      WHERE state = 'due' AND (shown_hash IS NULL OR shown_hash <> wanted_hash)
    """,
    "CREATE INDEX cards_sending ON cards (id) WHERE state = 'sending'",
    "CREATE INDEX cards_seq ON cards (seq)",
    "CREATE INDEX cards_ts ON cards (channel, ts) WHERE ts IS NOT NULL",
    """
    CREATE TABLE channel_projects (
      team TEXT NOT NULL, channel TEXT NOT NULL, project TEXT NOT NULL, PRIMARY KEY (team, channel)
    )
    """,
    """
    CREATE TABLE aliases (
      team TEXT NOT NULL, name TEXT NOT NULL, project TEXT NOT NULL, PRIMARY KEY (team, name)
    )
    """,
    """
    CREATE TABLE last_projects (
      team TEXT NOT NULL, person TEXT NOT NULL, project TEXT NOT NULL, PRIMARY KEY (team, person)
    )
    """,
    """
    CREATE TABLE catalogues (
      project_id BIGINT NOT NULL,
      sha TEXT NOT NULL,
      body TEXT NOT NULL,
      kept_at BIGINT NOT NULL,
      PRIMARY KEY (project_id, sha)
    )
    """,
    "CREATE INDEX catalogues_kept ON catalogues (kept_at)",
    "CREATE TABLE offers (id TEXT NOT NULL PRIMARY KEY, line TEXT NOT NULL, kept_at BIGINT NOT NULL)",
    "CREATE INDEX offers_kept ON offers (kept_at)",
    "CREATE TABLE marks (name TEXT NOT NULL PRIMARY KEY, said TEXT NOT NULL)",
)

_ACCESS = (
    *(
        f"ALTER TABLE runs ADD COLUMN {name} TEXT NOT NULL DEFAULT ''"
        for name in ("environment", "tier", "definition", "hold", "hold_said", "approved_by", "overridden")
    ),
    "ALTER TABLE runs ADD COLUMN hold_until BIGINT",
    "ALTER TABLE cards ADD COLUMN person TEXT NOT NULL DEFAULT ''",
    """
    CREATE TABLE accounts (
      team TEXT NOT NULL,
      person TEXT NOT NULL,
      gitlab_id BIGINT NOT NULL,
      username TEXT NOT NULL,
      name TEXT NOT NULL,
      method TEXT NOT NULL,
      access TEXT NOT NULL,
      refresh TEXT NOT NULL,
      expires_at BIGINT,
      linked_at BIGINT NOT NULL,
      state TEXT NOT NULL,
      version BIGINT NOT NULL,
      PRIMARY KEY (team, person)
    )
    """,
    "CREATE INDEX accounts_gitlab ON accounts (gitlab_id)",
    """
    CREATE TABLE devices (
      id TEXT NOT NULL PRIMARY KEY,
      team TEXT NOT NULL,
      person TEXT NOT NULL,
      name TEXT NOT NULL,
      channel TEXT NOT NULL,
      thread TEXT,
      code TEXT NOT NULL,
      interval BIGINT NOT NULL,
      next_look BIGINT NOT NULL,
      expires_at BIGINT NOT NULL,
      state TEXT NOT NULL
    )
    """,
    "CREATE INDEX devices_due ON devices (next_look) WHERE state = 'pending'",
    """
    CREATE TABLE kept (
      id TEXT NOT NULL PRIMARY KEY,
      why TEXT NOT NULL,
      team TEXT NOT NULL,
      person TEXT NOT NULL,
      kind TEXT NOT NULL,
      body TEXT NOT NULL,
      until BIGINT NOT NULL,
      shown TEXT NOT NULL,
      detail TEXT NOT NULL,
      state TEXT NOT NULL
    )
    """,
    "CREATE INDEX kept_person ON kept (team, person) WHERE state = 'waiting'",
    "CREATE INDEX kept_until ON kept (until)",
    """
    CREATE TABLE approvals (
      run TEXT NOT NULL PRIMARY KEY,
      rule TEXT NOT NULL,
      needs INTEGER NOT NULL,
      by TEXT NOT NULL,
      reason TEXT NOT NULL,
      bound TEXT NOT NULL,
      requester BIGINT NOT NULL,
      asked_at BIGINT NOT NULL,
      expires_at BIGINT NOT NULL,
      state TEXT NOT NULL,
      ended_by TEXT NOT NULL,
      ended_why TEXT NOT NULL
    )
    """,
    "CREATE INDEX approvals_open ON approvals (expires_at) WHERE state = 'open'",
    """
    CREATE TABLE votes (
      run TEXT NOT NULL,
      gitlab_id BIGINT NOT NULL,
      team TEXT NOT NULL,
      person TEXT NOT NULL,
      name TEXT NOT NULL,
      at BIGINT NOT NULL,
      PRIMARY KEY (run, gitlab_id)
    )
    """,
    """
    CREATE TABLE grants (
      id TEXT NOT NULL PRIMARY KEY,
      team TEXT NOT NULL,
      person TEXT NOT NULL,
      name TEXT NOT NULL,
      rule TEXT NOT NULL,
      command TEXT NOT NULL,
      project TEXT NOT NULL,
      job TEXT NOT NULL,
      environment TEXT NOT NULL,
      channel TEXT NOT NULL,
      thread TEXT,
      asked_at BIGINT NOT NULL,
      state TEXT NOT NULL,
      by TEXT NOT NULL,
      until BIGINT,
      gitlab_id BIGINT NOT NULL,
      kept TEXT NOT NULL
    )
    """,
    "CREATE INDEX grants_person ON grants (team, person) WHERE state IN ('asked', 'granted')",
    """
    CREATE TABLE locks (
      id TEXT NOT NULL PRIMARY KEY,
      project_id BIGINT NOT NULL,
      project TEXT NOT NULL,
      environment TEXT NOT NULL,
      team TEXT NOT NULL,
      person TEXT NOT NULL,
      name TEXT NOT NULL,
      gitlab_id BIGINT NOT NULL,
      since BIGINT NOT NULL,
      until BIGINT,
      reason TEXT NOT NULL,
      channel TEXT NOT NULL,
      thread TEXT,
      run TEXT NOT NULL,
      state TEXT NOT NULL,
      reminded INTEGER NOT NULL,
      watched BIGINT NOT NULL,
      next_look BIGINT NOT NULL,
      stale INTEGER NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX locks_held ON locks (project_id, environment) WHERE state = 'held'",
    "CREATE INDEX locks_run ON locks (run) WHERE run <> ''",
    """
    CREATE TABLE waiters (
      id TEXT NOT NULL PRIMARY KEY,
      seq BIGINT NOT NULL,
      project_id BIGINT NOT NULL,
      environment TEXT NOT NULL,
      team TEXT NOT NULL,
      person TEXT NOT NULL,
      name TEXT NOT NULL,
      gitlab_id BIGINT NOT NULL,
      channel TEXT NOT NULL,
      thread TEXT,
      asked_at BIGINT NOT NULL,
      run TEXT NOT NULL,
      reason TEXT NOT NULL,
      state TEXT NOT NULL,
      project TEXT NOT NULL,
      due BIGINT
    )
    """,
    "CREATE INDEX waiters_next ON waiters (project_id, environment, seq) WHERE state = 'waiting'",
    """
    CREATE TABLE audit (
      seq BIGINT NOT NULL PRIMARY KEY,
      at BIGINT NOT NULL,
      team TEXT NOT NULL,
      person TEXT NOT NULL,
      name TEXT NOT NULL,
      gitlab_id BIGINT NOT NULL,
      username TEXT NOT NULL,
      channel TEXT NOT NULL,
      thread TEXT,
      command TEXT NOT NULL,
      decision TEXT NOT NULL,
      project TEXT NOT NULL,
      subject TEXT NOT NULL,
      environment TEXT NOT NULL,
      arguments TEXT NOT NULL,
      rule TEXT NOT NULL,
      by TEXT NOT NULL,
      pipeline BIGINT,
      detail TEXT NOT NULL,
      before TEXT NOT NULL,
      hash TEXT NOT NULL
    )
    """,
    # The one place that is SQLite's own: PostgreSQL writes the same as a trigger function.
    "CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END",
    "CREATE TRIGGER audit_keeps BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END",
)


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
    for statement in _START:
        database.execute(statement)


def _access(database: Database) -> None:
    for statement in _ACCESS:
        database.execute(statement)


_SET = "signalbox"
_STEPS = {"0001_start": _start, "0002_access": _access}


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
