"""The tables of what people keep for themselves: words, favourites, what recurs, settings, and their Home."""

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

FAVOURITES = (
    """
    CREATE TABLE favourites (
      id TEXT NOT NULL PRIMARY KEY,
      team TEXT NOT NULL,
      person TEXT NOT NULL,
      line TEXT NOT NULL,
      seq BIGINT NOT NULL
    )
    """,
    "CREATE INDEX favourites_of ON favourites (team, person)",
)

HOMES = (
    """
    CREATE TABLE settings (
      team TEXT NOT NULL,
      person TEXT NOT NULL,
      name TEXT NOT NULL,
      value TEXT NOT NULL,
      PRIMARY KEY (team, person, name)
    )
    """,
    """
    CREATE TABLE homes (
      team TEXT NOT NULL,
      person TEXT NOT NULL,
      opened_at BIGINT NOT NULL,
      next_look BIGINT NOT NULL,
      shown TEXT NOT NULL,
      shown_at BIGINT NOT NULL,
      seen TEXT NOT NULL,
      seen_at BIGINT NOT NULL,
      PRIMARY KEY (team, person)
    )
    """,
    "CREATE INDEX homes_due ON homes (next_look)",
)

OWN = (*OWN_WORDS, *RECURRING, *FAVOURITES, *HOMES)
