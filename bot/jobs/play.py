"""Plays a manual job, once: somebody asked for it in chat, so nobody has to press play in GitLab as well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.access import ladder
from bot.deeds import Mark, Step
from bot.errors import BotError, GitLabError, NotLinked, Refused
from bot.jobs import anew, guarded, life, refusals, start, trail
from bot.jobs.life import Drawing
from bot.jobs.standing_job import NOT_BEGUN
from bot.kit import Kit
from bot.model import PLAY, Job, Millis, Run

#: GitLab's answer to who may not start a job, such as one that deploys to a protected environment.
FORBIDDEN = 403
#: What was looked at so short before counts still; a job behind a long stage is looked at anew.
FRESH_MS: Millis = 60_000
#: How often a job is tried whose deployment waits for an approval in GitLab.
APPROVAL_LOOK_MS: Millis = 10_000
#: What such a run waits for, as its card knows it.
GITLAB = "gitlab"
#: How often a job that may not start yet is looked at.
LOOK_AGAIN_MS: Millis = 30_000


def once(kit: Kit, draw: Drawing, run: Run, seen: dict[str, Any]) -> None:
    """
    Start a manual job: somebody asked for it. It is asked for again only once the last call is surely over.

    GitLab lets a manual job that has ended be played anew, so a second call that comes late would run it twice.
    Long after the start a lock, a freeze, an incident or the asker's account may not be what they were: they are
    looked at once more, and what only holds it up for a while is waited for.
    """
    now = kit.now()
    if run.status == "manual" and now < (run.called_at or 0) + start.SETTLE_MS:
        life.update(kit, draw, run, **seen | {"problem": run.problem})
        return
    if now >= (run.called_at or 0) + FRESH_MS and not _may_still(kit, draw, run, seen):
        return
    claimed = life.update(kit, draw, run, **seen | {"called_at": now, "next_look": now + start.FIRST_LOOK_MS})
    if claimed:
        _play(kit, draw, claimed)


def forestalled(run: Run, job: Job) -> str:
    """Return, as a sentence, that somebody else has started the manual job that was to be started; empty if not."""
    if run.start != PLAY or run.status or run.retried_by or job.status in NOT_BEGUN:
        return ""
    whose = f"@{job.username}" if job.username else "Somebody"
    return f"{whose} started `{run.job}` of pipeline #{run.pipeline} a moment before: {job.url}"


def _may_still(kit: Kit, draw: Drawing, run: Run, seen: dict[str, Any]) -> bool:
    """Tell whether nothing stands in the way by now; if something does, its card says so, and what becomes of it."""
    try:
        anew.check_asker(kit, run)
        stops = _stops(kit, run)
    except NotLinked:
        start.refuse(kit, draw, run, start.unconnected(run))
        return False
    except Refused as error:
        start.refuse(kit, draw, run, f"{error} Nothing was started; its pipeline is there.")
        return False
    final = next((step for step in stops if not step.passing and step.until is None), None)
    if final:
        start.refuse(kit, draw, run, f"{final.said} Nothing was started; its pipeline is there.")
    elif stops:
        problem = f"{stops[0].said} `{run.job}` starts once that is over."
        later = kit.now() + LOOK_AGAIN_MS
        life.update(kit, draw, run, **seen | {"problem": problem, "next_look": later})
    return not stops


def _stops(kit: Kit, run: Run) -> Sequence[Step]:
    deed = guarded.deed_of_run(run, run.person, trail.asked_in(run), run.command)
    if not deed.risky:
        return ()
    return [step for step in ladder.hindrances(kit, deed, anew.eases(run)) if step.mark is Mark.STOP]


def _play(kit: Kit, draw: Drawing, run: Run) -> None:
    try:
        kit.gitlab_as(run.person).play(run.project_id, run.job_id or 0)
    except (GitLabError, NotLinked) as error:
        if getattr(error, "status", 0) == 400 and "unplayable" in getattr(error, "reason", "").lower():
            _not_yet(kit, draw, run)
            return
        if getattr(error, "status", 0) == FORBIDDEN or isinstance(error, NotLinked):
            _not_theirs(kit, draw, run, error)
            return
        life.update(kit, draw, run, problem=f"GitLab has not let it start yet: {error}")


def _not_yet(kit: Kit, draw: Drawing, run: Run) -> None:
    """
    GitLab says that it cannot be played: it runs already, or its deployment waits for an approval there.

    That proves that nothing was started by this call, so that it may soon be made again (gitlab-api.md 2.6).
    """
    soon = kit.now() - start.SETTLE_MS + APPROVAL_LOOK_MS
    if run.hold == GITLAB or _is_blocked(kit, run):
        said = run.hold_said or f"GitLab waits for an approval of {run.environment} before it starts."
        life.update(kit, draw, run, hold=GITLAB, hold_said=said, called_at=soon)


def _is_blocked(kit: Kit, run: Run) -> bool:
    if not run.environment:
        return False
    try:
        found = kit.gitlab.deployments(run.project_id, run.environment)
    except GitLabError:
        return False  # It is asked again the next time.
    return any(one.pipeline == run.pipeline and one.status == "blocked" for one in found)


def _not_theirs(kit: Kit, draw: Drawing, run: Run, error: BotError) -> None:
    """End a run whose job its asker may not start, such as a deployment to a protected environment."""
    why = f"{refusals.forbidden(run)} Nothing was started; its pipeline is there."
    start.refuse(kit, draw, run, start.unconnected(run) if isinstance(error, NotLinked) else why)
