"""GitLab as one identity sees it: what the bot asks of it, in records, and its refusals, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from bot.catalogues import Lint
from bot.edges import gitlab_batch as batch
from bot.edges import gitlab_graphql as graphql
from bot.edges import gitlab_shapes as shapes
from bot.edges.gitlab_discussions import Discussions
from bot.edges.gitlab_environments import Environments
from bot.edges.gitlab_incidents import Incidents
from bot.edges.gitlab_issues import Issues
from bot.edges.gitlab_merge_requests import MergeRequests
from bot.edges.gitlab_pipelines import Pipelines
from bot.edges.gitlab_projects import Projects
from bot.edges.gitlab_records import each, shaped
from bot.edges.gitlab_repository import Repository
from bot.edges.gitlab_wire import Wire, segment
from bot.errors import GitLabError, GitLabSaidNo, NotFound
from bot.model import Commit, GitLabUser, Job, Millis, Pipeline, Project


class GitLab(Discussions, Environments, Incidents, Issues, MergeRequests, Pipelines, Projects, Repository):
    """GitLab with one token, for any number of threads.

    Every method asks the network and may raise GitLabUnreachable (`sent` tells whether a change may have
    happened all the same), GitLabBusy (with the seconds to wait), TokenRejected, NotFound or GitLabSaidNo.
    A change is sent exactly once; a read whose connection breaks is tried once more. Nothing here waits.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout: tuple[float, float] = (3.05, 20.0),
        now: Callable[[], Millis],
        renew: Callable[[str], str] | None = None,
    ) -> None:
        """`timeout` in seconds, to connect and between two reads; `now` for a Retry-After that is a date.

        `renew`, for a person's token: given the token that GitLab refused with 401, it returns the one to send
        the request with once more, or raises. With it no method raises TokenRejected.
        """
        self._wire = Wire(url, token, timeout, now, renew)

    def close(self) -> None:
        """Closes the connections that are kept open."""
        self._wire.close()

    def me(self, *, within: float | None = None) -> GitLabUser:
        """Whose token this is (doc/api/users.md, the current user); asked for so many seconds."""
        missing = f"There is no GitLab API at {self._wire.url}. Check `gitlab.url`."
        return shaped(shapes.user, self._wire.get("/user", missing=missing, within=within))

    def personal_token(self) -> shapes.PersonalToken:
        """What a personal access token may do, and until when; TokenRejected for one of another kind.

        doc/api/personal_access_tokens.md, self-inform; OAuth tokens cannot ask this (gitlab-api.md 3.2).
        """
        return shaped(shapes.personal_token, self._wire.get("/personal_access_tokens/self"))

    def version(self) -> str:
        """GitLab's version, such as 19.1.0 (doc/api/metadata.md; `version` before GitLab 15.2)."""
        try:
            data = self._wire.get("/metadata")
        except NotFound:
            data = self._wire.get("/version")
        return shaped(lambda found: str(found["version"]), data)

    # Projects ------------------------------------------------------------------------------------

    def project(self, path_or_id: str | int) -> Project:
        """A project by its full path or its number; a renamed one is found by its old path too."""
        missing = (
            f"GitLab knows no project `{path_or_id}`, or does not show it to me. "
            "Check the path, or have me added to it."
        )
        found = self._wire.get(f"/projects/{segment(path_or_id)}", missing=missing)
        return shaped(shapes.project, found)

    def projects(self, search: str = "", limit: int = 50) -> list[Project]:
        """Projects this identity is a member of, latest activity first, at most 100 (doc/api/projects.md)."""
        query: dict[str, Any] = {
            "membership": "true",
            "simple": "true",
            "archived": "false",
            "order_by": "last_activity_at",
            "per_page": max(1, min(limit, 100)),
        }
        if search:
            query |= {"search": search, "search_namespaces": "true"}
        return each(shapes.project, self._wire.get("/projects", query))

    def head(self, project_id: int, ref: str) -> Commit:
        """The commit a branch, tag or sha points at (doc/api/commits.md)."""
        missing = f"There is no branch, tag or commit `{ref}` in the project. Check its name."
        found = self._wire.get(f"/projects/{project_id}/repository/commits/{segment(ref)}", missing=missing)
        return shaped(shapes.commit, found)

    def lint(self, project_id: int, ref: str) -> Lint:
        """The CI configuration at `ref` with all its jobs; a dry run would hide chat jobs (lint.md)."""
        query = {"content_ref": ref, "dry_run": "false", "include_jobs": "true"}
        missing = f"GitLab shows me no CI configuration for `{ref}`. I may need the role Developer there."
        return shaped(shapes.lint, self._wire.get(f"/projects/{project_id}/ci/lint", query, missing=missing))

    def file(self, project_id: int, path: str, ref: str) -> str | None:
        """The text of a file at `ref`; None if there is none (doc/api/repository_files.md, raw)."""
        try:
            return self._wire.text(
                f"/projects/{project_id}/repository/files/{segment(path)}/raw", {"ref": ref}
            )
        except NotFound:
            return None

    # Pipelines -----------------------------------------------------------------------------------

    def create_pipeline(
        self, project_id: int, ref: str, *, variables: Mapping[str, str], inputs: Mapping[str, Any]
    ) -> Pipeline:
        """Starts a pipeline of source `api` on a branch or tag (doc/api/pipelines.md).

        `variables` and `inputs` are sent only if there are any. GitLabSaidNo.reason has GitLab's words for
        no such ref, nothing to run, invalid YAML and variables it does not take from us.
        """
        body: dict[str, Any] = {"ref": ref}
        if variables:
            body["variables"] = [
                {"key": key, "value": value, "variable_type": "env_var"} for key, value in variables.items()
            ]
        if inputs:
            body["inputs"] = dict(inputs)
        return shaped(shapes.pipeline, self._wire.post(f"/projects/{project_id}/pipeline", body))

    def pipeline(self, project_id: int, pipeline_id: int) -> Pipeline:
        """One pipeline."""
        missing = f"GitLab knows no pipeline {pipeline_id}, or does not show it to me."
        return shaped(
            shapes.pipeline,
            self._wire.get(f"/projects/{project_id}/pipelines/{pipeline_id}", missing=missing),
        )

    def cancel_pipeline(self, project_id: int, pipeline_id: int) -> Pipeline:
        """Asks every job of a pipeline to stop (doc/api/pipelines.md, Cancel)."""
        path = f"/projects/{project_id}/pipelines/{pipeline_id}/cancel"
        return shaped(shapes.pipeline, self._wire.post(path))

    def pipelines(
        self, project_id: int, *, source: str, updated_after: Millis, ref: str | None = None
    ) -> list[Pipeline]:
        """Pipelines of one source that changed since, newest first, at most 1,000 (doc/api/pipelines.md)."""
        query = {
            "source": source,
            "updated_after": shapes.iso(updated_after),
            "order_by": "id",
            "sort": "desc",
            **({"ref": ref} if ref else {}),
        }
        return each(shapes.pipeline, self._wire.pages(f"/projects/{project_id}/pipelines", query))

    def pipeline_variables(self, project_id: int, pipeline_id: int) -> dict[str, str]:
        """The variables a pipeline was started with; not shown to everybody: GitLabSaidNo(403)."""
        found = self._wire.get(f"/projects/{project_id}/pipelines/{pipeline_id}/variables")
        return shaped(lambda items: {str(one["key"]): str(one["value"]) for one in items}, found)

    def pipeline_jobs(self, project_id: int, pipeline_id: int) -> list[Job]:
        """The jobs of a pipeline, newest first, without those that were retried and without bridges."""
        query = {"include_retried": "false"}
        return each(
            shapes.job, self._wire.pages(f"/projects/{project_id}/pipelines/{pipeline_id}/jobs", query)
        )

    # Jobs ----------------------------------------------------------------------------------------

    def job(self, project_id: int, job_id: int) -> Job:
        """One job (doc/api/jobs.md)."""
        return shaped(
            shapes.job, self._wire.get(f"/projects/{project_id}/jobs/{job_id}", missing=_no_job(job_id))
        )

    def play(self, project_id: int, job_id: int) -> Job:
        """Starts a manual job; GitLabSaidNo(400) if it is none or has been started."""
        return self._change(project_id, job_id, "play")

    def retry(self, project_id: int, job_id: int) -> Job:
        """Runs a job again; the result is a new job with its own id. GitLabSaidNo(403) if it cannot be."""
        return self._change(project_id, job_id, "retry")

    def cancel(self, project_id: int, job_id: int) -> Job:
        """Asks a job to stop; it may say `canceling` for a while."""
        return self._change(project_id, job_id, "cancel")

    def trace(self, project_id: int, job_id: int) -> AbstractContextManager[Iterator[bytes]]:
        """The log of a job, to be used in `with`: pieces of at most 64 KB, none if there is no log yet.

        GitLab always sends the whole log (gitlab-api.md 0.8). Errors may come while reading it, too.
        """
        return self._wire.stream(f"/projects/{project_id}/jobs/{job_id}/trace")

    def statuses(self, wanted: Sequence[tuple[str, int]]) -> dict[int, str | None]:
        """The status of many jobs, given as (full project path, job id); None for what is not visible.

        GraphQL, about 100 jobs a request (gitlab-api.md 5.2). GitLabSaidNo if this GitLab answers no
        such queries: then ask for each job by `job`.
        """
        found: dict[int, str | None] = {}
        for one in batch.batches(wanted):
            answer = self._wire.ask(f"{self._wire.url}/api/graphql", {"query": one.query})
            found |= batch.statuses(one, _graphql_data(answer))
        return found

    # GitLab's own slash commands -----------------------------------------------------------------

    def slash(self, project_id: int, integration: str, form: Mapping[str, str]) -> str:
        """Hands Slack's form to a project's slash-command integration, and returns what GitLab says to it.

        `integration` is mattermost_slash_commands, or slack_slash_commands before GitLab 19; `form["token"]`
        is the integration's (gitlab-chatops.md 2.3). NotFound if token, project or integration is wrong.
        """
        missing = (
            "GitLab does not take slash commands for this project. Check that its integration "
            f"`{integration}` is active and that `chat_token` is its token."
        )
        path = f"/projects/{project_id}/integrations/{segment(integration)}/trigger"
        return _said(self._wire.form(path, form, missing=missing))

    def slack_app(self, form: Mapping[str, str]) -> str:
        """Hands Slack's form to the GitLab for Slack app; `form["token"]` is its verification token."""
        missing = (
            "GitLab does not take commands for its Slack app. Check that the app is enabled there and that "
            "`gitlab.slack_app_token` is its verification token."
        )
        return _said(self._wire.form("/slack/trigger", form, missing=missing))

    def _change(self, project_id: int, job_id: int, what: str) -> Job:
        path = f"/projects/{project_id}/jobs/{job_id}/{what}"
        return shaped(shapes.job, self._wire.post(path, missing=_no_job(job_id)))


def _no_job(job_id: int) -> str:
    return f"GitLab knows no job {job_id}, or does not show it to me."


def _said(answer: Any) -> str:
    """The text for the person; GitLab's other answers hold it in their first attachment."""
    if not isinstance(answer, dict):
        return ""
    attachments = answer.get("attachments") or [{}]
    return str(answer.get("text") or attachments[0].get("text") or attachments[0].get("fallback") or "")


def _graphql_data(answer: Any) -> Mapping[str, Any]:
    """The data; whatever else comes means that each job has to be asked for by itself."""
    try:
        return graphql.data(answer)
    except GitLabError as error:
        why = error.reason if isinstance(error, GitLabSaidNo) else ""
        raise GitLabSaidNo(
            "GitLab does not answer questions about many jobs at once.", status=200, reason=why
        ) from error
