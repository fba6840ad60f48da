"""Starts a job in GitLab, once: the intent is written down, GitLab is called, the answer is written down.

No call is repeated. When GitLab's answer is lost, the pipeline is looked for by the request id it carries
(reliability.md 0.3, 2.3 P2).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.edges.gitlab import GitLab
from bot.errors import BotError, GitLabBusy, GitLabError, GitLabSaidNo, GitLabUnreachable, NotLinked, Refused
from bot.jobs import inputs, life, refusals, tied, trail
from bot.jobs.life import Drawing
from bot.kit import Kit
from bot.model import PLAIN, PLAY, RETRY, Job, Millis, Person, Pipeline, Run, RunState

log = logging.getLogger(__name__)

#: GitLab ends a web request after 60 s, so what has not appeared by then will not (reliability.md 0.3).
SETTLE_MS: Millis = 65_000
FIRST_LOOK_MS: Millis = 1_000

#: GitLab answers a Slack-like client of another kind with the id of the job (gitlab-chatops.md 1.2).
_CREATED = re.compile(r"\[#(?P<job>\d+)\]\((?P<url>[^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Started:
    pipeline: int | None
    url: str = ""
    sha: str = ""
    job: int | None = None


def call(kit: Kit, draw: Drawing, run: Run) -> str:
    """
    Ask GitLab to start a run that is written down; return what only the asker should read, mostly nothing.

    Every outcome ends on the card: running, refused with a sentence, or not known yet. Raises NotLinked, after that,
    if the asker's connection to GitLab was lost meanwhile: then nothing was started.
    """
    calling = life.advance(
        kit, draw, run, RunState.CALLING, called_at=kit.now(), next_look=kit.now() + SETTLE_MS
    )
    if calling is None:
        return ""
    try:
        started = _ask_gitlab(kit, kit.gitlab_as(run.person), calling)
    except NotLinked:
        refuse(kit, draw, calling, unconnected(run))
        raise
    except refusals.Whispered as error:
        refuse(kit, draw, calling, error.public)
        return error.sentence
    except (GitLabSaidNo, GitLabBusy, Refused) as error:
        refuse(kit, draw, calling, refusals.why(calling, error))
    except GitLabUnreachable as error:
        _unanswered(kit, draw, calling, error)
    else:
        settle(kit, draw, calling, _with_commit(kit, calling, started))
    return ""


def _with_commit(kit: Kit, run: Run, started: Started) -> Started:
    """Ask which commit it is if somebody agreed to one: GitLab's slash command tells the job alone."""
    if started.sha or started.job is None or not run.agreed:
        return started
    try:
        return of_job(kit.gitlab.job(run.project_id, started.job))
    except GitLabError as error:
        log.warning("run %s: nobody knows yet which commit began: %s", run.id, error)
        return started


def _call_off(kit: Kit, draw: Drawing, run: Run, started: Started, moved: str) -> None:
    """Cancel what began at another commit than was agreed to, and say so."""
    try:
        kit.gitlab_as(run.person).cancel_pipeline(run.project_id, started.pipeline or 0)
        said = "so I canceled its pipeline at once. Ask again."
    except BotError as error:
        log.error("run %s began at another commit and was not canceled: %s", run.id, error)
        said = f"and I could not cancel its pipeline #{started.pipeline}: {error} Please do it in GitLab."
    _answered(
        kit, draw, run, RunState.REFUSED, pipeline=started.pipeline, pipeline_url=started.url,
        problem=f"{moved}, {said}", finished_at=kit.now(), next_look=life.NEVER,
    )  # fmt: skip


def unconnected(run: Run) -> str:
    """Say on a card that its asker is not connected any more."""
    return f"{run.asker or 'The asker'} has no connection to GitLab any more. Nothing was started."


def settle(kit: Kit, draw: Drawing, run: Run, started: Started) -> None:
    """Write down that GitLab has it, to be watched; or cancel it, if the branch moved under what was agreed to."""
    moved = tied.moved(run, started.sha)
    if moved:
        _call_off(kit, draw, run, started, moved)
        return
    _answered(
        kit, draw, run, RunState.RUNNING, pipeline=started.pipeline, pipeline_url=started.url,
        sha=started.sha or run.sha, job_id=started.job, problem="", next_look=kit.now() + _first_look(run), fails=0,
    )  # fmt: skip


def _first_look(run: Run) -> Millis:
    """A manual job that waits is not started yet, so that nothing has to be waited for."""
    return 0 if run.start == PLAY and not run.retried_by else FIRST_LOOK_MS


def refuse(kit: Kit, draw: Drawing, run: Run, why: str) -> None:
    """Write down that nothing was started, and why."""
    _answered(kit, draw, run, RunState.REFUSED, problem=why, finished_at=kit.now(), next_look=life.NEVER)


def _answered(kit: Kit, draw: Drawing, run: Run, new: RunState, **changes: Any) -> Run | None:
    """Move on by GitLab's answer, even if it came so late that the run was given up before."""
    moved = life.advance(kit, draw, run, new, **changes)
    return moved or life.advance(kit, draw, replace(run, state=RunState.UNKNOWN), new, **changes)


