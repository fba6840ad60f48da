"""Reads a whole CI configuration: stages, variables, workflow, inputs and jobs (doc/ci/yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.gitlab.input_specs import InputsError, InputSpec, read_specs
from sandbox.gitlab.inputs import interpolate, settle
from sandbox.gitlab.yaml_jobs import (
    GLOBAL_VARIABLE,
    JobConfig,
    Rule,
    read_job,
    read_rules,
    texts,
    variable_errors,
)
from sandbox.gitlab.yaml_text import ConfigInvalid, load, merge

#: Top-level keywords; every other entry is a job.
GLOBAL = frozenset(
    [
        "default",
        "include",
        "stages",
        "types",
        "variables",
        "workflow",
        "image",
        "services",
        "before_script",
        "after_script",
        "cache",
        "spec",
    ]
)
STAGES = ("build", "test", "deploy")


@dataclass(frozen=True, slots=True)
class Config:
    stages: tuple[str, ...]
    variables: Mapping[str, str]
    workflow: tuple[Rule, ...] | None
    name: str | None
    """workflow:name, not expanded."""
    jobs: Mapping[str, JobConfig]
    merged: Mapping[str, Any]
    inputs: Mapping[str, InputSpec]
    values: Mapping[str, Any]


def read_config(source: str | None, given: Mapping[str, Any] | None = None) -> Config:
    """Read a configuration with these input values. Raises ConfigInvalid with GitLab's messages."""
    if source is None or not source.strip():
        raise ConfigInvalid("Please provide content of .gitlab-ci.yml")
    header, body = load(source)
    try:
        specs = read_specs(header)
        values = settle(specs, given or {})
        merged = merge(interpolate(body, values))
    except InputsError as error:
        raise ConfigInvalid(str(error)) from error
    stages = (".pre", *(merged.get("stages") or STAGES), ".post")
    workflow = merged.get("workflow") or {}
    rules = read_rules("workflow", workflow["rules"]) if "rules" in workflow else None
    errors = list(variable_errors("variables", merged.get("variables"), GLOBAL_VARIABLE))
    if errors:
        raise ConfigInvalid(*errors)
    jobs = _jobs(merged, stages)
    return Config(
        stages, texts(merged.get("variables")), rules, workflow.get("name"), jobs, merged, specs, values
    )


def _jobs(merged: Mapping[str, Any], stages: tuple[str, ...]) -> dict[str, JobConfig]:
    """All visible jobs. Raises ConfigInvalid with the problems of every one of them."""
    default = {key: merged[key] for key in ("before_script", "after_script") if key in merged}
    default |= merged.get("default") or {}
    jobs: dict[str, JobConfig] = {}
    errors: list[str] = []
    for name, entry in merged.items():
        if name in GLOBAL or name.startswith("."):
            continue
        try:
            jobs[name] = _job(name, entry, default, stages)
        except ConfigInvalid as error:
            errors += error.errors
    if not jobs and not errors:
        errors = ["jobs config should contain at least one visible job"]
    errors += _missing_needs(jobs)
    errors += [error for job in jobs.values() for error in _stop_errors(job, jobs)]
    if errors:
        raise ConfigInvalid(*errors)
    return dict(sorted(jobs.items(), key=lambda item: stages.index(item[1].stage)))


def _job(name: str, entry: Any, default: Mapping[str, Any], stages: tuple[str, ...]) -> JobConfig:
    if not isinstance(entry, dict):
        raise ConfigInvalid(f"jobs:{name} config should implement the script:, run:, or trigger: keyword")
    return read_job(name, entry, default, stages)


def _missing_needs(jobs: Mapping[str, JobConfig]) -> list[str]:
    wanted = ((job.name, need) for job in jobs.values() for need, _ in job.needs or ())
    return [f"{name} job: undefined need: {need}" for name, need in wanted if need not in jobs]


def _stop_errors(job: JobConfig, jobs: Mapping[str, JobConfig]) -> list[str]:
    """What is wrong with the job that is to stop its environment (`Gitlab::Ci::YamlProcessor`)."""
    name = None if job.target is None else job.target.on_stop
    if name is None or job.target is None:
        return []
    other = jobs.get(name)
    if other is None:
        return [f"{job.name} job: on_stop job {name} is not defined"]
    if other.target is None:
        return [f"{job.name} job: on_stop job {name} does not have environment defined"]
    if other.target.name != job.target.name:
        return [f"{job.name} job: on_stop job {name} have different environment name"]
    if other.target.action != "stop":
        return [f"{job.name} job: on_stop job {name} needs to have action stop defined"]
    return []
