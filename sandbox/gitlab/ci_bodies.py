"""JSON bodies of pipelines, jobs and lint results, with absent and null keys as in GitLab's samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.gitlab.answers import moment
from sandbox.gitlab.bodies import commit_body, user_basic, user_of_job
from sandbox.gitlab.nouns import ENDED, Job, Pipeline
from sandbox.gitlab.yaml_config import Config
from sandbox.gitlab.yaml_jobs import JobConfig, Policy
from sandbox.gitlab.yaml_text import ConfigInvalid, dump

NO_SHA = "0" * 40
RUNNER = {
    "id": 12,
    "description": "sandbox-1",
    "ip_address": None,
    "active": True,
    "paused": False,
    "is_shared": True,
    "runner_type": "instance_type",
    "name": None,
    "online": True,
    "status": "online",
}
RUNNER_MANAGER = {
    "id": 3,
    "system_id": "s_89e5e9956577",
    "version": "19.4.0",
    "revision": "c4f8d2a1",
    "platform": "linux",
    "architecture": "amd64",
    "created_at": "2026-09-01T10:12:02.507Z",
    "contacted_at": "2026-11-20T10:00:05.355Z",
    "ip_address": "127.0.0.1",
    "status": "online",
}


def pipeline_basic(pipeline: Pipeline, url: str) -> dict[str, Any]:
    """The shape that jobs carry: it has no name."""
    return {
        "id": pipeline.id,
        "iid": pipeline.iid,
        "project_id": pipeline.project.id,
        "sha": pipeline.commit.sha,
        "ref": pipeline.ref,
        "status": pipeline.status,
        "source": pipeline.source,
        "created_at": moment(pipeline.created_at),
        "updated_at": moment(pipeline.updated_at),
        "web_url": f"{url}/{pipeline.project.path}/-/pipelines/{pipeline.id}",
    }


def pipeline_listed(pipeline: Pipeline, url: str) -> dict[str, Any]:
    return pipeline_basic(pipeline, url) | {"name": pipeline.name}


def pipeline_made(pipeline: Pipeline, url: str) -> dict[str, Any]:
    """What creating, canceling and retrying answer: everything but the name."""
    started, finished = pipeline.started_at, pipeline.finished_at
    duration = int(finished - started) if started and finished else None
    queued = int(started - pipeline.created_at) if started else None
    return pipeline_basic(pipeline, url) | {
        "before_sha": NO_SHA,
        "tag": pipeline.tag,
        "yaml_errors": None,
        "user": user_basic(pipeline.user, url),
        "started_at": moment(started),
        "finished_at": moment(finished),
        "committed_at": None,
        "duration": duration,
        "queued_duration": queued,
        "coverage": None,
        "detailed_status": detailed_status(pipeline),
    }


def pipeline_full(pipeline: Pipeline, url: str) -> dict[str, Any]:
    return pipeline_made(pipeline, url) | {"name": pipeline.name}


def detailed_status(pipeline: Pipeline) -> dict[str, Any]:
    status = pipeline.status
    return {
        "icon": f"status_{status}",
        "text": "Passed" if status == "success" else status.capitalize(),
        "label": "passed" if status == "success" else status,
        "group": status,
        "tooltip": "passed" if status == "success" else status,
        "has_details": True,
        "details_path": f"/{pipeline.project.path}/-/pipelines/{pipeline.id}",
        "illustration": None,
        "favicon": f"/assets/ci_favicons/favicon_status_{status}-{'0' * 64}.png",
    }


def job_body(job: Job, url: str, now: float) -> dict[str, Any]:
    """A job; `failure_reason` is there only when it failed (gitlab-api.md 2.3)."""
    pipeline = job.pipeline
    started = job.started_at is not None
    queued = None if job.queued_at is None else round((job.started_at or now) - job.queued_at, 3)
    body: dict[str, Any] = {
        "id": job.id,
        "status": job.status,
        "stage": job.stage,
        "name": job.name,
        "ref": pipeline.ref,
        "tag": pipeline.tag,
        "coverage": None,
        "allow_failure": job.allow_failure,
        "created_at": moment(job.created_at),
        "started_at": moment(job.started_at),
        "finished_at": moment(job.finished_at),
        "erased_at": None,
        "duration": None if job.started_at is None else round((job.finished_at or now) - job.started_at, 3),
        "queued_duration": queued,
        "user": user_of_job(job.user, url),
        "commit": commit_body(pipeline.commit, pipeline.project, url),
        "pipeline": pipeline_basic(pipeline, url),
        "web_url": f"{url}/{pipeline.project.path}/-/jobs/{job.id}",
        "project": {"ci_job_token_scope_enabled": False},
        "artifacts": _artifacts(job),
        "runner": RUNNER if started else None,
        "runner_manager": RUNNER_MANAGER if started else None,
        "artifacts_expire_at": None,
        "archived": job.archived,
        "source": pipeline.source,
        "tag_list": list(job.tags),
    }
    return body | ({"failure_reason": job.failure_reason} if job.status == "failed" else {})


def _artifacts(job: Job) -> list[dict[str, Any]]:
    """The archived log counts as an artifact once the job has ended."""
    if job.status not in ENDED or not job.trace.shown:
        return []
    return [{"file_type": "trace", "size": job.trace.shown, "filename": "job.log", "file_format": None}]


def variable_body(key: str, value: str) -> dict[str, Any]:
    return {"variable_type": "env_var", "key": key, "value": value, "raw": False}


def lint_valid(config: Config, jobs: list[JobConfig] | None) -> dict[str, Any]:
    """Lint of a valid configuration; jobs only when they were asked for."""
    body: dict[str, Any] = {
        "valid": True,
        "merged_yaml": dump(config.merged),
        "errors": [],
        "warnings": [],
        "includes": [],
    }
    return body if jobs is None else body | {"jobs": [lint_job(job) for job in jobs]}


def lint_invalid(error: ConfigInvalid, include_jobs: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "valid": False,
        "merged_yaml": None,
        "errors": list(error.errors),
        "warnings": [],
        "includes": [],
    }
    return body | ({"jobs": []} if include_jobs else {})


def lint_job(job: JobConfig) -> dict[str, Any]:
    allowed = job.when == "manual" and job.rules is None if job.allow_failure is None else job.allow_failure
    return {
        "name": job.name,
        "stage": job.stage,
        "before_script": list(job.before_script),
        "script": list(job.script),
        "after_script": list(job.after_script),
        "tag_list": list(job.tags),
        "only": _shown(job.only),
        "except": _shown(job.except_),
        "environment": job.environment,
        "when": job.when,
        "allow_failure": allowed,
        "needs": None if job.needs is None else [{"name": name} for name, _ in job.needs],
    }


def _shown(policy: Policy | None) -> Mapping[str, Any] | None:
    return None if policy is None else dict(policy.shown)