def _unanswered(kit: Kit, draw: Drawing, run: Run, error: GitLabUnreachable) -> None:
    if not error.sent:
        refuse(kit, draw, run, f"{error} Nothing was started.")
        return
    problem = "GitLab did not say whether it started. I am looking for it and will not start it twice."
    life.update(kit, draw, run, problem=problem, next_look=kit.now() + FIRST_LOOK_MS)


# Calling GitLab -------------------------------------------------------------------------------------------


def _ask_gitlab(kit: Kit, gitlab: GitLab, run: Run) -> Started:
    if run.start == "chat":
        return _ask_as_chat(kit, gitlab, run)
    if run.start == PLAY:  # It is there, and waits; it is played when it is looked at, as any manual job is.
        return Started(run.pipeline, run.pipeline_url, run.sha, run.job_id)
    if run.start == RETRY:
        return of_job(gitlab.retry(run.project_id, run.job_id or 0))
    if run.start == PLAIN:
        return of_pipeline(gitlab.create_pipeline(run.project_id, run.ref, variables={}, inputs={}))
    given = {} if run.inputs else variables(kit, run)
    return of_pipeline(gitlab.create_pipeline(run.project_id, run.ref, variables=given, inputs=run.inputs))


def variables(kit: Kit, run: Run) -> dict[str, str]:
    """Return the variables of a run: ours (docs/writing-chat-jobs.md), and those described for people to set."""
    return {
        **run.variables,
        "CHAT_INPUT": escaped(kit, run),
        "CHAT_CHANNEL": trail.asked_in(run).channel,
        "CHAT_USER_ID": run.person.id,
        "CHATOPS_JOB": inputs.escape_dollar(run.job),
        "CHATOPS_REQUEST_ID": run.id,
    }


def escaped(kit: Kit, run: Run) -> str:
    """Return the arguments so that the runner hands them to the job as they were typed (reliability.md 0.9)."""
    escapes = kit.config.project(run.project).escape_dollar
    return inputs.escape_dollar(run.arguments) if escapes else run.arguments


def _ask_as_chat(kit: Kit, gitlab: GitLab, run: Run) -> Started:
    """Start through GitLab's own slash command, so that the source is `chat` (gitlab-chatops.md 2.3 a2, a3)."""
    settings = kit.config.projects[run.project]
    form = _slash_form(run, trail.asked_in(run).channel, escaped(kit, run))
    if settings.chat_via == "slack_app":
        form |= {"token": kit.config.gitlab.slack_app_token, "text": f"{run.project} {form['text']}"}
        said = gitlab.slack_app(form)
    else:
        said = gitlab.slash(run.project_id, settings.chat_via, form | {"token": settings.chat_token})
    created = _CREATED.search(said)
    if created:
        return Started(None, job=int(created["job"]))
    raise refusals.of_chat(run, said)


def _slash_form(run: Run, channel: str, arguments: str) -> dict[str, str]:
    return {
        "team_id": run.person.team, "team_domain": run.person.team, "user_id": run.person.id,
        "user_name": run.asker or run.person.id, "channel_id": channel, "channel_name": channel,
        "command": "/gitlab", "text": f"run {run.job} {arguments}".rstrip(),
        # GitLab demands an address to answer to; we read the log ourselves, and .invalid leads nowhere (RFC 2606).
        "response_url": f"https://signalbox.invalid/{run.id}",
    }  # fmt: skip


def of_pipeline(pipeline: Pipeline) -> Started:
    return Started(pipeline.id, pipeline.url, pipeline.sha)


# Once more --------------------------------------------------------------------------------------------------


def again(
    kit: Kit, draw: Drawing, run: Run, *, key: str, person: Person, by: str, overrides: Mapping[str, str]
) -> None:
    """
    Retry the job of a run in its own pipeline, as `person`; the card and its thread stay the same.

    `by` names them in the audit trail: a run is its asker's, and a retry may be somebody else's. `overrides` is
    what they override, by the names of Run's fields; what was overridden before counts no more.
    """
    fresh: dict[str, Any] = {
        "called_at": kit.now(),
        "next_look": kit.now() + SETTLE_MS,
        "retried_by": key,
        **overrides,
        "status": "",
        "failure_reason": "",
        "progress": "",
        "started_at": None,
        "finished_at": None,
        "cancelled_by": "",
        "landed": "",
        "page": "",
        "looks": 0,
    }
    with kit.store.write() as tx:
        calling = life.advance_in(tx, kit, draw, run, RunState.CALLING, **fresh)
        if calling is not None:
            trail.overridden(tx, kit, calling, by)
            trail.note(tx, kit, run, "retry asked", by=by)
    kit.deliver()
    if calling is None:
        raise Refused("Somebody else was faster: this run has moved on. Look at its card.")
    try:
        job = kit.gitlab_as(person).retry(run.project_id, run.job_id or 0)
    except (GitLabError, NotLinked) as error:
        if isinstance(error, GitLabUnreachable) and error.sent:
            _unanswered(kit, draw, calling, error)
            return
        before = {name: getattr(run, name) for name in fresh.keys() - {"called_at", "retried_by"}}
        life.advance(kit, draw, calling, RunState.DONE, **before | {"next_look": life.NEVER})
        if isinstance(error, NotLinked):
            raise
        raise Refused(f"GitLab did not retry `{run.job}`: {error}") from error
    settle(kit, draw, calling, of_job(job))


def of_job(job: Job) -> Started:
    return Started(job.pipeline, job.pipeline_url, job.sha, job.id)
