"""Plays a job of a pipeline that waits for a hand: it becomes a run with a card of its own, or a deployment."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.access import ladder
from bot.catalogues import Catalogue
from bot.command import Click, Request
from bot.edges.gitlab import GitLab
from bot.edges.gitlab_wire import PER_PAGE
from bot.edges.store import Tx
from bot.errors import LeftOut, NotUnderstood, Refused
from bot.jobs import deploying, guarded, held, life, previews, standing_job, start, wishes
from bot.jobs.deploying import Order
from bot.jobs.life import Drawing
from bot.jobs.routes import Route
from bot.jobs.sources import COMMIT, Source
from bot.kit import Kit
from bot.model import MOST_OPTIONS, PLAY, Job, Option, Pipeline, Project, Run, RunState
from bot.pipelines import guards
from bot.pipelines.seeing import Target
from bot.words import nearest, quote

#: The status of a job that waits for a hand.
MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class _Found:
    """A job that waits, and what playing it means."""

    project: Project
    job: Job
    route: Route
    deploys: bool


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
    found = _find(kit, asked, target, name, number)
    if found.deploys:
        return deploying.once(kit, draw, asked, lambda: _deployment(kit, asked, found))
    run = _intend(kit, draw, asked, found)
    return start.call(kit, draw, run) if run.state is RunState.ASKED else ""


def _find(kit: Kit, asked: Request | Click, target: Target, name: str, number: int | None) -> _Found:
    """Return the job that is meant, and what playing it means; raises as `play` does."""
    gitlab = kit.gitlab_as(asked.person)
    project, one = gitlab.project(target.project_id), gitlab.pipeline(target.project_id, target.pipeline)
    ladder.require(kit, guards.plain_deed(asked, project.id, project.path, one.ref))
    wishes.check_watchable(kit, project)
    jobs = gitlab.pipeline_jobs(project.id, one.id)
    job = _waiting(target, jobs, name, number)
    there = standing_job.known_at(gitlab, project, one.sha)
    goes = _goes(gitlab, project, one, there, job)
    source = Source(COMMIT, one.ref, one.ref, one.sha)
    what = standing_job.subject(project, source, goes.environment, there, jobs, job)
    how = f"starts `{job.name}` of pipeline #{one.id}"
    route = Route(PLAY, what, how, pipeline=one.id, pipeline_url=one.url, job=job)
    return _Found(project, job, route, goes.deploys)


def left_out(kit: Kit, asked: Request, target: Target) -> LeftOut | Refused:
    """Return the question which job is to be played, or that there is none."""
    jobs = kit.gitlab_as(asked.person).pipeline_jobs(target.project_id, target.pipeline)
    names = dict.fromkeys(one.name for one in jobs if one.status == MANUAL)
    if not names:
        return Refused(f"No job of pipeline #{target.pipeline} waits for a hand.")
    return LeftOut(
        f"Play which job of pipeline #{target.pipeline}?", before=f"{target.project} pipeline play",
        after=f"#{target.pipeline}", options=tuple(Option(name, name) for name in names)[:MOST_OPTIONS],
    )  # fmt: skip


def _waiting(target: Target, jobs: list[Job], name: str, number: int | None) -> Job:
    """Return the job that is meant, if it waits for a hand."""
    found = next((one for one in jobs if one.id == number), None)
    found = found or next((one for one in jobs if one.name == name), None)
    waiting = [one.name for one in jobs if one.status == MANUAL]
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
    if found.status != MANUAL:
        raise Refused(
            f"`{found.name}` of pipeline #{target.pipeline} does not wait for a hand: GitLab says {found.status}."
        )
    return found


@dataclass(frozen=True, slots=True)
class _Goes:
    """Where a job goes."""

    environment: str
    """Empty if it has none."""
    deploys: bool
    """Whether it does not only stop it, or look at it."""


def _goes(gitlab: GitLab, project: Project, one: Pipeline, there: Catalogue | None, job: Job) -> _Goes:
    """
    Return where a job that waits would go: GitLab's own word first, then that of its configuration.

    GitLab writes a deployment down as soon as there is a job for it (doc/ci/environments/deployments.md). What is
    included from elsewhere may have changed since, and what inputs choose is not told: raises Refused where nobody
    knows.
    """
    own = next((each for each in gitlab.deployments(project.id, most=PER_PAGE) if each.job == job.id), None)
    if own:
        return _Goes(own.environment, deploys=True)
    known = next((each for each in there.jobs if each.name == job.name), None) if there else None
    if known is None or known.passed:
        raise Refused(
            f"The configuration of {project.path} at that commit does not tell me what `{job.name}` would deploy."
            f" Play it in GitLab: {job.url}"
        )
    return _Goes(guarded.named(known.environment or "", one.ref, "", {}), known.deploys)


def _deployment(kit: Kit, asked: Request | Click, found: _Found) -> Order:
    """Return it as a deployment, with what would change there."""
    project, route, gitlab = found.project, found.route, kit.gitlab_as(asked.person)
    what = route.what
    source = Source(COMMIT, what.ref, what.ref, what.sha)
    there = gitlab.environment(project.id, what.environment)
    preview = previews.preview(kit, gitlab, project, source, there, route)
    typed = f"{project.path} pipeline play {quote(what.job.name)} #{route.pipeline}"
    return Order("deploy", project, route, replace(preview, typed=typed))


def _intend(kit: Kit, draw: Drawing, asked: Request | Click, found: _Found) -> Run:
    """Write down the run of a job that does not deploy, after climbing the ladder."""
    project, job, route, what = found.project, found.job, found.route, found.route.what
    deed = guarded.deed(kit, what, asked.person, asked.place)
    call = f"POST /projects/{project.path}/jobs/{job.id}/play"
    verdict = ladder.check(kit, deed, asked.permit, what.bound, name=asked.name, call=call)
    run = Run(
        id=kit.new_id(), source=asked.key, person=asked.person, asker=asked.name, place=asked.place,
        project=project.path, project_id=project.id, job=job.name, ref=what.ref, sha=what.sha, arguments="",
        start=PLAY, asked_at=kit.now(), next_look=life.NEVER, pipeline=route.pipeline,
        pipeline_url=route.pipeline_url, job_id=job.id, job_url=job.url, environment=deed.environment, tier=deed.tier,
        overridden=kit.redact(held.overridden(verdict, asked.permit, asked.name)),
    )  # fmt: skip
    plan = held.plan(kit, draw, run, verdict, what.bound, asked.permit)

    def note(tx: Tx) -> None:
        _check_alone(tx, plan.run)
        plan.note(tx)

    if life.begin(kit, draw, plan.run, note):
        return plan.run
    with kit.store.read() as tx:
        return tx.runs.by_source(asked.key) or plan.run


def _check_alone(tx: Tx, run: Run) -> None:
    """Raise Refused if somebody has asked for that very job already: pressed twice, it is played once."""
    for one in tx.runs.open_runs():
        if (one.project_id, one.job_id) == (run.project_id, run.job_id) and one.id != run.id:
            raise Refused(
                f"{one.asker} has asked for that already: `{run.job}` of pipeline #{run.pipeline} begins."
            )
