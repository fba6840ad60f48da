"""What can be done with a run that is there: cancel it, retry it."""

from __future__ import annotations

from bot.access import accounts, audit, facts, ladder
from bot.command import Click, Request
from bot.deeds import Bound, Verdict, digest
from bot.edges.gitlab import GitLab
from bot.errors import GitLabSaidNo, Refused
from bot.jobs import guarded, held, life, start, trail
from bot.jobs.life import Drawing
from bot.kit import Kit
from bot.model import ENDED, Run, RunState
from bot.policy import ROLES

#: Jobs in these states may be run again in their pipeline (doc/api/jobs.md, "Retry a job").
RETRYABLE = frozenset({"failed", "canceled", "success"})


def cancel(kit: Kit, draw: Drawing, run: Run, who: Request | Click) -> None:
    """
    Ask GitLab, as who asks, to cancel the job of a run; asking twice does no harm.

    Raises Refused when there is nothing to cancel or GitLab says no, and what the ladder raises.
    """
    if run.state is RunState.HELD:
        _let_go(kit, draw, run, who)
        return
    if run.state in {RunState.ASKED, RunState.CALLING}:
        raise Refused(
            f"GitLab has not confirmed `{run.job}` yet, so there is nothing to cancel. Try again in a moment."
        )
    if run.state is not RunState.RUNNING or run.status in ENDED:
        raise Refused(f"`{run.job}` is not running any more, so there is nothing to cancel.")
    _climb(kit, run, who, "cancel")
    gitlab = kit.gitlab_as(who.person)
    try:
        gitlab.cancel(run.project_id, run.job_id or _its_job(gitlab, run))
    except GitLabSaidNo as error:
        raise Refused(f"GitLab did not cancel `{run.job}`: {error}") from error
    name = who.name or who.person.id
    with kit.store.write() as tx:
        trail.note(tx, kit, run, "canceled", by=_whom(kit, who))
        life.advance_in(
            tx, kit, draw, run, run.state, cancelled_by=name, next_look=kit.now() + start.FIRST_LOOK_MS
        )
    kit.deliver()


def _let_go(kit: Kit, draw: Drawing, run: Run, who: Request | Click) -> None:
    """
    Nothing has been started yet: it is for its asker to let go of it, for those whose approval it had, for Maintainers.

    Raises Refused for anybody else, and what the ladder raises for them.
    """
    if run.hold == "approval" and not run.approved_by:
        raise Refused(f"`{run.job}` waits for an approval. Press Withdraw on its card.")
    if who.person != run.person:
        _check_may_let_go(kit, run, who)
    name = who.name or who.person.id
    why = f"Withdrawn by {name}. Nothing was started."
    with kit.store.write() as tx:
        account = tx.accounts.get(who.person)  # Its asker may have parted with theirs: that is no hindrance.
        moved = life.advance_in(tx, kit, draw, run, RunState.REFUSED, problem=why, hold="", hold_said="",
                                hold_until=None, finished_at=kit.now(), next_look=life.NEVER)  # fmt: skip
        if moved is not None:
            trail.note(tx, kit, run, "withdrawn", by=audit.whom(name, account) if account else name)
    kit.deliver()


def _check_may_let_go(kit: Kit, run: Run, who: Request | Click) -> None:
    _climb(kit, run, who, "cancel")
    account = accounts.account(kit, who.person)
    role = kit.gitlab_as(who.person).role(run.project_id, account.gitlab_id)
    with kit.store.read() as tx:
        approval = tx.approvals.get(run.id)
    by = approval.by if approval else ()
    if role >= ROLES["maintainer"] or (role >= ROLES["developer"] and facts.is_one_of(kit, who.person, by)):
        return
    others = " or ".join((*by, f"a Maintainer of {run.project}"))
    raise Refused(
        f"`{run.job}` has not started yet. Only {run.asker}, who asked for it, can take it back, or {others}."
    )


def _its_job(gitlab: GitLab, run: Run) -> int:
    """Return the job of a run that has only just begun, before the first look at it."""
    jobs = gitlab.pipeline_jobs(run.project_id, run.pipeline or 0)
    found = next((job.id for job in jobs if job.name == run.job), None)
    if found is None:
        raise Refused(
            f"I find no job `{run.job}` in pipeline #{run.pipeline}, so there is nothing to cancel."
        )
    return found


def retry(kit: Kit, draw: Drawing, run: Run, who: Request | Click) -> None:
    """
    Retry the job of a run that has ended, as who asks, once for each request.

    Raises Refused when it cannot be retried, and what the ladder raises.
    """
    if run.retried_by == who.key:
        return  # It was done before a crash; the card tells the rest.
    if run.state is RunState.UNKNOWN and run.job_id is not None:
        raise Refused(f"I do not know yet whether the last retry of `{run.job}` began. Its card will tell.")
    if run.state in {RunState.REFUSED, RunState.UNKNOWN} or run.job_id is None:
        raise Refused(f"`{run.job}` never started, so there is nothing to retry. Use `again` to run it.")
    if run.state is not RunState.DONE:
        raise Refused(f"`{run.job}` has not ended yet. Cancel it first, or wait.")
    if run.status not in RETRYABLE:
        raise Refused(
            f"GitLab cannot retry a job that was {run.status}. Use `again` to run it in a new pipeline."
        )
    verdict = _climb(kit, run, who, "retry")
    name = who.name or who.person.id
    overrides = held.overrides(kit, verdict, who.permit, name)
    start.again(kit, draw, run, key=who.key, person=who.person, by=_whom(kit, who), overrides=overrides)


def _whom(kit: Kit, who: Request | Click) -> str:
    return audit.whom(who.name, accounts.account(kit, who.person))


def _climb(kit: Kit, run: Run, who: Request | Click, command: str) -> Verdict:
    """Climb the ladder for what is done to a run. An approval is tied to one start, so a retry cannot wait for one."""
    deed = guarded.deed_of_run(run, who.person, who.place, command)
    bound = Bound(run.ref, run.sha, run.definition, digest(command, run.id), run.environment)
    call = f"POST /projects/{run.project}/jobs/{run.job_id or run.job}/{command}"
    verdict = ladder.check(kit, deed, who.permit, bound, name=who.name, call=call)
    if verdict.wants:
        raise Refused(
            f"The rule “{verdict.wants}” wants an approval for each start. Use `again`, which asks for it."
        )
    return verdict
