"""The runner: takes queued jobs, runs them, writes their logs, and moves their pipelines on."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

from sandbox.gitlab.approvals import Approvals
from sandbox.gitlab.creation import clone
from sandbox.gitlab.flow import ready, status_of
from sandbox.gitlab.nouns import ENDED, UNSTARTED, Job, Person, Pipeline
from sandbox.gitlab.people import may_deploy
from sandbox.gitlab.shell import ShellRun
from sandbox.gitlab.state import State
from sandbox.gitlab.trace import RESET, SCRIPT
from sandbox.gitlab.variables import job_variables

RUNNER_VERSION = "19.4.0"
RUNNER_REVISION = "c4f8d2a1"
#: How long a job stays pending; how often a growing log is uploaded; how late its end arrives.
PENDING_SECONDS = 0.05
UPLOAD_SECONDS = 0.2
LATE_SECONDS = 0.3
BANNER = "\x1b[36;1m"


class Runner:
    """Runs every job as a task of the server's loop."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._approvals = Approvals(state.deploys)
        self._tasks: set[asyncio.Task[None]] = set()
        self._shells: dict[int, ShellRun] = {}
        self.ended: list[Callable[[Pipeline], None]] = []
        """What is told of each pipeline that ends."""
        self.fail_next: dict[int, str] = {}
        """By project: why its next job fails before it has begun."""

    def advance(self, pipeline: Pipeline) -> None:
        """Queue what may run now and bring the pipeline's status up to date."""
        while queue := ready(pipeline):
            for job in queue:
                self.queue(job)
        for job in pipeline.jobs:
            if job.status in ("manual", "skipped"):
                self._state.deploys.begin(job)
            if job.status == "manual" and not job.held and self._approvals.wanted(job):
                self._approvals.hold(job)
        self._update(pipeline)

    def advance_soon(self, pipeline: Pipeline) -> None:
        """The same a moment later: GitLab answers first and processes then."""
        self._spawn(self._advance_later(pipeline))

    def queue(self, job: Job) -> None:
        """Let the job wait for its turn, which comes soon; a protected environment may refuse it at once."""
        self._state.deploys.begin(job)
        reason = self._obstacle(job)
        if reason is not None:
            job.status, job.finished_at, job.failure_reason = "failed", self._state.clock(), reason
            self._update(job.pipeline)
            return
        if self._approvals.wanted(job):
            self._approvals.hold(job)
            self._update(job.pipeline)
            return
        job.status, job.queued_at = "pending", self._state.clock()
        self._update(job.pipeline)
        self._spawn(self._run(job))

    def _obstacle(self, job: Job) -> str | None:
        """Why the job fails before it waits for a runner."""
        if not may_deploy(job.user, job.pipeline.project, job.environment):
            return "protected_environment_failure"
        return "failed_outdated_deployment_job" if self._state.deploys.outdated(job) else None

    def play(self, job: Job, person: Person, variables: dict[str, str]) -> Job:
        """Start a manual job; one that ended before is made anew."""
        fresh = job if job.status == "manual" else clone(self._state, job, person)
        fresh.user = person
        fresh.variables = {**fresh.variables, **variables}
        self.queue(fresh)
        return fresh

    def retry(self, job: Job, person: Person) -> Job:
        """Run a job that ended once more: a new job with a new id."""
        fresh = clone(self._state, job, person)
        self.queue(fresh)
        return fresh

    def cancel(self, job: Job) -> None:
        """Call a job off: at once when it has not begun, else by `canceling`."""
        if job.status in UNSTARTED:
            self._end(job, "canceled")
        elif job.status == "running":
            job.status = "canceling"
            self._update(job.pipeline)
            shell = self._shells.get(job.id)
            if shell is not None:
                self._spawn(shell.stop())

    def reject(self, job: Job) -> None:
        """Somebody rejected its deployment: the job fails (doc/ci/environments/deployment_approvals.md)."""
        self._drop(job, "deployment_rejected")

    def _drop(self, job: Job, reason: str) -> None:
        """Let a job fail that has not begun."""
        job.failure_reason = reason
        self._end(job, "failed")

    async def stop(self) -> None:
        """Kill every job and wait until all is gone."""
        for shell in self._shells.values():
            shell.kill()
        while self._tasks:
            tasks = tuple(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._tasks.difference_update(tasks)

    async def _advance_later(self, pipeline: Pipeline) -> None:
        await asyncio.sleep(0)
        self.advance(pipeline)

    async def _run(self, job: Job) -> None:
        await asyncio.sleep(PENDING_SECONDS)
        if job.status != "pending":
            return
        reason = self.fail_next.pop(job.pipeline.project.id, None)
        if reason is not None:
            self._drop(job, reason)
            return
        job.status, job.started_at = "running", self._state.clock()
        self._update(job.pipeline)
        uploads = asyncio.create_task(self._upload(job))
        root = Path(tempfile.mkdtemp(prefix="sandbox-job-"))
        try:
            code = await self._stages(job, root)
        finally:
            uploads.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await uploads
            self._shells.pop(job.id, None)
            shutil.rmtree(root, ignore_errors=True)
        self._finish(job, code)
        await asyncio.sleep(LATE_SECONDS)
        job.trace.upload()
        self._state.touch()

    async def _upload(self, job: Job) -> None:
        while True:
            await asyncio.sleep(UPLOAD_SECONDS)
            if job.trace.upload():
                self._state.touch()

    async def _stages(self, job: Job, root: Path) -> int:
        """All stages of the job in order, each in its section; answers the script's exit code."""
        folder = root / "builds" / job.pipeline.project.path
        variables = job_variables(job, str(folder), self._state.url)
        _prepare(job, folder)
        with _section(job, "step_script", 'Executing "step_script" stage of the job script'):
            code = await self._script(job, job.script, variables, folder)
        if job.after_script:
            with _section(job, "after_script", "Running after_script"):
                job.trace.write(b"\x1b[32;1mRunning after script...\x1b[0;m\n", SCRIPT)
                await self._script(job, job.after_script, variables, folder)
        with _section(
            job, "cleanup_file_variables", "Cleaning up project directory and file based variables"
        ):
            pass
        return code

    async def _script(self, job: Job, lines: tuple[str, ...], variables: dict[str, str], folder: Path) -> int:
        shell = ShellRun()
        self._shells[job.id] = shell
        return await shell.run(
            lines, variables, folder, lambda data, kind: job.trace.write(data, SCRIPT, kind)
        )

    def _finish(self, job: Job, code: int) -> None:
        """Write the last line of the log, which arrives late, and settle the job."""
        job.exit_code = code
        if job.status == "canceling":
            job.trace.write(b"\x1b[0;33mWARNING: script canceled externally (UI, API)\x1b[0;m\n")
            job.trace.write(f"\x1b[31;1mERROR: Job failed: canceled{RESET}\n".encode())
            outcome = "canceled"
        elif code:
            job.trace.write(f"\x1b[31;1mERROR: Job failed: exit code {code}{RESET}\n".encode())
            outcome, job.failure_reason = "failed", "script_failure"
        else:
            job.trace.write(f"\x1b[32;1mJob succeeded{RESET}\n".encode())
            outcome = "success"
        job.trace.close()
        self._end(job, outcome)

    def _end(self, job: Job, status: str) -> None:
        job.status, job.held, job.finished_at = status, False, self._state.clock()
        self._state.deploys.settle(job)
        self.advance(job.pipeline)

    def _update(self, pipeline: Pipeline) -> None:
        now = self._state.clock()
        pipeline.status, pipeline.updated_at = status_of(pipeline), now
        if pipeline.status == "running" and pipeline.started_at is None:
            pipeline.started_at = now
        pipeline.finished_at = now if pipeline.status in ENDED else None
        self._state.touch()
        for tell in self.ended if pipeline.status in ENDED else ():
            tell(pipeline)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@contextlib.contextmanager
def _section(job: Job, name: str, banner: str) -> Iterator[None]:
    """Everything written inside belongs to the section."""
    job.trace.section("start", name)
    job.trace.say(f"{BANNER}{banner}{RESET}")
    yield
    job.trace.section("end", name)


def _prepare(job: Job, folder: Path) -> None:
    """What comes before the script: the executor, and the files of the commit."""
    job.trace.say(f"Running with gitlab-runner {RUNNER_VERSION} ({RUNNER_REVISION})")
    with _section(job, "prepare_executor", 'Preparing the "shell" executor'):
        job.trace.say("Using Shell (bash) executor...")
    with _section(job, "get_sources", "Getting source from Git repository"):
        commit = job.pipeline.commit
        for path, text in commit.files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
        folder.mkdir(parents=True, exist_ok=True)
        what = f"Checking out {commit.sha[:8]} as detached HEAD (ref is {job.pipeline.ref})..."
        job.trace.write(f"\x1b[32;1m{what}{RESET}\n".encode(), SCRIPT)
