"""Rules: which jobs they keep from chat, whichever way those are started, and what would help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from bot.jobs import rules
from bot.jobs.rules import Start, Verdict
from bot.model import Project

SHOP = Project(7, "acme/shop", "https://gitlab.example.com/acme/shop", "main")


def judged(
    job: Mapping[str, Any],
    name: str = "hello",
    *,
    start: str = "api",
    ref: str = "main",
    tag: bool | None = False,
) -> Verdict:
    """What is said of a job with these keywords, at a branch unless told otherwise."""
    return rules.of_job(name, job, Start(start, SHOP, ref, tag, "c0ffee"))


def hidden_by(job: Mapping[str, Any], **more: Any) -> str | None:
    return judged(job, **more).hidden_by


@pytest.mark.parametrize(
    ("job", "api", "chat"),
    [
        ({}, None, None),
        ({"only": ["chat"]}, "only: [chat]", None),
        ({"only": {"refs": ["chat"]}}, "only: [chat]", None),
        ({"only": "chat"}, "only: [chat]", None),
        ({"only": ["api"]}, None, "only: [api]"),
        ({"only": ["branches"]}, None, None),
        ({"only": ["tags"]}, "only: [tags]", "only: [tags]"),
        ({"only": ["main", "chat"]}, None, None),
        ({"only": ["/^ma/"]}, None, None),
        ({"only": ["/^MA/i"]}, None, None),
        ({"only": ["/^v/"]}, "only: [/^v/]", "only: [/^v/]"),
        ({"only": ["/^(?=m)/"]}, None, None),
        ({"only": ["$WANTED"]}, None, None),
        ({"only": ["main@acme/shop"]}, None, None),
        ({"only": ["main@acme/other"]}, "only: [main@acme/other]", "only: [main@acme/other]"),
        ({"only": ["develop"]}, "only: [develop]", "only: [develop]"),
        ({"only": {"changes": ["docs/**"]}}, None, None),
        ({"only": {"variables": ["$UNKNOWN"]}}, None, None),
        (
            {"only": {"variables": ['$CHATOPS_JOB == "hello"']}},
            None,
            'only: {variables: [$CHATOPS_JOB == "hello"]}',
        ),
        ({"except": ["chat"]}, "except: [chat]", "except: [chat]"),
        ({"except": {"refs": ["chat"], "variables": ["$A"]}}, "except: [chat]", "except: [chat]"),
        ({"except": ["api"]}, "except: [api]", None),
        ({"except": ["pushes", "tags"]}, None, None),
        (
            {"except": {"variables": ['$CHATOPS_JOB != "hello"']}},
            None,
            'except: {variables: [$CHATOPS_JOB != "hello"]}',
        ),
        ({"trigger": "acme/other"}, "trigger: acme/other", "trigger: acme/other"),
        (
            {"trigger": {"include": "child.yml"}},
            "trigger: {include: child.yml}",
            "trigger: {include: child.yml}",
        ),
    ],
)
def test_only_and_except(job: Mapping[str, Any], api: str | None, chat: str | None) -> None:
    """`only` and `except` count for the pipeline a start would make; `except: [chat]` counts for both."""
    assert hidden_by(job, start="api") == api
    assert hidden_by(job, start="chat") == chat


@pytest.mark.parametrize(
    ("written", "hidden"),
    [
        ([{"if": '$CHATOPS_JOB == "hello"'}], False),
        ([{"if": '$CHATOPS_JOB == "other"'}], True),
        ([{"if": '$CI_PIPELINE_SOURCE == "push"'}], True),
        ([{"if": '$CI_PIPELINE_SOURCE == "push"'}, {"when": "on_success"}], False),
        ([{"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"}], False),
        ([{"if": "$CI_COMMIT_TAG"}], True),
        ([{"if": "$CI_MERGE_REQUEST_IID"}], True),
        ([{"if": "$CI_MERGE_REQUEST_IID || $DEPLOY"}], False),
        ([{"if": '$CI_PROJECT_PATH == "acme/shop" && $CI_PROJECT_NAMESPACE == "acme"'}], False),
        ([{"if": '$CI_PROJECT_NAME != "shop"'}], True),
        ([{"if": "$DEPLOY"}], False),
        ([{"if": "$DEPLOY", "when": "never"}], True),
        ([{"if": "$DEPLOY", "when": "never"}, {"when": "always"}], False),
        ([{"if": '$CI_PIPELINE_SOURCE == "api"', "when": "never"}, {"when": "always"}], True),
        ([{"if": '$CI_PIPELINE_SOURCE == "chat"', "when": "never"}, {"when": "always"}], True),
        (
            [{"if": '$CHATOPS_JOB == "hello"'}, {"if": '$CI_PIPELINE_SOURCE == "chat"', "when": "never"}],
            False,
        ),
        ([{"changes": ["docs/**"]}], False),
        ([{"exists": ["Dockerfile"]}], False),
        ([{"if": "$CI_COMMIT_TAG", "changes": ["docs/**"]}], True),
        ([{"when": "never"}], True),
        ([], True),
        ([["script", "rules"]], False),
        ([{"if": ["odd"]}], False),
    ],
)
def test_rules(written: list[Any], hidden: bool) -> None:
    """Only rules that certainly leave a job out hide it; what cannot be known lets it be seen."""
    assert (hidden_by({"rules": written}) is not None) is hidden


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ([{"if": '$CI_PIPELINE_SOURCE == "push"'}], 'rules: [{if: $CI_PIPELINE_SOURCE == "push"}]'),
        ([{"if": "$A"}, {"when": "never"}, {"if": "$B"}], None),
        ([{"if": "$CI_COMMIT_TAG"}, {"when": "never"}, {"if": "$B"}], "rules: [{when: never}]"),
    ],
)
def test_the_hiding_rule_is_named(written: list[Any], words: str | None) -> None:
    """What hides a job is said in YAML: the `never` that matched, else all rules of which none did."""
    assert hidden_by({"rules": written}) == words


def test_a_long_rule_is_cut() -> None:
    """Rules that fill a page are cut: they are shown in a sentence."""
    said = hidden_by({"rules": [{"if": f'$CI_PIPELINE_SOURCE == "{number}"'} for number in range(99)]})
    assert said is not None
    assert len(said) == 300
    assert said.endswith("…")


HIDDEN: list[dict[str, Any]] = [
    {"only": ["chat"]},
    {"only": ["develop"]},
    {"except": ["chat"]},
    {"rules": [{"if": '$CI_PIPELINE_SOURCE == "push"'}]},
    {"rules": [{"if": '$CI_PIPELINE_SOURCE == "chat"', "when": "never"}, {"when": "always"}]},
]


@pytest.mark.parametrize("start", ["api", "chat"])
@pytest.mark.parametrize(
    "name", ["hello", "hello world: now", 'a "quoted" job', "it's", "both ' and \"", "yes", "#1"]
)
@pytest.mark.parametrize("job", HIDDEN)
def test_the_remedy_helps(job: Mapping[str, Any], name: str, start: str) -> None:
    """The YAML that is offered, put where its comment says, makes the job one that chat can start."""
    refused = judged(job, name, start=start).hidden_by
    remedy = rules.remedy(name, refused) if refused else None
    if remedy is None:
        assert refused is None
        return
    added = yaml.safe_load(remedy)[name]["rules"]
    mended = {"rules": [*added, *job.get("rules", [])]}
    assert judged(mended, name, start=start).hidden_by is None


def test_a_job_for_chat_alone_has_rules_to_add() -> None:
    """What is offered for a job that is `only: [chat]` is YAML and nothing else."""
    assert rules.remedy("hello", rules.CHAT_ONLY) == (
        "# in place of only and except\n"
        "hello:\n  rules:\n"
        '  - if: $CI_PIPELINE_SOURCE == "chat" || $CHATOPS_JOB == "hello"'
    )


def test_a_trigger_has_no_remedy() -> None:
    """A job that starts another pipeline is listed, says so, and is no chat job."""
    refused = hidden_by({"trigger": "acme/other"})
    assert refused == "trigger: acme/other"
    assert rules.remedy("hello", refused) is None


@pytest.mark.parametrize(
    ("job", "manual"),
    [
        ({}, False),
        ({"when": "manual"}, True),
        ({"when": "manual", "rules": [{"if": "$DEPLOY"}]}, True),
        ({"rules": [{"if": "$DEPLOY", "when": "manual"}]}, True),
        ({"when": "manual", "rules": [{"if": "$DEPLOY", "when": "on_success"}]}, False),
        ({"rules": [{"if": "$CI_COMMIT_TAG", "when": "manual"}, {"when": "on_success"}]}, False),
    ],
)
def test_manual_jobs_are_marked(job: Mapping[str, Any], manual: bool) -> None:
    """A job that would wait for somebody to play it is known before it is started."""
    verdict = judged(job)
    assert (verdict.hidden_by, verdict.manual) == (None, manual)
    assert verdict.certain is ("$DEPLOY" not in str(job))


def test_refs_and_tags() -> None:
    """Rules are held against the ref: a branch, a tag, or one of which that is not known."""
    only_tags = {"only": ["tags"]}
    assert hidden_by(only_tags, ref="v1", tag=True) is None
    assert hidden_by(only_tags, ref="v1", tag=None) is None
    assert hidden_by({"only": ["branches"]}, ref="v1", tag=True) == "only: [branches]"
    assert hidden_by({"rules": [{"if": '$CI_COMMIT_TAG == "v1"'}]}, ref="v1", tag=True) is None
    assert hidden_by({"rules": [{"if": "$CI_COMMIT_TAG"}]}, ref="v1", tag=None) is None
    assert hidden_by({"rules": [{"if": '$CI_COMMIT_REF_NAME == "main"'}]}, ref="v1", tag=None) is not None
