"""Plays a manual job, once: somebody asked for it in chat, so nobody has to press play in GitLab as well."""

from __future__ import annotations

from typing import Any

from bot.errors import BotError, GitLabError, NotLinked
from bot.jobs import life, start
from bot.jobs.life import Drawing
from bot.kit import Kit
from bot.model import Run

#: GitLab's answer to who may not start a job, such as one that deploys to a protected environment.
FORBIDDEN = 403


def once(kit: Kit, draw: Drawing, run: Run, seen: dict[str, Any]) -> None:
    """
    Start a manual job: somebody asked for it. It is asked for again only once the last call is surely over.

    GitLab lets a manual job that has ended be played anew, so a second call that comes late would run it twice.
    """
    now = kit.now()
    if run.status == "manual" and now < (run.called_at or 0) + start.SETTLE_MS:
        life.update(kit, draw, run, **seen | {"problem": run.problem})
        return
    claimed = life.update(kit, draw, run, **seen | {"called_at": now, "next_look": now + start.FIRST_LOOK_MS})
    if claimed:
        _play(kit, draw, claimed)


def _play(kit: Kit, draw: Drawing, run: Run) -> None:
    try:
        kit.gitlab_as(run.person).play(run.project_id, run.job_id or 0)
    except (GitLabError, NotLinked) as error:
        if getattr(error, "status", 0) == 400 and "unplayable" in getattr(error, "reason", "").lower():
            return  # It runs already.
        if getattr(error, "status", 0) == FORBIDDEN or isinstance(error, NotLinked):
            _not_theirs(kit, draw, run, error)
            return
        life.update(kit, draw, run, problem=f"GitLab has not let it start yet: {error}")


def _not_theirs(kit: Kit, draw: Drawing, run: Run, error: BotError) -> None:
    """End a run whose job its asker may not start, such as a deployment to a protected environment."""
    where = f" deploy to {run.environment}" if run.environment else f" start `{run.job}`"
    why = (
        f"GitLab does not let {run.asker or 'the asker'}{where}. Nothing was started; its pipeline is there."
    )
    start.refuse(kit, draw, run, start.unconnected(run) if isinstance(error, NotLinked) else why)
