"""A run as a deed: what the ladder looks at before it starts, and what an agreement to it is tied to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from bot.access import tiers
from bot.access.decide import STARTS, kinds
from bot.catalogues import ANY_JOB, Catalogue, ChatJob, Input
from bot.deeds import Bound, Deed, digest
from bot.environments import most_careful
from bot.jobs import rules
from bot.kit import Kit
from bot.model import Person, Place, Project, Run

#: The environment of a job in a file that is handed inputs, when these are not their defaults: it may be any.
CHOSEN = "$[[ inputs ]]"
#: GitLab writes a ref's slug so (doc/ci/variables/predefined_variables.md, CI_COMMIT_REF_SLUG).
SLUG_LENGTH = 63
#: An environment whose name cannot be told before the job runs counts as the most delicate.
NOT_KNOWN_TIER = "production"
_INPUT = re.compile(r"\$\[\[\s*inputs\.(?P<name>[\w-]+)[^\]]*\]\]")
_VARIABLE = re.compile(r"\$(?:\{(?P<braced>\w+)\}|(?P<plain>\w+))")


@dataclass(frozen=True, slots=True)
class Subject:
    """One job at one commit with all it would be started with."""

    project: Project
    job: ChatJob
    ref: str
    sha: str
    arguments: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    """Those of the configuration's own that somebody set: nothing in a configuration outranks them."""
    declared: Sequence[Input] = ()
    along: tuple[ChatJob, ...] = ()
    """Other jobs that deploy, and start by themselves in the same pipeline."""
    perhaps: tuple[str, ...] = ()
    """Names of those of which only GitLab knows whether they do."""

    @property
    def environment(self) -> str:
        """The environment it deploys to; with a `$` in it if nobody can know before it runs."""
        return self.environment_of(self.job)

    def environment_of(self, job: ChatJob) -> str:
        """The environment one of its jobs deploys to; open where a file that is included chooses by inputs."""
        if job.passed and any(self.inputs.get(one.name, one.default) != one.default for one in self.declared):
            return CHOSEN
        return named(job.environment or "", self.ref, self.arguments, self._given(), self.variables)

    @property
    def bound(self) -> Bound:
        given = {name: value for name, value in self.inputs.items() if name != "chatops_request_id"}
        extra = (self.variables,) if self.variables else ()
        wishes = digest(self.job.name, self.arguments, given, *extra)
        along = digest([(one.name, one.definition) for one in self.along]) if self.along else ""
        return Bound(self.ref, self.sha, self.job.definition, wishes, self.environment, along)

    def _given(self) -> dict[str, Any]:
        return {one.name: one.default for one in self.declared if one.default is not None} | dict(self.inputs)


def subject(
    project: Project, job: ChatJob, ref: str, catalogue: Catalogue, arguments: str, inputs: Mapping[str, Any],
    *, variables: Mapping[str, str] = MappingProxyType({}),
) -> Subject:  # fmt: skip
    """Return what would be started."""
    others = [one for one in catalogue.jobs if one.name != job.name]
    along = tuple(one for one in others if {job.name, ANY_JOB} & set(one.joins))
    perhaps = tuple(one.name for one in others if {job.name, ANY_JOB} & set(one.may_join))
    return Subject(
        project, job, ref, catalogue.sha, arguments, inputs, variables, catalogue.inputs, along, perhaps
    )


def deed(kit: Kit, what: Subject, person: Person, place: Place, command: str = "run") -> Deed:
    """Return the deed of starting it, with those that begin along with it."""
    first = _deed(kit, what, what.job, person, place, command)
    along = tuple(_deed(kit, what, job, person, place, command) for job in what.along)
    return replace(first, along=along, perhaps=what.perhaps)


def _deed(kit: Kit, what: Subject, job: ChatJob, person: Person, place: Place, command: str) -> Deed:
    environment = what.environment_of(job)
    return Deed(
        kinds(command), person, place.channel, project=what.project.path, project_id=what.project.id,
        job=job.name, ref=what.ref, environment=environment, tier=_tier(kit, what, job, environment),
        arguments=what.arguments, inputs=what.inputs, risky=bool(environment),
        asks=job.asks if job is what.job else "",
    )  # fmt: skip


def deed_of_run(run: Run, person: Person, place: Place, command: str) -> Deed:
    """Return the deed of doing something to a run that is there; doing it once more is what it was, too."""
    commands = kinds(command) if STARTS not in kinds(command) else (*kinds(command), *kinds(run.command))
    commands = tuple(dict.fromkeys(commands))
    return Deed(
        commands, person, place.channel, project=run.project, project_id=run.project_id, job=run.job, ref=run.ref,
        environment=run.environment, tier=run.tier, arguments=run.arguments, inputs=run.inputs,
        risky=bool(run.environment) and command != "cancel",
    )  # fmt: skip


def _tier(kit: Kit, what: Subject, job: ChatJob, environment: str) -> str:
    """What the configuration declares, else the more careful of what the job and GitLab say."""
    if not environment:
        return ""
    declared = tiers.declared(kit, environment)
    if declared:
        return declared
    if "$" in environment:  # Nor is a tier believed that stands in a branch: it may be anybody's.
        return NOT_KNOWN_TIER
    known = tiers.tier(kit, what.project.id, environment)
    return most_careful((job.tier, known)) if job.tier else known


def named(
    written: str, ref: str, arguments: str, inputs: Mapping[str, Any],
    variables: Mapping[str, str] = MappingProxyType({}),
) -> str:  # fmt: skip
    """
    Return the name of an environment as it will be: inputs, variables and what is known of the pipeline put in.

    >>> named("review/$CI_COMMIT_REF_SLUG", "Feature/X", "", {})
    'review/feature-x'
    >>> named("$[[ inputs.where ]]", "main", "", {"where": "production"})
    'production'
    >>> named("$CI_COMMIT_REF_NAME", "refs/heads/production", "", {})
    'production'
    """
    text = _INPUT.sub(lambda found: str(inputs.get(found["name"], found[0])), written)
    ref = next((ref.removeprefix(one) for one in rules.REFS if ref.startswith(one)), ref)
    known = {
        "CI_COMMIT_REF_NAME": ref, "CI_COMMIT_BRANCH": ref, "CI_COMMIT_TAG": ref, "CI_COMMIT_REF_SLUG": _slug(ref),
        "CHAT_INPUT": arguments, **variables,
    }  # fmt: skip
    return _VARIABLE.sub(lambda found: known.get(found["braced"] or found["plain"], found[0]), text)


def _slug(ref: str) -> str:
    return re.sub(r"[^a-z0-9]", "-", ref.lower())[:SLUG_LENGTH].strip("-")
