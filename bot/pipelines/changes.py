"""How a pipeline is started, retried and canceled in GitLab, how that is found again, and how it is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from bot.access import audit
from bot.command import By
from bot.deeds import SHA_SHOWN
from bot.edges.gitlab import GitLab
from bot.edges.store import Tx
from bot.errors import GitLabError, GitLabSaidNo
from bot.kit import Kit
from bot.ledger import Write
from bot.model import RESTS, Job, Message, Millis, Pipeline
from bot.pipelines import cards, guards, plans, seeing
from bot.pipelines.cards import Drawing
from bot.pipelines.plans import CANCEL, RETRY, RUN, Plan
from bot.pipelines.seeing import Target
from bot.stages import Whole
from bot.writing import Kind, Result

#: GitLab's clock and ours may differ by this much.
CLOCKS_APART: Millis = 60_000
#: A variable of a run: the pipeline that has it is that of a job that somebody asked for.
OF_A_RUN = "CHATOPS_REQUEST_ID"


Make = Callable[[GitLab, Plan], Pipeline]
Find = Callable[[GitLab, Plan, Write], Pipeline | None]


def kinds(kit: Kit, draw: Drawing) -> Mapping[str, Kind]:
    """Return how each change is made, looked for after a lost answer, and told."""
    ways: Mapping[str, tuple[Make, Find]] = {
        RUN: (_start, partial(_started, kit)), RETRY: (_retry, _is_retried), CANCEL: (_cancel, _is_canceled),
    }  # fmt: skip
    return {
        kind: Kind(partial(_made, make), partial(_found, find), partial(_told, draw), partial(_settled, draw))
        for kind, (make, find) in ways.items()
    }


def _made(make: Make, gitlab: GitLab, write: Write) -> Result:
    plan = plans.of_write(write)
    made = make(gitlab, plan)
    called_off = _called_off(gitlab, plan, made)
    return _kept(gitlab, plan, made) | {"called_off": called_off}


def _called_off(gitlab: GitLab, plan: Plan, made: Pipeline) -> str:
    """Cancel what began at another commit than was agreed to, and say so; empty if it did not."""
    if plan.kind != RUN or not plan.tied or made.sha == plan.sha:
        return ""
    moved = f"{plan.ref} moved {plan.sha[:SHA_SHOWN]} → {made.sha[:SHA_SHOWN]} at that moment"
    try:
        gitlab.cancel_pipeline(plan.project_id, made.id)
    except GitLabError:
        return f"{moved}, and I could not cancel it: please do so in GitLab."
    return f"{moved}, so it was canceled at once: it would deploy what nobody has looked at. Ask again."


def _kept(gitlab: GitLab, plan: Plan, made: Pipeline) -> dict[str, Any]:
    """What is written down of a pipeline: all that its card needs; jobs that GitLab does not tell now come later."""
    jobs: list[Any] = []
    with suppress(GitLabError):
        jobs = [asdict(job) for job in gitlab.whole_jobs(plan.project_id, made.id)]
    title = seeing.title(gitlab, plan.project_id, made.sha)
    return {"pipeline": asdict(made), "jobs": jobs, "title": title}


def _start(gitlab: GitLab, plan: Plan) -> Pipeline:
    return gitlab.create_pipeline(plan.project_id, plan.ref, variables={}, inputs={})


def _retry(gitlab: GitLab, plan: Plan) -> Pipeline:
    return gitlab.retry_pipeline(plan.project_id, plan.pipeline)


def _cancel(gitlab: GitLab, plan: Plan) -> Pipeline:
    return gitlab.cancel_pipeline(plan.project_id, plan.pipeline)


def _found(find: Find, gitlab: GitLab, write: Write) -> Result | None:
    plan = plans.of_write(write)
    found = find(gitlab, plan, write)
    return _kept(gitlab, plan, found) if found else None


def _started(kit: Kit, gitlab: GitLab, plan: Plan, write: Write) -> Pipeline | None:
    """The newest pipeline of that ref and commit that this person has made since, and that nothing else explains."""
    with kit.store.read() as tx:
        known = tx.runs.pipelines(plan.project_id) | tx.pipeline_cards.started(plan.project_id)
        account = tx.accounts.get(write.person)
    if account is None:
        return None
    since = write.at - CLOCKS_APART
    made = gitlab.pipelines_by(plan.project_id, account.username, plan.ref, since)
    return next((one for one in made if one.id not in known and _is_plain(gitlab, plan, one)), None)


def _is_plain(gitlab: GitLab, plan: Plan, one: Pipeline) -> bool:
    """Whether it is no run's: that has variables of ours, which its maker may see."""
    try:
        return OF_A_RUN not in gitlab.pipeline_variables(plan.project_id, one.id)
    except GitLabSaidNo:
        return True


