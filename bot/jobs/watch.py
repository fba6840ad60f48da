"""Watches the jobs that were started from chat: who is due, what GitLab says of them, what follows from it.

One due-queue in the store, one round a tick. Whoever is looked at has its next look pushed ahead first, so that
a look that fails or a crash in the middle never becomes a busy loop. There is no time limit.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from bot.errors import GitLabError, GitLabSaidNo, NotFound, TokenRejected
from bot.jobs import answer, cadence, chatted, life, lost, play, standings, start, trace
from bot.jobs.life import Drawing
from bot.kit import Kit
from bot.model import ENDED, Job, Millis, Run, RunState

log = logging.getLogger(__name__)

MOST_DUE = 20_000
#: Up to here each job is asked for by itself, which tells more; above, statuses come in batches.
FEW = 3
#: Where GitLab refuses batches: how many are asked for one by one a round. It lets 2 000 requests a minute
#: through (gitlab-api.md 5.1), and rounds are a second apart.
MOST_SINGLY = 20
#: How many logs of running jobs are peeked into a round, and how much of each is read.
PEEKS, PEEK_BYTES = 4, 2_000_000
#: How many cards show passing time a round: Slack takes 50 edits a minute, and changes of state come first.
REDRAWN = 20
#: Rows written in one transaction, about 5 ms.
PORTION = 200


def look(kit: Kit, draw: Drawing) -> None:
    """Do one round: take what is due, ask GitLab once for all of it, and let everything follow."""
    now = kit.now()
    with kit.store.read() as tx:
        due = tx.runs.due(now, life_states(), MOST_DUE)
    if not due:
        return
    for some in _portions(due):
        with kit.store.write() as tx:
            for run in some:
                tx.runs.change(run.id, run.state, next_look=now + cadence.wait(run, now), looks=run.looks + 1)
    for run in due:
        if run.state in {RunState.CALLING, RunState.UNKNOWN}:
            kit.apart(_lane(run), partial(_look_up, kit, draw, run))
        elif run.state is RunState.REPLYING:
            kit.apart(_lane(run), partial(_answer, kit, draw, run))
    _watch(kit, draw, [run for run in due if run.state is RunState.RUNNING])


def life_states() -> tuple[RunState, ...]:
    """Return the states in which a run has to be looked at."""
    return (RunState.CALLING, RunState.UNKNOWN, RunState.RUNNING, RunState.REPLYING)


def resume(kit: Kit) -> int:
    """After a start: have everything unfinished looked at now. Return how many runs there are."""
    now = kit.now()
    with kit.store.write() as tx:
        unfinished = tx.runs.open_runs()
        for run in unfinished:
            tx.runs.change(run.id, run.state, next_look=now)
    return len(unfinished)


# Statuses -------------------------------------------------------------------------------------------------


def _watch(kit: Kit, draw: Drawing, due: Sequence[Run]) -> None:
    known = [run for run in due if run.job_id is not None]
    for run in due:
        if run.job_id is None:
            kit.apart(_lane(run), partial(_find_job, kit, draw, run))
    if len(known) <= FEW:
        for run in known:
            kit.apart(_lane(run), partial(_look_closely, kit, draw, run, peek=True))
    elif known:
        kit.apart("statuses", partial(_watch_many, kit, draw, known))


def _lane(run: Run) -> str:
    """Return the name of all that is done apart for a run: a second look waits for no first one, it is left out."""
    return f"run {run.id}"


def _watch_many(kit: Kit, draw: Drawing, known: Sequence[Run]) -> None:
    """Ask GitLab in batches, and look closely only at those that have changed."""
    try:
        statuses = kit.gitlab.statuses([(run.project, run.job_id or 0) for run in known])
    except GitLabError as error:
        log.warning("GitLab did not tell how %d jobs are: %s", len(known), error)
        if isinstance(error, GitLabSaidNo) and not isinstance(error, TokenRejected):
            _one_by_one(kit, draw, known)
        else:
            _failed(kit, known)
        return
    # A manual job stays as it is until it is played.
    same = [run for run in known if statuses.get(run.job_id or 0) == run.status != "manual"]
    as_before = {run.id for run in same}
    for run in known:
        if run.id not in as_before:
            kit.apart(_lane(run), partial(_look_closely, kit, draw, run, peek=False))
    _redraw(kit, draw, same)


def _one_by_one(kit: Kit, draw: Drawing, runs: Sequence[Run]) -> None:
    """Ask for each job by itself where GitLab answers no GraphQL; the rest comes first in the next round."""
    for some in _portions(runs[MOST_SINGLY:]):
        with kit.store.write() as tx:
            for run in some:
                tx.runs.change(run.id, run.state, next_look=run.next_look)
    for run in runs[:MOST_SINGLY]:
        kit.apart(_lane(run), partial(_look_closely, kit, draw, run, peek=False))


def _redraw(kit: Kit, draw: Drawing, running: Sequence[Run]) -> None:
    """Show how time passes on some cards of jobs that go on, in turn, and peek into a few of their logs."""
    at = sum(run.looks for run in running) % max(len(running), 1)
    turn = [*running[at:], *running[:at]][:REDRAWN]
    for run in turn[:PEEKS]:
        kit.apart(_lane(run), partial(_peek, kit, draw, run))
    life.redraw(kit, draw, turn[PEEKS:])


def _portions(runs: Sequence[Run]) -> Iterator[Sequence[Run]]:
    """Cut a round into transactions that are short enough for an acknowledgement to wait for."""
    return (runs[at : at + PORTION] for at in range(0, len(runs), PORTION))


def _failed(kit: Kit, runs: Sequence[Run]) -> None:
    """Push the next look of runs that could not be looked at further ahead each time."""
    now = kit.now()
    for some in _portions(runs):
        with kit.store.write() as tx:
            for run in some:
                later = now + cadence.after_failure(run)
                tx.runs.change(run.id, run.state, next_look=later, fails=run.fails + 1)


def _find_job(kit: Kit, draw: Drawing, run: Run) -> None:
    """Find the one job in the pipeline that was started for it."""
    try:
        jobs = kit.gitlab.pipeline_jobs(run.project_id, run.pipeline or 0)
    except GitLabError as error:
        _look_failed(kit, draw, run, error)
        return
    mine = next((job for job in jobs if _is_it(job, run)), None)
    if mine is None:
        problem = (
            f"Pipeline #{run.pipeline} has no job `{run.job}`: the rules left it out."
            f" It started {len(jobs)} other job(s); look at the pipeline."
        )
        life.advance(
            kit, draw, run, RunState.REFUSED, problem=problem, finished_at=kit.now(), next_look=life.NEVER
        )
        return
    _follow(kit, draw, run, mine, others=len(jobs) - 1)


def _is_it(job: Job, run: Run) -> bool:
    """Tell whether this is the job, or the first of its copies: `parallel` adds `1/3` or `: [value]` to the name."""
    return job.name == run.job or bool(re.fullmatch(re.escape(run.job) + r"(?: \d+/\d+|: \[.*\])", job.name))


def _look_closely(kit: Kit, draw: Drawing, run: Run, *, peek: bool) -> None:
    try:
        job = kit.gitlab.job(run.project_id, run.job_id or 0)
    except GitLabError as error:
        _look_failed(kit, draw, run, error)
        return
    if peek and job.status == "running" == run.status:
        _peek(kit, draw, run)
    else:
        _follow(kit, draw, run, job)


def _look_failed(kit: Kit, draw: Drawing, run: Run, error: GitLabError) -> None:
    log.warning("could not look at run %s: %s", run.id, error)
    _failed(kit, [run])
    if run.fails == 1 or isinstance(error, NotFound):
        life.update(
            kit,
            draw,
            run,
            fails=run.fails + 1,
            problem=f"I cannot see how it is doing: {error} I keep looking.",
        )


def _follow(kit: Kit, draw: Drawing, run: Run, job: Job, **more: Any) -> None:
    """Write down what GitLab says of a job, and do what follows: play it, wait, or read its log."""
    seen: dict[str, Any] = {
        "job_id": job.id,
        "job_url": job.url,
        "status": job.status,
        "failure_reason": job.failure_reason or "",
        "pipeline": job.pipeline,
        "pipeline_url": job.pipeline_url,
        "sha": job.sha or run.sha,
        "started_at": _started(run, job, kit.now()),
        "fails": 0,
        "problem": "",
        **more,
    }
    why = chatted.trouble(run, job) if chatted.is_first_look(run) else ""
    late = play.forestalled(run, job)
    if late:
        start.refuse(kit, draw, run, late)
    elif why:
        chatted.call_off(kit, draw, run, job, why, seen)
    elif job.status in ENDED:
        ended = {
            "finished_at": kit.now(),
            "progress": "",
            "next_look": kit.now() + answer.FIRST_WAIT_MS,
            "looks": 0,
        }
        moved = life.advance(kit, draw, run, RunState.REPLYING, **seen | ended)
        if moved and moved.environment:
            kit.apart(f"environments after {moved.id}", partial(standings.after, kit, draw, moved))
        if moved and job.status != "failed":  # The end of a failed job's log matters, and it comes last.
            _answer(kit, draw, moved)
    elif job.status == "manual":
        play.once(kit, draw, run, seen)
    else:
        life.update(kit, draw, run, **seen)


def _started(run: Run, job: Job, now: Millis) -> Millis | None:
    """Return when the job began, by our own clock: GitLab's may differ from it, and elapsed time must not."""
    if job.started_at and job.finished_at:
        return now - (job.finished_at - job.started_at)
    return run.started_at or (now if job.status == "running" else None)


