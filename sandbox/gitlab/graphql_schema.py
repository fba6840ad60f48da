"""The types that the sandbox's GraphQL knows: what each field costs and where it comes from."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from sandbox.gitlab.answers import read_moment, seconds
from sandbox.gitlab.bodies import version
from sandbox.gitlab.graphql_issues import ISSUE_TYPES, issue_of, note_of, timeline_of
from sandbox.gitlab.graphql_mutations import MUTATION_TYPES
from sandbox.gitlab.graphql_types import (
    LARGEST_PAGE,
    Asker,
    Definition,
    gid,
    linked,
    listed,
    number_of,
    plain,
)
from sandbox.gitlab.merge_requests import MergeRequest
from sandbox.gitlab.mergeability import Mergeability
from sandbox.gitlab.nouns import Job, Pipeline, Project
from sandbox.gitlab.people import DEVELOPER, REPORTER, level, may_deploy


def _project(parent: Any, arguments: Mapping[str, Any], asker: Asker) -> Project | None:
    return asker.state.visible(asker.person, str(arguments["fullPath"]))


def _projects(parent: Any, arguments: Mapping[str, Any], asker: Asker) -> list[Project]:
    rows = asker.state.visible_projects(asker.person) if asker.person else []
    if arguments.get("ids") is not None:
        wanted = {number_of(one, "Project") for one in arguments["ids"]}
        rows = [one for one in rows if one.id in wanted]
    return rows


def _job(parent: Project, arguments: Mapping[str, Any], asker: Asker) -> Job | None:
    number = number_of(arguments["id"], "Ci::Build")
    return None if number is None else asker.state.job(parent, number)


def _pipeline(parent: Project, arguments: Mapping[str, Any], asker: Asker) -> Pipeline | None:
    rows = asker.state.pipelines_of(parent)
    number, iid = number_of(arguments.get("id"), "Ci::Pipeline"), str(arguments.get("iid"))
    return next((one for one in rows if one.id == number or str(one.iid) == iid), None)


def _pipelines(parent: Project, arguments: Mapping[str, Any], asker: Asker) -> list[Pipeline]:
    rows = asker.state.pipelines_of(parent)
    for name, read in (("source", "source"), ("ref", "ref")):
        if arguments.get(name) is not None:
            rows = [one for one in rows if getattr(one, read) == arguments[name]]
    if arguments.get("status") is not None:
        rows = [one for one in rows if one.status.upper() == arguments["status"]]
    if arguments.get("updatedAfter") is not None:
        after = read_moment(str(arguments["updatedAfter"]), "updatedAfter")
        rows = [one for one in rows if one.updated_at >= after]
    return rows


def _merge_request(parent: Project, arguments: Mapping[str, Any], asker: Asker) -> MergeRequest | None:
    """By its number; it is shown to Reporters and above, as by REST."""
    rows = asker.state.merge_requests_of(parent) if level(asker.person, parent) >= REPORTER else []
    return next((one for one in rows if str(one.iid) == str(arguments["iid"])), None)


def _head_pipeline(parent: MergeRequest, arguments: Mapping[str, Any], asker: Asker) -> Pipeline | None:
    return Mergeability(asker.state).pipeline(parent)


def _can_run(parent: Job, arguments: Mapping[str, Any], asker: Asker) -> bool:
    project = parent.pipeline.project
    if parent.archived or asker.state.deploys.outdated(parent):
        return False
    return level(asker.person, project) >= DEVELOPER and may_deploy(asker.person, project, parent.environment)


def _summary(parent: Job, arguments: Mapping[str, Any], asker: Asker) -> str:
    """The last lines of the log as HTML (`CiJobTrace.htmlSummary`)."""
    text = parent.trace.read().decode("utf-8", "replace")
    lines = text.splitlines()[-min(int(arguments.get("lastLines") or 10), LARGEST_PAGE) :]
    return f"<span>{'<br/>'.join(html.escape(line) for line in lines)}</span>"


def _path(job: Job) -> str:
    return f"/{job.pipeline.project.path}/-/jobs/{job.id}"


FAILED = "There has been a script failure. Check the job log for more information"
USER = {
    "id": gid("User"),
    "username": plain(lambda one: one.username),
    "name": plain(lambda one: one.name),
    "bot": plain(lambda one: one.bot),
    "webPath": plain(lambda one: f"/{one.username}"),
}
JOB = {
    "id": gid("Ci::Build"),
    "name": plain(lambda one: one.name),
    "status": plain(lambda one: one.status.upper()),
    "createdAt": plain(lambda one: seconds(one.created_at)),
    "startedAt": plain(lambda one: seconds(one.started_at)),
    "finishedAt": plain(lambda one: seconds(one.finished_at)),
    "exitCode": plain(lambda one: one.exit_code),
    "failureMessage": plain(lambda one: FAILED if one.status == "failed" else None),
    "allowFailure": plain(lambda one: one.allow_failure),
    "manualJob": plain(lambda one: one.manual),
    "playable": plain(lambda one: one.playable),
    "retryable": plain(lambda one: one.retryable),
    "cancelable": plain(lambda one: one.cancelable),
    "canPlayJob": Definition(_can_run),
    "webPath": plain(_path),
    "refName": plain(lambda one: one.pipeline.ref),
    "stage": linked(lambda one: one, "CiStage"),
    "pipeline": linked(lambda one: one.pipeline, "Pipeline"),
    "trace": linked(lambda one: one, "CiJobTrace"),
}
PIPELINE = {
    "id": gid("Ci::Pipeline"),
    "iid": plain(lambda one: str(one.iid)),
    "name": plain(lambda one: one.name),
    "status": plain(lambda one: one.status.upper()),
    "source": plain(lambda one: one.source),
    "ref": plain(lambda one: one.ref),
    "sha": plain(lambda one: one.commit.sha),
    "createdAt": plain(lambda one: seconds(one.created_at)),
    "updatedAt": plain(lambda one: seconds(one.updated_at)),
    "startedAt": plain(lambda one: seconds(one.started_at)),
    "finishedAt": plain(lambda one: seconds(one.finished_at)),
    "user": linked(lambda one: one.user, "UserCore"),
}
MERGE_REQUEST = {
    "id": gid("MergeRequest"),
    "iid": plain(lambda one: str(one.iid)),
    "title": plain(lambda one: one.title),
    "state": plain(lambda one: one.state),
    "draft": plain(lambda one: one.draft),
    "webUrl": Definition(
        lambda one, arguments, asker: f"{asker.state.url}/{one.project.path}/-/merge_requests/{one.iid}"
    ),
    "headPipeline": Definition(_head_pipeline, "Pipeline"),
    "approved": plain(lambda one: len(one.approvals) >= max(1, one.project.settings.approvals_before_merge)),
    "approvedBy": listed(lambda one: [person for person, _ in one.approvals.values()], "UserCore"),
}
PROJECT = {
    "id": gid("Project"),
    "name": plain(lambda one: one.name),
    "fullPath": plain(lambda one: one.path),
    "issue": Definition(issue_of, "Issue", {"iid": False}),
    "incidentManagementTimelineEvents": Definition(
        timeline_of,
        "TimelineEventType",
        {"incidentId": True, "first": False, "after": False},
        connection=True,
    ),
    "job": Definition(_job, "CiJob", {"id": True}, ids=("Ci::Build",)),
    "mergeRequest": Definition(_merge_request, "MergeRequest", {"iid": True}),
    "pipeline": Definition(_pipeline, "Pipeline", {"id": False, "iid": False, "sha": False}),
    "pipelines": Definition(
        _pipelines,
        "Pipeline",
        dict.fromkeys(
            ["first", "status", "ref", "source", "updatedAfter", "updatedBefore", "username"], False
        ),
        connection=True,
        gitaly=True,
    ),
}
TYPES: Mapping[str, Mapping[str, Definition]] = {
    "Query": {
        "currentUser": Definition(lambda one, arguments, asker: asker.person, "UserCore"),
        "metadata": Definition(lambda one, arguments, asker: version(), "Metadata"),
        "note": Definition(note_of, "Note", {"id": True}, ids=("Note", "DiscussionNote")),
        "project": Definition(_project, "Project", {"fullPath": True}),
        "projects": Definition(
            _projects, "Project", {"ids": False, "first": False, "membership": False}, connection=True
        ),
        "queryComplexity": Definition(lambda one, arguments, asker: {}, "QueryComplexity"),
    },
    "UserCore": USER,
    "PageInfo": {
        "hasNextPage": plain(lambda one: one["hasNextPage"]),
        "endCursor": plain(lambda one: one["endCursor"]),
    },
    "Metadata": {
        "version": plain(lambda one: one["version"]),
        "revision": plain(lambda one: one["revision"]),
        "enterprise": plain(lambda one: True),
    },
    "Project": PROJECT,
    "MergeRequest": MERGE_REQUEST,
    "Pipeline": PIPELINE,
    "CiJob": JOB,
    "CiStage": {"name": plain(lambda one: one.stage)},
    "CiJobTrace": {"htmlSummary": Definition(_summary, None, {"lastLines": False})},
    "QueryComplexity": {"score": plain(lambda one: None), "limit": plain(lambda one: None)},
    **ISSUE_TYPES,
    **MUTATION_TYPES,
}
