"""Decides whether rules, a job's or its pipeline's, keep chat from it; what is unknown hides nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from bot.jobs import patterns
from bot.jobs.configuration import mapping
from bot.jobs.expressions import both, either, evaluate
from bot.model import Project

#: Keywords of `only` and `except`, and the pipeline source each stands for (doc/ci/yaml, only:refs).
SOURCES: Mapping[str, str] = {
    "api": "api",
    "chat": "chat",
    "external": "external",
    "external_pull_requests": "external_pull_request_event",
    "merge_requests": "merge_request_event",
    "pipelines": "pipeline",
    "pushes": "push",
    "schedules": "schedule",
    "triggers": "trigger",
    "web": "web",
}
#: How a ref begins that says whether it is a tag or a branch (lib/gitlab/git.rb, ref_name).
TAGS, HEADS = "refs/tags/", "refs/heads/"
REFS = (TAGS, HEADS)
#: What hides a job that GitLab's own slash command would start.
CHAT_ONLY = "only: [chat]"
#: The longest rule that is repeated to people, and the most entries of a list that are looked at for it.
LONGEST_WORDS = 300
MOST_ENTRIES = 30

_PATTERN = re.compile(r"/(?P<pattern>.+)/(?P<flags>[ismU]*)(?:@(?P<path>[^/].*))?", re.DOTALL)
#: Variables that only pipelines of merge requests have (doc/ci/variables/predefined_variables.md).
_NEVER_SET = re.compile(r"\$((?:CI_MERGE_REQUEST|CI_EXTERNAL_PULL_REQUEST)_\w+)")


@dataclass(frozen=True, slots=True)
class Start:
    """How a job would be started from chat: the pipeline GitLab would make."""

    source: str
    """api or chat, as in CI_PIPELINE_SOURCE."""
    project: Project
    ref: str
    tag: bool | None
    """Whether the ref is a tag; None if that is not known."""
    sha: str
    takes_inputs: bool = False
    """Whether the configuration declares inputs: then the bot's own variables may be there or not."""
    names_job: bool = True
    """Whether the pipeline is told which job is meant; a plain one is told nothing."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What rules say: the rule that hides a job, as `key: value` in YAML, or how the job would wait."""

    hidden_by: str | None = None
    manual: bool = False
    certain: bool = True
    """Whether every rule that was looked at could be judged."""


Rule = Mapping[str, Any]


def of_job(name: str, job: Mapping[str, Any], start: Start, *, asked: str | None = None) -> Verdict:
    """
    What the job's own keywords say; `job` has those of its YAML (rules, only, except, when, trigger).

    `asked` is the job somebody asked for, if it is another one.
    """
    if job.get("trigger"):
        return Verdict(words("trigger", job["trigger"]))
    if isinstance(job.get("rules"), list):
        known = variables(start, name if asked is None else asked)
        return of_rules(job["rules"], known, str(job.get("when") or "on_success"))
    hidden = _hidden_by_except(job.get("except"), start, name) or _hidden_by_only(
        job.get("only"), start, name
    )
    return Verdict(hidden, manual=job.get("when") == "manual")


# rules -----------------------------------------------------------------------------------------------------


def of_rules(rules: Sequence[Any], known: Mapping[str, str | None], otherwise: str = "on_success") -> Verdict:
    """
    What `rules` say (doc/ci/yaml, rules): the first that matches decides, no match hides the job.

    A rule of which nobody can tell whether it matches lets the job be seen, unless it says `when: never`.
    """
    certain = True
    for rule in map(mapping, rules):
        when = str(rule.get("when") or otherwise)
        matches = _rule_matches(rule, known)
        certain = certain and matches is not None
        if when == "never" and (matches is True or _says_no_to_chat(rule, known)):
            return Verdict(words("rules", [rule]))
        if matches is not False and when != "never":
            return Verdict(manual=when == "manual", certain=certain)
    return Verdict(words("rules", rules))


def _rule_matches(rule: Rule, known: Mapping[str, str | None]) -> bool | None:
    if not rule:
        return None
    matches = None if "changes" in rule or "exists" in rule else True
    return both(matches, _holds(rule["if"], known)) if "if" in rule else matches


def _says_no_to_chat(rule: Rule, known: Mapping[str, str | None]) -> bool:
    """Whether a `when: never` is meant for chat: it counts for the bot, whatever its pipelines' source."""
    as_chat = {**known, "CI_PIPELINE_SOURCE": "chat"}
    return "chat" in str(rule.get("if")) and _rule_matches(rule, as_chat) is True


def _holds(expression: Any, known: Mapping[str, str | None]) -> bool | None:
    if not isinstance(expression, str):
        return None
    absent: dict[str, str | None] = dict.fromkeys(_NEVER_SET.findall(expression))
    return evaluate(expression, {**absent, **known})


