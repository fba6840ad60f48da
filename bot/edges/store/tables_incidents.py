"""The tables of incidents: what they are, what happened, what is still to be done, and what is on both sides."""

from __future__ import annotations

LIFE = (
    """
    CREATE TABLE incidents (
      id TEXT NOT NULL PRIMARY KEY,
      number BIGINT NOT NULL UNIQUE,
      source TEXT NOT NULL UNIQUE,
      team TEXT NOT NULL,
      title TEXT NOT NULL,
      severity INTEGER NOT NULL,
      state TEXT NOT NULL,
      project TEXT NOT NULL,
      declarer TEXT NOT NULL,
      declarer_name TEXT NOT NULL,
      declared_at BIGINT NOT NULL,
      summary TEXT NOT NULL,
      policy TEXT NOT NULL,
      private INTEGER NOT NULL,
      born TEXT NOT NULL,
      project_id BIGINT NOT NULL,
      iid BIGINT NOT NULL,
      issue_id BIGINT NOT NULL,
      url TEXT NOT NULL,
      channel TEXT NOT NULL,
      channel_name TEXT NOT NULL,
      thread TEXT NOT NULL,
      origin TEXT,
      announced_in TEXT NOT NULL,
      commander TEXT,
      commander_name TEXT NOT NULL,
      escalation TEXT NOT NULL,
      started_at BIGINT,
      detected_at BIGINT,
      acked_at BIGINT,
      mitigated_at BIGINT,
      resolved_at BIGINT,
      closed_at BIGINT,
      episodes INTEGER NOT NULL,
      merged_into TEXT NOT NULL,
      latest TEXT NOT NULL,
      latest_at BIGINT,
      latest_link TEXT NOT NULL,
      next_update BIGINT,
      cause TEXT NOT NULL,
      impact TEXT NOT NULL,
      fix TEXT NOT NULL,
      review_iid BIGINT NOT NULL,
      review_url TEXT NOT NULL,
      trouble TEXT NOT NULL,
      muted TEXT NOT NULL,
      version BIGINT NOT NULL,
      notes_seen BIGINT NOT NULL,
      swept_at BIGINT NOT NULL,
      heard_ts TEXT NOT NULL
    )
    """,
    "CREATE INDEX incidents_room ON incidents (channel, thread)",
    "CREATE INDEX incidents_issue ON incidents (project_id, iid)",
    """
    CREATE TABLE incident_events (
      id TEXT NOT NULL PRIMARY KEY,
      incident TEXT NOT NULL,
      at BIGINT NOT NULL,
      recorded_at BIGINT NOT NULL,
      kind TEXT NOT NULL,
      who TEXT NOT NULL,
      origin TEXT NOT NULL,
      text TEXT NOT NULL,
      source TEXT NOT NULL,
      channel TEXT NOT NULL,
      ts TEXT NOT NULL,
      link TEXT NOT NULL,
      note_id BIGINT NOT NULL,
      timeline TEXT NOT NULL,
      tag TEXT NOT NULL,
      shown INTEGER NOT NULL,
      retracted_at BIGINT,
      UNIQUE (incident, source)
    )
    """,
    "CREATE INDEX incident_events_at ON incident_events (incident, at)",
    "CREATE INDEX incident_events_ts ON incident_events (channel, ts)",
    """
    CREATE TABLE incident_facts (
      incident TEXT NOT NULL,
      name TEXT NOT NULL,
      value TEXT NOT NULL,
      PRIMARY KEY (incident, name)
    )
    """,
)

