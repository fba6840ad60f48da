"""Which jobs that deploy start along with which: GitLab starts every job of a pipeline whose rules let it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bot.catalogues import ANY_JOB
from bot.jobs import rules

#: A name that no job has: what starts although somebody asked for this starts whatever is asked for.
NOBODYS = "\N{NULL}"
#: The one variable whose value differs from one job that is asked for to the next.
ASKED = "CHATOPS_JOB"


def joins(
    name: str, job: Mapping[str, Any], others: Collection[str], pipeline: Sequence[Any], start: rules.Start
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """
    Return in whose pipelines a job starts by itself, certainly and perhaps; ANY_JOB stands for all.

    Perhaps: a rule asks for something that only GitLab knows, such as a variable of the project.
    """
    always = _starts(name, job, NOBODYS, pipeline, start)
    if always is not False and ASKED not in str(job.get("rules")):
        return ((ANY_JOB,), ()) if always else ((), (ANY_JOB,))
    if always:
        return (ANY_JOB,), ()
    found = {other: _starts(name, job, other, pipeline, start) for other in others if other != name}
    return (
        tuple(other for other, starts in found.items() if starts),
        tuple(other for other, starts in found.items() if starts is None),
    )


def _starts(
    name: str, job: Mapping[str, Any], asked: str, pipeline: Sequence[Any], start: rules.Start
) -> bool | None:
    """Whether a job starts by itself when another one is asked for; None if only GitLab knows."""
    verdict = rules.of_job(name, job, start, asked=asked)
    if verdict.hidden_by or verdict.manual or job.get("when") in {"never", "on_failure"}:
        return False
    whole = rules.of_rules(pipeline, rules.variables(start, asked)) if pipeline else rules.Verdict()
    if whole.hidden_by:
        return False
    return True if verdict.certain and whole.certain else None
