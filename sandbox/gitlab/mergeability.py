"""Whether a merge request can be merged now, by whom, and if not why (`detailed_merge_status`)."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.gitlab.answers import Refused
from sandbox.gitlab.flow import ACTIVE
from sandbox.gitlab.history import merge_files
from sandbox.gitlab.merge_requests import MergeRequest
from sandbox.gitlab.nouns import Person, Pipeline
from sandbox.gitlab.people import DEVELOPER, level
from sandbox.gitlab.state import State

MERGEABLE, CHECKING, CONFLICT = "mergeable", "checking", "conflict"
#: Pipelines that are still to end by themselves.
RUNNING = ACTIVE | {"created", "waiting_for_resource"}
#: What stands in the way of merging by itself as well, beside conflicts.
FINAL = frozenset({"not_open", "draft_status", "commits_status", CONFLICT})
#: doc/api/merge_requests.md, merge a merge request.
NOT_ALLOWED = Refused(405, {"message": "405 Method Not Allowed"})
UNAUTHORIZED = Refused(401, {"message": "401 Unauthorized"})
CANNOT_MERGE = Refused(422, {"message": "Branch cannot be merged"})


@dataclass(frozen=True, slots=True)
class Mergeability:
    state: State

    def status(self, one: MergeRequest) -> str:
        """The first reason not to merge it, or `mergeable`: what CI says comes last, as in GitLab."""
        if one.state != "opened":
            return "not_open"
        if one.draft:
            return "draft_status"
        if one.source not in one.project.branches or not one.commits():
            return "commits_status"
        if len(one.approvals) < one.project.settings.approvals_before_merge:
            return "not_approved"
        if self.conflicts(one):
            return CONFLICT
        return self._ci(one)

    def _ci(self, one: MergeRequest) -> str:
        if not one.project.settings.only_allow_merge_if_pipeline_succeeds:
            return MERGEABLE
        pipeline = self.pipeline(one)
        if pipeline is not None and pipeline.status in RUNNING:
            return "ci_still_running"
        return MERGEABLE if pipeline is not None and pipeline.status == "success" else "ci_must_pass"

    def conflicts(self, one: MergeRequest) -> bool:
        return merge_files(one.base.files, one.start.files, one.head.files) is None

    def pipeline(self, one: MergeRequest) -> Pipeline | None:
        """The newest pipeline of the source branch on its head commit."""
        rows = self.state.pipelines_of(one.project)
        return next((row for row in rows if row.commit is one.head and row.ref == one.source), None)

    def check_person(self, one: MergeRequest, person: Person) -> None:
        """Raises Refused (401) for who may not merge into the target."""
        if not may_merge(person, one):
            raise UNAUTHORIZED

    def check(self, one: MergeRequest, *, auto: bool) -> bool:
        """Whether it is merged at once; else it waits. Raises Refused: 405 not now, 422 not at all.

        Asked to be merged by itself, one without a pipeline and with nothing to wait for is 405 as well
        (`immediately_mergeable?`, `automatically_mergeable?`).
        """
        status, pipeline = self.status(one), self.pipeline(one)
        done = pipeline is not None and pipeline.status == "success"
        if status == CONFLICT:
            raise CANNOT_MERGE if not auto or done else NOT_ALLOWED
        if status == MERGEABLE and (done or not auto):
            return True
        running = pipeline is not None and pipeline.status in RUNNING
        if auto and status not in FINAL and (running or status != MERGEABLE):
            return False
        raise NOT_ALLOWED


def check_sha(one: MergeRequest, given: object) -> None:
    """Raises Refused (409) when the source branch has another head than the one that was meant."""
    if given and given != one.head.sha:
        why = f"SHA does not match HEAD of source branch: {one.head.sha}"
        raise Refused(409, {"message": why})


def may_merge(person: Person, one: MergeRequest) -> bool:
    """Whether they may merge into the target: a protected branch names the level it wants."""
    return level(person, one.project) >= max(DEVELOPER, one.project.protected.get(one.target, 0))


def may_approve(person: Person, one: MergeRequest) -> bool:
    """Developers and above, but for the author, and each once (doc/user/project/merge_requests/approvals)."""
    if one.state != "opened" or person is one.author or person.username in one.approvals:
        return False
    return level(person, one.project) >= DEVELOPER
