"""Reads one job of a CI configuration (doc/ci/yaml, job keywords)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.gitlab.expressions import Expression, ExpressionError, compile_expression
from sandbox.gitlab.nouns import Target
from sandbox.gitlab.yaml_text import ConfigInvalid

WHENS = ("on_success", "on_failure", "always", "manual", "delayed", "never")
#: doc/ci/yaml, environment:action and environment:deployment_tier.
ACTIONS = ("start", "stop", "prepare", "verify", "access")
#: What a variable of a job may say beside its value, and what a variable of the whole pipeline may
#: (doc/ci/yaml, variables:description and variables:options): only such are filled in by people.
OWN_VARIABLE = ("value", "expand")
GLOBAL_VARIABLE = ("value", "description", "expand", "options")
TIERS = ("production", "staging", "testing", "development", "other")
KEYWORDS = frozenset(
    [
        "after_script",
        "allow_failure",
        "artifacts",
        "before_script",
        "cache",
        "coverage",
        "dependencies",
        "description",
        "environment",
        "except",
        "extends",
        "hooks",
        "id_tokens",
        "identity",
        "image",
        "inherit",
        "inputs",
        "interruptible",
        "needs",
        "only",
        "parallel",
        "release",
        "resource_group",
        "retry",
        "rules",
        "run",
        "script",
        "secrets",
        "services",
        "stage",
        "start_in",
        "tags",
        "timeout",
        "trigger",
        "variables",
        "when",
        "publish",
        "pages",
        "manual_confirmation",
        "dast_configuration",
    ]
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of `rules`; without a condition it always applies."""

    condition: Expression | None = None
    when: str | None = None
    allow_failure: bool | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Policy:
    """`only` or `except`: refs and variable conditions, and the same as lint shows them."""

    refs: tuple[str, ...] | None
    conditions: tuple[Expression, ...]
    shown: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class JobConfig:
    name: str
    stage: str
    script: tuple[str, ...]
    before_script: tuple[str, ...] = ()
    after_script: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] | None = None
    only: Policy | None = None
    except_: Policy | None = None
    when: str = "on_success"
    allow_failure: bool | None = None
    target: Target | None = None
    needs: tuple[tuple[str, bool], ...] | None = None
    """Names of needed jobs, and whether each is optional."""
    tags: tuple[str, ...] = ()

    @property
    def environment(self) -> str | None:
        return None if self.target is None else self.target.name


def read_job(
    name: str, entry: Mapping[str, Any], default: Mapping[str, Any], stages: tuple[str, ...]
) -> JobConfig:
    """Read a visible job; `default` fills what it lacks. Raises ConfigInvalid with all that is wrong."""
    errors = list(_errors(name, entry, stages))
    if errors:
        raise ConfigInvalid(*errors)
    has_rules = "rules" in entry
    return JobConfig(
        name,
        entry.get("stage", "test"),
        lines(entry.get("script")),
        lines(entry.get("before_script", default.get("before_script"))),
        lines(entry.get("after_script", default.get("after_script"))),
        texts(entry.get("variables")),
        read_rules(f"jobs:{name}", entry["rules"]) if has_rules else None,
        None if has_rules else _policy(f"jobs:{name}:only", entry.get("only", ["branches", "tags"])),
        _policy(f"jobs:{name}:except", entry["except"]) if "except" in entry else None,
        entry.get("when", "on_success"),
        _allow_failure(entry.get("allow_failure")),
        _target(entry.get("environment")),
        _needs(entry["needs"]) if "needs" in entry else None,
        lines(entry.get("tags", default.get("tags"))),
    )


def _errors(name: str, entry: Mapping[str, Any], stages: tuple[str, ...]) -> Iterator[str]:
    unknown = [key for key in entry if key not in KEYWORDS]
    if unknown:
        yield f"jobs:{name} config contains unknown keys: {', '.join(unknown)}"
    if not any(key in entry for key in ("script", "run", "trigger")):
        yield f"jobs:{name} config should implement the script:, run:, or trigger: keyword"
    if "rules" in entry and ({"only", "except"} & set(entry)):
        clash = ", ".join(key for key in ("only", "except") if key in entry)
        yield f"jobs:{name} config key may not be used with `rules`: {clash}"
    if entry.get("when", "on_success") not in WHENS:
        yield f"jobs:{name} when should be one of: {', '.join(WHENS)}"
    yield from _environment_errors(f"jobs:{name}:environment", entry.get("environment"))
    if not isinstance(entry.get("manual_confirmation") or "", str):
        yield f"jobs:{name} manual confirmation should be a string"
    yield from variable_errors(f"jobs:{name}:variables", entry.get("variables"), OWN_VARIABLE)
    if entry.get("stage", "test") not in stages:
        shown = ", ".join(stages)
        stage = entry.get("stage", "test")
        yield f"{name} job: chosen stage {stage} does not exist; available stages are {shown}"


