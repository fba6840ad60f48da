"""Creates pipelines as `Ci::CreatePipelineService` does, with its reasons not to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.gitlab.nouns import Commit, Job, Person, Pipeline, Project, Target
from sandbox.gitlab.people import may_run_on, may_set_variables
from sandbox.gitlab.refs import Ref, named
from sandbox.gitlab.selection import Chosen, Circumstances, choose, workflow_allows
from sandbox.gitlab.state import State
from sandbox.gitlab.trace import Trace
from sandbox.gitlab.variables import expand, expand_all, pipeline_variables
from sandbox.gitlab.yaml_config import Config, read_config
from sandbox.gitlab.yaml_jobs import JobConfig
from sandbox.gitlab.yaml_text import ConfigInvalid

CONFIG_FILE = ".gitlab-ci.yml"
NO_REF = "Reference not found"
AMBIGUOUS = "Ref is ambiguous"
NO_FILE = "Missing CI config file"
NO_JOBS = (
    "Pipeline will not run for the selected trigger. "
    "The rules configuration prevented any jobs from being added to the pipeline."
)
FILTERED = "Pipeline filtered out by workflow rules."
NO_VARIABLES = "Insufficient permissions to set pipeline variables"


class PipelineRefused(ValueError):
    """No pipeline was made; `reasons` is what GitLab answers in `message.base`."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for."""

    project: Project
    person: Person
    ref: str
    source: str = "api"
    variables: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    chat_job: str | None = None
    """Of a chat pipeline: the only job that is kept."""


def create_pipeline(state: State, wish: Wish) -> Pipeline:
    """Make the pipeline and its jobs; nothing runs yet. Raises PipelineRefused."""
    ref = _ref(wish)
    wish = replace(wish, ref=ref.name)
    if not ref.tag and not may_run_on(wish.person, wish.project, wish.ref):
        raise PipelineRefused(
            f"You do not have sufficient permission to run a pipeline on '{wish.ref}'. "
            "Please select a different branch or contact your administrator for assistance."
        )
    if wish.variables and wish.source != "chat" and not may_set_variables(wish.person, wish.project):
        raise PipelineRefused(NO_VARIABLES)
    config = _config(ref.commit, wish)
    pipeline = _pipeline(state, wish, ref, config)
    variables = {**pipeline_variables(pipeline, state.url), **config.variables, **wish.variables}
    pipeline.name = expand(config.name, expand_all(variables)) if config.name else None
    chosen = _choose(wish, config, pipeline, variables)
    _store(state, pipeline, config, chosen)
    return pipeline


def _ref(wish: Wish) -> Ref:
    """The branch or tag: pipelines are made for names, not for SHAs, and for one that is not ambiguous."""
    found = named(wish.project, wish.ref)
    if len(found) != 1:
        raise PipelineRefused(AMBIGUOUS if found else NO_REF)
    return found[0]


def _config(commit: Commit, wish: Wish) -> Config:
    if CONFIG_FILE not in commit.files:
        raise PipelineRefused(NO_FILE)
    try:
        return read_config(commit.files[CONFIG_FILE], wish.inputs)
    except ConfigInvalid as error:
        raise PipelineRefused(*error.errors) from error


def _pipeline(state: State, wish: Wish, ref: Ref, config: Config) -> Pipeline:
    now, project = state.clock(), wish.project
    made = state.next_pipeline_id(), project.pipelines + 1
    pipeline = Pipeline(*made, project, ref.commit, ref.name, wish.source, wish.person, now, now, tag=ref.tag)
    pipeline.variables, pipeline.inputs = dict(wish.variables), dict(config.values)
    pipeline.stages = config.stages
    return pipeline


def _choose(wish: Wish, config: Config, pipeline: Pipeline, variables: Mapping[str, str]) -> list[Chosen]:
    here = Circumstances(wish.ref, pipeline.tag, wish.source, expand_all(variables))
    if not workflow_allows(config, here):
        raise PipelineRefused(FILTERED)
    chosen = choose(config, here, wish.chat_job)
    if not chosen:
        raise PipelineRefused(NO_JOBS)
    names = {one.job.name for one in chosen}
    missing = [
        f"'{one.job.name}' job needs '{need}' job, but '{need}' does not exist in the pipeline. "
        "This might be because of the only, except, or rules keywords."
        for one in chosen
        for need, optional in one.job.needs or ()
        if need not in names and not optional
    ]
    if missing:
        raise PipelineRefused(*missing)
    return chosen


def _store(state: State, pipeline: Pipeline, config: Config, chosen: list[Chosen]) -> None:
    pipeline.project.pipelines += 1
    state.pipelines[pipeline.id] = pipeline
    for one in chosen:
        job = _job(state, pipeline, config, one)
        state.jobs[job.id] = job
        pipeline.jobs.append(job)
        if job.target is not None:
            state.deploys.ensure(pipeline.project, job.target)
    state.touch()


def _job(state: State, pipeline: Pipeline, config: Config, chosen: Chosen) -> Job:
    source = chosen.job
    variables = {**config.variables, **source.variables, **chosen.variables, **pipeline.variables}
    job = Job(
        state.next_job_id(), pipeline, source.name, source.stage, pipeline.user, state.clock(), _trace(state)
    )
    job.script = source.before_script + source.script
    job.after_script = source.after_script
    job.variables = variables
    job.target = _target(source, {**pipeline_variables(pipeline, state.url), **variables})
    job.when, job.allow_failure, job.tags = chosen.when, chosen.allow_failure, source.tags
    job.trace.timestamps = variables.get("FF_TIMESTAMPS", "true").lower() not in ("false", "0")
    return job


def _target(source: JobConfig, variables: Mapping[str, str]) -> Target | None:
    """The job's environment with the variables in its name and its address filled in."""
    if source.target is None:
        return None
    known = expand_all(variables)
    url = None if source.target.url is None else expand(source.target.url, known)
    return replace(source.target, name=expand(source.target.name, known), url=url)


def _trace(state: State) -> Trace:
    return Trace(state.clock)


def clone(state: State, job: Job, person: Person) -> Job:
    """A new job in place of one that ended: what retrying makes (`Ci::RetryJobService`)."""
    new = Job(state.next_job_id(), job.pipeline, job.name, job.stage, person, state.clock(), _trace(state))
    new.script, new.after_script, new.variables = job.script, job.after_script, dict(job.variables)
    new.target, new.when, new.allow_failure, new.tags = job.target, job.when, job.allow_failure, job.tags
    new.trace.timestamps = job.trace.timestamps
    job.retried = True
    state.jobs[new.id] = new
    job.pipeline.jobs.append(new)
    return new
