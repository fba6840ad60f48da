"""The tables of the whole vocabulary: what is written to GitLab, forms that are open, and what people chose."""

from __future__ import annotations

from bot.edges.store.tables_forms import FORMS
from bot.edges.store.tables_own import OWN
from bot.edges.store.tables_pipelines import PIPELINES
from bot.edges.store.tables_reviews import REVIEWS

WRITES = (
    """
    CREATE TABLE writes (
      id TEXT NOT NULL PRIMARY KEY,
      kind TEXT NOT NULL,
      team TEXT NOT NULL,
      person TEXT NOT NULL,
      name TEXT NOT NULL,
      channel TEXT NOT NULL,
      thread TEXT,
      project_id BIGINT NOT NULL,
      project TEXT NOT NULL,
      about TEXT NOT NULL,
      state TEXT NOT NULL,
      result TEXT NOT NULL,
      at BIGINT NOT NULL,
      next_look BIGINT NOT NULL
    )
    """,
    "CREATE INDEX writes_due ON writes (next_look) WHERE state IN ('intent', 'unknown')",
    "CREATE INDEX writes_at ON writes (at)",
)

SHEETS = (
    """
    CREATE TABLE sheets (
      id TEXT NOT NULL PRIMARY KEY,
      team TEXT NOT NULL,
      person TEXT NOT NULL,
      kind TEXT NOT NULL,
      body TEXT NOT NULL,
      at BIGINT NOT NULL
    )
    """,
    "CREATE INDEX sheets_at ON sheets (at)",
)

ENVIRONMENTS = (
    """
    CREATE TABLE environment_states (
      project_id BIGINT NOT NULL,
      project TEXT NOT NULL,
      name TEXT NOT NULL,
      tier TEXT NOT NULL,
      state TEXT NOT NULL,
      ref TEXT NOT NULL,
      sha TEXT NOT NULL,
      since BIGINT,
      by TEXT NOT NULL,
      url TEXT NOT NULL,
      job_url TEXT NOT NULL,
      failed_ref TEXT NOT NULL,
      failed_sha TEXT NOT NULL,
      failed_at BIGINT,
      failed_url TEXT NOT NULL,
      seen_at BIGINT NOT NULL,
      PRIMARY KEY (project_id, name)
    )
    """,
    "CREATE INDEX environment_states_seen ON environment_states (seen_at)",
)


KNOWN = (
    """
    CREATE TABLE known (
      team TEXT NOT NULL,
      person TEXT NOT NULL,
      kind TEXT NOT NULL,
      id BIGINT NOT NULL,
      path TEXT NOT NULL,
      folded TEXT NOT NULL,
      at BIGINT NOT NULL,
      PRIMARY KEY (team, person, kind, id)
    )
    """,
    "CREATE INDEX known_at ON known (at)",
)

ISSUES = (
    """
    CREATE TABLE issue_cards (
      id TEXT NOT NULL PRIMARY KEY,
      team TEXT NOT NULL,
      person TEXT NOT NULL,
      channel TEXT NOT NULL,
      thread TEXT,
      project_id BIGINT NOT NULL,
      project TEXT NOT NULL,
      iid BIGINT NOT NULL,
      living INTEGER NOT NULL,
      remark TEXT NOT NULL,
      at BIGINT NOT NULL
    )
    """,
    "CREATE INDEX issue_cards_of ON issue_cards (project_id, iid) WHERE living = 1",
    "CREATE INDEX issue_cards_at ON issue_cards (at)",
    """
    CREATE TABLE issue_subjects (
      team TEXT NOT NULL,
      channel TEXT NOT NULL,
      thread TEXT NOT NULL,
      project_id BIGINT NOT NULL,
      project TEXT NOT NULL,
      iid BIGINT NOT NULL,
      at BIGINT NOT NULL,
      PRIMARY KEY (team, channel, thread)
    )
    """,
)

PICKS = (
    """
    CREATE TABLE picks (
      gitlab_id BIGINT NOT NULL,
      project_id BIGINT NOT NULL,
      noun TEXT NOT NULL,
      value TEXT NOT NULL,
      label TEXT NOT NULL,
      hint TEXT NOT NULL,
      folded TEXT NOT NULL,
      place BIGINT NOT NULL,
      at BIGINT NOT NULL,
      PRIMARY KEY (gitlab_id, project_id, noun, value)
    )
    """,
    "CREATE INDEX picks_at ON picks (at)",
    """
    CREATE TABLE picks_read (
      gitlab_id BIGINT NOT NULL,
      project_id BIGINT NOT NULL,
      noun TEXT NOT NULL,
      at BIGINT NOT NULL,
      PRIMARY KEY (gitlab_id, project_id, noun)
    )
    """,
)

RUNS = (
    "ALTER TABLE runs ADD COLUMN command TEXT NOT NULL DEFAULT 'run'",
    *(
        f"ALTER TABLE runs ADD COLUMN {name} TEXT NOT NULL DEFAULT ''"
        for name in ("was", "changes", "changes_url", "landed", "page")
    ),
)

WORDS = (
    *WRITES,
    *SHEETS,
    *ENVIRONMENTS,
    *RUNS,
    *KNOWN,
    *OWN,
    *ISSUES,
    *PICKS,
    *REVIEWS,
    *PIPELINES,
    *FORMS,
)
