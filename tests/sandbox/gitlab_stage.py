"""A FakeGitLab that runs on a loop of its own thread, and python-gitlab clients for it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import gitlab
import requests

from sandbox.gitlab import FakeGitLab
from sandbox.loop import Loop

Answer = TypeVar("Answer")
PROJECTS = Path(__file__).parents[2] / "sandbox" / "projects"
SAMPLES = Path(__file__).parents[1] / "fixtures" / "gitlab"
ENDED = ("success", "failed", "canceled", "skipped")


class GitLabStage:
    """A running FakeGitLab. `run` awaits one of its coroutines; `client` speaks as somebody."""

    def __init__(self, projects: Path = PROJECTS, clock: Callable[[], float] = time.time) -> None:
        self.fake = FakeGitLab(projects, clock=clock)
        self.loop = Loop()
        self.session = requests.Session()

    def __enter__(self) -> Self:
        self.loop.start()
        self.run(self.fake.start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.session.close()
        self.run(self.fake.stop())
        self.loop.stop()

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return self.loop.wait_for(work)

    def act(self, line: str, name: str = "alice") -> str:
        what, _, rest = line.partition(" ")
        return self.run(self.fake.act(name, what, rest))

    def client(self, name: str = "bot") -> gitlab.Gitlab:
        token = self.fake.tokens[name]
        return gitlab.Gitlab(self.fake.url, private_token=token, session=self.session, timeout=10)

    def bearer(self, token: str) -> gitlab.Gitlab:
        """A client that speaks with an OAuth token."""
        return gitlab.Gitlab(self.fake.url, oauth_token=token, session=self.session, timeout=10)

    def oauth(self, path: str, **form: str) -> requests.Response:
        """One form to OAuth's endpoints, as the sandbox's application unless another is named."""
        named = {"client_id": self.fake.application_id} | form
        return self.session.post(f"{self.fake.url}/oauth/{path}", data=named, timeout=10)

    def project(self, path: str = "acme/shop", name: str = "bot") -> Any:
        return self.client(name).projects.get(path)

    def send(
        self, verb: str, path: str, body: Any = None, *, name: str = "bot", **more: Any
    ) -> requests.Response:
        """One request below `/api/v4` as somebody, with a JSON body if there is one."""
        headers = {"PRIVATE-TOKEN": self.fake.tokens[name]}
        address = f"{self.fake.url}/api/v4{path}"
        return self.session.request(verb, address, json=body, headers=headers, timeout=10, **more)

    def start(self, job: str, arguments: str = "", name: str = "bot", **more: str) -> Any:
        """An api pipeline of this job of the shop."""
        variables = {"CHATOPS_JOB": job, "CHAT_INPUT": arguments, **more}
        return self.project(name=name).pipelines.create({"ref": "main", "variables": listed(variables)})

    def job(self, pipeline: Any) -> Any:
        """The newest job of a pipeline, with all its methods."""
        project = self.client().projects.get(pipeline.project_id)
        return project.jobs.get(pipeline.jobs.list(get_all=True)[0].id)

    def status(self, thing: Any, *wanted: str) -> str:
        """Wait until a job or pipeline has one of these statuses (ended, when none is named)."""

        def look() -> bool:
            thing.refresh()
            return thing.status in (wanted or ENDED)

        until(look)
        return str(thing.status)

    def log(self, job: Any) -> str:
        """The whole log of a job that has ended: its last line comes late."""
        until(lambda: "Job succeeded" in text(job) or "ERROR: Job failed" in text(job))
        return text(job)


def sample(name: str) -> Any:
    """A body as GitLab answers it."""
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


def text(job: Any) -> str:
    return str(job.trace().decode())


def listed(variables: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in variables.items()]


def until(look: Callable[[], bool], seconds: float = 10) -> None:
    """Look again and again until it is so. Fails after this many seconds."""
    deadline = time.monotonic() + seconds
    while not look():
        if time.monotonic() > deadline:
            raise AssertionError(f"It was not so within {seconds} seconds.")
        time.sleep(0.02)
