"""Looks at a merge request with all that a card shows of it, and keeps what was seen as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any, NamedTuple

from bot.edges.gitlab import GitLab
from bot.errors import GitLabError
from bot.merge_requests import Approvals, MergeRequest, Reference, Sighting
from bot.model import Pipeline

#: Jobs of a pipeline that are named as the ones that failed.
MOST_FAILED = 5


def see(gitlab: GitLab, about: Reference) -> Sighting:
    """
    Return a merge request as whoever `gitlab` is sees it now; raises NotFound and GitLab's other errors.

    What is only beside it, approvals and the jobs that failed, may be missing.
    """
    return whole(gitlab, gitlab.merge_request(about.project_id, about.iid))


def whole(gitlab: GitLab, one: MergeRequest) -> Sighting:
    """Return a merge request with what is beside it."""
    return Sighting(one, _approvals(gitlab, one), _failed(gitlab, one))


def _approvals(gitlab: GitLab, one: MergeRequest) -> Approvals | None:
    with suppress(GitLabError):
        return gitlab.approvals(one.project_id, one.iid)
    return None


def _failed(gitlab: GitLab, one: MergeRequest) -> tuple[str, ...]:
    """Names of the jobs that made it fail, oldest first; those that may fail did not (chatops 2.10)."""
    if one.pipeline is None or one.pipeline.status != "failed":
        return ()
    with suppress(GitLabError):
        jobs = gitlab.pipeline_jobs(one.project_id, one.pipeline.id)
        names = [job.name for job in reversed(jobs) if job.status == "failed" and not job.allow_failure]
        return tuple(dict.fromkeys(names))[:MOST_FAILED]
    return ()


# As JSON ----------------------------------------------------------------------------------------------------


def kept(seen: Sighting) -> dict[str, Any]:
    """Return what is written down of a sighting."""
    return asdict(seen)


def of_kept(written: Mapping[str, Any]) -> Sighting:
    """Return the sighting that `kept` made this of."""
    one: dict[str, Any] = dict(written["one"])
    given, ran = written["approvals"], one["pipeline"]
    one |= {name: tuple(one[name]) for name in ("labels", "reviewers")}
    found = MergeRequest(**one | {"pipeline": Pipeline(**ran) if ran else None})
    approvals = Approvals(**{**given, "by": tuple(given["by"])}) if given else None
    return Sighting(found, approvals, tuple(written["failed"]))


class Mark(NamedTuple):
    """What a card has to follow: if one of these is another by now, something has happened."""

    state: str = ""
    draft: bool = False
    sha: str = ""
    status: str = ""
    auto: bool = False
    merge_user: str = ""
    pipeline: int = 0
    pipeline_status: str = ""
    approvers: tuple[str, ...] = ()


def mark(seen: Sighting) -> str:
    """Return the mark of a sighting, as text."""
    one, ran, given = seen.one, seen.one.pipeline, seen.approvals
    return json.dumps(
        Mark(
            one.state, one.draft, one.sha, one.status, one.auto, one.merge_user, ran.id if ran else 0,
            ran.status if ran else "", given.by if given else (),
        )
    )  # fmt: skip


def was(marked: str) -> Mark:
    """Return the mark that a text holds; an empty one for none."""
    return Mark(*json.loads(marked)) if marked else Mark()
