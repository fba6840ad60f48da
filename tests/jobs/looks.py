"""A GitLab that answers every look at a job the same, by itself and in batches."""

from __future__ import annotations

import re
from typing import Any

from tests.edges import wire
from tests.jobs.scripted import job_body, script

GRAPHQL = "POST /api/graphql"
JOB = "/jobs/5501"


def jobs(status: str, **more: Any) -> Any:
    """Answers for any job: it has this status."""

    def answer(seen: wire.Seen) -> wire.Reply:
        return wire.data(job_body(status, int(seen.path.rsplit("/", 1)[-1]), **more))

    return answer


def statuses(status: str) -> Any:
    """Answers a batch: every job in it has this status; None for those that are not shown."""

    def answer(seen: wire.Seen) -> wire.Reply:
        asked = re.findall(r"j(\d+):", seen.json["query"])
        return wire.data({"data": {"p0": {f"j{one}": {"status": status.upper()} for one in asked}}})

    return answer


def answered(routes: dict[str, Any]) -> wire.Script:
    """The same, with an end for every job and its log."""
    plain = script(routes)

    def answer(seen: wire.Seen) -> wire.Reply:
        if re.search(r"/jobs/\d+/trace$", seen.path):
            return wire.plain(b"line\n")
        if re.search(r"/jobs/\d+$", seen.path) and "job" in routes:
            reply: wire.Reply = routes["job"](seen)
            return reply
        return plain(seen)

    return answer


def paths(server: wire.Server, pattern: str) -> list[str]:
    return [one for one in server.paths() if re.search(pattern, one)]
