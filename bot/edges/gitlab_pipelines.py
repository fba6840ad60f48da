"""What GitLab knows of whole pipelines: the newest of a ref, their jobs and the pipelines below them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.edges import gitlab_shapes as shapes
from bot.edges.gitlab_records import each, shaped
from bot.edges.gitlab_wire import PER_PAGE, Wire
from bot.model import Job, Millis, Pipeline


class Pipelines:
    """The part of GitLab that is about whole pipelines. Its errors are those of GitLab."""

    _wire: Wire

    def newest_pipelines(self, project_id: int, ref: str = "", most: int = 1) -> list[Pipeline]:
        """The newest pipelines of a ref, or of all, newest first, at most 100 (doc/api/pipelines.md).

        Those that another pipeline has started are not among them.
        """
        query = {
            "order_by": "id", "sort": "desc", "per_page": max(1, min(most, PER_PAGE)), **({"ref": ref} if ref else {})
        }  # fmt: skip
        return each(shapes.pipeline, self._wire.get(f"/projects/{project_id}/pipelines", query))

    def pipelines_by(
        self, project_id: int, username: str, ref: str, created_after: Millis, source: str = "api"
    ) -> list[Pipeline]:
        """Pipelines of a ref that somebody has made since, newest first: where a lost answer is looked for."""
        query = {
            "username": username, "ref": ref, "source": source, "created_after": shapes.iso(created_after),
            "order_by": "id", "sort": "desc", "per_page": PER_PAGE,
        }  # fmt: skip
        return each(shapes.pipeline, self._wire.get(f"/projects/{project_id}/pipelines", query))

    def whole_jobs(self, project_id: int, pipeline_id: int) -> list[Job]:
        """The jobs of a pipeline with those that stand for a pipeline below it, oldest first; none that was retried.

        Two requests. Of a bridge the address is that of the pipeline it has started.
        """
        path, query = f"/projects/{project_id}/pipelines/{pipeline_id}", {"include_retried": "false"}
        jobs = each(shapes.job, self._wire.pages(f"{path}/jobs", query))
        bridges = each(_bridge, self._wire.pages(f"{path}/bridges", {}))
        return sorted((*jobs, *bridges), key=lambda one: one.id)

    def retry_pipeline(self, project_id: int, pipeline_id: int) -> Pipeline:
        """Runs the jobs of a pipeline again that failed or were canceled, and what comes after them."""
        path = f"/projects/{project_id}/pipelines/{pipeline_id}/retry"
        return shaped(shapes.pipeline, self._wire.post(path))


def _bridge(data: Mapping[str, Any]) -> Job:
    """doc/api/jobs.md, List all trigger jobs; there may be no pipeline below it yet."""
    below = data.get("downstream_pipeline") or {}
    made = shapes.job(data)
    return replace(made, url=below.get("web_url") or made.url)
