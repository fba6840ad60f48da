"""Decides which jobs of a configuration a pipeline holds: `rules`, `only`, `except`, `workflow`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sandbox.gitlab.expressions import ExpressionError, holds, read_pattern
from sandbox.gitlab.yaml_config import Config
from sandbox.gitlab.yaml_jobs import JobConfig, Policy, Rule

#: Keywords of `only` and `except` and the pipeline source each stands for (doc/ci/yaml, only:refs).
SOURCES: Mapping[str, str] = {
    "api": "api",
    "chat": "chat",
    "pipelines": "pipeline",
    "pushes": "push",
    "schedules": "schedule",
    "triggers": "trigger",
    "web": "web",
    "merge_requests": "merge_request_event",
}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a pipeline is made for."""

    ref: str
    tag: bool
    source: str
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A job that the pipeline gets, and how."""

    job: JobConfig
    when: str
    allow_failure: bool
    variables: Mapping[str, str]


def workflow_allows(config: Config, here: Circumstances) -> bool:
    """Whether `workflow:rules` lets the pipeline be made at all."""
    if config.workflow is None:
        return True
    rule = _first(config.workflow, here.variables)
    return rule is not None and rule.when != "never"


def choose(config: Config, here: Circumstances, only_job: str | None = None) -> list[Chosen]:
    """The jobs of the pipeline in stage order; of a chat pipeline only the job that was named is kept."""
    jobs = [job for job in config.jobs.values() if only_job is None or job.name == only_job]
    found = [_choose(job, Circumstances(here.ref, here.tag, here.source, _own(job, here))) for job in jobs]
    return [one for one in found if one is not None]


def _own(job: JobConfig, here: Circumstances) -> dict[str, str]:
    """The job's own variables are known to its rules; those the pipeline was given stand above them."""
    return {**job.variables, **here.variables}


def _choose(job: JobConfig, here: Circumstances) -> Chosen | None:
    if job.rules is not None:
        return _by_rules(job, job.rules, here)
    if job.only is not None and not _applies_all(job.only, here):
        return None
    if job.except_ is not None and _applies_any(job.except_, here):
        return None
    if job.when == "never":
        return None
    allowed = job.when == "manual" if job.allow_failure is None else job.allow_failure
    return Chosen(job, job.when, allowed, {})


def _by_rules(job: JobConfig, rules: tuple[Rule, ...], here: Circumstances) -> Chosen | None:
    """The first rule that applies decides; what it leaves out comes from the job itself."""
    rule = _first(rules, here.variables)
    when = None if rule is None else rule.when or job.when
    if rule is None or when is None or when == "never":
        return None
    own = job.allow_failure if job.allow_failure is not None else rule.when is None and job.when == "manual"
    return Chosen(job, when, own if rule.allow_failure is None else rule.allow_failure, rule.variables)


def _first(rules: tuple[Rule, ...], variables: Mapping[str, str]) -> Rule | None:
    return next((rule for rule in rules if rule.condition is None or holds(rule.condition, variables)), None)


def _applies_all(policy: Policy, here: Circumstances) -> bool:
    """`only`: refs and variables must both fit."""
    refs = policy.refs is None or _any_ref(policy.refs, here)
    return refs and (not policy.conditions or any(holds(one, here.variables) for one in policy.conditions))


def _applies_any(policy: Policy, here: Circumstances) -> bool:
    """`except`: refs or variables are enough."""
    refs = policy.refs is not None and _any_ref(policy.refs, here)
    return refs or any(holds(one, here.variables) for one in policy.conditions)


def _any_ref(refs: tuple[str, ...], here: Circumstances) -> bool:
    return any(_ref(ref.partition("@")[0], here) for ref in refs)


def _ref(ref: str, here: Circumstances) -> bool:
    if ref in ("branches", "tags"):
        return here.tag is (ref == "tags")
    if ref in SOURCES:
        return here.source == SOURCES[ref]
    if ref.startswith("/"):
        try:
            return read_pattern(ref).search(here.ref) is not None
        except ExpressionError:
            return False
    return fnmatchcase(here.ref, ref) if "*" in ref else ref == here.ref