def variables(start: Start, job: str) -> dict[str, str | None]:
    """The variables that are known of the pipeline; None for those that are certainly not set."""
    namespace, _, name = start.project.path.rpartition("/")
    ref = _short(start.ref)
    known: dict[str, str | None] = {
        "CI": "true",
        "GITLAB_CI": "true",
        "CI_PIPELINE_SOURCE": start.source,
        "CI_COMMIT_REF_NAME": ref,
        "CI_COMMIT_SHA": start.sha,
        "CI_DEFAULT_BRANCH": start.project.default_branch,
        "CI_PROJECT_ID": str(start.project.id),
        "CI_PROJECT_NAME": name,
        "CI_PROJECT_NAMESPACE": namespace,
        "CI_PROJECT_PATH": start.project.path,
    }
    if start.tag is not None:
        known["CI_COMMIT_TAG"] = ref if start.tag else None
        known["CI_COMMIT_BRANCH"] = None if start.tag else ref
    if not (start.takes_inputs and start.names_job):
        known["CHATOPS_JOB"] = job if start.source == "api" and start.names_job else None
    return known


def _short(ref: str) -> str:
    return next((ref.removeprefix(one) for one in REFS if ref.startswith(one)), ref)


# only and except -------------------------------------------------------------------------------------------


def _hidden_by_except(policy: Any, start: Start, job: str) -> str | None:
    if "chat" in _refs(policy):
        return words("except", ["chat"])
    parts = _parts(policy, start, job)
    return words("except", policy) if any(part is True for part in parts) else None


def _hidden_by_only(policy: Any, start: Start, job: str) -> str | None:
    return words("only", policy) if any(part is False for part in _parts(policy, start, job)) else None


def _parts(policy: Any, start: Start, job: str) -> list[bool | None]:
    """Whether each keyword under `only` or `except` matches; `changes` and `kubernetes` cannot be known."""
    parts: list[bool | None] = []
    refs = _refs(policy)
    if refs:
        parts.append(_any(_ref_matches(ref, start) for ref in refs))
    expressions = mapping(policy).get("variables")
    if isinstance(expressions, list) and expressions:
        known = variables(start, job)
        parts.append(_any(_holds(expression, known) for expression in expressions))
    return parts


def _any(results: Iterable[bool | None]) -> bool | None:
    found: bool | None = False
    for result in results:
        found = either(found, result)
    return found


def _refs(policy: Any) -> list[str]:
    refs = policy.get("refs") if isinstance(policy, Mapping) else policy
    if isinstance(refs, str):
        return [refs]
    return [str(ref) for ref in refs] if isinstance(refs, list | tuple) else []


def _ref_matches(wanted: str, start: Start) -> bool | None:
    if wanted in SOURCES:
        return SOURCES[wanted] == start.source
    if wanted in ("branches", "tags"):
        return None if start.tag is None else start.tag == (wanted == "tags")
    if "$" in wanted and not wanted.startswith("/"):
        return None
    pattern = _PATTERN.fullmatch(wanted)
    name, _, path = (wanted, "", pattern["path"] or "") if pattern else wanted.partition("@")
    if path and path != start.project.path:
        return False
    return patterns.search(pattern["pattern"], start.ref, pattern["flags"]) if pattern else name == start.ref


# In YAML ---------------------------------------------------------------------------------------------------


def words(key: str, value: Any) -> str:
    """`key: value` as one line of YAML, cut if it is long."""
    shown = [value] if isinstance(value, str) and key != "trigger" else value
    line = _line(shown) if isinstance(shown, Mapping | list | tuple) else str(shown)
    said = f"{key}: {line}"
    return said if len(said) <= LONGEST_WORDS else said[: LONGEST_WORDS - 1] + "…"


def _line(value: Any) -> str:
    plain = list(value[:MOST_ENTRIES]) if isinstance(value, list | tuple) else value
    refs = plain.get("refs") if isinstance(plain, Mapping) and len(plain) == 1 else None
    shown = refs or (dict(plain) if isinstance(plain, Mapping) else plain)
    return yaml.safe_dump(
        shown, default_flow_style=True, width=100_000, sort_keys=False, allow_unicode=True
    ).strip()


def remedy(name: str, hidden_by: str) -> str | None:
    """The YAML that lets chat start the job, whichever way this project's jobs are started."""
    keyword = hidden_by.partition(":")[0]
    if keyword == "trigger":
        return None
    if keyword == "workflow":
        return "# first among the rules of the workflow\n" + _rule_for("workflow", "$CHATOPS_JOB")
    place = "# first among its rules\n" if keyword == "rules" else "# in place of only and except\n"
    return place + _rule_for(name, _names(name))


def _rule_for(key: str, condition: str) -> str:
    rule = {"if": f'$CI_PIPELINE_SOURCE == "chat" || {condition}'}
    return yaml.safe_dump({key: {"rules": [rule]}}, width=100_000, allow_unicode=True).strip()


def _names(job: str) -> str:
    """The condition that this job is meant; expressions know no escapes."""
    if '"' in job and "'" in job:
        return "$CHATOPS_JOB"
    return f"$CHATOPS_JOB == '{job}'" if '"' in job else f'$CHATOPS_JOB == "{job}"'
