"""What an input takes beside others: the first rule that holds, as the sandbox's GitLab reads it as well."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogues import Input, InputRule
from bot.jobs import configuration
from bot.jobs.configuration import spoken
from bot.jobs.settled import ITSELF, OPEN, Settled, leaders, settle
from sandbox.gitlab.input_specs import InputsError, read_specs

LAB = """
spec:
  inputs:
    cloud: {options: [aws, gcp, own], default: aws}
    stage: {options: [development, production], default: development}
    publish: {type: boolean, default: false}
    copies: {type: number, default: 2}
    machine:
      rules:
        - if: $[[ inputs.cloud ]] == "aws" && $[[ inputs.stage ]] == 'production'
          options: [m5.large, m5.xlarge]
          default: m5.large
        - if: $[[ inputs.cloud ]] == "aws"
          options: [t3.micro, t3.small]
          default: t3.micro
        - if: $[[ inputs.cloud ]] == "own"
          default: null
    address:
      rules:
        - if: $[[ inputs.publish ]] == true
          options: [www, shop]
          default: www
        - if: $[[ inputs.publish ]] == false
          default: internal
    disk:
      rules:
        - if: $[[ inputs.machine ]] =~ /^m5/
          default: big
        - default: small
---
job: {script: [true]}
"""
INPUTS = configuration.inputs(configuration.read(LAB))


def of(name: str, **texts: str) -> Settled:
    return next(one for one in settle(INPUTS, texts) if one.entry.name == name)


@pytest.mark.parametrize(
    ("texts", "variant", "options", "default"),
    [
        ({}, 2, ("t3.micro", "t3.small"), "t3.micro"),
        ({"stage": "production"}, 1, ("m5.large", "m5.xlarge"), "m5.large"),
        ({"cloud": "own"}, 3, (), None),
    ],
)
def test_the_first_rule_that_holds_decides(
    texts: dict[str, str], variant: int, options: tuple[str, ...], default: str | None
) -> None:
    """With its options and its default; without a default it has to be given."""
    found = of("machine", **texts)
    assert (found.variant, found.entry.options, found.entry.default) == (variant, options, default)
    assert found.asked
    assert found.entry.required is (default is None)


def test_where_no_rule_holds_nobody_gives_it() -> None:
    """GitLab does not show such an input either."""
    found = of("machine", cloud="gcp")
    assert (found.variant, found.asked, found.entry.required) == (ITSELF, False, False)


def test_values_keep_their_types() -> None:
    """`true` is no text, so that `== "true"` of a boolean does not hold (doc/ci/inputs, boolean inputs)."""
    assert of("address", publish="true").entry.default == "www"
    assert of("address").entry.default == "internal"
    quoted = Input("x", rules=(InputRule('$[[ inputs.publish ]] == "true"', default="yes"),))
    assert not settle((*INPUTS, quoted), {"publish": "true"})[-1].asked
    alone = Input("x", rules=(InputRule("$[[ inputs.publish ]]", default="yes"),))
    assert settle((*INPUTS, alone), {"publish": "true"})[-1].asked
    assert not settle((*INPUTS, alone), {"publish": "false"})[-1].asked


def test_a_rule_sees_the_defaults_of_the_inputs_above() -> None:
    """One input hangs on another that hangs on a third."""
    assert of("disk").entry.default == "small"
    assert of("disk", stage="production").entry.default == "big"
    assert of("disk", stage="production", machine="t3.small").entry.default == "small"


@pytest.mark.parametrize(
    "condition",
    ["$[[ inputs.cloud | truncate(0,1) ]] == 'a'", "$[[ inputs.nobody ]] == 'a'", "((", "x" * 5_000, "!$X"],
)
def test_what_only_gitlab_knows_is_left_open(condition: str) -> None:
    """Then the input may be given, and need not be."""
    found = settle((*INPUTS, Input("x", rules=(InputRule(condition, ("a",), "a"),))), {})[-1]
    assert (found.variant, found.asked, found.entry.required, found.entry.options) == (OPEN, True, False, ())


def test_those_that_others_hang_on_are_known() -> None:
    """At a change of one of them a form is drawn anew."""
    assert leaders(INPUTS) == {"cloud", "stage", "publish", "machine"}
    assert leaders(INPUTS[:2]) == frozenset()


# As GitLab does it --------------------------------------------------------------------------------------------

names = st.sampled_from(["a", "b", "c"])
literals = st.sampled_from(['"x"', '"y"', "true", "false", "null", '"2"', "''"])
comparisons = st.builds(
    lambda name, sign, value: f"$[[ inputs.{name} ]] {sign} {value}",
    names,
    st.sampled_from(["==", "!="]),
    literals,
)
conditions = st.recursive(
    comparisons,
    lambda inner: st.builds(
        lambda one, sign, other: f"{one} {sign} {other}", inner, st.sampled_from(["&&", "||"]), inner
    ),
    max_leaves=4,
)
rules = st.lists(
    st.builds(lambda when, default: {"if": when, "default": default}, conditions, st.sampled_from(["p", "q", None]))
    | st.builds(lambda default: {"default": default}, st.sampled_from(["p", "q", None])),
    min_size=1, max_size=3,
)  # fmt: skip
values = st.fixed_dictionaries(
    {}, optional={"a": st.sampled_from(["x", "y"]), "b": st.booleans(), "c": st.sampled_from([2, 3])}
)


@given(rules, rules, values)
def test_it_is_what_gitlab_makes_of_it(
    first: list[Any], second: list[Any], given_values: dict[str, Any]
) -> None:
    """For any rules and values the sandbox's GitLab takes the same rule."""
    declared = {
        "a": {"default": "x"}, "b": {"type": "boolean", "default": False}, "c": {"type": "number", "default": 2},
        "one": {"rules": first}, "two": {"rules": second},
    }  # fmt: skip
    header = {"spec": {"inputs": declared}}
    try:
        specs = read_specs(header)
    except InputsError:
        return
    text = f"{yaml.safe_dump(header)}---\njob: {{script: [x]}}\n"
    inputs = {one.name: one for one in configuration.inputs(configuration.read(text))}
    ordered = [inputs[name] for name in declared]
    found = {one.entry.name: one for one in settle(ordered, {n: spoken(v) for n, v in given_values.items()})}
    known: dict[str, Any] = {}
    for name, spec in specs.items():
        rule = spec.rule({**known, **given_values})
        known[name] = given_values.get(name, spec.default_by(rule))
        at = spec.rules.index(rule) + 1 if rule else ITSELF
        assert found[name].variant == at or spec.rules[found[name].variant - 1] == rule
        assert found[name].asked == (rule is not None or not spec.rules)
        assert found[name].entry.default == spec.default_by(rule)
