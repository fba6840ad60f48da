"""What may be run from chat: the jobs of a project at one commit, with their inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
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


Default = str | int | float | bool | tuple[Any, ...] | None
"""What an input is if nobody gives it."""


@dataclass(frozen=True, slots=True)
class InputRule:
    """What an input takes while others have certain values (`spec:inputs:rules`, doc/ci/inputs, GitLab 18.7)."""

    condition: str = ""
    """`if`, such as `$[[ inputs.cloud ]] == 'aws'`; empty for the rule that holds when no other does."""
    options: tuple[str, ...] = ()
    default: Default = None
    """None: it has to be given."""


@dataclass(frozen=True, slots=True)
class Input:
    """One `spec:inputs` entry of a project's CI configuration (doc/ci/inputs), or one described variable."""

    name: str
    type: str = "string"
    """string, number, boolean or array."""
    description: str = ""
    options: tuple[str, ...] = ()
    regex: str | None = None
    default: Default = None
    required: bool = False
    rules: tuple[InputRule, ...] = ()
    """The first that holds decides about options and default."""


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
    asks: str = ""
    """`manual_confirmation`: what is asked before it is started (doc/ci/jobs/job_control.md)."""

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
    variables: tuple[Input, ...] = ()
    """Its variables that have a description or options, for people to set; none where inputs are declared."""


# Forms ------------------------------------------------------------------------------------------------------


class Kind(StrEnum):
    """How an input is asked for in a form."""

    YES_NO = "yes_no"
    OPTIONS = "options"
    MANY = "many"  # more options than a select holds: they are found while somebody types
    NUMBER = "number"
    TEXT = "text"
    LINES = "lines"
    LIST = "list"
    BOXES = "boxes"  # a list of options, each with a box of its own


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of a form that is made of an input."""

    id: str
    """That of its block."""
    name: str
    kind: Kind
    label: str
    hint: str = ""
    options: tuple[str, ...] = ()
    value: str = ""
    """What stands in it: an option, `true` or `false`, a number, a text; empty for nothing."""
    required: bool = False
    leads: bool = False
    """Whether other fields hang on it, so that the form has to be drawn anew when it changes."""


@dataclass(frozen=True, slots=True)
class Picked:
    """What stands in a select whose options are found while somebody types."""

    id: str
    """That of its block; empty if there is no such select."""
    label: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class JobForm:
    """The form of a job, or the one in which a job is picked."""

    id: str
    """Of what it is about, in the store."""
    project: str = ""
    job: ChatJob | None = None
    entries: tuple[Entry, ...] = ()
    pick_project: Picked | None = None
    pick_job: Picked | None = None
    jobs: int = 0
    """How many there are to be picked."""
    pick_ref: Picked | None = None
    text_id: str = ""
    """Of the field for words that name no input; empty if there is none."""
    text: str = ""
    line: str = ""
    """What would be typed for the same."""
    remembered: bool = False
    """Whether it is filled in with what was given last."""
    left_out: int = 0
    """How many inputs have no field, since a form holds only so many."""
    trouble: str = ""
    """What went wrong when it was to be drawn anew, in plain text."""
