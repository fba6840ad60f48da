"""Why GitLab says a job failed, in words (CommitStatus failure reasons; gitlab-api.md 2.3)."""

from __future__ import annotations

from bot.text import one_line

REASON_SHOWN = 200

_WORDS = {
    "script_failure": "its script failed",
    "job_execution_timeout": "it ran longer than its timeout allows",
    "stuck_or_timeout_failure": "it got stuck, or ran longer than its timeout allows",
    "stuck_pending_no_matching_runners": "no runner with its tags took it",
    "stuck_pending_with_matching_runners": "its runners were busy for too long",
    "no_matching_runner": "no runner has its tags",
    "no_updates_running": "its runner fell silent",
    "no_updates_canceling": "its runner fell silent while it was being canceled",
    "job_execution_server_timeout": "it ran longer than GitLab allows",
    "server_timeout_running": "it ran longer than GitLab allows",
    "server_timeout_canceling": "canceling it took longer than GitLab allows",
    "runner_system_failure": "the runner had a problem of its own",
    "runner_unsupported": "the runner is too old for it",
    "runner_configuration_error": "the runner is configured wrongly for it",
    "runner_external_dependency_failure": "something outside that the runner needs failed",
    "runner_interrupted": "the runner was stopped while it ran",
    "api_failure": "GitLab had a problem of its own",
    "scheduler_failure": "GitLab could not schedule it",
    "data_integrity_failure": "GitLab could not read its configuration",
    "unknown_failure": "GitLab does not say why",
    "missing_dependency_failure": "artifacts it needs are gone",
    "stale_schedule": "its delayed start came too late",
    "archived_failure": "its pipeline is archived and cannot run any more",
    "unmet_prerequisites": "what had to be ready before it was not",
    "environment_creation_failure": "its environment could not be created",
    "protected_environment_failure": "its environment is protected, and whoever ran it may not deploy there",
    "forward_deployment_failure": "a newer deployment came first",
    "failed_outdated_deployment_job": "a newer deployment came first",
    "deployment_rejected": "its deployment was rejected",
    "secrets_provider_not_found": "the provider of its secrets is not set up",
    "trace_size_exceeded": "its log grew longer than GitLab allows",
    "ci_quota_exceeded": "the compute minutes are used up",
    "user_blocked": "the user it ran as is blocked",
    "project_deleted": "its project was deleted",
    "builds_disabled": "CI/CD is switched off in the project",
    "job_token_expired": "its job token expired",
    "ip_restriction_failure": "its runner's address is not allowed",
}


def reason(failure_reason: str) -> str:
    """Return GitLab's reason as the rest of a sentence about the job; one it does not know as it stands."""
    return _WORDS.get(failure_reason) or one_line(failure_reason, REASON_SHOWN) or "GitLab does not say why"
