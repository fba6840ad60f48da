"""How a run looks: its living card, and the short lines about it."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import looks, parts
from blocks.incident_words import DECLARE_FROM
from blocks.reasons import reason
from blocks.reply import reply
from blocks.run_form import CHANGE, FORM
from blocks.spans import ago, took
from bot.environments import is_open
from bot.ledger import Lock
from bot.model import DEPLOYS, ENDED, WAITING, Block, Message, Millis, Run, RunState
from bot.text import clip, duration, escape, one_line, plural

CANCEL, RETRY, AGAIN, LOG = "cancel.press", "retry.press", "run.again", "log.press"
BACK, ANEW = "rollback.open", "deploy.anew"
APPROVE, REJECT, WITHDRAW = "approvals.approve", "approvals.reject", "approvals.withdraw"

__all__ = [
    "AGAIN", "ANEW", "APPROVE", "BACK", "CANCEL", "LOG", "REJECT", "RETRY", "WITHDRAW", "card", "emoji", "line",
    "log_file", "name", "past_lock", "reply", "summons", "turned_down", "word",
]  # fmt: skip

_HELD = {
    "approval": "waiting for approval", "lock": "waiting for the lock", "gitlab": "waiting for approval in GitLab",
}  # fmt: skip
_BY_STATE = {RunState.REFUSED: "not started", RunState.UNKNOWN: "not known"}
#: Statuses of a job whose deployment GitLab holds back until it is approved there (gitlab-api.md 2.6).
_BEFORE_APPROVAL = frozenset({"manual", "blocked", "created"})
#: Why GitLab ends a deployment before it began: a newer one came first.
OUTDATED = frozenset({"failed_outdated_deployment_job", "forward_deployment_failure"})
ARGUMENTS_SHOWN, LINE_SHOWN, NAME_SHOWN, SHA_SHOWN = 300, 120, 255, 8


def card(run: Run, now: Millis) -> Message:
    """Return the card of a run as it is at `now`; buttons only for moves that are legal in its state."""
    state = word(run)
    title = f"{emoji(run)} *{escape(name(run))}* {escape(state)}{_elapsed(run, now)}"
    body = [parts.section(title), parts.context(f"{_where(run)} · {_who(run)}"), *_change(run)]
    if run.arguments:
        body.append(parts.plain_context(f"Arguments: {one_line(run.arguments, ARGUMENTS_SHOWN)}"))
    if run.state is RunState.HELD:
        body.append(parts.context(f"{escape(run.hold_said)}{_until(run)}"))
    body += [parts.plain_context(line) for line in _remarks(run)]
    buttons = _buttons(run)
    if buttons:
        body.append(parts.actions(*buttons))
    return Message(f"{escape(name(run))} {escape(state)} in {escape(run.project)}", tuple(body))


def name(run: Run) -> str:
    """Return what a run is called: its job, or what it deploys where."""
    if run.command == "deploy":
        return f"Deploy {run.ref} to {run.environment}"
    return f"Roll {run.environment} back to {run.ref}" if run.command == "rollback" else run.job


def word(run: Run) -> str:
    """Return the state of a run in one word that people use."""
    if run.state in _BY_STATE:
        return _BY_STATE[run.state]
    if run.state is RunState.HELD or _waits_in_gitlab(run):
        return _HELD.get(run.hold, "waiting")
    if run.status in WAITING or run.state in {RunState.ASKED, RunState.CALLING}:
        return "queued"
    if run.cancelled_by and run.status not in ENDED:
        return "canceling"
    return "queued" if run.status == "manual" else looks.word(run.status)  # The bot plays it by itself.


def emoji(run: Run) -> str:
    """Return the emoji that stands beside the state of a run."""
    return looks.look(word(run))


def line(run: Run, now: Millis, *, aged: bool = False) -> str:
    """Return a run as one line of a list, in mrkdwn; with `aged` it says how long ago a run ended."""
    state = word(run)
    where = f"{escape(run.project)} at {escape(run.ref)}"
    link = f" · <{run.job_url}|#{run.pipeline}>" if run.job_url else ""
    title = f"{emoji(run)} *{escape(name(run))}* {escape(state)}{_elapsed(run, now)}"
    ended = run.state in {RunState.DONE, RunState.REFUSED, RunState.UNKNOWN}
    since = f" · {ago(now - (run.finished_at or run.asked_at))}" if aged and ended else ""
    return f"{title} · {where}{link}{since}"


def _waits_in_gitlab(run: Run) -> bool:
    return run.hold == "gitlab" and run.status in _BEFORE_APPROVAL and bool(run.pipeline_url)


def _elapsed(run: Run, now: Millis) -> str:
    if took(run):
        return f" in {took(run)}"
    if run.started_at:
        return f" · {duration(now - run.started_at)}"
    if run.state in {RunState.REFUSED, RunState.UNKNOWN, RunState.DONE}:
        return ""
    return f" · {duration(now - (run.called_at or run.asked_at))}"


def _where(run: Run) -> str:
    sha = f" · `{escape(run.sha[:SHA_SHOWN])}`" if run.sha else ""
    link = f" · <{run.pipeline_url}|pipeline #{run.pipeline}>" if run.pipeline_url else ""
    return f"{escape(run.project)} · {escape(run.ref)}{sha}{link}"


def _who(run: Run) -> str:
    where = f" · environment {escape(run.environment)}" if run.environment else ""
    job = f" · job {escape(run.job)}" if run.command in DEPLOYS else ""
    return f"asked by {escape(run.asker or run.person.id)}{where}{job}"


def _change(run: Run) -> list[Block]:
    """What a deployment changes, and what it has come to."""
    if run.command not in DEPLOYS and not run.landed:
        return []
    was = f"{escape(run.environment)} ran {escape(run.was)} before" if run.was else ""
    changes = parts.linked(run.changes_url, escape(run.changes)) if run.changes else ""
    landed = escape(run.landed)
    page = parts.linked(run.page, "Open it") if run.landed and run.page else ""
    told = " · ".join(one for one in (was, changes, landed, page) if one)
    return [parts.context(told)] if told else []


def _remarks(run: Run) -> list[str]:
    said = []
    said += _agreed(run)
    if run.problem:
        said.append(run.problem)
    if run.progress and run.state is RunState.RUNNING:
        said.append(f"› {clip(run.progress, LINE_SHOWN)}")
    if run.failure_reason and run.status == "failed":
        said.append(f"Reason: {reason(run.failure_reason)}{_outdated(run)}")
    if run.cancelled_by and run.status == "canceled":
        said.append(f"Canceled by {run.cancelled_by}")
    elif run.cancelled_by and run.status not in ENDED:
        said.append(f"Cancel asked by {run.cancelled_by}")
    if run.others > 0:
        said.append(f"The pipeline holds {plural(run.others, 'other job', 'other jobs')} as well.")
    if run.state is RunState.REPLYING:
        said.append("Reading its log…")
    return said


def _outdated(run: Run) -> str:
    """What a Maintainer can do about GitLab's protection from older deployments (gitlab-api.md 2.6)."""
    if run.failure_reason not in OUTDATED:
        return ""
    what = "rollbacks" if run.command == "rollback" else "older deployments"
    return (
        f". {run.project} keeps {what} from running: a Maintainer can allow them under Settings, CI/CD,"
        " General pipelines. Deploy anew makes a new pipeline instead."
    )


