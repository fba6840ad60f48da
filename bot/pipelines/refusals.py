"""Why nothing was done with a pipeline, in sentences."""

from __future__ import annotations

from bot.errors import BotError, GitLabSaidNo, Refused
from bot.model import RESTS, Pipeline
from bot.pipelines.plans import RUN, Plan
from bot.stages import Whole
from bot.verdicts import meaning

FORBIDDEN = 403


def check_cancel(one: Pipeline) -> None:
    """Raise Refused for a pipeline in which nothing runs."""
    if one.status in RESTS:
        raise Refused(f"Pipeline #{one.id} is not running, so there is nothing to cancel.")


def check_retry(whole: Whole) -> None:
    """Raise Refused for a pipeline in which nothing failed, or that has not ended."""
    number = whole.pipeline.id
    if whole.is_active:
        raise Refused(f"Pipeline #{number} has not ended yet. Cancel it first, or wait.")
    if not whole.can_be_retried:
        raise Refused(f"No job of pipeline #{number} failed or was canceled, so there is nothing to retry.")


def explained(plan: Plan, error: GitLabSaidNo) -> BotError:
    """Return GitLab's refusal as an error that says what it means."""
    if error.status == FORBIDDEN:
        return _forbidden(plan)
    if plan.kind != RUN:
        return error
    said = meaning(plan.project, plan.ref, error.reason, "Jobs that are started one by one need `run`.")
    return Refused(said or f"{error} Nothing was started.")


def _forbidden(plan: Plan) -> Refused:
    role = "it takes the role Developer there"
    if plan.kind != RUN:
        return Refused(f"GitLab does not let you {plan.verb} pipelines of {plan.project}: {role}.")
    return Refused(
        f"GitLab does not let you start a pipeline of `{plan.ref}` in {plan.project}: {role}, and for a protected"
        " branch the right to merge or push into it."
    )