def _peek(kit: Kit, draw: Drawing, run: Run) -> None:
    """Show the section a running job is in, or the last line it printed."""
    try:
        with kit.gitlab.trace(run.project_id, run.job_id or 0) as chunks:
            seen = trace.read(_at_most(chunks, PEEK_BYTES), redact=kit.redact)
    except GitLabError as error:
        log.info("no look into the log of run %s: %s", run.id, error)
        life.redraw(kit, draw, [run])
        return
    life.update(kit, draw, run, progress=seen.line or seen.section, fails=0, problem="")


def _at_most(chunks: Any, limit: int) -> Any:
    """Yield chunks up to `limit` bytes; of a longer log nothing, since its end is what matters."""
    held: list[bytes] = []
    for chunk in chunks:
        held.append(chunk)
        if sum(map(len, held)) > limit:
            return
    yield from held


# What was lost, and what is owed --------------------------------------------------------------------------


def _look_up(kit: Kit, draw: Drawing, run: Run) -> None:
    try:
        lost.look_up(kit, draw, run)
    except GitLabError as error:
        log.warning("could not look for run %s: %s", run.id, error)
        if kit.now() >= (run.called_at or 0) + start.SETTLE_MS and run.state is RunState.CALLING:
            lost.give_up(kit, draw, run, looked=False)


def _answer(kit: Kit, draw: Drawing, run: Run) -> None:
    try:
        answer.give(kit, draw, run)
    except GitLabError as error:
        log.warning("could not read the log of run %s: %s", run.id, error)
        answer.give_late(kit, draw, run, error)
