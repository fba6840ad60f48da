"""Takes an environment back to an earlier deployment: which there are, what each would undo, and how it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.changes import History, Preview, Target
from bot.command import Request
from bot.deeds import SHA_SHOWN
from bot.edges.gitlab import GitLab
from bot.environments import Deployment
from bot.errors import NotFound, NotUnderstood, Refused
from bot.jobs import (
    deploying,
    environments,
    previews,
    projects,
    routes,
    sources,
    standing_job,
    standings,
    wishes,
)
from bot.jobs.deploying import Order
from bot.jobs.life import Drawing
from bot.jobs.sources import BRANCH, COMMIT, TAG, TO, Source
from bot.kit import Kit
from bot.model import RETRY, Job, Project
from bot.words import longhand, quote

COMMAND = "rollback"
#: Deployments looked through for commits that differ, and how many of those are shown: each costs a request.
LOOKED_THROUGH, MOST_SHOWN = 50, 5
#: How few characters of a commit id are taken for one.
LEAST_SHA = 4


def target(request: Request) -> str:
    """Return what an environment shall go back to, `production v8.9.0` or `production to v8.9.0`; empty if nothing."""
    words = [one.text for one in request.words]
    rest = words[2:] if len(words) > 2 and words[1].lower() == TO else words[1:]
    if len(rest) > 1:
        listing = f"{longhand(request.prefix)}rollback {quote(words[0])}"
        raise NotUnderstood(
            f"I read `rollback`, an environment, and one deployment to go back to. `{listing}` lists them."
        )
    return "".join(rest)


def meant(kit: Kit, request: Request) -> tuple[Project, str]:
    """
    Return the project and the environment.

    Raises LeftOut where the environment is left out, NotUnderstood where there is none of that name.
    """
    project = projects.resolve(kit, request)
    wishes.check_watchable(kit, project)
    if not request.words:
        raise environments.left_out(kit, request, project, "Roll back which environment?")
    return project, environments.meant(kit, request, project, request.words[0].text)


def history(kit: Kit, gitlab: GitLab, project: Project, environment: str) -> History:
    """
    Return what can be gone back to: the last deployments that succeeded, each of another commit.

    Raises Refused if there is nothing to go back to.
    """
    good = _distinct(gitlab.deployments(project.id, environment, LOOKED_THROUGH, status=standings.SUCCESS))
    if not good:
        raise Refused(f"Nothing was ever deployed to {environment} of {project.path}, as far as I see.")
    last = gitlab.deployments(project.id, environment, 1, status=standings.FAILED)
    failed = next((one for one in last if one.id > good[0].id), None)
    before = good if failed else good[1:]
    if not before:
        runs = good[0]
        raise Refused(
            f"There is nothing to go back to: {environment} has had {runs.ref} at {runs.sha[:SHA_SHOWN]} and nothing"
            " else, as far as GitLab remembers."
        )
    targets = _targets(kit, gitlab, project, good[0], before[:MOST_SHOWN])
    return History(project, environment, good[0], targets, failed, max(0, len(before) - MOST_SHOWN))


def _distinct(good: Sequence[Deployment]) -> list[Deployment]:
    """The newest deployment of each commit, in the order of when each was last deployed."""
    first: dict[str, Deployment] = {}
    for one in good:
        first.setdefault(one.sha, one)
    return list(first.values())


def _targets(
    kit: Kit, gitlab: GitLab, project: Project, runs: Deployment, before: Sequence[Deployment]
) -> tuple[Target, ...]:
    undone = [previews.between(gitlab, project, one, runs.sha)[0] for one in before]
    found = previews.merged(gitlab, project, undone)
    told = [
        previews.redacted(kit, Preview("", "", "", comes=part, merged=previews.among(found, part)))
        for part in undone
    ]
    return tuple(Target(one, each.comes, each.merged) for one, each in zip(before, told, strict=True))


def line(found: History, one: Target) -> str:
    """Return the command that goes back to a deployment."""
    return f"{found.project.path} {COMMAND} {quote(found.environment)} {one.deployment.sha[:SHA_SHOWN]}"


# The chosen one -----------------------------------------------------------------------------------------------


def rollback(kit: Kit, draw: Drawing, request: Request) -> str:
    """Take an environment back to what was said. Raises as deploying.once does."""
    return deploying.once(kit, draw, request, lambda: _order(kit, request))


def _order(kit: Kit, request: Request) -> Order:
    project, where = meant(kit, request)
    gitlab = kit.gitlab_as(request.person)
    good = gitlab.deployments(project.id, where, LOOKED_THROUGH, status=standings.SUCCESS)
    chosen = _chosen(request, project, where, target(request), good)
    job = _job(request, gitlab, project, where, chosen)
    source = Source(COMMIT, chosen.sha[:SHA_SHOWN], chosen.ref, chosen.sha, chosen)
    there = standing_job.known_at(gitlab, project, chosen.sha)
    jobs = gitlab.pipeline_jobs(project.id, job.pipeline)
    what = standing_job.subject(project, source, where, there, jobs, job)
    how = f"runs `{job.name}` of pipeline #{job.pipeline} again"
    route = routes.Route(RETRY, what, how, job.pipeline, job.pipeline_url, job)
    preview = previews.preview(kit, gitlab, project, source, gitlab.environment(project.id, where), route)
    named = f"{request.project} " if request.project else ""
    typed = f"{named}rollback {quote(where)} {chosen.sha[:SHA_SHOWN]}"
    return Order(COMMAND, project, route, replace(preview, typed=typed, source=""))


def _chosen(
    request: Request, project: Project, where: str, said: str, good: Sequence[Deployment]
) -> Deployment:
    """Return the deployment that is meant: by its commit, or by its ref, the newest that does not run now."""
    by_sha = [one for one in good if len(said) >= LEAST_SHA and one.sha.startswith(said.lower())]
    runs = good[0].sha if good else ""
    by_ref = [one for one in good if one.ref == said and one.sha != runs]
    found = next(iter((*by_sha, *by_ref)), None)
    if found is None:
        line = " ".join((*((request.project,) if request.project else ()), "rollback", quote(where)))
        raise NotUnderstood(
            f"No good deployment to {where} of {project.path} was of `{said}`, as far back as I look."
            f" `{longhand(request.prefix)}{line}` lists them.",
            suggestions=(line,),
        )
    return found


def _job(request: Request, gitlab: GitLab, project: Project, where: str, chosen: Deployment) -> Job:
    """
    Return the job that deploys it once more: the newest of its name in its pipeline, since GitLab retries no other.

    Raises NotUnderstood, with what else can be done, if GitLab has none or will not run it.
    """
    if chosen.job is None or chosen.pipeline is None:
        raise _impossible(request, gitlab, project, where, chosen, "GitLab knows of no job that deployed it")
    try:
        jobs = gitlab.pipeline_jobs(project.id, chosen.pipeline)
    except NotFound:
        jobs = []
    job = next((one for one in jobs if one.name == chosen.job_name), None)
    if job is None:
        raise _impossible(request, gitlab, project, where, chosen, "its pipeline is gone")
    if job.archived:
        raise _impossible(request, gitlab, project, where, chosen, "GitLab has archived its pipeline")
    if not project.may_go_back and project.forward_only:
        why = f"{project.path} keeps older deployments from running, until a Maintainer allows it"
        raise _impossible(request, gitlab, project, where, chosen, why)
    if job.status not in standing_job.HAS_ENDED:
        raise Refused(
            f"`{job.name}` of pipeline #{job.pipeline} runs again already, started by @{job.username}: {job.url}"
        )
    return job


def _impossible(
    request: Request, gitlab: GitLab, project: Project, where: str, chosen: Deployment, why: str
) -> NotUnderstood:
    """Say that GitLab cannot go back to it, and what can be done instead."""
    at = f"{chosen.ref} at {chosen.sha[:SHA_SHOWN]}"
    name = as_typed(gitlab, project, chosen.ref, chosen.sha)
    if not name:
        return NotUnderstood(
            f"{where} cannot go back to {at}: {why}. {chosen.ref} has moved on or is gone, so that it cannot be"
            " deployed anew either. Tag the commit, and deploy the tag."
        )
    line = sources.Said(name, where).line(request.project)
    return NotUnderstood(
        f"{where} cannot go back to {at}: {why}. It can be deployed anew: `{longhand(request.prefix)}{line}`.",
        suggestions=(line,),
    )


def as_typed(gitlab: GitLab, project: Project, ref: str, sha: str) -> str:
    """Return how a commit is typed so that it can be deployed anew; empty if nothing points at it any more."""
    for kind, head in ((TAG, gitlab.tag(project.id, ref)), (BRANCH, gitlab.branch(project.id, ref))):
        if head is not None and head.sha == sha:
            return Source(kind, ref, ref, sha).typed
    return ""
