"""Merge requests as GitLab tells of them, what stands in the way of one, and where in Slack they are shown."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model import RESTS, Millis, Person, Pipeline, Place

OPENED, CLOSED, LOCKED, MERGED = "opened", "closed", "locked", "merged"
MERGEABLE = "mergeable"
#: What GitLab says while it has not looked yet: asked to merge, it looks at once.
NOT_LOOKED_AT = frozenset({"unchecked", "checking", "preparing", "approvals_syncing", ""})
#: What keeps one from being merged, as GitLab names it (doc/api/merge_requests.md, Merge status), in our words.
_REASONS = {
    "mergeable": "It can be merged.",
    "unchecked": "GitLab has not checked yet whether it can be merged.",
    "checking": "GitLab is checking whether it can be merged.",
    "preparing": "GitLab is still preparing it.",
    "approvals_syncing": "GitLab is still counting its approvals.",
    "ci_must_pass": "Its pipeline has to pass first.",
    "ci_still_running": "Its pipeline has to pass first, and it still runs.",
    "commits_status": "Its source branch is gone, or holds no commit that the target lacks.",
    "conflict": "It is in conflict with its target branch: somebody has to resolve that in the source branch.",
    "discussions_not_resolved": "Its threads have to be resolved first.",
    "draft_status": "It is a draft: mark it as ready in GitLab first.",
    "jira_association_missing": "Its title or description has to name a Jira issue.",
    "locked_lfs_files": "Somebody has locked a file that it changes.",
    "locked_paths": "Somebody has locked a path that it changes.",
    "merge_request_blocked": "Another merge request has to be merged first.",
    "merge_time": "It may not be merged before the time that is set for it.",
    "need_rebase": "It has to be rebased on its target branch first.",
    "not_approved": "It lacks approvals.",
    "not_open": "It is not open.",
    "requested_changes": "A reviewer has asked for changes.",
    "security_policy_pipeline_check": "A security policy waits for a pipeline of it.",
    "security_policy_violations": "It breaks a security policy.",
    "status_checks_must_pass": "External checks have to pass first.",
    "title_regex": "Its title is not of the form that the project asks for.",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reference:
    """Which merge request: the project's id and the number survive a renamed project."""

    project_id: int
    project: str
    """Full path."""
    iid: int

    @property
    def text(self) -> str:
        """Project and number, as one types it: `acme/shop!7`."""
        return f"{self.project}!{self.iid}"


@dataclass(frozen=True, slots=True)
class MergeRequest:
    """One merge request as one identity sees it."""

    id: int
    iid: int
    """Its number in the project, after the `!`."""
    project_id: int
    project: str
    """Full path of the project it asks to get into."""
    title: str
    state: str
    """opened, closed, locked (being merged) or merged."""
    url: str
    source: str
    target: str
    sha: str
    """The head of its source branch: what an approval or a merge is about."""
    author: str
    """A username, as all people here."""
    draft: bool = False
    status: str = ""
    """GitLab's `detailed_merge_status`."""
    auto: bool = False
    """Whether GitLab merges it by itself once nothing is in the way."""
    merge_user: str = ""
    """Who merged it, or has it merged by itself."""
    closed_by: str = ""
    created_at: Millis = 0
    updated_at: Millis = 0
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    threads_open: bool = False
    """Whether threads that hold it back are not resolved."""
    error: str = ""
    """Why GitLab's last try to merge it failed."""
    pipeline: Pipeline | None = None
    """Of its head; lists do not tell."""
    may_merge: bool | None = None
    """Whether this identity may merge into the target; lists do not tell."""

    @property
    def is_open(self) -> bool:
        return self.state == OPENED

    @property
    def reference(self) -> Reference:
        return Reference(self.project_id, self.project, self.iid)

    @property
    def can_be_tried(self) -> bool:
        """Whether merging may go well now: GitLab sees nothing in the way, or has not looked yet."""
        return self.is_open and not self.draft and self.status in {MERGEABLE, *NOT_LOOKED_AT}

    @property
    def waits(self) -> bool:
        """Whether it could be merged once its pipeline has passed, which still runs: GitLab does that by itself."""
        runs = self.pipeline is not None and self.pipeline.status not in RESTS
        return self.is_open and (self.status == "ci_still_running" or (runs and self.can_be_tried))

    @property
    def standing(self) -> str:
        """Whether it can be merged, and if not why: a sentence in plain text."""
        if not self.is_open:
            return f"It is {state_word(self)}."
        return _REASONS.get(self.status) or f"GitLab says of it: {self.status}."


def state_word(one: MergeRequest) -> str:
    """Return the state in the word that people use; GitLab's own for one that we do not know."""
    if one.is_open:
        return "draft" if one.draft else "open"
    return {LOCKED: "being merged"}.get(one.state, one.state)


@dataclass(frozen=True, slots=True)
class Approvals:
    """Who approved a merge request, and what more it needs."""

    by: tuple[str, ...] = ()
    wanted: int | None = None
    """How many it needs; None where GitLab does not say, as on Free."""
    approved: bool = False
    """Whether it has all it needs."""
    mine: bool = False
    """Whether this identity has approved it."""
    may: bool = False
    """Whether this identity can."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A merge request with all that its card shows, as one identity saw it."""

    one: MergeRequest
    approvals: Approvals | None = None
    """None if GitLab did not tell."""
    failed: tuple[str, ...] = ()
    """Names of the jobs that made its pipeline fail."""


@dataclass(frozen=True, slots=True)
class Checks:
    """What a list does not tell of a merge request."""

    pipeline: str = ""
    """Status of the pipeline of its head; empty without one."""
    by: tuple[str, ...] = ()
    """Who approved it; the first ten."""
    approved: bool = False


# In Slack ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MergeCard:
    """A message of ours that shows a merge request."""

    id: str
    person: Person
    """Who had it shown."""
    place: Place
    about: Reference
    living: bool
    """Whether it is edited as the merge request changes: what only one person sees cannot be."""
    at: Millis = 0
    remark: str = ""
    """What was done last, in plain text."""
    seen: str = ""
    """How it was seen last (bot/reviews/seeing.py, Mark), so that a change is noticed."""
    since: Millis = 0
    """Since when nothing has changed."""
    next_look: Millis = 0
    looks: int = 0
    fails: int = 0


@dataclass(frozen=True, slots=True)
class Review:
    """A merge request that waits for somebody's review, or that is theirs, as it was last seen."""

    person: Person
    project_id: int
    project: str
    iid: int
    title: str
    url: str
    role: str
    """review, or mine."""
    author: str = ""
    draft: bool = False
    status: str = ""
    """GitLab's `detailed_merge_status`."""
    pipeline: str = ""
    """Status of its pipeline; empty without one, or if GitLab did not tell."""
    approvals: int = 0
    approved: bool = False
    updated_at: Millis = 0
    seen_at: Millis = 0

    @property
    def reference(self) -> Reference:
        return Reference(self.project_id, self.project, self.iid)
