"""The steps of the ladder about what a deployment would change: whether it does, and what its checks say."""

from __future__ import annotations

from collections.abc import Iterator

from bot.changes import Preview
from bot.deeds import Deed, Mark, Step
from bot.model import DEPLOYS
from bot.text import one_line, plural

NAME, CHECKS = "change", "checks"
ROLLBACK = "rollback"
#: Most characters of a name that are repeated.
SHOWN = 80
#: What the status of a pipeline means for what it has checked, where it means anything.
_SAID = {
    "success": (Mark.FINE, "The pipeline of this commit passed."),
    "failed": (Mark.WARN, "The pipeline of this commit failed."),
    "canceled": (Mark.WARN, "The pipeline of this commit was canceled."),
    "manual": (Mark.FINE, "The pipeline of this commit has come as far as it comes by itself."),
    "": (Mark.WARN, "No pipeline has checked this commit."),
}


def steps(deed: Deed, preview: Preview | None, *, confirmed: bool, wants: bool) -> Iterator[Step]:
    """
    Yield what has to be said of a change; nothing for what is no deployment.

    One that changes nothing, and one that only takes back, is asked about; a rollback always is. `confirmed` tells
    that the asker has agreed to just that, `wants` that others have to approve it anyway.
    """
    if preview is None or deed.command not in DEPLOYS:
        return
    yield _change(deed, preview, confirmed=confirmed, wants=wants)
    mark, said = _SAID.get(preview.checks, (Mark.WARN, "The pipeline of this commit is still under way."))
    yield Step(CHECKS, mark, said)


def _change(deed: Deed, preview: Preview, *, confirmed: bool, wants: bool) -> Step:
    where = one_line(preview.environment, SHOWN)
    question = _question(deed, preview, where)
    if question:
        mark = Mark.FINE if confirmed else Mark.WARN if wants else Mark.ASK
        return Step(NAME, mark, question)
    if preview.runs is None:
        first = "" if preview.state else " It does not exist yet; its first deployment makes it."
        return Step(NAME, Mark.FINE, f"Nothing runs on {where} yet.{first}")
    if preview.comes is None or preview.goes is None:
        return Step(NAME, Mark.WARN, "GitLab does not tell what would change: a commit of it is gone.")
    comes, goes = len(preview.comes.commits), len(preview.goes.commits)
    said = f"{plural(comes, 'commit', 'commits')} would come"
    if goes:
        return Step(NAME, Mark.WARN, f"{said}, and {_that_run(goes)} there would be taken back.")
    return Step(NAME, Mark.FINE, f"{said}.")


def _that_run(commits: int) -> str:
    return f"{plural(commits, 'commit', 'commits')} that {'runs' if commits == 1 else 'run'}"


def _question(deed: Deed, preview: Preview, where: str) -> str:
    """Return what somebody should be asked, with what is asked about; empty if there is nothing."""
    if preview.state not in {"", "available"}:
        return (
            f"{where} is {one_line(preview.state, SHOWN)}; a deployment opens it again. Deploy all the same?"
        )
    if preview.is_same:
        return f"That commit runs on {where} already, so nothing would change. Deploy it again?"
    if preview.goes_back and preview.goes:
        return f"That goes back: {_that_run(len(preview.goes.commits))} on {where} would be taken back."
    if deed.command == ROLLBACK:
        return f"That takes {where} back to an earlier deployment."
    return ""
