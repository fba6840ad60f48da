"""Looks at a pipeline with all of its jobs, and says whether it has moved on since."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import NamedTuple

from bot.edges.gitlab import GitLab
from bot.errors import GitLabError
from bot.stages import PipelineCard, Whole, stages


class Target(NamedTuple):
    """Which pipeline: its project's id and full path, and its own id."""

    project_id: int
    project: str
    pipeline: int


def see(gitlab: GitLab, project_id: int, pipeline: int) -> Whole:
    """Return a pipeline as whoever `gitlab` is sees it now; three requests. Raises GitLab's errors."""
    found = gitlab.pipeline(project_id, pipeline)
    return Whole(found, tuple(gitlab.whole_jobs(project_id, pipeline)))


def title(gitlab: GitLab, project_id: int, sha: str) -> str:
    """Return the title of a pipeline's commit; empty if GitLab does not tell."""
    with suppress(GitLabError):
        return gitlab.head(project_id, sha).title
    return ""


def mark(whole: Whole) -> str:
    """Return what tells two looks apart: the status of the pipeline and of each job."""
    return json.dumps([whole.pipeline.status, [(job.id, job.status) for job in whole.jobs]])


def status_of(marked: str) -> str:
    """Return the status of the pipeline in what `mark` returned; empty for an empty one."""
    return str(json.loads(marked)[0]) if marked else ""


def order(card: PipelineCard, whole: Whole) -> str:
    """Return the order of a pipeline's stages as it is known by now, as JSON."""
    return json.dumps([stage.name for stage in stages(whole.jobs, known_order(card))])


def known_order(card: PipelineCard) -> list[str]:
    """Return the order of its stages as it was seen before."""
    found: list[str] = json.loads(card.stages) if card.stages else []
    return found
