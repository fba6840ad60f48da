"""The tables of what people keep for themselves: words for commands, and commands that recur."""

from __future__ import annotations

OWN_WORDS = (
    """
    CREATE TABLE word_aliases (
      team TEXT NOT NULL,
      scope TEXT NOT NULL,
      owner TEXT NOT NULL,
      name TEXT NOT NULL,
      line TEXT NOT NULL,
      at BIGINT NOT NULL,
      PRIMARY KEY (team, scope, owner, name)
    )
    """,
)

RECURRING = (
    """
    CREATE TABLE recurring (
      id TEXT NOT NULL PRIMARY KEY,
      number BIGINT NOT NULL,
      team TEXT NOT NULL,
      person TEXT NOT NULL,
      name TEXT NOT NULL,
      channel TEXT NOT NULL,
      thread TEXT,
      line TEXT NOT NULL,
      rhythm TEXT NOT NULL,
      since BIGINT NOT NULL,
      next_at BIGINT NOT NULL,
      after BIGINT NOT NULL,
      state TEXT NOT NULL,
      why TEXT NOT NULL,
      halts BIGINT NOT NULL,
      last_at BIGINT,
      last_key TEXT NOT NULL,
      last_said TEXT NOT NULL,
      UNIQUE (team, number)
    )
    """,
    "CREATE INDEX recurring_due ON recurring (next_at) WHERE state = 'on'",
)

OWN = (*OWN_WORDS, *RECURRING)
