"""Says in one sentence why GitLab started nothing, by what it answered."""

from __future__ import annotations

import re

from bot.errors import BotError, GitLabError, GitLabUnreachable, Refused
from bot.model import DEPLOYS, RETRY, Run
from bot.text import escape
from bot.verdicts import meaning

_LINK = re.compile(r"https?://[^\s>|)\]]+")
#: What GitLab's slash command says when it turns somebody away (gitlab-chatops.md 2.2).
_DENIED = (
    "not allowed",
    "lack access",
    "couldn't identify you",
    "project or alias not found",
    "404 not found",
)
#: What GitLab answers, with that status, when a job cannot run again (samples job_retry_not_retryable).
FORBIDDEN, NOT_RETRYABLE = 403, "not retryable"


class Whispered(GitLabError):
    """A refusal whose sentence holds something only the asker may see, such as their own sign-in link."""

    def __init__(self, sentence: str, *, public: str) -> None:
        super().__init__(sentence)
        self.public = public


def why(run: Run, error: GitLabError | Refused) -> str:
    """Say in one sentence why GitLab started nothing."""
    reason = getattr(error, "reason", "")
    low = reason.lower()
    if "variable" in low and ("insufficient" in low or "permission" in low or "allowed" in low):
        return (
            f"{run.project} does not let my account set pipeline variables, so nothing was started."
            " A maintainer can raise the minimum role under Settings, CI/CD, Variables,"
            " or the job can take `spec:inputs` instead."
        )
    if run.start == RETRY and getattr(error, "status", 0) == FORBIDDEN:
        return _not_again(run, low)
    rule = f'The job needs a rule such as `- if: $CHATOPS_JOB == "{run.job}"`.'
    return meaning(run.project, run.ref, reason, rule) or f"{error} Nothing was started."


def _not_again(run: Run, low: str) -> str:
    """Say why a job that has run before does not run again (gitlab-api.md 2.3, 2.8)."""
    if NOT_RETRYABLE in low:
        return (
            f"GitLab does not run `{run.job}` of pipeline #{run.pipeline} again: its pipeline is archived, or the job"
            " was run again in the meantime. Nothing was started."
        )
    return f"{forbidden(run)} Nothing was started."


def forbidden(run: Run) -> str:
    """Say that GitLab lets nobody, or not them, start a job that is there already: it does not say why."""
    where = f"deploy to {run.environment}" if run.environment else f"start `{run.job}`"
    newer = ", or a newer deployment came first" if run.command in DEPLOYS else ""
    return f"GitLab does not let {run.asker or 'the asker'} {where}{newer}."


def of_chat(run: Run, said: str) -> BotError:
    """Return what GitLab's own slash command means by words that are no job."""
    link = _LINK.search(said)
    if link and ("connect" in said.lower() or "authorize" in said.lower() or "chat_names" in link[0]):
        return Whispered(
            "GitLab does not know you in chat yet."
            f" <{escape(link[0])}|Connect your account>, then type the command again.",
            public=f"GitLab wants {run.asker or 'the asker'} to connect an account first. Nothing was started.",
        )
    if "could not be scheduled" in said:
        return Refused(
            f"GitLab could not schedule `{run.job}`: its rules may leave it out of a chat pipeline,"
            " or the project's CI configuration is not valid. Nothing was started."
        )
    if any(words in said.lower() for words in _DENIED):
        return Refused(
            f"GitLab does not let {run.asker or 'the asker'} run jobs of {run.project} from chat. Nothing was started."
            " A maintainer of the project can change that."
        )
    return GitLabUnreachable("GitLab answered in words I do not know.", sent=True)
