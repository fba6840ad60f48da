"""Configurations: hostile YAML is read as nothing, GitLab's own as what it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogues import Input, InputRule
from bot.jobs import configuration


@pytest.mark.parametrize(
    "text",
    [
        "[" * 300_000,
        "- " * 300_000,
        "{a: " * 300_000,
        "a: &a [*a]",
        "a: !!int x",
        "a: !!bool x",
        "? [a]\n: b",
        "a: [",
        "\x00",
        "x" * 3_000_000,
    ],
)
def test_hostile_yaml_is_no_catalogue(text: str) -> None:
    """Text that lies too deep, is too large or is no YAML is read as nothing, and ends nothing else."""
    configuration.read(text)


@given(st.text() | st.text(alphabet="ab:-[]{}&*!#|>'\" \n?,"))
def test_no_configuration_raises(text: str) -> None:
    """Any text is read, whatever it holds."""
    read = configuration.read(text)
    configuration.jobs(read)
    configuration.inputs(read)
    configuration.variables(read)


def test_tags_of_gitlab_are_tolerated() -> None:
    """`!reference` and tags nobody knows count for nothing: what they stand before is read."""
    read = configuration.read(
        "a:\n  script: !reference [.b, script]\n  x: !odd {y: 2026-13-45}\n  z: !odd t\n"
    )
    assert read.body == {"a": {"script": [".b", "script"], "x": {"y": "2026-13-45"}, "z": "t"}}


# What people are to give ------------------------------------------------------------------------------------


def inputs(declared: str) -> tuple[Input, ...]:
    return configuration.inputs(configuration.read(f"spec:\n  inputs:\n    x: {declared}\n---\njob: {{}}\n"))


@pytest.mark.parametrize(
    ("declared", "meant"),
    [
        ("{}", Input("x", required=True)),
        ("{default: null}", Input("x")),
        ("{type: number, default: 2, options: [1, 2]}", Input("x", "number", default=2, options=("1", "2"))),
        (
            "{rules: [{if: \"$[[ inputs.y ]] == 'a'\", options: [true], default: b}, {default: null}]}",
            Input("x", rules=(InputRule("$[[ inputs.y ]] == 'a'", ("true",), "b"), InputRule())),
        ),
        (
            "{rules: [{options: [a]}], default: a}",
            Input("x", default="a", rules=(InputRule("", ("a",), "a"),)),
        ),
        ("{rules: [7, [], {if: [1]}]}", Input("x", rules=(InputRule(), InputRule(), InputRule("[1]")))),
        ("{rules: text}", Input("x", required=True)),
    ],
)
def test_inputs_are_read_with_their_rules(declared: str, meant: Input) -> None:
    """What makes no sense is read as little as can be: GitLab is the one to say so."""
    assert inputs(declared) == (meant,)


def variables(declared: str) -> tuple[Input, ...]:
    return configuration.variables(configuration.read(f"variables: {declared}\n"))


def test_variables_with_a_description_are_for_people() -> None:
    """Or with options; the others are the author's own (doc/ci/yaml, variables:description)."""
    assert variables("{A: {description: Who, value: 3}, B: {options: [x, true]}, C: plain, D: {value: v}}") == (
        Input("A", description="Who", default="3"), Input("B", options=("x", "true"), default=""),
    )  # fmt: skip
    assert variables("[a]") == variables("7") == ()


@pytest.mark.parametrize(
    "name",
    ["CI", "CI_COMMIT_SHA", "GITLAB_TOKEN", "GIT_SSH_COMMAND", "LD_PRELOAD", "PATH", "BASH_ENV", "DOCKER_HOST",
     "CHAT_INPUT", "CHATOPS_JOB", "a b", "é", "1A"],
)  # fmt: skip
def test_some_variables_nobody_sets_from_chat(name: str) -> None:
    """GitLab's own, those that change how a runner or a shell works, and ours; described or not."""
    assert variables(f'{{"{name}": {{description: Set me}}}}') == ()
