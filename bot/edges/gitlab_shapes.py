"""GitLab's JSON as our records: unknown keys are ignored, optional ones may be absent or null."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.catalogues import Lint
from bot.model import Commit, GitLabUser, Job, Millis, Pipeline, Project

Json = Mapping[str, Any]

#: Where a project's CI configuration is unless it says otherwise (doc/ci/pipelines/settings.md).
CONFIG_PATH = ".gitlab-ci.yml"


def millis(time: str) -> Millis:
    """An ISO 8601 time as GitLab writes it, with `Z` or an offset, in milliseconds."""
    moment = datetime.fromisoformat(time)
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def iso(moment: Millis) -> str:
    """Milliseconds as ISO 8601 in UTC, for GitLab's `updated_after` and its like."""
    return (
        datetime.fromtimestamp(moment / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


@dataclass(frozen=True, slots=True)
class PersonalToken:
    """What GitLab says of a personal access token."""

    scopes: frozenset[str]
    expires_at: Millis | None
    """The beginning of its last day, UTC: then it ends."""


def personal_token(data: Json) -> PersonalToken:
    """doc/api/personal_access_tokens.md; `expires_at` is a date or null."""
    end = data.get("expires_at")
    return PersonalToken(frozenset(map(str, data["scopes"])), millis(end) if end else None)


def user(data: Json) -> GitLabUser:
    """doc/api/users.md; `bot` is absent for other users on old versions, `is_admin` for all but administrators."""
    return GitLabUser(
        data["id"], data["username"], data["name"], bool(data.get("bot")), bool(data.get("is_admin"))
    )


def project(data: Json) -> Project:
    """doc/api/projects.md; a `simple` one has no `ci_config_path`."""
    return Project(
        id=data["id"],
        path=data["path_with_namespace"],
        url=data["web_url"],
        default_branch=None if data.get("empty_repo") else data.get("default_branch") or None,
        config_path=data.get("ci_config_path") or CONFIG_PATH,
        forward_only=bool(data.get("ci_forward_deployment_enabled")),
        may_go_back=data.get("ci_forward_deployment_rollback_allowed") is not False,
        visibility=data.get("visibility") or "",
    )


def commit(data: Json) -> Commit:
    """doc/api/commits.md."""
    return Commit(data["id"], data.get("title") or "")


def commit_of(data: Json) -> Commit:
    """The commit of a branch or a tag (doc/api/branches.md, tags.md)."""
    return commit(data["commit"])


def lint(data: Json) -> Lint:
    """doc/api/lint.md; `jobs` is absent or null for a configuration that is not valid."""
    return Lint(
        valid=bool(data["valid"]),
        errors=tuple(data.get("errors") or ()),
        warnings=tuple(data.get("warnings") or ()),
        merged_yaml=data.get("merged_yaml") or "",
        jobs=tuple(data.get("jobs") or ()),
    )


def pipeline(data: Json) -> Pipeline:
    """doc/api/pipelines.md; lists have no `user` and no times but the first, and they may be null elsewhere."""
    return Pipeline(
        id=data["id"],
        status=data["status"],
        source=data.get("source") or "",
        ref=data.get("ref") or "",
        sha=data.get("sha") or "",
        url=data.get("web_url") or "",
        created_at=millis(data["created_at"]),
        username=(data.get("user") or {}).get("username"),
        started_at=maybe(data.get("started_at")),
        finished_at=maybe(data.get("finished_at")),
    )


def job(data: Json) -> Job:
    """doc/api/jobs.md; `failure_reason` is there only if the job failed, `commit` may be null."""
    parent, owner = data.get("pipeline") or {}, data.get("user") or {}
    return Job(
        id=data["id"],
        name=data["name"],
        stage=data.get("stage") or "",
        status=data["status"],
        url=data.get("web_url") or "",
        pipeline=parent.get("id") or 0,
        pipeline_url=parent.get("web_url") or "",
        ref=data.get("ref") or "",
        sha=(data.get("commit") or {}).get("id") or parent.get("sha") or "",
        allow_failure=bool(data.get("allow_failure")),
        failure_reason=data.get("failure_reason"),
        started_at=maybe(data.get("started_at")),
        finished_at=maybe(data.get("finished_at")),
        tags=tuple(data.get("tag_list") or ()),
        user_id=owner.get("id"),
        username=owner.get("username") or "",
        archived=bool(data.get("archived")),
    )


def maybe(time: str | None) -> Millis | None:
    """The same of a time that may be null."""
    return millis(time) if time else None
