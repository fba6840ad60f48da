"""How something gets onto an environment: by a job that waits there, by one that ran before, or by a new pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.catalogues import Catalogue, ChatJob
from bot.deeds import SHA_SHOWN
from bot.edges.gitlab import GitLab
from bot.edges.gitlab_wire import PER_PAGE
from bot.environments import Deployment, is_open
from bot.errors import BotError, LeftOut, NotFound, NotUnderstood, Refused
from bot.jobs import guarded, standing_job
from bot.jobs.catalogue import catalogue_at, catalogue_for
from bot.jobs.sources import COMMIT, JOB, Said, Source
from bot.jobs.standing_job import AHEAD, HAS_ENDED, NOT_BEGUN
from bot.kit import Kit
from bot.model import PLAIN, PLAY, RETRY, Job, Option, Pipeline, Project
from bot.text import plural
from bot.words import nearest

#: Statuses of a job that does not deploy at the moment.
OVER_OR_AHEAD = HAS_ENDED | NOT_BEGUN | {"skipped"}
#: Pipelines of the commit that are looked into for a job that deploys there, each with a request of its own.
MOST_LOOKED_INTO = 5


@dataclass(frozen=True, slots=True)
class Route:
    """One way, found: the job, and what the ladder looks at before it."""

    start: str
    """As in Run.start."""
    what: guarded.Subject
    how: str
    """What would be done, as the end of a sentence."""
    pipeline: int | None = None
    pipeline_url: str = ""
    job: Job | None = None
    """The job that is there already; None where a new pipeline has to be made."""
    catalogue: Catalogue | None = None
    """Of a new pipeline."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What is looked for: a way of something onto an environment."""

    project: Project
    source: Source
    environment: str
    said: Said
    named: str | None = None
    """The project as it was typed before the verb."""
    fresh: bool = False
    """Whether no job that has run before will do."""


def find(kit: Kit, gitlab: GitLab, errand: Errand) -> Route:
    """
    Return how it gets there: the manual action that waits, else a job that ran before, else a new pipeline.

    Raises LeftOut where several jobs would do, Refused or NotUnderstood, in words for a person, where none does.
    """
    there = catalogue_at(gitlab, errand.project, errand.source.sha)
    names = [one.name for one in there.jobs if _surely_deploys(errand, one)]
    for pipeline in _pipelines(gitlab, errand) if names else ():
        found = _in_pipeline(gitlab, errand, there, names, pipeline)
        if found:
            return found
    return _new(kit, gitlab, errand, there)


def _surely_deploys(errand: Errand, job: ChatJob) -> bool:
    """Tell whether a job deploys there in every pipeline: one whose inputs choose may go elsewhere in the next."""
    here = guarded.named(job.environment or "", errand.source.ref, "", {})
    return job.deploys and not job.passed and here == errand.environment


def choose(errand: Errand, names: Sequence[str]) -> str:
    """
    Return the one job that is meant: the only one, the one that was said, else the one named like the environment.

    That last is GitLab's own rule (gitlab-chatops.md 3). Raises LeftOut, or NotUnderstood for one there is not.
    """
    said, every = errand.said.job, list(dict.fromkeys(names))
    if said:
        if said in every:
            return said
        near = tuple(errand.said.line(errand.named, job=one) for one in nearest(said, every))
        listed = ", ".join(f"`{one}`" for one in every)
        raise NotUnderstood(
            f"`{said}` does not deploy {errand.source.name} to {errand.environment}; {listed} does.",
            suggestions=near,
        )
    if len(every) == 1:
        return every[0]
    if errand.environment in every:
        return errand.environment
    raise LeftOut(
        f"{plural(len(every), 'job', 'jobs')} would deploy {errand.source.name} to {errand.environment}. Which one?",
        before=errand.said.line(errand.named),
        options=tuple(Option(one, f"{JOB}{one}") for one in every),
    )


# Jobs that are there ------------------------------------------------------------------------------------------