WORK = (
    """
    CREATE TABLE errands (
      seq INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      incident TEXT NOT NULL,
      kind TEXT NOT NULL,
      target TEXT NOT NULL,
      subject TEXT NOT NULL,
      payload TEXT NOT NULL,
      person TEXT,
      priority INTEGER NOT NULL,
      state TEXT NOT NULL,
      not_before BIGINT NOT NULL,
      tries INTEGER NOT NULL,
      since BIGINT,
      why TEXT NOT NULL,
      at BIGINT NOT NULL
    )
    """,
    "CREATE INDEX errands_open ON errands (incident, target, priority, at, seq)"
    " WHERE state IN ('ready', 'unknown', 'doing')",
    "CREATE INDEX errands_busy ON errands (incident, target) WHERE state IN ('unknown', 'doing')",
    "CREATE INDEX errands_about ON errands (incident, subject) WHERE state IN ('ready', 'doing', 'unknown')",
    "CREATE INDEX errands_due ON errands (not_before) WHERE state IN ('ready', 'unknown')",
    """
    CREATE TABLE mirror (
      id TEXT NOT NULL PRIMARY KEY,
      incident TEXT NOT NULL,
      born TEXT NOT NULL,
      kind TEXT NOT NULL,
      channel TEXT NOT NULL,
      ts TEXT NOT NULL,
      thread TEXT NOT NULL,
      at BIGINT NOT NULL,
      author TEXT NOT NULL,
      name TEXT NOT NULL,
      note_id BIGINT NOT NULL,
      discussion TEXT NOT NULL,
      root TEXT NOT NULL,
      internal INTEGER NOT NULL,
      wanted TEXT NOT NULL,
      wanted_hash TEXT NOT NULL,
      shown_hash TEXT NOT NULL,
      source_hash TEXT NOT NULL,
      state TEXT NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX mirror_message ON mirror (channel, ts, kind) WHERE ts <> ''",
    "CREATE UNIQUE INDEX mirror_note ON mirror (incident, note_id) WHERE note_id <> 0",
    "CREATE INDEX mirror_root ON mirror (root) WHERE root <> ''",
    "CREATE INDEX mirror_thread ON mirror (channel, thread) WHERE thread <> ''",
    "CREATE INDEX mirror_incident ON mirror (incident, at)",
    "CREATE INDEX mirror_discussion ON mirror (incident, discussion) WHERE discussion <> ''",
    "CREATE INDEX mirror_unposted ON mirror (incident, at, note_id)"
    " WHERE born = 'gitlab' AND ts = '' AND state IN ('claimed', 'live', 'held')",
    """
    CREATE TABLE incident_holders (
      id TEXT NOT NULL PRIMARY KEY,
      incident TEXT NOT NULL,
      role TEXT NOT NULL,
      person TEXT NOT NULL,
      name TEXT NOT NULL,
      started_at BIGINT NOT NULL,
      ended_at BIGINT,
      by TEXT NOT NULL,
      how TEXT NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX incident_holders_one ON incident_holders (incident, role)"
    " WHERE ended_at IS NULL AND role <> 'responder'",
    "CREATE INDEX incident_holders_of ON incident_holders (incident)",
    """
    CREATE TABLE incident_tasks (
      id TEXT NOT NULL PRIMARY KEY,
      incident TEXT NOT NULL,
      number INTEGER NOT NULL,
      text TEXT NOT NULL,
      owner TEXT,
      owner_name TEXT NOT NULL,
      state TEXT NOT NULL,
      at BIGINT NOT NULL,
      by TEXT NOT NULL,
      done_at BIGINT,
      done_by TEXT NOT NULL,
      follow_up BIGINT NOT NULL,
      follow_up_url TEXT NOT NULL,
      due BIGINT,
      source TEXT NOT NULL,
      UNIQUE (incident, number),
      UNIQUE (incident, source)
    )
    """,
    """
    CREATE TABLE incident_suspects (
      id TEXT NOT NULL PRIMARY KEY,
      incident TEXT NOT NULL,
      kind TEXT NOT NULL,
      title TEXT NOT NULL,
      url TEXT NOT NULL,
      at BIGINT NOT NULL,
      reference TEXT NOT NULL,
      environment TEXT NOT NULL,
      state TEXT NOT NULL,
      by TEXT NOT NULL,
      UNIQUE (incident, reference)
    )
    """,
    """
    CREATE TABLE incident_dues (
      incident TEXT NOT NULL,
      kind TEXT NOT NULL,
      due_at BIGINT NOT NULL,
      state TEXT NOT NULL,
      stage INTEGER NOT NULL,
      about TEXT NOT NULL,
      ts TEXT NOT NULL,
      PRIMARY KEY (incident, kind)
    )
    """,
    "CREATE INDEX incident_dues_at ON incident_dues (due_at) WHERE state = 'armed'",
    """
    CREATE TABLE incident_projects (
      project TEXT NOT NULL PRIMARY KEY,
      began BIGINT NOT NULL,
      cursor BIGINT NOT NULL,
      project_id BIGINT NOT NULL,
      next_look BIGINT NOT NULL,
      wide_at BIGINT NOT NULL,
      fails INTEGER NOT NULL
    )
    """,
)

INCIDENTS = LIFE + WORK
