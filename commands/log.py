"""`log [run]`: the whole log of a job, as a file in its thread."""

from __future__ import annotations

import blocks.answers
import blocks.job
from bot.access import ladder
from bot.command import Click, Command, Request
from bot.deeds import Deed
from bot.delivery import letters
from bot.errors import Refused
from bot.jobs import trace, which
from bot.kit import Kit
from bot.model import Attachment, Message, Run
from bot.text import escape


def run(request: Request, kit: Kit) -> Message | None:
    meant = which.meant(kit, request)
    _send(kit, meant, request)
    return blocks.answers.said(f"The log of `{escape(meant.job)}` is on its way to its thread.")


def press(click: Click, kit: Kit) -> Message | None:
    meant = which.pressed(kit, click)
    _send(kit, meant, click)
    return None


def _send(kit: Kit, run: Run, who: Request | Click) -> None:
    """Send the log, if GitLab shows it to who asks: not everybody who sees the card may read it."""
    deed = Deed(("log",), who.person, who.place.channel, project=run.project, job=run.job, ref=run.ref,
                environment=run.environment, tier=run.tier)  # fmt: skip
    ladder.require(kit, deed)
    if run.job_id is None:
        raise Refused(f"`{run.job}` has no log: GitLab never gave it a job.")
    with kit.gitlab_as(who.person).trace(run.project_id, run.job_id) as chunks:
        text = trace.whole(chunks, redact=kit.redact)
    if not text.strip():
        raise Refused(f"The log of `{run.job}` is still empty. Try again in a moment.")
    said = blocks.job.log_file(run)
    message = Message(said.text, said.blocks, Attachment(f"{run.job_id}.log.txt", text))
    with kit.store.write() as tx:
        letters.in_thread(tx, f"{who.key}.log", message, run, kit.now())
    kit.deliver()


COMMAND = Command(
    "log", "log [run]", "The whole log of a job, as a file in its thread.", ("log", "log fail"), run,
    buttons={blocks.job.LOG: press},
)  # fmt: skip
