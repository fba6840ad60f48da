"""The statuses of many jobs in few GraphQL requests, each within GitLab's limits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

#: Most complexity of one query with a token (gitlab_schema.rb, doc/api/graphql; gitlab-api.md 5.1).
COMPLEXITY = 250
#: Most characters of one query (the same).
CHARACTERS = 10_000
#: What the alias of a project costs, beside what is in it (base_field.rb; gitlab-api.md 5.2).
PROJECT_COST = 1
#: What the alias of a job and its one field `status` cost.
JOB_COST = 2
_ENVELOPE = len("query{}")


@dataclass(frozen=True, slots=True)
class Batch:
    """One query, and the ids of the jobs it asks for."""

    query: str
    jobs: tuple[int, ...]


@dataclass(slots=True)
class _Draft:
    """A query while it grows."""

    parts: list[str] = field(default_factory=list)
    jobs: list[int] = field(default_factory=list)
    cost: int = 0
    length: int = _ENVELOPE
    projects: int = 0

    def fits(self, text: str, cost: int) -> bool:
        return self.cost + cost <= COMPLEXITY and self.length + len(text) + len("}") <= CHARACTERS

    def add(self, text: str, cost: int) -> None:
        self.parts.append(text)
        self.length += len(text)
        self.cost += cost

    def done(self) -> Batch:
        return Batch("query{" + "".join(self.parts) + "}", tuple(self.jobs))


def batches(wanted: Sequence[tuple[str, int]]) -> Iterator[Batch]:
    """Queries for (project path, job id) pairs: as few as complexity and length allow.

    `query{p0:project(fullPath:"a/b"){j7:job(id:"gid://gitlab/Ci::Build/7"){status}}}`, up to 124 jobs of one
    project or 83 of as many projects in a request. Sent as it is: a pretty printer would double its length.
    """
    draft = _Draft()
    for path, ids in _by_project(wanted).items():
        is_open = False
        for job in ids:
            text = f'j{job}:job(id:"gid://gitlab/Ci::Build/{job}"){{status}}'
            opening = "" if is_open else _opening(draft, path)
            if draft.jobs and not draft.fits(opening + text, JOB_COST + (0 if is_open else PROJECT_COST)):
                yield _closed(draft, is_open)
                draft, is_open = _Draft(), False
            if not is_open:
                draft.add(_opening(draft, path), PROJECT_COST)
                draft.projects += 1
                is_open = True
            draft.add(text, JOB_COST)
            draft.jobs.append(job)
        if is_open:
            draft.add("}", 0)
    if draft.jobs:
        yield draft.done()


def statuses(batch: Batch, data: Mapping[str, Any]) -> dict[int, str | None]:
    """Status by job id from the `data` of an answer, lower case as in REST; None for what we may not see."""
    found: dict[int, str] = {}
    for project in data.values():
        for alias, job in (project or {}).items():
            if job and job.get("status"):
                found[int(alias[1:])] = str(job["status"]).lower()
    return {job: found.get(job) for job in batch.jobs}


def _by_project(wanted: Sequence[tuple[str, int]]) -> dict[str, dict[int, None]]:
    """Job ids by project path, each once, in the order they came."""
    groups: dict[str, dict[int, None]] = {}
    for path, job in wanted:
        groups.setdefault(path, {})[job] = None
    return groups


def _opening(draft: _Draft, path: str) -> str:
    """A JSON string is a GraphQL string too (spec, 2.9.4)."""
    return f"p{draft.projects}:project(fullPath:{json.dumps(path)}){{"


def _closed(draft: _Draft, is_open: bool) -> Batch:
    if is_open:
        draft.add("}", 0)
    return draft.done()
