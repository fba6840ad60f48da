"""How many runs may be open at once, of one person and in one project."""

from __future__ import annotations

from bot.deeds import Deed, Mark, Step
from bot.kit import Kit
from bot.text import plural

NAME = "limits"
#: What a deed has to be, among other things, to make a run.
RUN = "run"


def step(kit: Kit, deed: Deed, *, run: str = "") -> Step:
    """
    Return how the limits of the policy see this deed; only what starts a run meets them, and zero is no limit.

    `run` is the deed's own run if it is there already: a run that was held does not stand in its own way, and waits
    until other runs have ended.
    Two people who ask in the same moment may both be let in to the last place of a project.
    """
    limits = kit.config.policy.limits
    if RUN not in deed.commands or not (limits.open_runs_per_person or limits.open_runs_per_project):
        return Step(NAME, Mark.FINE, "No limit of open runs applies.")
    with kit.store.read() as tx:
        mine, there = tx.runs.open_of(deed.person, deed.project_id, but=run)
    if 0 < limits.open_runs_per_person <= mine:
        return Step(
            NAME,
            Mark.STOP,
            f"You have {plural(mine, 'open run')}, and one person may have {limits.open_runs_per_person} at once."
            " Wait until one of them ends, or call one off with `cancel`.",
            passing=bool(run),
        )
    if 0 < limits.open_runs_per_project <= there:
        return Step(
            NAME,
            Mark.STOP,
            f"{deed.project} has {plural(there, 'open run')}, and one project may have"
            f" {limits.open_runs_per_project} at once. Try again when one of them has ended.",
            passing=bool(run),
        )
    project = f", {deed.project} {there}{_of(limits.open_runs_per_project)}" if deed.project else ""
    return Step(NAME, Mark.FINE, f"Open runs: you have {mine}{_of(limits.open_runs_per_person)}{project}.")


def _of(limit: int) -> str:
    return f" of {limit}" if limit else ""
