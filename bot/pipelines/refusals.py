"""Why nothing was done with a pipeline, in sentences."""

from __future__ import annotations

from bot.errors import BotError, GitLabSaidNo, Refused
from bot.model import RESTS, Pipeline
from bot.pipelines.plans import RUN, Plan
from bot.stages import Whole
from bot.verdicts import is_invalid, lacks_ref, leaves_nothing

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
    if leaves_nothing(error.reason):
        return Refused(
            f"The rules of {plan.project} leave nothing to run on `{plan.ref}`. Nothing was started. Jobs that are"
            " started one by one need `run`."
        )
    if lacks_ref(error.reason):
        return Refused(
            f"There is no branch or tag `{plan.ref}` in {plan.project} any more. Nothing was started."
        )
    if is_invalid(error.reason):
        return Refused(
            f"The CI configuration of {plan.project} on `{plan.ref}` is not valid: {error.reason}. Nothing was started."
        )
    return Refused(f"{error} Nothing was started.")


def _forbidden(plan: Plan) -> Refused:
    role = "it takes the role Developer there"
    if plan.kind != RUN:
        return Refused(f"GitLab does not let you {plan.verb} pipelines of {plan.project}: {role}.")
    return Refused(
        f"GitLab does not let you start a pipeline of `{plan.ref}` in {plan.project}: {role}, and for a protected"
        " branch the right to merge or push into it."
    )
