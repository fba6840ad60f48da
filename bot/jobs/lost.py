"""Looks for what a call started whose answer was lost; says so when it is not known (reliability.md 2.3 P2)."""

from __future__ import annotations

from collections.abc import Mapping

from bot.edges.gitlab import GitLab
from bot.errors import GitLabSaidNo, NotLinked
from bot.jobs import life, start
from bot.jobs.life import Drawing
from bot.kit import Kit
from bot.model import PLAIN, PLAY, Millis, Pipeline, Run, RunState

#: How soon a lost answer is looked for, and how often.
LOOK_UP_EVERY_MS: Millis = 4_000
#: The clocks of two machines differ by this much at most, else the request id alone decides.
SKEW_MS: Millis = 60_000
#: How far back GitLab is asked for pipelines, should its clock be behind.
DAY_MS: Millis = 86_400_000
#: How many of the newest pipelines are looked into for the request id, each with a request of its own.
MOST_LOOKED_INTO = 30


def look_up(kit: Kit, draw: Drawing, run: Run) -> None:
    """Look for what a lost answer may have started; adopt it, wait, or say that it is not known."""
    found = _again(kit, run) if run.job_id else _find(kit, run)
    late = kit.now() >= (run.called_at or 0) + start.SETTLE_MS
    if found:
        start.settle(kit, draw, run, found)
    elif late and run.job_id and run.retried_by:
        _not_retried(kit, draw, run)
    elif late and run.job_id:
        why = "GitLab did not confirm it, and I found no new job. I did not ask again; nothing was started."
        start.refuse(kit, draw, run, why)
    elif late:
        give_up(kit, draw, run, looked=True)
    else:
        life.update(kit, draw, run, next_look=kit.now() + LOOK_UP_EVERY_MS)


def give_up(kit: Kit, draw: Drawing, run: Run, *, looked: bool) -> None:
    """Say that it is not known whether it started; keep looking only while GitLab cannot be asked."""
    problem = (
        "GitLab never said whether it started, and I found no pipeline of it. I did not start it again."
        if looked
        else "GitLab has not answered since I asked, so I do not know whether it started. I did not start it again."
    )
    later = life.NEVER if looked else kit.now() + start.SETTLE_MS
    life.advance(kit, draw, run, RunState.UNKNOWN, problem=problem, next_look=later)


def _not_retried(kit: Kit, draw: Drawing, run: Run) -> None:
    """A retry that left no trace: the job is as it was before."""
    before = kit.gitlab.job(run.project_id, run.job_id or 0)
    life.advance(
        kit, draw, run, RunState.DONE, status=before.status, failure_reason=before.failure_reason or "",
        problem="GitLab did not confirm the retry, and I found no new job. I did not retry it again.",
        next_look=life.NEVER,
    )  # fmt: skip


def _again(kit: Kit, run: Run) -> start.Started | None:
    """Return the job that a retry made; a manual job that was only to be started is there as it was."""
    if run.start == PLAY and not run.retried_by:
        return start.Started(run.pipeline, run.pipeline_url, run.sha, run.job_id)
    jobs = kit.gitlab.pipeline_jobs(run.project_id, run.pipeline or 0)
    newer = [job for job in jobs if job.name == run.job and job.id > (run.job_id or 0)]
    return start.Started(run.pipeline, run.pipeline_url, run.sha, newer[0].id) if newer else None


def _find(kit: Kit, run: Run) -> start.Started | None:
    """Return the pipeline that carries this run's id, or the only one that no other request explains."""
    source, called = "chat" if run.start == "chat" else "api", run.called_at or 0
    with kit.store.read() as tx:
        ours = tx.runs.pipelines(run.project_id)
        alone = not any(_as_lost(other, run) for other in tx.runs.open_runs())
    gitlab = _as_asker(kit, run)
    unexplained = []
    found = gitlab.pipelines(run.project_id, source=source, updated_after=called - DAY_MS)
    for pipeline in [one for one in found if one.id not in ours][:MOST_LOOKED_INTO]:
        carried = _variables(gitlab, run.project_id, pipeline.id)
        if carried.get("CHATOPS_REQUEST_ID") == run.id:
            return start.of_pipeline(pipeline)
        if alone and _fits(kit, run, pipeline, carried) and _holds_job(gitlab, run, pipeline):
            unexplained.append(pipeline)
    return start.of_pipeline(unexplained[0]) if len(unexplained) == 1 else None


def _as_asker(kit: Kit, run: Run) -> GitLab:
    """Variables are shown to whoever created the pipeline; whose link is gone, I look for it with my own eyes."""
    try:
        return kit.gitlab_as(run.person)
    except NotLinked:
        return kit.gitlab


def _as_lost(other: Run, run: Run) -> bool:
    """Tell whether a pipeline without a request id might as well be that of another run of ours."""
    unsettled = other.state in {RunState.ASKED, RunState.CALLING}
    return other.id != run.id and other.project_id == run.project_id and unsettled


def _fits(kit: Kit, run: Run, pipeline: Pipeline, carried: Mapping[str, str]) -> bool:
    called = run.called_at or 0
    in_time = called - SKEW_MS <= pipeline.created_at <= called + start.SETTLE_MS + SKEW_MS
    if not in_time or pipeline.ref != run.ref:
        return False
    if run.start == PLAIN:
        return pipeline.sha == run.sha and not carried and _is_theirs(kit, run, pipeline)
    if run.start == "chat":
        return carried.get("CHAT_INPUT", run.arguments) in {run.arguments, start.escaped(kit, run)}
    return bool(run.inputs) and "CHATOPS_REQUEST_ID" not in carried


def _is_theirs(kit: Kit, run: Run, pipeline: Pipeline) -> bool:
    """Tell whether the asker made it: a plain pipeline carries nothing of ours. Lists do not say whose one is."""
    with kit.store.read() as tx:
        account = tx.accounts.get(run.person)
    return (
        account is not None and kit.gitlab.pipeline(run.project_id, pipeline.id).username == account.username
    )


def _holds_job(gitlab: GitLab, run: Run, pipeline: Pipeline) -> bool:
    """Tell whether the job was started there: a pipeline without the request id may be anybody's."""
    return any(job.name == run.job for job in gitlab.pipeline_jobs(run.project_id, pipeline.id))


def _variables(gitlab: GitLab, project: int, pipeline: int) -> Mapping[str, str]:
    try:
        return gitlab.pipeline_variables(project, pipeline)
    except GitLabSaidNo:
        return {}  # Not shown to this account: the request id cannot be read.
