"""Looks at what GitLab's own slash command started: as which GitLab user, and at which commit."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from bot.errors import BotError
from bot.jobs import life, tied
from bot.jobs.life import Drawing
from bot.kit import Kit
from bot.model import ENDED, Job, Run, RunState

log = logging.getLogger(__name__)


def is_first_look(run: Run) -> bool:
    """Tell whether a job that `start = "chat"` started is seen for the first time; a retry is no such start."""
    return run.start == "chat" and not run.status and not run.retried_by


def trouble(run: Run, job: Job) -> str:
    """
    Return, without its end, the sentence why a job is not what was asked for; empty if it is.

    GitLab runs it as the user of its own link to Slack (ChatName), which may be another than the one that rules and
    approvals looked at, and it takes the newest commit (gitlab-chatops.md 2.3).
    """
    if run.gitlab_id and job.user_id and job.user_id != run.gitlab_id:
        whose = f"as @{job.username}" if job.username else f"as user {job.user_id}"
        return (
            f"GitLab's own link to Slack runs it {whose}, which is not the account that {run.asker or 'the asker'}"
            " connected to me"
        )
    return tied.moved(run, job.sha)


def call_off(kit: Kit, draw: Drawing, run: Run, job: Job, why: str, seen: Mapping[str, Any]) -> None:
    """Cancel a job that is not what was asked for, as the asker, and end its run; once, whatever becomes of that."""
    ended = {
        "problem": f"{why}, {_canceled(kit, run, job)}",
        "finished_at": kit.now(),
        "next_look": life.NEVER,
    }
    life.advance(kit, draw, run, RunState.REFUSED, **dict(seen) | ended)


def _canceled(kit: Kit, run: Run, job: Job) -> str:
    if job.status in ENDED:
        return f"and it had ended ({job.status}) before I saw that."
    try:
        kit.gitlab_as(run.person).cancel(run.project_id, job.id)
    except BotError as error:
        log.error("run %s is not what was asked for and was not canceled: %s", run.id, error)
        return f"and I could not cancel it: {error} Please do it in GitLab."
    return "so I canceled it."