def variable_errors(place: str, entries: Any, allowed: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with a `variables` map whose values may be maps of these keys (`Entry::Variable`)."""
    if entries is not None and not isinstance(entries, dict):
        yield f"{place} config should be a hash"
        return
    for name, entry in (entries or {}).items():
        if isinstance(entry, list):
            yield f"{place}:{name} config variable definition must be either a string or a hash"
        elif isinstance(entry, dict):
            yield from _variable_errors(f"{place}:{name}", entry, allowed)


def _variable_errors(place: str, entry: Mapping[str, Any], allowed: tuple[str, ...]) -> Iterator[str]:
    unknown = [str(key) for key in entry if key not in allowed]
    if unknown:
        yield f"{place} config uses invalid data keys: {', '.join(unknown)}"
    options = entry.get("options")
    if options is not None and not (isinstance(options, list) and all(isinstance(x, str) for x in options)):
        yield f"{place} config options should be an array of strings"
    elif options and entry.get("value") not in options:
        yield f"{place} config value must be present in options"


def _environment_errors(place: str, entry: Any) -> Iterator[str]:
    given = entry if isinstance(entry, dict) else {}
    if given.get("action", "start") not in ACTIONS:
        yield f"{place} action should be {', '.join(ACTIONS[:-1])}, or {ACTIONS[-1]}"
    if given.get("deployment_tier", "other") not in TIERS:
        yield f"{place} deployment tier must be one of {', '.join(TIERS)}"


def read_rules(place: str, entries: Any) -> tuple[Rule, ...]:
    """Read a `rules` list, of a job or of `workflow`. Raises ConfigInvalid."""
    if not isinstance(entries, list):
        raise ConfigInvalid(f"{place}:rules config should be an array containing hashes and arrays of hashes")
    flat = [rule for entry in entries for rule in (entry if isinstance(entry, list) else [entry])]
    return tuple(_rule(place, rule) for rule in flat)


def _rule(place: str, entry: Any) -> Rule:
    if not isinstance(entry, dict):
        raise ConfigInvalid(f"{place}:rules:rule config should be a hash")
    if entry.get("when", "always") not in WHENS:
        raise ConfigInvalid(f"{place}:rules:rule when should be one of: {', '.join(WHENS)}")
    condition = condition_of(f"{place}:rules:rule if", entry["if"]) if "if" in entry else None
    allowed, variables = _allow_failure(entry.get("allow_failure")), texts(entry.get("variables"))
    return Rule(condition, entry.get("when"), allowed, variables)


def condition_of(place: str, text: Any) -> Expression:
    """Compile one condition. Raises ConfigInvalid naming the place."""
    try:
        return compile_expression(str(text))
    except ExpressionError as error:
        raise ConfigInvalid(f"{place} {error}") from error


def _policy(place: str, entry: Any) -> Policy:
    if isinstance(entry, str | list):
        refs = lines(entry)
        return Policy(refs, (), {"refs": list(refs)})
    if not isinstance(entry, dict):
        raise ConfigInvalid(f"{place} has to be either an array of conditions or a hash")
    refs_given = lines(entry["refs"]) if "refs" in entry else None
    conditions = tuple(condition_of(f"{place} variables", text) for text in lines(entry.get("variables")))
    return Policy(refs_given, conditions, dict(entry))


def _allow_failure(entry: Any) -> bool | None:
    """A map of exit codes counts as allowed: the sandbox looks at no codes."""
    return None if entry is None else bool(entry)


def _target(entry: Any) -> Target | None:
    given = entry if isinstance(entry, dict) else {"name": entry}
    if given.get("name") is None:
        return None
    url = given.get("url")
    action, on_stop = given.get("action", "start"), given.get("on_stop")
    return Target(str(given["name"]), given.get("deployment_tier"), action, url, on_stop)


def _needs(entry: Any) -> tuple[tuple[str, bool], ...]:
    found = entry if isinstance(entry, list) else [entry]
    wanted = [need if isinstance(need, dict) else {"job": need} for need in found]
    return tuple((str(need["job"]), bool(need.get("optional"))) for need in wanted if "job" in need)


def lines(entry: Any) -> tuple[str, ...]:
    """A text or a list (maybe of lists) of texts, as lines; nothing is no line."""
    if entry is None:
        return ()
    if isinstance(entry, list):
        return tuple(line for item in entry for line in lines(item))
    return (text(entry),)


def texts(entry: Any) -> dict[str, str]:
    """A `variables` map; a value may be a map with `value` and `description`."""
    values = {name: v.get("value", "") if isinstance(v, dict) else v for name, v in (entry or {}).items()}
    return {str(name): text(value) for name, value in values.items()}


def text(value: Any) -> str:
    """A YAML scalar as GitLab passes it on."""
    return str(value).lower() if isinstance(value, bool) else str("" if value is None else value)
