"""What may be run from chat: the jobs of a project at one commit, with their inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.model import Project


@dataclass(frozen=True, slots=True)
class Lint:
    """What GitLab's CI lint says of a configuration (doc/api/lint.md), not dry run, with its jobs."""

    valid: bool
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    merged_yaml: str
    jobs: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Input:
    """One `spec:inputs` entry of a project's CI configuration (doc/ci/inputs)."""

    name: str
    type: str = "string"
    """string, number, boolean or array."""
    description: str = ""
    options: tuple[str, ...] = ()
    regex: str | None = None
    default: str | int | float | bool | tuple[Any, ...] | None = None
    required: bool = False


#: Stands for every job of a project.
ANY_JOB = "*"


@dataclass(frozen=True, slots=True)
class ChatJob:
    """A job of a project and whether chat may start it."""

    name: str
    stage: str
    description: str = ""
    environment: str | None = None
    tier: str = ""
    """`environment:deployment_tier`, if the configuration says one."""
    action: str = ""
    """`environment:action`; empty for the usual one, which is to deploy."""
    manual: bool = False
    definition: str = ""
    """Digest of the job as the merged configuration has it: what an approval is tied to."""
    joins: tuple[str, ...] = ()
    """For a job with an environment: the jobs in whose pipelines it starts by itself; ANY_JOB for all."""
    may_join: tuple[str, ...] = ()
    """The same, where only GitLab knows."""
    passed: bool = False
    """Whether the file it stands in is handed inputs, so that its environment may be another one."""
    hidden_by: str | None = None
    """The rule, in the words of its YAML, that keeps this job from being started from chat; None if none does."""
    remedy: str | None = None
    """The YAML to add so that it can be started."""

    @property
    def startable(self) -> bool:
        return self.hidden_by is None

    @property
    def deploys(self) -> bool:
        """Whether it deploys to its environment, and does not stop or look at it (doc/ci/yaml, environment:action)."""
        return bool(self.environment) and self.action in {"", "start"}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The jobs of a project at one commit."""

    project: Project
    ref: str
    sha: str
    jobs: tuple[ChatJob, ...]
    inputs: tuple[Input, ...] = ()
