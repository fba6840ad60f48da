"""The table of whole pipelines that are shown in Slack."""

from __future__ import annotations

PIPELINES = (
    """
    CREATE TABLE pipeline_cards (
      id TEXT NOT NULL PRIMARY KEY,
      team TEXT NOT NULL,
      person TEXT NOT NULL,
      name TEXT NOT NULL,
      channel TEXT NOT NULL,
      thread TEXT,
      project_id BIGINT NOT NULL,
      project TEXT NOT NULL,
      pipeline BIGINT NOT NULL,
      living INTEGER NOT NULL,
      started INTEGER NOT NULL,
      title TEXT NOT NULL,
      at BIGINT NOT NULL,
      remark TEXT NOT NULL,
      seen TEXT NOT NULL,
      stages TEXT NOT NULL,
      told TEXT NOT NULL,
      deploys INTEGER NOT NULL,
      since BIGINT NOT NULL,
      next_look BIGINT NOT NULL,
      looks BIGINT NOT NULL,
      fails BIGINT NOT NULL
    )
    """,
    "CREATE INDEX pipeline_cards_about ON pipeline_cards (project_id, pipeline) WHERE living = 1",
    "CREATE INDEX pipeline_cards_due ON pipeline_cards (next_look) WHERE living = 1",
    "CREATE INDEX pipeline_cards_thread ON pipeline_cards (channel, thread)",
    "CREATE INDEX pipeline_cards_at ON pipeline_cards (at)",
)
