"""Answers for a job that has ended: reads its log until the reply is there, and says it in the card's thread."""

from __future__ import annotations

from dataclasses import replace

from bot.delivery import letters
from bot.edges.store import Tx
from bot.errors import GitLabError, NotFound
from bot.jobs import life, trace
from bot.jobs.life import Drawing
from bot.kit import Kit
from bot.model import Millis, Person, Reply, Run, RunState
from bot.own import MENTION, NEVER, USUAL_S

#: The last part of a log arrives after the job has ended; GitLab's own bot waits this long (gitlab-chatops.md 1.2).
PATIENCE_MS: Millis = 300_000
#: How soon a log that is not whole is read again: doubled from the first to the last.
FIRST_WAIT_MS, LONGEST_WAIT_MS = 1_000, 15_000


def wait(run: Run) -> Millis:
    """Return after how many milliseconds the log of an ended run is read again."""
    return min(FIRST_WAIT_MS << min(run.looks, 6), LONGEST_WAIT_MS)


def give(kit: Kit, draw: Drawing, run: Run) -> None:
    """Read the log of an ended run and say the reply; raises GitLabError if it cannot be read."""
    try:
        with kit.gitlab.trace(run.project_id, run.job_id or 0) as chunks:
            # Secrets are taken out before anything is cut, so that half a token never slips through.
            reply = trace.read(chunks, redact=kit.redact)
    except NotFound:
        reply = Reply(None, complete=False)
    if _never_began(run, reply):
        reply = replace(reply, complete=True)
    if reply.complete or run.status in {"skipped", "canceled"} or _late(kit, run):
        say(kit, draw, run, reply)


def _never_began(run: Run, reply: Reply) -> bool:
    """Tell whether no runner ever took it: then there is no log to wait for."""
    return run.status == "failed" and run.started_at is None and reply.text is None and not reply.line


def give_late(kit: Kit, draw: Drawing, run: Run, error: GitLabError) -> None:
    """When the log could not be read: keep trying, and after the patience is over say so instead of the reply."""
    if _late(kit, run):
        sorry = f"The job has ended, but I could not read its log: {error} It is at {run.job_url}"
        say(kit, draw, run, Reply(sorry, complete=True))


def say(kit: Kit, draw: Drawing, run: Run, reply: Reply) -> None:
    """Write down that the run is answered, with its card and its reply, in one transaction."""
    now = kit.now()
    done = replace(run, state=RunState.DONE, next_look=life.NEVER)
    message = draw.reply(done, reply, mention=_mention(kit, run))
    with kit.store.write() as tx:
        if not life.still(tx, run) or not tx.runs.move(
            run.id, run.state, RunState.DONE, next_look=life.NEVER
        ):
            return
        done = tx.runs.get(run.id) or done  # With what was found out while the log was read.
        letters.card(tx, draw.card(life.without_secrets(kit, done), now), done, now)
        letters.in_thread(tx, f"{run.id}.{run.job_id}.reply", message, done, now)
    kit.deliver()


def _mention(kit: Kit, run: Run) -> bool:
    """Whether the asker is called by name: when it failed, or took longer than they have set."""
    if run.status == "failed":
        return True
    with kit.store.read() as tx:
        return is_long(tx, run.person, (run.finished_at or 0) - (run.called_at or run.asked_at))


def is_long(tx: Tx, person: Person, took: Millis) -> bool:
    """Tell whether something took longer than somebody has set, so that they are called by name at its end."""
    after = tx.settings.get(person, MENTION) or str(USUAL_S)
    return after != NEVER and took > int(after) * 1000


def _late(kit: Kit, run: Run) -> bool:
    return kit.now() - (run.finished_at or run.asked_at) > PATIENCE_MS
