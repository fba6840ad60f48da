"""A GitLab that says what a test wants, and runs whose jobs it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.model import Run, RunState
from tests.edges import wire
from tests.jobs.stage import Stage


def job_body(status: str, number: int = 5501, name: str = "hello", **more: Any) -> dict[str, Any]:
    """A job as GitLab tells it."""
    home = "https://gitlab.example.com/acme/shop/-"
    pipeline = {"id": 77, "web_url": f"{home}/pipelines/77", "sha": "c0ffee00c0ffee00"}
    return {
        "id": number, "name": name, "stage": "chatops", "status": status, "web_url": f"{home}/jobs/{number}",
        "pipeline": pipeline, "ref": "main", "commit": {"id": "c0ffee00c0ffee00"}, **more,
    }  # fmt: skip


def running(stage: Stage, number: int = 5501, job: str = "hello", **changes: Any) -> Run:
    """A run whose job GitLab has."""
    state = {
        "state": RunState.RUNNING, "called_at": stage.clock.now, "pipeline": 77, "job_id": number,
        "status": "running", "next_look": stage.clock.now, "started_at": stage.clock.now,
    }  # fmt: skip
    return stage.intend(job, **state | changes)


def script(routes: Mapping[str, Sequence[wire.Reply] | Callable[[wire.Seen], wire.Reply]]) -> wire.Script:
    """Answers by the end of the path: replies in turn, the last one for ever. 404 for what is not there."""
    left = {
        end: wire.in_turn(*replies) if isinstance(replies, Sequence) else replies
        for end, replies in routes.items()
    }

    def answer(seen: wire.Seen) -> wire.Reply:
        for end, reply in left.items():
            method, _, path = end.rpartition(" ")
            if seen.path.endswith(path) and method in ("", seen.method):
                return reply(seen)
        return wire.data({"message": "404 Not found"}, 404)

    return answer


TRACE_BEGIN = b"\x1b[0KRunning\x1b[0;m\nsection_start:1:step_script\r\x1b[0K"
TRACE_REPLY = b"section_start:1:chat_reply\r\x1b[0K\nHello you.\nsection_end:2:chat_reply\r\x1b[0K\n"
TRACE_END = b"section_end:3:step_script\r\x1b[0K\x1b[32;1mJob succeeded\x1b[0;m\n"
WHOLE = TRACE_BEGIN + TRACE_REPLY + TRACE_END