def _pipelines(gitlab: GitLab, errand: Errand) -> Iterator[Pipeline]:
    """Yield the pipelines in which a job may wait: the one that brought it where it runs, then the newest."""
    source, seen = errand.source, set()
    if source.deployment is not None and source.deployment.pipeline is not None:
        try:
            first = gitlab.pipeline(errand.project.id, source.deployment.pipeline)
        except NotFound:
            first = None  # Somebody has deleted it.
        if first:
            seen.add(first.id)
            yield first
    for one in gitlab.pipelines_of(errand.project.id, source.sha, source.ref)[:MOST_LOOKED_INTO]:
        if one.id not in seen:
            yield one


def _in_pipeline(
    gitlab: GitLab, errand: Errand, there: Catalogue, names: Sequence[str], pipeline: Pipeline
) -> Route | None:
    """Return the way by a job of a pipeline that is there; None if it has no job that can be started."""
    jobs = gitlab.pipeline_jobs(errand.project.id, pipeline.id)
    fitting = [one for one in jobs if one.name in names]
    deployed = _deployments(gitlab, errand) if fitting else {}
    for statuses, start, verb in (
        (frozenset({"manual"}), PLAY, "starts"), (AHEAD, PLAY, "starts, once its pipeline gets there,"),
        (frozenset() if errand.fresh else HAS_ENDED, RETRY, "runs again"),
    ):  # fmt: skip
        of_these = [
            one for one in fitting if one.status in statuses and (start != RETRY or one.id in deployed)
        ]
        of_these = [one for one in of_these if one.id in deployed] or of_these
        of_these = [one for one in of_these if not is_outdated(errand.project, deployed, one)]
        if of_these:
            name = choose(errand, [one.name for one in of_these])
            job = next(one for one in of_these if one.name == name)
            what = standing_job.subject(errand.project, errand.source, errand.environment, there, jobs, job)
            how = f"{verb} `{name}` of pipeline #{pipeline.id}"
            return Route(start, what, how, pipeline.id, pipeline.url, job)
    running = next((one for one in fitting if one.status not in OVER_OR_AHEAD), None)
    if running:
        raise Refused(
            f"`{running.name}` of pipeline #{pipeline.id} is deploying {errand.source.name} to {errand.environment}"
            f" already, started by @{running.username}: {running.url}"
        )
    return None


def _deployments(gitlab: GitLab, errand: Errand) -> Mapping[int, Deployment]:
    """
    Return deployments there by their jobs: of these GitLab itself says where they go, of manual ones that wait as well.

    What a configuration includes from elsewhere may have changed since their pipelines were made.
    """
    found = gitlab.deployments(errand.project.id, errand.environment, PER_PAGE)
    return {one.job: one for one in found if one.job is not None}


def is_outdated(project: Project, deployed: Mapping[int, Deployment], job: Job) -> bool:
    """
    Tell whether GitLab lets nobody start a job, since something newer was deployed there by now.

    Of jobs that have deployed before only where the project forbids going back (doc/ci/pipelines/settings.md).
    """
    own, good = deployed.get(job.id), [one for one in deployed.values() if one.status == "success"]
    if (
        own is None
        or not good
        or not project.forward_only
        or (project.may_go_back and job.status in HAS_ENDED)
    ):
        return False
    last = max(good, key=lambda one: one.id)
    return own.id < last.id and own.sha != last.sha


# A new pipeline ----------------------------------------------------------------------------------------------


