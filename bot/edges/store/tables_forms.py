"""The tables of forms made from jobs: the variables a run has set, and what somebody gave a job last."""

from __future__ import annotations

RUNS = ("ALTER TABLE runs ADD COLUMN variables TEXT NOT NULL DEFAULT '{}'",)

LAST_VALUES = (
    """
    CREATE TABLE last_values (
      team TEXT NOT NULL,
      person TEXT NOT NULL,
      project_id BIGINT NOT NULL,
      job TEXT NOT NULL,
      body TEXT NOT NULL,
      at BIGINT NOT NULL,
      PRIMARY KEY (team, person, project_id, job)
    )
    """,
    "CREATE INDEX last_values_at ON last_values (at)",
)

FORMS = (*RUNS, *LAST_VALUES)