def _agreed(run: Run) -> list[str]:
    approved = f"Approved by {run.approved_by}" if run.approved_by else ""
    return [said for said in (run.overridden, approved) if said]


def _until(run: Run) -> str:
    return f" Until {parts.moment(run.hold_until)}." if run.hold_until else ""


def _buttons(run: Run) -> list[Block]:
    if run.state is RunState.HELD:
        return _buttons_of_held(run)
    again = parts.button("Run again", AGAIN, run.id)
    log = parts.button("Full log", LOG, run.id)
    if run.state is RunState.RUNNING:
        sure = parts.confirm(
            "Cancel this job?", f"{run.job} in {run.project} is stopped where it is.", "Cancel it", "Keep it"
        )
        stop = parts.button("Cancel", CANCEL, run.id, style="danger", confirm=sure)
        if run.cancelled_by and run.status == "running":
            return [log]
        page = [parts.link_button("Approve in GitLab", run.pipeline_url)] if _waits_in_gitlab(run) else []
        return [*page, stop, *([log] if run.status == "running" else [])]
    anew = [parts.button("Deploy anew", ANEW, run.id)] if _needs_anew(run) else []
    if run.state in {RunState.REFUSED, RunState.UNKNOWN}:
        return [*anew, again]
    if run.state is RunState.DONE:
        return [*anew, *_retries(run), again, *_back(run), log, *_declare(run)]
    return []


