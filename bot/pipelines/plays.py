"""Plays a job of a pipeline that waits for a hand: it becomes a run with a card of its own, or a deployment."""

from __future__ import annotations

from dataclasses import replace

from bot.access import ladder
from bot.catalogues import Catalogue
from bot.command import Click, Request
from bot.edges.gitlab import GitLab
from bot.errors import NotUnderstood, Refused
from bot.jobs import deploying, guarded, held, life, previews, standing_job, start, wishes
from bot.jobs.deploying import Order
from bot.jobs.life import Drawing
from bot.jobs.routes import Route
from bot.jobs.sources import COMMIT, Source
from bot.kit import Kit
from bot.model import PLAY, Job, Pipeline, Project, Run, RunState
from bot.pipelines.seeing import Target
from bot.words import nearest, quote


def play(
    kit: Kit, draw: Drawing, asked: Request | Click, target: Target, name: str, number: int | None = None
) -> str:
    """
    Play a job of a pipeline by its name, or by its id, once; return what only the asker should read, mostly nothing.

    Raises NotUnderstood for a job that is not there, Refused for one that does not wait, and what the ladder raises:
    a job that deploys is a deployment, with all that is shown before one.
    """
    with kit.store.read() as tx:
        before = tx.runs.by_source(asked.key)
    if before is not None:
        return start.call(kit, draw, before) if before.state is RunState.ASKED else ""
    gitlab = kit.gitlab_as(asked.person)
    project, one = gitlab.project(target.project_id), gitlab.pipeline(target.project_id, target.pipeline)
    wishes.check_watchable(kit, project)
    jobs = gitlab.pipeline_jobs(project.id, one.id)
    job = _waiting(target, jobs, name, number)
    what = _what(project, one, _configuration(gitlab, project, one, job), jobs, job)
    how = f"starts `{job.name}` of pipeline #{one.id}"
    route = Route(PLAY, what, how, pipeline=one.id, pipeline_url=one.url, job=job)
    if what.environment:
        return deploying.once(kit, draw, asked, lambda: _deployment(kit, asked, project, route))
    run = _intend(kit, draw, asked, project, route, job)
    return start.call(kit, draw, run) if run.state is RunState.ASKED else ""


def _waiting(target: Target, jobs: list[Job], name: str, number: int | None) -> Job:
    """Return the job that is meant, if it waits for a hand."""
    found = next((one for one in jobs if (one.name == name if number is None else one.id == number)), None)
    waiting = [one.name for one in jobs if one.status == "manual"]
    if found is None:
        lines = tuple(
            f"{target.project} pipeline play {quote(near)} #{target.pipeline}"
            for near in nearest(name, waiting)
        )
        listed = ", ".join(f"`{one}`" for one in waiting)
        hint = (
            f" Those that wait for a hand are {listed}." if listed else " None of its jobs waits for a hand."
        )
        raise NotUnderstood(f"Pipeline #{target.pipeline} has no job `{name}`.{hint}", suggestions=lines)
    if found.status != "manual":
        raise Refused(
            f"`{found.name}` of pipeline #{target.pipeline} does not wait for a hand: GitLab says {found.status}."
        )
    return found


def _configuration(gitlab: GitLab, project: Project, one: Pipeline, job: Job) -> Catalogue:
    """Return the jobs of its commit; raises Refused if nobody can tell any more what the job deploys, and where."""
    found = standing_job.known_at(gitlab, project, one.sha)
    if found is None or all(known.name != job.name for known in found.jobs):
        raise Refused(
            f"The configuration of {project.path} at that commit does not tell me what `{job.name}` would deploy."
            f" Play it in GitLab: {job.url}"
        )
    return found


def _what(project: Project, one: Pipeline, there: Catalogue, jobs: list[Job], job: Job) -> guarded.Subject:
    """Return what playing it means, for the ladder, with the deployments that may follow."""
    known = next(each for each in there.jobs if each.name == job.name)
    environment = guarded.named(known.environment or "", one.ref, "", {}) if known.environment else ""
    return standing_job.subject(
        project, Source(COMMIT, one.ref, one.ref, one.sha), environment, there, jobs, job
    )


def _deployment(kit: Kit, asked: Request | Click, project: Project, route: Route) -> Order:
    """Return it as a deployment, with what would change there."""
    gitlab, what = kit.gitlab_as(asked.person), route.what
    source = Source(COMMIT, what.ref, what.ref, what.sha)
    there = gitlab.environment(project.id, what.environment)
    found = previews.preview(kit, gitlab, project, source, there, route)
    typed = f"{project.path} pipeline play {quote(what.job.name)} #{route.pipeline}"
    return Order("deploy", project, route, replace(found, typed=typed))


def _intend(kit: Kit, draw: Drawing, asked: Request | Click, project: Project, route: Route, job: Job) -> Run:
    """Write down the run of a job that deploys nothing, after climbing the ladder."""
    what = route.what
    deed = guarded.deed(kit, what, asked.person, asked.place)
    call = f"POST /projects/{project.path}/jobs/{job.id}/play"
    verdict = ladder.check(kit, deed, asked.permit, what.bound, name=asked.name, call=call)
    run = Run(
        id=kit.new_id(), source=asked.key, person=asked.person, asker=asked.name, place=asked.place,
        project=project.path, project_id=project.id, job=job.name, ref=what.ref, sha=what.sha, arguments="",
        start=PLAY, asked_at=kit.now(), next_look=life.NEVER, pipeline=route.pipeline,
        pipeline_url=route.pipeline_url, job_id=job.id, job_url=job.url,
        overridden=kit.redact(held.overridden(verdict, asked.permit, asked.name)),
    )  # fmt: skip
    plan = held.plan(kit, draw, run, verdict, what.bound, asked.permit)
    if life.begin(kit, draw, plan.run, plan.note):
        return plan.run
    with kit.store.read() as tx:
        return tx.runs.by_source(asked.key) or plan.run
