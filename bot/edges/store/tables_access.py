"""The tables of who may what: accounts, kept requests, approvals, access, locks and the audit trail."""

from __future__ import annotations

ACCESS = (
    *(
        f"ALTER TABLE runs ADD COLUMN {name} TEXT NOT NULL DEFAULT ''"
        for name in (
            "environment",
            "tier",
            "definition",
            "hold",
            "hold_said",
            "approved_by",
            "overridden",
            "eased",
            "agreed",
            "asked_in",
        )
    ),
    "ALTER TABLE runs ADD COLUMN gitlab_id BIGINT NOT NULL DEFAULT 0",
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
    *(
        f"CREATE TRIGGER {name} BEFORE {what} ON audit"
        " BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END"
        for name, what in (("audit_stays", "UPDATE"), ("audit_keeps", "DELETE"))
    ),
)