def _retries(run: Run) -> list[Block]:
    """What helps a run that did not pass: the same job once more, or one that is given something else."""
    if run.status not in {"failed", "canceled"}:
        return []
    change = [parts.button(CHANGE, FORM, run.id)] if run.inputs or run.variables else []
    return [parts.button("Retry", RETRY, run.id), *change]


def _declare(run: Run) -> list[Block]:
    """What failed may be more than a job: one press takes it into the form of an incident."""
    return [parts.button("Declare incident", DECLARE_FROM, run.id)] if run.status == "failed" else []


def _needs_anew(run: Run) -> bool:
    """Tell whether GitLab runs that job no more, so that only a new pipeline can deploy it."""
    refused = run.state is RunState.REFUSED and run.command in DEPLOYS and run.job_id is not None
    return refused or (run.command in DEPLOYS and run.failure_reason in OUTDATED)


def _back(run: Run) -> list[Block]:
    """The way back, once something was deployed, or was to be."""
    known = run.environment and not is_open(run.environment)
    return [parts.button("Roll back", BACK, run.id)] if known and run.status in {"success", "failed"} else []


def _buttons_of_held(run: Run) -> list[Block]:
    if run.hold != "approval" or run.approved_by:
        return [parts.button("Withdraw", CANCEL, run.id)]
    return [
        parts.button("Approve", APPROVE, run.id, style="primary"),
        parts.button("Reject", REJECT, run.id, style="danger"),
        parts.button("Withdraw", WITHDRAW, run.id),
    ]


def summons(run: Run, people: Sequence[str], groups: Sequence[str]) -> Message:
    """Return what calls those who may approve; `people` and `groups` are Slack ids, and are mentioned for real."""
    called = [parts.user(one) for one in people] + [parts.usergroup(one) for one in groups]
    spaced = [piece for one in called for piece in (parts.words(" "), one)][1:]
    asker, job = run.asker or run.person.id, one_line(name(run), NAME_SHOWN)
    said = f"{asker} asks for an approval of {job}. Decide on the card above."
    words = parts.words(f": {said}" if called else said)
    return Message(escape(said), (parts.rich_text(parts.paragraph(*spaced, words)),))


def past_lock(run: Run, lock: Lock) -> Message:
    """Return what the holder of a lock hears when somebody overrides it."""
    job, where = one_line(name(run), NAME_SHOWN), one_line(lock.environment, NAME_SHOWN)
    said = f"{job} runs on {where} past your lock. {run.overridden}"
    mention = parts.paragraph(parts.user(lock.person.id), parts.words(f": {said}"))
    return Message(escape(said), (parts.rich_text(mention),))


def turned_down(run: Run, why: str) -> Message:
    """Return what the asker of a held run hears when nothing comes of it."""
    mention = parts.paragraph(parts.user(run.person.id), parts.words(f" {name(run)}: {why}"))
    return Message(escape(f"{name(run)}: {why}"), (parts.rich_text(mention),))


def log_file(run: Run) -> Message:
    """Return the line that introduces the whole log of a run."""
    link = f"<{run.job_url}|job {run.job_id}>" if run.job_url else f"job {run.job_id}"
    so_far = ", as it is now" if run.status not in ENDED else ""
    text = f"The log of *{escape(run.job)}*, {link}{so_far}:"
    return Message(f"The log of {escape(run.job)}", (parts.section(text),))
