"""The first tables: requests, runs, messages, and what is remembered of projects."""

from __future__ import annotations

# `seq` is the order of arrival: "greatest so far + 1", taken inside the write transaction. Rows that are gone
# do not matter, since only rows that are still there are compared.
START = (
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
