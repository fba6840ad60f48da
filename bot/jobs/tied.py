"""What a start is tied to: the commit that somebody confirmed, or approved, is the one that is started."""

from __future__ import annotations

from bot.deeds import SHA_SHOWN, Bound, Permit, Verdict
from bot.model import DEPLOYS, Run

#: The tier whose starts are tied to the commit that was shown, whether or not somebody had to confirm it.
DELICATE = "production"


def agreed(verdict: Verdict, bound: Bound, permit: Permit) -> str:
    """
    Return the digest of what a start is tied to, by what was said or where it goes; empty if it is not tied.

    A deployment is of a commit, however it was named.
    """
    deed = verdict.deed
    delicate = any(one.tier == DELICATE for one in (deed, *deed.along)) or deed.command in DEPLOYS
    tied = bool(verdict.wants) or permit.confirmed == bound.digest or delicate
    return bound.digest if tied else ""


def moved(run: Run, sha: str) -> str:
    """Return in words that something else was started than had been agreed to; empty if it was not."""
    if not (run.agreed and run.sha and sha) or sha == run.sha:
        return ""
    return f"{run.ref} moved {run.sha[:SHA_SHOWN]} → {sha[:SHA_SHOWN]} in the moment it started"
