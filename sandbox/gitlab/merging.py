"""Merges merge requests: at once, or as soon as nothing is in the way any longer."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.gitlab.creation import PipelineRefused, Wish, create_pipeline
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.history import merge_files
from sandbox.gitlab.merge_requests import Auto, Merged, MergeRequest, Options
from sandbox.gitlab.mergeability import (
    CANNOT_MERGE,
    MERGEABLE,
    UNAUTHORIZED,
    Mergeability,
    check_sha,
    may_approve,
)
from sandbox.gitlab.nouns import HEADS, Commit, Person, Pipeline
from sandbox.gitlab.seed import recommit


@dataclass(frozen=True, slots=True)
class Merging:
    desk: Desk

    @property
    def now(self) -> float:
        return self.desk.state.clock()

    @property
    def rules(self) -> Mergeability:
        return Mergeability(self.desk.state)

    def merge(
        self, one: MergeRequest, person: Person, options: Options, *, auto: bool = False, sha: object = None
    ) -> None:
        """Merge it, or let it wait when it was asked for so. Raises Refused in GitLab's order: 401, 405, 422, 409."""
        self.rules.check_person(one, person)
        at_once = self.rules.check(one, auto=auto)
        check_sha(one, sha)
        if at_once:
            self._merge(one, person, options)
        else:
            one.auto, one.updated_at = Auto(person, options), self.now
        self.desk.state.touch()

    def approve(self, one: MergeRequest, person: Person, sha: object = None) -> None:
        """Raises Refused: 409 when the head has moved, 401 for who may not, whose token is fine all the same."""
        check_sha(one, sha)
        if not may_approve(person, one):
            raise UNAUTHORIZED
        one.approvals[person.username] = person, self.now
        one.updated_at = self.now
        self._go_on(one)
        self.desk.state.touch()

    def unapprove(self, one: MergeRequest, person: Person) -> None:
        """Raises Refused (401) for who has not approved it."""
        if one.state != "opened" or one.approvals.pop(person.username, None) is None:
            raise UNAUTHORIZED
        one.updated_at = self.now
        self.desk.state.touch()

    def ended(self, pipeline: Pipeline) -> None:
        """A pipeline has ended: what waited for it is merged."""
        for one in self.desk.state.merge_requests_of(pipeline.project):
            if one.state == "opened" and one.head is pipeline.commit:
                self._go_on(one)

    def _go_on(self, one: MergeRequest) -> None:
        pipeline = self.rules.pipeline(one)
        waits = pipeline is not None and pipeline.status != "success"
        if one.auto is not None and not waits and self.rules.status(one) == MERGEABLE:
            self._merge(one, one.auto.person, one.auto.options)

    def _merge(self, one: MergeRequest, person: Person, options: Options) -> None:
        """Move the target to a merge commit, and make the pipeline of that push."""
        start, head = one.start, one.head
        files = merge_files(one.base.files, start.files, head.files)
        if files is None:
            raise CANNOT_MERGE
        squash = self._squash(one) if options.squash else None
        title = f"Merge branch '{one.source}' into '{one.target}'"
        body = f"{one.title}\n\nSee merge request {one.project.path}{one.reference}"
        made = recommit(
            one.project, title, self.now, start, files, person.name, merged=squash or head, body=body
        )
        one.project.branches[one.target] = made
        one.merged = Merged(person, self.now, made, squash, start)
        one.state, one.updated_at, one.auto = "merged", self.now, None
        self._tidy(one, options)
        self._push(one, person)

    def _squash(self, one: MergeRequest) -> Commit | None:
        """All its commits in one, unless there is but one."""
        if len(one.commits()) < 2:
            return None
        return recommit(one.project, one.title, self.now, one.base, one.head.files, one.author.name)

    def _tidy(self, one: MergeRequest, options: Options) -> None:
        """The source branch goes unless it is to stay, is protected, or is the default one."""
        stays = options.remove_source is False or one.source in one.project.protected
        if not stays and one.source != one.project.default_branch:
            one.project.branches.pop(one.source, None)

    def _push(self, one: MergeRequest, person: Person) -> None:
        """The pipeline of the target, if its configuration has one for a push."""
        try:
            made = create_pipeline(self.desk.state, Wish(one.project, person, HEADS + one.target, "push"))
        except PipelineRefused:
            return
        self.desk.runner.advance_soon(made)