def _new(kit: Kit, gitlab: GitLab, errand: Errand, there: Catalogue) -> Route:
    """Return the way by a new pipeline; raises Refused where GitLab would take no such commit, or has no job for it."""
    source = errand.source
    if source.kind == COMMIT or not source.ref:
        raise Refused(
            f"No pipeline of {source.sha[:SHA_SHOWN]} has a job that can be started and deploys to"
            f" {errand.environment}, and GitLab makes new ones for branches and tags only. Name one of those."
        )
    _check_head(gitlab, errand)
    ways = list(_ways(kit, gitlab, errand))
    startable = [way for way in ways if way[1].startable]
    if not startable:
        raise _no_job(errand, there, [job for _, job, _ in ways])
    name = choose(errand, [job.name for _, job, _ in startable])
    routes = [_made(errand, *way) for way in startable if way[1].name == name]
    # The pipeline that deploys the least besides; of equals the plain one, since some projects take no variables.
    return min(routes, key=lambda one: (len(one.what.along), len(one.what.perhaps), one.start != PLAIN))


def _check_head(gitlab: GitLab, errand: Errand) -> None:
    """Raise NotUnderstood if the branch has moved on since what is to be taken from an environment."""
    source = errand.source
    if source.deployment is None:
        return
    try:
        head = gitlab.head(errand.project.id, source.ref).sha
    except NotFound:
        head = ""
    if head == source.sha:
        return
    line = errand.said.line(errand.named, what=f"branch:{source.ref}")
    moved = f"is at {head[:SHA_SHOWN]} by now" if head else "is gone"
    raise NotUnderstood(
        f"{source.name} runs {source.ref} at {source.sha[:SHA_SHOWN]}. No pipeline of that has a job that can be"
        f" started and deploys to {errand.environment}, and {source.ref} {moved}, so a new pipeline would deploy"
        " something else.",
        suggestions=(line,) if head else (),
    )


def _ways(kit: Kit, gitlab: GitLab, errand: Errand) -> Iterator[tuple[str, ChatJob, Catalogue]]:
    """Yield each job that would deploy there in a new pipeline, by each way to make one."""
    mode = kit.config.project(errand.project.path).start
    for start in (mode, PLAIN):
        if start == "chat" and errand.source.ref != errand.project.default_branch:
            continue  # GitLab's own slash command takes the default branch alone.
        found = catalogue_for(
            gitlab, kit.store, errand.project, errand.source.ref, start=start, now=kit.now(), fresh=_always
        )
        if start == PLAIN and any(one.required for one in found.inputs):
            continue
        yield from ((start, job, found) for job in found.jobs if _would_deploy(errand, job, found))


def _would_deploy(errand: Errand, job: ChatJob, found: Catalogue) -> bool:
    """Tell whether a job deploys there in a new pipeline, whose inputs are their defaults."""
    what = guarded.subject(errand.project, job, errand.source.ref, found, "", {})
    return job.deploys and what.environment == errand.environment


def _always(_: Catalogue) -> bool:
    return True


def _made(errand: Errand, start: str, job: ChatJob, found: Catalogue) -> Route:
    what = guarded.subject(errand.project, job, errand.source.ref, found, "", {})
    return Route(
        start, what, f"makes a new pipeline on {errand.source.ref} and starts `{job.name}`", catalogue=found
    )


def _no_job(errand: Errand, there: Catalogue, hidden: Sequence[ChatJob]) -> BotError:
    """Say why nothing can be started: what a job's rules say, or that no job deploys there."""
    where = f"{errand.environment} of {errand.project.path}"
    if hidden:
        job = hidden[0]
        remedy = (
            f"\nTo start it from chat, add this to the CI configuration:\n```{job.remedy}```"
            if job.remedy
            else ""
        )
        return Refused(
            f"`{job.name}` deploys to {where}, but no pipeline of {errand.source.ref} has it, and in a new one it is"
            f" left out: {job.hidden_by}{remedy}"
        )
    open_ended = [one.name for one in there.jobs if one.deploys and is_open(one.environment or "")]
    perhaps = (
        f" `{open_ended[0]}` may: only its variables tell where it deploys to. Start it with `run`."
        if open_ended
        else ""
    )
    at = f"{errand.project.path} at {errand.source.ref}"
    return Refused(f"No job of {at} deploys to {errand.environment}.{perhaps}")