def _is_retried(gitlab: GitLab, plan: Plan, _write: Write) -> Pipeline | None:
    jobs = gitlab.whole_jobs(plan.project_id, plan.pipeline)
    newer = any(job.id > plan.newest for job in jobs)
    return gitlab.pipeline(plan.project_id, plan.pipeline) if newer else None


def _is_canceled(gitlab: GitLab, plan: Plan, _write: Write) -> Pipeline | None:
    found = gitlab.pipeline(plan.project_id, plan.pipeline)
    return found if found.status in {*RESTS, "canceling"} else None


def _settled(draw: Drawing, tx: Tx, kit: Kit, write: Write, result: Result) -> None:
    plan, whole = plans.of_write(write), whole_of(result)
    who = By(write.id, write.person, write.name, write.place)
    target = Target(plan.project_id, plan.project, whole.pipeline.id)
    said = result.get("called_off") or plans.remark(plan, write.name)
    card = cards.new(kit, who, target, whole, living=True, title=result["title"])
    if plan.kind == RUN:
        cards.post(
            tx, kit, draw, replace(card, started=True, deploys=plan.deploys, remark=said, next_look=0), whole
        )
        tx.places.set_last(write.person, plan.project)
    else:
        cards.tell(tx, kit, draw, card, whole, key=write.id, remark=said)
    _note(tx, kit, write, plan, whole.pipeline.id, result.get("called_off") or "")


def whole_of(result: Result) -> Whole:
    """Return the pipeline that was written down of a change."""
    jobs = tuple(Job(**{**job, "tags": tuple(job["tags"])}) for job in result["jobs"])
    return Whole(Pipeline(**result["pipeline"]), jobs)


def _note(tx: Tx, kit: Kit, write: Write, plan: Plan, pipeline: int, detail: str) -> None:
    who = By(write.id, write.person, write.name, write.place)
    deed = guards.plain_deed(who, plan.project_id, plan.project, plan.ref, plan.verb)
    account = tx.accounts.get(write.person)
    made = audit.entry(
        kit, deed, plans.DECISIONS[plan.kind], name=write.name, place=write.place, account=account,
        pipeline=pipeline, detail=detail or f"at {plan.sha[:SHA_SHOWN]}",
    )  # fmt: skip
    audit.note(tx, made)


def _told(draw: Drawing, _kit: Kit, write: Write, result: Result | None) -> Message:
    plan = plans.of_write(write)
    if result is None:
        undone = {
            RUN: f"No pipeline of {plan.ref} was started", RETRY: f"Pipeline #{plan.pipeline} was not retried",
            CANCEL: f"Pipeline #{plan.pipeline} was not canceled",
        }[plan.kind]  # fmt: skip
        return draw.outcome(plan.project, "", f"{undone}: nothing came of it. Ask for it again.")
    one = whole_of(result).pipeline
    return draw.outcome(
        plan.project, one.url, f"pipeline #{one.id} after all: {plans.remark(plan, write.name)}."
    )
