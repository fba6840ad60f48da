"""What GitLab knows of a project's branches, tags and commits, and of what was merged."""

from __future__ import annotations

from bot.changes import Comparison, Merged
from bot.edges import gitlab_repository_shapes as shapes
from bot.edges.gitlab_records import each, shaped
from bot.edges.gitlab_shapes import commit_of, iso, pipeline
from bot.edges.gitlab_wire import PER_PAGE, Wire, segment
from bot.errors import NotFound
from bot.model import Commit, Millis, Pipeline

#: Pipelines of one commit that are looked at: a commit that has more was retried on and on.
MOST_PIPELINES = 20


class Repository:
    """The part of GitLab that is about code. Its errors are those of GitLab."""

    _wire: Wire

    def branch(self, project_id: int, name: str) -> Commit | None:
        """The commit at the head of the branch of exactly this name; None if there is none (doc/api/branches.md)."""
        return self._named(project_id, "branches", name)

    def tag(self, project_id: int, name: str) -> Commit | None:
        """The commit of the tag of exactly this name; None if there is none (doc/api/tags.md)."""
        return self._named(project_id, "tags", name)

    def branches(self, project_id: int) -> list[str]:
        """Names of branches, at most 100."""
        found = self._wire.get(f"/projects/{project_id}/repository/branches", {"per_page": PER_PAGE})
        return each(lambda ref: str(ref["name"]), found)

    def tags(self, project_id: int) -> list[str]:
        """Names of tags, latest first, at most 100."""
        newest = {"per_page": PER_PAGE, "order_by": "updated", "sort": "desc"}
        return each(
            lambda ref: str(ref["name"]), self._wire.get(f"/projects/{project_id}/repository/tags", newest)
        )

    def refs(self, project_id: int) -> list[str]:
        """Names of branches and tags, at most 100 of each, latest first."""
        return [*self.branches(project_id), *self.tags(project_id)]

    def compare(self, project_id: int, old: str, new: str) -> Comparison:
        """The commits of `new` that `old` lacks (doc/api/repositories.md); NotFound if one is gone."""
        query = {"from": old, "to": new, "straight": "false"}
        missing = f"GitLab cannot compare {old[:8]} with {new[:8]}: one of them is gone."
        found = self._wire.get(f"/projects/{project_id}/repository/compare", query, missing=missing)
        return shaped(shapes.comparison, found)

    def merged(self, project_id: int, since: Millis) -> list[Merged]:
        """What was merged, of what has changed since, at most 100 (doc/api/merge_requests.md)."""
        query = {
            "state": "merged", "updated_after": iso(since), "order_by": "updated_at", "sort": "desc",
            "per_page": PER_PAGE,
        }  # fmt: skip
        return each(shapes.merged, self._wire.get(f"/projects/{project_id}/merge_requests", query))

    def pipelines_of(self, project_id: int, sha: str, ref: str = "") -> list[Pipeline]:
        """The pipelines of a commit, newest first, at most 20; of one ref if it is given (doc/api/pipelines.md)."""
        query = {
            "sha": sha, "order_by": "id", "sort": "desc", "per_page": MOST_PIPELINES, **({"ref": ref} if ref else {})
        }  # fmt: skip
        return each(pipeline, self._wire.get(f"/projects/{project_id}/pipelines", query))

    def _named(self, project_id: int, kind: str, name: str) -> Commit | None:
        try:
            found = self._wire.get(f"/projects/{project_id}/repository/{kind}/{segment(name)}")
        except NotFound:
            return None
        return shaped(commit_of, found)
