"""The tables of merge requests: those that wait for somebody, where they are shown, and what buttons mean."""

from __future__ import annotations

REVIEWS = (
    """
    CREATE TABLE reviews (
      team TEXT NOT NULL,
      person TEXT NOT NULL,
      project_id BIGINT NOT NULL,
      project TEXT NOT NULL,
      iid BIGINT NOT NULL,
      title TEXT NOT NULL,
      url TEXT NOT NULL,
      role TEXT NOT NULL,
      author TEXT NOT NULL,
      draft INTEGER NOT NULL,
      status TEXT NOT NULL,
      pipeline TEXT NOT NULL,
      approvals BIGINT NOT NULL,
      approved INTEGER NOT NULL,
      updated_at BIGINT NOT NULL,
      seen_at BIGINT NOT NULL,
      PRIMARY KEY (team, person, role, project_id, iid)
    )
    """,
    "CREATE INDEX reviews_seen ON reviews (seen_at)",
    """
    CREATE TABLE merge_cards (
      id TEXT NOT NULL PRIMARY KEY,
      team TEXT NOT NULL,
      person TEXT NOT NULL,
      channel TEXT NOT NULL,
      thread TEXT,
      project_id BIGINT NOT NULL,
      project TEXT NOT NULL,
      iid BIGINT NOT NULL,
      living INTEGER NOT NULL,
      at BIGINT NOT NULL,
      remark TEXT NOT NULL,
      seen TEXT NOT NULL,
      since BIGINT NOT NULL,
      next_look BIGINT NOT NULL,
      looks BIGINT NOT NULL,
      fails BIGINT NOT NULL
    )
    """,
    "CREATE INDEX merge_cards_about ON merge_cards (project_id, iid) WHERE living = 1",
    "CREATE INDEX merge_cards_due ON merge_cards (next_look) WHERE living = 1",
    "CREATE INDEX merge_cards_thread ON merge_cards (channel, thread)",
    "CREATE INDEX merge_cards_at ON merge_cards (at)",
    """
    CREATE TABLE aims (
      id TEXT NOT NULL PRIMARY KEY,
      card TEXT NOT NULL,
      about TEXT NOT NULL,
      at BIGINT NOT NULL
    )
    """,
    "CREATE INDEX aims_at ON aims (at)",
)
