"""What the tests of GitLab's edge share: sample answers, calls that change something, a failing server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.edges.gitlab import GitLab
from bot.errors import GitLabError
from bot.model import Millis
from bot.tracker import NewIssue
from tests.edges import wire
from tests.edges.wire import Reply, Seen

FIXTURES = Path(__file__).parents[1] / "fixtures" / "gitlab"
TOKEN = "glpat-canary"
#: 2026-11-20T10:00:00Z
NOW: Millis = 1_795_168_800_000

#: A thread below the issue of the samples, and an event on its timeline.
THREAD = "6a9c1750b37d513a43987b574953fceb50b03ce7"
EVENT = "gid://gitlab/IncidentManagement::TimelineEvent/61"

Start = Callable[[GitLab], Any]
Connect = Callable[..., GitLab]

CHANGES: list[tuple[str, Start]] = [
    ("create", lambda gitlab: gitlab.create_pipeline(42, "main", variables={"A": "1"}, inputs={})),
    ("play", lambda gitlab: gitlab.play(42, 5510)),
    ("retry", lambda gitlab: gitlab.retry(42, 5501)),
    ("cancel", lambda gitlab: gitlab.cancel(42, 5501)),
    ("create issue", lambda gitlab: gitlab.create_issue(42, NewIssue("x"))),
    ("create incident", lambda gitlab: gitlab.create_incident(42, NewIssue("x"))),
    ("change issue", lambda gitlab: gitlab.change_issue(42, 1, {"state_event": "close"})),
    ("move issue", lambda gitlab: gitlab.move_issue(42, 1, 43)),
    ("comment", lambda gitlab: gitlab.comment(42, 1, "x")),
    ("write note", lambda gitlab: gitlab.write_note(42, 17, "x", internal=True)),
    ("reply", lambda gitlab: gitlab.reply(42, 17, THREAD, "x")),
    ("start discussion", lambda gitlab: gitlab.start_discussion(42, 17, "x")),
    ("start internal discussion", lambda gitlab: gitlab.start_discussion(42, 17, "x", internal=True)),
    ("change note", lambda gitlab: gitlab.change_note(42, 17, 3301, "x")),
    ("drop note", lambda gitlab: gitlab.drop_note(42, 17, 3301)),
    ("set severity", lambda gitlab: gitlab.set_severity("acme/shop", 17, "critical")),
    ("set status", lambda gitlab: gitlab.set_status("acme/shop", 17, "acknowledged")),
    ("add to the timeline", lambda gitlab: gitlab.add_timeline(8817, "x", NOW)),
    ("change the timeline", lambda gitlab: gitlab.change_timeline(EVENT, "x", NOW)),
    ("drop from the timeline", lambda gitlab: gitlab.drop_timeline(EVENT)),
    ("link issues", lambda gitlab: gitlab.link_issues(42, 17, 42, 12)),
    ("upload", lambda gitlab: gitlab.upload(42, "a.txt", b"x", "text/plain")),
    ("slash", lambda gitlab: gitlab.slash(42, "mattermost_slash_commands", {"token": "t", "text": "run ls"})),
]
#: One of them, where any will do.
CREATE = CHANGES[0][1]


def sample(name: str) -> Any:
    """A body as GitLab sends it."""
    return json.loads((FIXTURES / f"{name}.json").read_text())


def fails(connect: Connect, reply: Reply, start: Start) -> GitLabError:
    """The error of a call that is answered so."""
    with wire.serve(wire.always(reply)) as server, pytest.raises(GitLabError) as caught:
        start(connect(server))
    return caught.value


def answered(connect: Connect, body: Any, ask: Start, status: int = 200) -> Any:
    """What a call makes of that answer."""
    return asked(connect, body, ask, status)[0]


def asked(connect: Connect, body: Any, ask: Start, status: int = 200) -> tuple[Any, Seen]:
    """The same, and what GitLab was asked."""
    with wire.serve(wire.always(wire.data(body, status))) as server:
        return ask(connect(server)), server.seen[0]
