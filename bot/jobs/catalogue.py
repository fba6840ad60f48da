"""The jobs of a project at one commit: which of them chat may start, and which rule hides the others."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from bot.catalogues import Catalogue, ChatJob, Input, InputRule, Lint
from bot.deeds import digest
from bot.edges.gitlab import GitLab
from bot.edges.store import Store
from bot.errors import BotError, NotFound, NotUnderstood
from bot.jobs import company, configuration, rules
from bot.jobs.configuration import Configuration, mapping
from bot.model import PLAIN, Millis, Project
from bot.words import nearest

#: Written into every stored catalogue; a catalogue of another form is made anew.
FORM = 5
#: What GitLab says of a configuration that is right, but whose inputs have no values yet (doc/ci/inputs).
NEEDS_INPUTS = "required value has not been provided"

_RULE_KEYS = ("rules", "only", "except", "when", "trigger", "environment", "stage")


def catalogue_for(
    gitlab: GitLab, store: Store, project: Project, ref: str, *, start: str, now: Millis,
    fresh: Callable[[Catalogue], bool] | None = None,
) -> Catalogue:  # fmt: skip
    """
    The catalogue of a project at the head of a ref: the stored one, else made from what GitLab says.

    `start` is `api`, `chat` or `plain`: a pipeline that the API makes without any variable of ours. `fresh` is asked
    whether the stored one is to be made anew: what a configuration includes from elsewhere may change while the
    commit stays. Raises NotUnderstood for a ref that does not exist,
    with near ones as `suggestions`, BotError for an empty repository or a configuration without jobs or with
    errors, and what the GitLab edge raises.
    """
    sha = _head(gitlab, project, ref)
    key = f"{sha}:{start}:{ref}"
    with store.read() as tx:
        kept = loads(tx.catalogues.get(project.id, key) or "")
    if kept is not None and not (fresh and fresh(kept)):
        return replace(kept, project=project)
    made = build(
        project, ref, sha, gitlab.lint(project.id, sha), _source(gitlab, project, sha),
        start=start, tag=_is_tag(gitlab, project, ref),
    )  # fmt: skip
    with store.write() as tx:
        tx.catalogues.put(project.id, key, dumps(made), now)
    return made


def catalogue_at(gitlab: GitLab, project: Project, sha: str) -> Catalogue:
    """
    The catalogue of a commit whose pipelines are there already: what chat may start is not asked of it.

    Raises as `catalogue_for` does.
    """
    lint, source = gitlab.lint(project.id, sha), _source(gitlab, project, sha)
    return build(project, sha, sha, lint, source, start=PLAIN, tag=None)


def _is_tag(gitlab: GitLab, project: Project, ref: str) -> bool | None:
    """Whether a ref is a tag: rules ask for that."""
    if ref == project.default_branch:
        return False
    if ref.startswith(rules.REFS):
        return ref.startswith(rules.TAGS)
    return gitlab.tag(project.id, ref) is not None


def _head(gitlab: GitLab, project: Project, ref: str) -> str:
    if project.default_branch is None:
        raise BotError(
            f"The repository of {project.path} is empty. Push a {_file(project)} with a job to it first."
        )
    try:
        return gitlab.head(project.id, ref).sha
    except NotFound as error:
        raise NotUnderstood(
            f"{project.path} has no branch or tag `{ref}`. Check its name, or leave `@{ref}` out to take "
            f"`{project.default_branch}`.",
            suggestions=nearest(ref, gitlab.refs(project.id)),
        ) from error


def _source(gitlab: GitLab, project: Project, sha: str) -> str | None:
    """The configuration as it was written; None if it lies in another project or on another server."""
    path = _file(project)
    return None if "@" in path or "://" in path else gitlab.file(project.id, path, sha)


def _file(project: Project) -> str:
    return project.config_path or ".gitlab-ci.yml"


# Making one ------------------------------------------------------------------------------------------------


def build(
    project: Project,
    ref: str,
    sha: str,
    lint: Lint,
    source_text: str | None,
    *,
    start: str,
    tag: bool | None = False,
) -> Catalogue:
    """
    The catalogue from GitLab's lint and the configuration as written (gitlab-api.md 2.4).

    `start` is `api`, `chat` or `plain`: how this project's jobs are started. `tag` says whether the ref is a tag; None
    leaves that open. Raises BotError if the configuration has no jobs or is wrong, with GitLab's first error.
    """
    source = configuration.read(source_text or "")
    inputs = configuration.inputs(source)
    _check(project, ref, lint, bool(inputs))
    merged = configuration.read(lint.merged_yaml) if lint.valid and lint.merged_yaml else source
    begun = rules.Start(
        "chat" if start == "chat" else "api", project, ref, tag, sha, takes_inputs=bool(inputs),
        names_job=start == "api",
    )  # fmt: skip
    pipeline = _of_pipeline(merged, source)
    described = configuration.comments(source_text or "")
    whole, shared = configuration.jobs(merged), configuration.shared(merged)
    defined = _definitions(lint, merged, source)
    hands_on = "$[[" in str(source.body.get("include"))
    jobs = tuple(
        replace(
            _chat_job(name, job, pipeline, begun, described.get(name, "")),
            definition=digest(whole.get(name, job), shared),
            passed=hands_on and name not in configuration.jobs(source),
            asks=_text(whole.get(name, {}).get("manual_confirmation")) or "",
        )
        for name, job in defined.items()
    )
    jobs = tuple(_with_company(one, defined, jobs, pipeline, begun) for one in jobs)
    if not jobs:
        raise BotError(f"{project.path} has no jobs in {_file(project)} at `{ref}`. Add one and push it.")
    # A pipeline that takes inputs may refuse variables, and GitLab's own slash command passes none on.
    variables = configuration.variables(merged) if start == "api" and not inputs else ()
    return Catalogue(project, ref, sha, jobs, inputs, variables)


def _check(project: Project, ref: str, lint: Lint, takes_inputs: bool) -> None:
    """GitLab calls a configuration invalid too while a required input has no value; that one is right."""
    waits = takes_inputs and bool(lint.errors) and all(NEEDS_INPUTS in error for error in lint.errors)
    if not lint.valid and not waits:
        why = " ".join(lint.errors[0].split()).rstrip(".") if lint.errors else "it does not say why"
        raise BotError(
            f"GitLab finds an error in {_file(project)} of {project.path} at `{ref}`: {why}. "
            "Correct it and push."
        )


def _definitions(lint: Lint, merged: Configuration, source: Configuration) -> dict[str, Mapping[str, Any]]:
    """Every job by name with the keywords that decide about it."""
    written, sources = configuration.jobs(merged), configuration.jobs(source)
    listed = {str(job.get("name")): job for job in lint.jobs} or written
    return {
        name: {**_said(job), **_said(written.get(name, {})), **_open(sources.get(name, {}))}
        for name, job in listed.items()
        if not name.startswith(".")
    }


def _said(job: Mapping[str, Any]) -> dict[str, Any]:
    return {key: job[key] for key in _RULE_KEYS if job.get(key) is not None}


def _open(job: Mapping[str, Any]) -> dict[str, Any]:
    """Keywords that hold an input: the merged form shows them with its default, a run may have another."""
    return {key: value for key, value in _said(job).items() if "$[[" in str(value)}


def _of_pipeline(merged: Configuration, source: Configuration) -> list[Any]:
    """The rules of the workflow; an empty list lets every pipeline be."""
    as_written = _open({"rules": mapping(source.body.get("workflow")).get("rules")}).get("rules")
    found = as_written or mapping(merged.body.get("workflow")).get("rules")
    return found if isinstance(found, list) else []


def _chat_job(
    name: str, job: Mapping[str, Any], pipeline: list[Any], start: rules.Start, description: str
) -> ChatJob:
    verdict = rules.of_job(name, job, start)
    hidden_by = verdict.hidden_by
    if hidden_by is None and pipeline:
        refused = rules.of_rules(pipeline, rules.variables(start, name)).hidden_by
        hidden_by = refused and f"workflow:{refused}"
    environment = job.get("environment")
    return ChatJob(
        name=name,
        stage=str(job.get("stage") or "test"),
        description=description,
        environment=_text(mapping(environment).get("name") or environment),
        tier=_text(mapping(environment).get("deployment_tier")) or "",
        action=_text(mapping(environment).get("action")) or "",
        manual=verdict.manual,
        hidden_by=hidden_by,
        remedy=rules.remedy(name, hidden_by) if hidden_by else None,
    )


def _with_company(
    job: ChatJob, defined: Mapping[str, Mapping[str, Any]], jobs: Sequence[ChatJob], pipeline: list[Any],
    start: rules.Start,
) -> ChatJob:  # fmt: skip
    """A job that deploys, with those in whose pipelines it starts by itself."""
    if not job.environment:
        return job
    others = [one.name for one in jobs if one.startable]
    certainly, perhaps = company.joins(job.name, defined[job.name], others, pipeline, start)
    return replace(job, joins=certainly, may_join=perhaps)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


# Finding a job in it ---------------------------------------------------------------------------------------


def find(catalogue: Catalogue, name: str) -> ChatJob:
    """
    The job of this name, which may be one that chat may not start.

    Raises NotUnderstood; its `suggestions` are the nearest names of jobs that chat may start, not whole
    commands: the caller makes commands of them.
    """
    for job in catalogue.jobs:
        if job.name == name:
            return job
    near = nearest(name, [job.name for job in catalogue.jobs if job.startable])
    raise NotUnderstood(
        f"{catalogue.project.path} has no job `{name}` at `{catalogue.ref}`.", suggestions=near
    )


# Keeping one -----------------------------------------------------------------------------------------------


def dumps(catalogue: Catalogue) -> str:
    """The catalogue as JSON, for the store."""
    return json.dumps({"form": FORM, **asdict(catalogue)}, ensure_ascii=False, default=str)


def loads(text: str) -> Catalogue | None:
    """The catalogue that `dumps` wrote; None for any other text, such as an older form."""
    try:
        data = json.loads(text)
        return _catalogue(data) if data["form"] == FORM else None
    except (ValueError, TypeError, KeyError):
        return None


def _catalogue(data: Mapping[str, Any]) -> Catalogue:
    return Catalogue(
        project=Project(**data["project"]),
        ref=data["ref"],
        sha=data["sha"],
        jobs=tuple(read_job(job) for job in data["jobs"]),
        inputs=tuple(read_input(entry) for entry in data["inputs"]),
        variables=tuple(read_input(entry) for entry in data["variables"]),
    )


def read_job(data: Mapping[str, Any]) -> ChatJob:
    """The job that `asdict` made plain for JSON."""
    return ChatJob(**{**data, "joins": tuple(data["joins"]), "may_join": tuple(data["may_join"])})


def read_input(data: Mapping[str, Any]) -> Input:
    """The input that `asdict` made plain for JSON."""
    rules = tuple(InputRule(**_with_tuples(rule)) for rule in data["rules"])
    return Input(**{**_with_tuples(data), "rules": rules})


def _with_tuples(data: Mapping[str, Any]) -> dict[str, Any]:
    default = data["default"]
    plain = tuple(default) if isinstance(default, list) else default
    return {**data, "options": tuple(data["options"]), "default": plain}
