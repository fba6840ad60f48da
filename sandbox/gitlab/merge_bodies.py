"""JSON bodies of merge requests and their approvals, key for key as GitLab's samples have them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.gitlab.answers import moment
from sandbox.gitlab.bodies import user_basic
from sandbox.gitlab.ci_bodies import pipeline_basic, pipeline_made
from sandbox.gitlab.history import changed
from sandbox.gitlab.merge_requests import MergeRequest
from sandbox.gitlab.mergeability import CHECKING, Mergeability, may_approve, may_merge
from sandbox.gitlab.nouns import Person


def merge_request_body(one: MergeRequest, rules: Mergeability) -> dict[str, Any]:
    """A merge request as lists hold it (samples/gitlab/merge_requests_list.json)."""
    url = rules.state.url
    return _about(one, url) | _people(one, url) | _branches(one, rules) | _empty() | _addresses(one, url)


def merge_request_full(one: MergeRequest, person: Person, rules: Mergeability) -> dict[str, Any]:
    """One merge request, as this person sees it (samples/gitlab/merge_request_get.json)."""
    pipeline, url = rules.pipeline(one), rules.state.url
    shas = {"base_sha": one.base.sha, "head_sha": one.head.sha, "start_sha": one.start.sha}
    return merge_request_body(one, rules) | {
        "subscribed": person in (one.author, *one.assignees, *one.reviewers),
        "changes_count": str(len(changed(one.base.files, one.head.files))),
        "latest_build_started_at": moment(pipeline.started_at) if pipeline else None,
        "latest_build_finished_at": moment(pipeline.finished_at) if pipeline else None,
        "first_deployed_to_production_at": None,
        "pipeline": pipeline_basic(pipeline, url) if pipeline else None,
        "head_pipeline": pipeline_made(pipeline, url) if pipeline else None,
        "diff_refs": shas,
        "merge_error": None,
        "first_contribution": False,
        "user": {"can_merge": may_merge(person, one)},
    }


def approvals_body(one: MergeRequest, person: Person, rules: Mergeability) -> dict[str, Any]:
    """Who approved it, and how many are missing. With none wanted it counts as approved (Premium)."""
    body, wanted = merge_request_body(one, rules), one.project.settings.approvals_before_merge
    kept = ("id", "iid", "project_id", "title", "description", "state", "created_at", "updated_at")
    given = [
        {"user": user_basic(who, rules.state.url), "approved_at": moment(at)}
        for who, at in one.approvals.values()
    ]
    left = max(0, wanted - len(given))
    return {name: body[name] for name in (*kept, "merge_status")} | {
        "approved": left == 0,
        "approvals_required": wanted,
        "approvals_left": left,
        "require_password_to_approve": False,
        "approved_by": given,
        "suggested_approvers": [],
        "approvers": [],
        "approver_groups": [],
        "user_has_approved": person.username in one.approvals,
        "user_can_approve": may_approve(person, one),
        "approval_rules_left": [],
        "has_approval_rules": wanted > 0,
        "merge_request_approvers_available": True,
        "multiple_approval_rules_available": True,
        "invalid_approvers_rules": [],
    }


def _about(one: MergeRequest, url: str) -> dict[str, Any]:
    merger = one.merged.person if one.merged else one.auto.person if one.auto else None
    return {
        "id": one.id,
        "iid": one.iid,
        "project_id": one.project.id,
        "title": one.title,
        "description": one.description,
        "state": one.state,
        "created_at": moment(one.created_at),
        "updated_at": moment(one.updated_at),
        "merged_by": user_basic(one.merged.person, url) if one.merged else None,
        "merge_user": user_basic(merger, url) if merger else None,
        "merged_at": moment(one.merged.at) if one.merged else None,
        "closed_by": user_basic(one.closed_by, url) if one.closed_by else None,
        "closed_at": moment(one.closed_at),
        "labels": sorted(one.labels),
        "draft": one.draft,
        "work_in_progress": one.draft,
        "prepared_at": moment(one.created_at),
    }


def _people(one: MergeRequest, url: str) -> dict[str, Any]:
    assignees = _users(one.assignees, url)
    return {
        "author": user_basic(one.author, url),
        "assignees": assignees,
        "assignee": assignees[0] if assignees else None,
        "reviewers": _users(one.reviewers, url),
    }


def _users(people: Iterable[Person], url: str) -> list[dict[str, Any]]:
    return [user_basic(person, url) for person in people]


def _branches(one: MergeRequest, rules: Mergeability) -> dict[str, Any]:
    conflict, checking = one.state == "opened" and rules.conflicts(one), one.checking > 0
    merged, squash = one.merged, one.auto.options.squash if one.auto else None
    return {
        "target_branch": one.target,
        "source_branch": one.source,
        "source_project_id": one.project.id,
        "target_project_id": one.project.id,
        "merge_when_pipeline_succeeds": one.auto is not None,
        "merge_status": CHECKING if checking else "cannot_be_merged" if conflict else "can_be_merged",
        "detailed_merge_status": CHECKING if checking else rules.status(one),
        "sha": one.head.sha,
        "merge_commit_sha": merged.commit.sha if merged else None,
        "squash_commit_sha": merged.squash.sha if merged and merged.squash else None,
        "should_remove_source_branch": one.auto.options.remove_source if one.auto else None,
        "force_remove_source_branch": True,
        "squash": bool(squash or (merged and merged.squash)),
        "squash_on_merge": bool(squash or (merged and merged.squash)),
        "has_conflicts": conflict and not checking,
    }


def _empty() -> dict[str, Any]:
    """What is not built here: notes, votes, milestones, times."""
    counts = dict.fromkeys(["user_notes_count", "upvotes", "downvotes"], 0)
    nothing = dict.fromkeys(["milestone", "merge_after", "discussion_locked", "approvals_before_merge"])
    times = dict.fromkeys(["time_estimate", "total_time_spent"], 0)
    said = dict.fromkeys(["human_time_estimate", "human_total_time_spent"])
    return {
        **counts,
        **nothing,
        "imported": False,
        "imported_from": "none",
        "time_stats": times | said,
        "task_completion_status": {"count": 0, "completed_count": 0},
        "blocking_discussions_resolved": True,
    }


def _addresses(one: MergeRequest, url: str) -> dict[str, Any]:
    short, path = one.reference, one.project.path
    return {
        "reference": short,
        "references": {"short": short, "relative": short, "full": f"{path}{short}"},
        "web_url": f"{url}/{path}/-/merge_requests/{one.iid}",
    }
