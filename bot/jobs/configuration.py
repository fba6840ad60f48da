"""Reads the YAML of a CI configuration: the inputs in its header, its jobs, what is said above a job."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, ClassVar

import yaml

from bot.catalogues import Default, Input, InputRule

#: The largest configuration that is read, and how deep it may lie: GitLab's own limits for one file
#: (doc/administration/instance_limits.md, max_yaml_size_bytes and max_yaml_depth). Text that lies much deeper
#: crashes the process inside libyaml.
MOST_CHARACTERS = 2 * 1024 * 1024
DEEPEST = 100

#: How much of a line is looked at for the name of a job, which has at most 255 characters (doc/ci/jobs).
LONGEST_KEY = 300

#: Top-level keywords that are no jobs (doc/ci/yaml), with those that only old configurations have.
KEYWORDS = frozenset({
    "after_script", "before_script", "cache", "default", "image", "include", "services", "spec", "stages",
    "types", "variables", "workflow",
})  # fmt: skip

_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: Variables that nobody sets from chat, described or not: GitLab's own, what changes how a runner or a shell
#: works (reliability.md 4.2), and those that the bot fills in (docs/writing-chat-jobs.md).
GUARDED = re.compile(
    r"CI|CI_.*|GITLAB_.*|GIT_.*|DOCKER_(HOST|CONFIG|AUTH_CONFIG|TLS_.*)|LD_.*|FF_.*|RUNNER_.*|PATH|HOME|BASH_ENV"
    r"|SHELLOPTS|IFS|CHAT_.*|CHATOPS_.*"
)
_DECORATION = " \t#=*-"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")  # doc/ci/variables: letters, digits and `_`
_KEY = re.compile(r"""(?P<quote>["']?)(?P<name>[^\s#].*?)(?P=quote)[ \t]*:(?:[ \t]|$)""")


@dataclass(frozen=True, slots=True)
class Configuration:
    """The two documents of a configuration; both are empty if it cannot be read."""

    header: Mapping[str, Any] = field(default_factory=dict)
    """What stands above `---`, if it begins with `spec`."""
    body: Mapping[str, Any] = field(default_factory=dict)


class _Tolerant(_Loader):  # type: ignore[misc]
    """YAML with plain values only; tags it does not know, such as !reference, count for nothing."""

    yaml_constructors: ClassVar[dict[str | None, Any]] = {
        f"tag:yaml.org,2002:{kind}": _Loader.yaml_constructors[f"tag:yaml.org,2002:{kind}"]
        for kind in ("null", "bool", "int", "float", "str", "seq", "map")
    }

    def plain(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return self.construct_sequence(node, deep=True)
        return node.value


_Tolerant.yaml_constructors[None] = _Tolerant.plain


def read(text: str) -> Configuration:
    """Read a configuration, header and all. Never raises: GitLab is the one to say what is wrong with it."""
    try:
        documents = _documents(text)
    except (yaml.YAMLError, ValueError, KeyError, RecursionError):
        return Configuration()
    if len(documents) > 1 and "spec" in documents[0]:
        return Configuration(documents[0], documents[1])
    return Configuration(body=documents[0] if documents else {})


def _documents(text: str) -> list[Mapping[str, Any]]:
    if len(text) > MOST_CHARACTERS or _too_deep(text):
        return []
    documents = yaml.load_all(text, Loader=_Tolerant)
    return [mapping(document) for document in documents]


def _too_deep(text: str) -> bool:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            return True
    return False


def mapping(value: Any) -> Mapping[str, Any]:
    """The value with texts for keys if it is a mapping, else an empty one."""
    return {str(key): item for key, item in value.items()} if isinstance(value, Mapping) else {}


# Jobs ------------------------------------------------------------------------------------------------------


def jobs(configuration: Configuration) -> dict[str, Mapping[str, Any]]:
    """Every job by its name, in the order of the file; hidden ones, which begin with a dot, are no jobs."""
    return {
        name: mapping(value)
        for name, value in configuration.body.items()
        if name not in KEYWORDS and not name.startswith(".") and isinstance(value, Mapping)
    }


def shared(configuration: Configuration) -> dict[str, Any]:
    """What every job takes from the configuration beside its own keywords, such as defaults and variables."""
    return {name: value for name, value in configuration.body.items() if name in KEYWORDS}


def comments(text: str) -> dict[str, str]:
    """By name, the comment in the line right above a job, without its decoration."""
    return {
        key["name"]: above.strip(_DECORATION)
        for above, line in pairwise(text.splitlines())
        if above.startswith("#") and (key := _KEY.match(line[:LONGEST_KEY]))
    }


# Inputs ----------------------------------------------------------------------------------------------------


def inputs(configuration: Configuration) -> tuple[Input, ...]:
    """The inputs that the header declares (doc/ci/inputs), in its order."""
    declared = mapping(mapping(configuration.header.get("spec")).get("inputs"))
    return tuple(_input(name, mapping(details)) for name, details in declared.items())


def _input(name: str, details: Mapping[str, Any]) -> Input:
    regex, rules = details.get("regex"), _rules(details)
    return Input(
        name=name,
        type=str(details.get("type") or "string"),
        description=str(details.get("description") or ""),
        options=_options(details.get("options")),
        regex=None if regex is None else str(regex),
        default=_default(details.get("default")),
        required="default" not in details and not rules,
        rules=rules,
    )


def _rules(details: Mapping[str, Any]) -> tuple[InputRule, ...]:
    """The rules of an input; one that names no default has the input's own."""
    declared = details.get("rules")
    rules = map(mapping, declared) if isinstance(declared, list) else ()
    return tuple(
        InputRule(
            str(rule.get("if") or ""),
            _options(rule.get("options")),
            _default(rule["default"] if "default" in rule else details.get("default")),
        )
        for rule in rules
    )


def _options(declared: Any) -> tuple[str, ...]:
    return tuple(spoken(option) for option in declared) if isinstance(declared, list) else ()


def _default(value: Any) -> Default:
    if isinstance(value, list):
        return tuple(value)
    return value if value is None or isinstance(value, str | int | float) else str(value)


def variables(configuration: Configuration) -> tuple[Input, ...]:
    """The variables that people are to set: those of the whole configuration with a description or with options
    (doc/ci/yaml, variables:description, variables:options)."""
    declared = mapping(configuration.body.get("variables"))
    described = {name: mapping(details) for name, details in declared.items()}
    return tuple(
        Input(
            name,
            description=str(details.get("description") or ""),
            options=_options(details.get("options")),
            default=spoken(details.get("value") if details.get("value") is not None else ""),
        )
        for name, details in described.items()
        if {"description", "options"} & details.keys() and _may_be_set(name)
    )


def _may_be_set(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and GUARDED.fullmatch(name) is None


def spoken(value: Any) -> str:
    """A value as YAML and people write it: `true`, not `True`."""
    return str(value).lower() if isinstance(value, bool) else str(value)
