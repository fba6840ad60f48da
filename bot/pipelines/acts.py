"""Starts, cancels and retries whole pipelines, as the person and once."""

from __future__ import annotations

from dataclasses import replace

from bot import writing
from bot.access import outright
from bot.command import Click, Request, by
from bot.deeds import SHA_SHOWN, digest
from bot.errors import GitLabSaidNo
from bot.jobs import guarded, wishes
from bot.kit import Kit
from bot.ledger import Write
from bot.model import Message, Project
from bot.pipelines import changes, guards, plans, refusals, seeing
from bot.pipelines.cards import Drawing
from bot.pipelines.plans import CANCEL, RETRY, RUN, Plan
from bot.pipelines.seeing import Target


def run(kit: Kit, draw: Drawing, asked: Request | Click, project: Project, ref: str) -> Message | None:
    """
    Start a pipeline of a ref, with every job that its rules let in.

    Raises NotUnderstood for a ref that is not there, Refused and GitLab's errors with a sentence, and what the ladder
    raises, which looks at each deployment that begins with it.
    """
    plan = Plan(RUN, project.id, project.path, ref, "")
    if not _is_known(kit, asked, plan):
        gitlab = kit.gitlab_as(asked.person)
        wishes.check_watchable(kit, project)
        what = guards.of_new(kit, gitlab, project, ref)
        plan = replace(plan, sha=what.sha, deploys=bool(what.along or what.perhaps), tied=bool(what.along))
        call = f"POST /projects/{project.path}/pipeline on {ref} at {what.sha[:SHA_SHOWN]}"
        _climb(kit, asked, what, plan, call)
    return _once(kit, draw, asked, plan)


def retry(kit: Kit, draw: Drawing, asked: Request | Click, target: Target) -> Message | None:
    """Run the failed and canceled jobs of a pipeline again; raises as `run` does."""
    plan = Plan(RETRY, *target[:2], "", "", target.pipeline)
    if not _is_known(kit, asked, plan):
        gitlab = kit.gitlab_as(asked.person)
        project, whole = gitlab.project(target.project_id), seeing.see(gitlab, *_ids(target))
        refusals.check_retry(whole)
        what = guards.of_retry(gitlab, project, whole)
        newest = max((job.id for job in whole.jobs), default=0)
        plan = replace(plan, ref=whole.pipeline.ref, sha=what.sha, newest=newest, deploys=bool(what.along))
        _climb(kit, asked, what, plan, f"POST /projects/{target.project}/pipelines/{target.pipeline}/retry")
    return _once(kit, draw, asked, plan)


def cancel(kit: Kit, draw: Drawing, asked: Request | Click, target: Target) -> Message | None:
    """Ask GitLab to stop every job of a pipeline; raises Refused for one that has ended, and as `run` does."""
    plan = Plan(CANCEL, *target[:2], "", "", target.pipeline)
    if not _is_known(kit, asked, plan):
        found = kit.gitlab_as(asked.person).pipeline(target.project_id, target.pipeline)
        refusals.check_cancel(found)
        plan = replace(plan, ref=found.ref, sha=found.sha)
        deed = guards.plain_deed(asked, target.project_id, target.project, found.ref, "cancel")
        call = f"POST /projects/{target.project}/pipelines/{target.pipeline}/cancel"
        outright.check(kit, deed, asked.permit, name=asked.name, what="a pipeline", call=call)
    return _once(kit, draw, asked, plan)


def _ids(target: Target) -> tuple[int, int]:
    return target.project_id, target.pipeline


def _is_known(kit: Kit, asked: Request | Click, plan: Plan) -> bool:
    """Whether this request was begun before a crash: then nothing is looked at anew."""
    with kit.store.read() as tx:
        return tx.writes.get(_key(asked, plan)) is not None


def _key(asked: Request | Click, plan: Plan) -> str:
    return f"{asked.key}.{plan.verb}"


def _climb(kit: Kit, asked: Request | Click, what: guarded.Subject, plan: Plan, call: str) -> None:
    deed = guards.deed(kit, what, asked, plan.verb)
    bound = replace(what.bound, wishes=digest(plan.verb, plan.pipeline))
    outright.check_bound(kit, deed, asked.permit, bound, name=asked.name, what="a whole pipeline", call=call)


def _once(kit: Kit, draw: Drawing, asked: Request | Click, plan: Plan) -> Message | None:
    who = by(asked)
    write = Write(
        _key(asked, plan), plan.kind, who.person, who.name, who.place, plan.project_id, plan.project, plans.dump(plan)
    )  # fmt: skip
    try:
        writing.once(kit, write, changes.kinds(kit, draw)[plan.kind])
    except GitLabSaidNo as error:
        raise refusals.explained(plan, error) from error
    return None


def look(kit: Kit, draw: Drawing) -> None:
    """Look for changes of which nobody knows yet whether they were made; on every tick."""
    writing.look(kit, changes.kinds(kit, draw))
