"""How many requests the statuses of many jobs take, and that each keeps within GitLab's limits."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.edges.gitlab_batch import Batch, batches

PROJECT = re.compile(r'p(\d+):project\(fullPath:("(?:[^"\\]|\\.)*")\)\{((?:j\d+:job\([^)]*\)\{status\})+)\}')
JOB = re.compile(r'j(\d+):job\(id:"gid://gitlab/Ci::Build/(\d+)"\)\{status\}')


def parsed(batch: Batch) -> list[tuple[str, int]]:
    """The pairs a query asks for, by reading it as strictly as the server would; also checks its limits."""
    inner = batch.query.removeprefix("query{").removesuffix("}")
    found, aliases, cost = [], set(), 0
    for alias, path, jobs in PROJECT.findall(inner):
        aliases.add(alias)
        cost += 1
        for name, job in JOB.findall(jobs):
            assert name == job
            cost += 2
            found.append((json.loads(path), int(job)))
    assert PROJECT.sub("", inner) == ""
    assert len(aliases) == len(PROJECT.findall(inner))
    assert cost <= 250
    assert len(batch.query) <= 10_000
    return found


def jobs(count: int, projects: int) -> list[tuple[str, int]]:
    """Jobs with ids as long as GitLab.com's, spread over projects with long paths."""
    return [
        (f"some-company/some-team/some-project-{n % projects:05}", 12_345_000_000 + n) for n in range(count)
    ]


@pytest.mark.parametrize(
    ("count", "projects", "most"), [(1_000, 100, 20), (10_000, 1_000, 200), (1_000, 1_000, 20), (124, 1, 1)]
)
def test_many_jobs_need_few_requests(count: int, projects: int, most: int) -> None:
    """1,000 jobs in 100 projects take at most 20 requests, 10,000 in 1,000 at most 200."""
    wanted = jobs(count, projects)
    made = list(batches(wanted))
    assert len(made) <= most
    assert sorted(pair for batch in made for pair in parsed(batch)) == sorted(wanted)


PATHS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=300)


@given(st.lists(st.tuples(PATHS, st.integers(1, 10**13)), max_size=150, unique_by=lambda pair: pair[1]))
def test_every_pair_is_asked_once_within_the_limits(wanted: list[tuple[str, int]]) -> None:
    """Whatever the paths hold, each query is well formed and small enough, and no job is left out."""
    made = list(batches(wanted))
    assert sorted(pair for batch in made for pair in parsed(batch)) == sorted(wanted)
    assert [job for batch in made for job in batch.jobs] == [
        job for batch in made for _, job in parsed(batch)
    ]


def test_a_job_named_twice_is_asked_once() -> None:
    """The same pair twice costs nothing more."""
    (batch,) = batches([("a/b", 1), ("c/d", 2), ("a/b", 1)])
    assert batch.jobs == (1, 2)
