"""GitLab's JSON of merge requests and their approvals as our records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.edges.gitlab_shapes import millis, pipeline
from bot.merge_requests import Approvals, Checks, MergeRequest

Json = Mapping[str, Any]


def merge_request(data: Json) -> MergeRequest:
    """doc/api/merge_requests.md; lists have no `head_pipeline` and no `user`, and both may be null."""
    ran = data.get("head_pipeline")
    return MergeRequest(
        id=data["id"],
        iid=data["iid"],
        project_id=data["project_id"],
        project=str(data["references"]["full"]).rpartition("!")[0],
        title=data["title"],
        state=data["state"],
        url=data["web_url"],
        source=data["source_branch"],
        target=data["target_branch"],
        sha=data.get("sha") or "",
        author=_username(data.get("author")),
        draft=bool(data.get("draft")),
        status=data.get("detailed_merge_status") or "",
        auto=bool(data.get("merge_when_pipeline_succeeds")),
        merge_user=_username(data.get("merge_user") or data.get("merged_by")),
        closed_by=_username(data.get("closed_by")),
        created_at=millis(data["created_at"]),
        updated_at=millis(data["updated_at"]),
        labels=tuple(_label(one) for one in data.get("labels") or ()),
        reviewers=tuple(_username(one) for one in data.get("reviewers") or ()),
        threads_open=data.get("blocking_discussions_resolved") is False,
        error=data.get("merge_error") or "",
        pipeline=pipeline(ran) if ran else None,
        may_merge=(data.get("user") or {}).get("can_merge"),
    )


def approvals(data: Json) -> Approvals:
    """doc/api/merge_request_approvals.md; Free tells of four keys only, and of no number that is needed."""
    return Approvals(
        by=tuple(_username(one.get("user")) for one in data.get("approved_by") or ()),
        wanted=data.get("approvals_required"),
        approved=bool(data.get("approved")),
        mine=bool(data.get("user_has_approved")),
        may=bool(data.get("user_can_approve")),
    )


def checks(data: Json) -> Checks:
    """One merge request of GraphQL; its statuses are in capitals there, and everything may be null."""
    ran, given = data.get("headPipeline") or {}, data.get("approvedBy") or {}
    return Checks(
        pipeline=str(ran.get("status") or "").lower(),
        by=tuple(_username(one) for one in given.get("nodes") or ()),
        approved=bool(data.get("approved")),
    )


def _username(data: Json | None) -> str:
    """Of somebody who may be gone."""
    return (data or {}).get("username") or ""


def _label(one: Any) -> str:
    return str(one["name"] if isinstance(one, Mapping) else one)  # with_labels_details gives objects
