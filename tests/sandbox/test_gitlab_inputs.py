"""What a job asks of people is read and checked as GitLab does: inputs, their rules, described variables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gitlab
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sandbox.gitlab.input_specs import MOST_OPTIONS, InputsError, read_specs
from sandbox.gitlab.inputs import settle
from sandbox.gitlab.yaml_config import read_config
from sandbox.gitlab.yaml_text import ConfigInvalid
from tests.sandbox.gitlab_stage import GitLabStage, listed

RULES = """
kind: {options: [a, b, c], default: a}
size:
  rules:
    - {if: '$[[ inputs.kind ]] == "a"', options: [s, m], default: s}
    - {if: '$[[ inputs.kind ]] == "b" || $[[ inputs.more ]] == true', default: null}
more: {type: boolean, default: false}
"""


@pytest.fixture(scope="module")
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        yield stage


def specs(text: str) -> Any:
    return read_specs({"spec": {"inputs": yaml.safe_load(text)}})


def said(stage: GitLabStage, path: str, job: str, **more: Any) -> str:
    """What a job answers that is started by the inputs it has, or by variables."""
    pipeline = stage.project(path).pipelines.create({"ref": "main", **more})
    found = stage.job(pipeline)
    assert (found.name, stage.status(pipeline)) == (job, "success")
    return stage.log(found)


def refusal(stage: GitLabStage, path: str, **inputs: Any) -> str:
    with pytest.raises(gitlab.GitlabCreateError) as refused:
        stage.project(path).pipelines.create({"ref": "main", "inputs": inputs})
    message: Any = refused.value.error_message
    assert list(message) == ["base"]
    return str(message["base"][0])


def test_every_kind_of_input_arrives(stage: GitLabStage) -> None:
    """Each with its type; what is left out has its default, which may depend on others."""
    inputs = {
        "chatops_job": "build-machine",
        "stage": "production",
        "copies": 4,
        "disk": 0.5,
        "publish": True,
    }
    log = said(
        stage, "acme/lab", "build-machine", inputs=inputs | {"regions": ["eu", "us"], "version": "v2.0.1"}
    )
    assert "cloud=aws stage=production machine=m5.large copies=4 disk=0.5 version=v2.0.1" in log
    assert 'regions=["eu", "us"] publish=true address=www comment=\n' in log


def test_an_input_may_ask_for_a_text_of_ones_own(stage: GitLabStage) -> None:
    """A rule with `default: null` takes any text; without one it is empty."""
    inputs = {"chatops_job": "build-machine", "cloud": "own"}
    assert "machine= copies" in said(stage, "acme/lab", "build-machine", inputs=inputs)
    log = said(stage, "acme/lab", "build-machine", inputs=inputs | {"machine": "a very big one"})
    assert "machine=a very big one copies" in log


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        (
            {"machine": "m5.large"},
            "`machine` input: `m5.large` cannot be used because it is not in the list of",
        ),
        ({"cloud": "gcp", "machine": "t3.micro"}, "`machine` input: `t3.micro` cannot be used"),
        ({"address": "www"}, None),
        ({"publish": True, "address": "internal"}, "`address` input: `internal` cannot be used"),
        (
            {"copies": 3},
            "`copies` input: `3` cannot be used because it is not in the list of the allowed options",
        ),
        ({"copies": True}, "`copies` input: provided value is not a number"),
        ({"version": "2.0"}, "`version` input: provided value does not match required RegEx pattern"),
        ({"regions": "eu"}, "`regions` input: provided value is not an array"),
        ({"publish": "true"}, "`publish` input: provided value is not a boolean"),
        ({"disk": "20"}, "`disk` input: provided value is not a number"),
    ],
)
def test_values_are_checked_where_a_pipeline_is_made(
    stage: GitLabStage, inputs: dict[str, Any], reason: str | None
) -> None:
    """What other inputs allow counts; an input whose rule names no options takes any text."""
    whole = {"chatops_job": "build-machine", **inputs}
    if reason is None:
        assert stage.project("acme/lab").pipelines.create({"ref": "main", "inputs": whole}).id
    else:
        assert refusal(stage, "acme/lab", **whole).startswith(reason)


def test_what_is_missing_is_said_by_pipelines_and_by_lint(stage: GitLabStage) -> None:
    """At most three reasons at once; lint is not valid, since it is told no values either."""
    missing = [
        f"`{name}` input: required value has not been provided" for name in ("reason", "ticket", "hours")
    ]
    assert refusal(stage, "acme/gate") == ", ".join(missing)
    lint = stage.project("acme/gate").ci_lint.get(include_jobs=True)
    assert (lint.valid, lint.merged_yaml, lint.errors) == (False, None, [", ".join(missing)])
    given = {"reason": "A guest", "ticket": "12", "hours": 2, "door": "front", "chatops_job": "open-door"}
    assert "`ticket` input: provided value does not match" in refusal(stage, "acme/gate", **given)
    log = said(stage, "acme/gate", "open-door", inputs=given | {"ticket": "OPS-12"})
    assert "The front door is open for 2 hours: A guest (OPS-12)" in log
    assert "no pipeline" in stage.act("push main acme/gate")


def test_described_variables_are_in_the_merged_configuration(stage: GitLabStage) -> None:
    """With their options, of which there may be more than of an input; what is given stands above the value."""
    lint = stage.project("acme/notices").ci_lint.get(include_jobs=True)
    merged = yaml.safe_load(lint.merged_yaml)
    assert merged["variables"]["AUDIENCE"]["options"] == ["staff", "customers", "everybody"]
    assert len(merged["variables"]["SHOP"]["options"]) == 120
    assert merged["variables"]["CHANNEL"] == "mail"
    assert merged["recall"]["manual_confirmation"].endswith("of this shop?")
    variables = listed({"CHATOPS_JOB": "announce", "SHOP": "shop-117", "MESSAGE": "Closed today"})
    log = said(stage, "acme/notices", "announce", variables=variables)
    assert "To staff of shop-117 by mail: Closed today (Acme)" in log


@pytest.mark.parametrize(
    ("values", "size"),
    [
        ({}, "s"),
        ({"size": "m"}, "m"),
        ({"kind": "b"}, None),
        ({"kind": "b", "size": "any"}, "any"),
        ({"kind": "c"}, None),
        ({"kind": "c", "size": "any"}, "any"),
        ({"kind": "c", "more": True}, None),
    ],
)
def test_the_first_rule_that_applies_decides(values: dict[str, Any], size: Any) -> None:
    """In the order in which they stand; without one that applies there is neither default nor option."""
    assert settle(specs(RULES), values)["size"] == size
    assert not specs(RULES)["size"].required


def test_a_rule_knows_what_was_given_and_what_stands_above() -> None:
    """The default of an input further down is not known yet when rules above it are looked at."""
    text = "a: {rules: [{if: '$[[ inputs.b ]] == \"x\"', default: yes}]}\nb: {default: x}\n"
    assert settle(specs(text), {}) == {"a": None, "b": "x"}
    assert settle(specs(text), {"b": "x"}) == {"a": True, "b": "x"}


def test_switches_are_compared_with_words_and_not_with_texts() -> None:
    """`true` is the switch itself; a text in quotes is another thing (doc/ci/inputs)."""
    text = "open: {type: boolean, default: true}\na: {rules: [{if: '$[[ inputs.open ]] == RIGHT', default: x}]}\n"
    assert settle(specs(text.replace("RIGHT", "true")), {})["a"] == "x"
    assert settle(specs(text.replace("RIGHT", "false")), {"open": False})["a"] == "x"
    assert settle(specs(text.replace("RIGHT", '"true"')), {})["a"] is None


@given(st.sampled_from("abc"), st.none() | st.sampled_from(["s", "m", "x"]), st.booleans())
def test_values_that_are_taken_fit_their_rule(kind: str, size: str | None, more: bool) -> None:
    """What is taken is what was given, or one of the options; what is refused is none of them."""
    given = {"kind": kind, "more": more} | ({} if size is None else {"size": size})
    allowed = ("s", "m") if kind == "a" else ()
    if size is not None and allowed and size not in allowed:
        with pytest.raises(InputsError, match=f"`size` input: `{size}` cannot be used"):
            settle(specs(RULES), given)
    else:
        expected = size if size is not None else "s" if allowed else None
        assert settle(specs(RULES), given)["size"] == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x: {type: date}", "header:spec:inputs:x input type unknown value: date"),
        ("x: {colour: red}", "header:spec:inputs:x config contains unknown keys: colour"),
        ("x: {regex: [a]}", "header:spec:inputs:x input regex should be a string"),
        ("x: {options: a}", "header:spec:inputs:x input options should be a array"),
        ("x: 1", "header:spec:inputs:x config should be a hash"),
        (f"x: {{options: {[*range(MOST_OPTIONS + 1)]}}}", "config cannot define more than 50 options"),
        ("x: {rules: [], default: a}", "please use only one of the following keys: rules, default"),
        ("x: {rules: [], options: [a]}", "please use only one of the following keys: rules, options"),
        ("x: {rules: {if: a}}", "header:spec:inputs:x:rules config should be a array"),
        ("x: {rules: [a]}", "header:spec:inputs:x:rules:rule config should be a hash"),
        ("x: {rules: [{when: a}]}", "header:spec:inputs:x:rules:rule config contains unknown keys: when"),
        (
            "x: {rules: [{options: [a]}]}",
            "rule must define 'options' with at least one value and a 'default'",
        ),
        ("x: {rules: [{options: [a], default: b}]}", "default 'b' must be one of the options"),
        (
            "x: {rules: [{if: '= 1', default: b}]}",
            "header:spec:inputs:x:rules:rule if invalid expression syntax",
        ),
        (
            "x: {rules: [{if: '$[[ inputs.y ]] == null', default: b}]}",
            "header:spec:inputs:x config rule[0] references undefined inputs: y",
        ),
        (
            "x: {rules: [{if: '$[[ inputs.y ]]', default: b}]}\ny: {rules: [{if: '$[[ inputs.x ]]', default: b}]}",
            "circular dependency detected",
        ),
    ],
)
def test_headers_that_gitlab_does_not_take(text: str, why: str) -> None:
    """Every problem has GitLab's words."""
    with pytest.raises(InputsError) as refused:
        specs(text)
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x: {type: number, default: a}", "`x` input: default value is not a number"),
        ("x: {regex: ^a, default: b}", "`x` input: default value does not match required RegEx pattern"),
        ("x: {regex: '(', default: b}", "`x` input: invalid regular expression"),
        ("x: {type: number, regex: ^1, default: 1}", "RegEx validation can only be used with string inputs"),
        (
            "x: {type: boolean, options: [true], default: true}",
            "Options can only be used with string and number",
        ),
        (
            "x: {type: array, options: [a], default: [b, c]}",
            "b, c cannot be used because it is not in the list",
        ),
        ("x: {options: [a], default: b}", "`x` input: `b` cannot be used"),
    ],
)
def test_a_default_has_to_fit_too(text: str, why: str) -> None:
    """It is checked as a value is, whether it is used or not."""
    with pytest.raises(InputsError) as refused:
        settle(specs(text), {})
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("variables: {A: {value: x, colour: red}}", "variables:A config uses invalid data keys: colour"),
        ("variables: {A: {value: x, options: [y]}}", "variables:A config value must be present in options"),
        ("variables: {A: {options: [y]}}", "variables:A config value must be present in options"),
        (
            "variables: {A: {value: x, options: [1]}}",
            "variables:A config options should be an array of strings",
        ),
        ("variables: {A: [x]}", "variable definition must be either a string or a hash"),
        ("variables: [x]", "variables config should be a hash"),
        ("b: {script: x, variables: {A: {value: x, description: y}}}", "uses invalid data keys: description"),
        (
            "b: {script: x, when: manual, manual_confirmation: [x]}",
            "jobs:b manual confirmation should be a string",
        ),
    ],
)
def test_variables_and_confirmations_that_gitlab_does_not_take(source: str, why: str) -> None:
    """Descriptions and options are for variables of the whole pipeline; a confirmation is a text."""
    with pytest.raises(ConfigInvalid) as refused:
        read_config(f"a: {{script: x}}\n{source}\n")
    assert why in str(refused.value)
