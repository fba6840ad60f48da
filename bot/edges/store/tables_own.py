"""The tables of what people keep for themselves: their words for commands."""

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

OWN = (*OWN_WORDS,)
