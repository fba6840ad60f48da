"""Inputs: `name=value` words become typed values, or one sentence with all that is wrong."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogues import Input, InputRule
from bot.errors import NotUnderstood
from bot.jobs.inputs import arguments, check_characters, escape_dollar, example, read, reserved, variables
from bot.words import split

SCALE = (
    Input("service", options=("web", "worker"), required=True),
    Input("replicas", "number", default=2),
    Input("dry_run", "boolean", default=True),
    Input("note", regex="^[a-z ]{0,20}$", description="a few words", default=""),
    Input("hosts", "array", default=()),
    Input("chatops_job", default=""),
)


def given_by(line: str, inputs: tuple[Input, ...] = SCALE) -> dict[str, Any]:
    return arguments(inputs, split(line))


def problem(line: str, inputs: tuple[Input, ...] = SCALE) -> str:
    with pytest.raises(NotUnderstood) as raised:
        given_by(line, inputs)
    return raised.value.sentence


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("service=web", {"service": "web"}),
        ("service=web replicas=3", {"service": "web", "replicas": 3}),
        ("service=web replicas=-2.5", {"service": "web", "replicas": -2.5}),
        ("service=web dry_run=No", {"service": "web", "dry_run": False}),
        ("service=web dry_run=true", {"service": "web", "dry_run": True}),
        ('service=web note="for the sale"', {"service": "web", "note": "for the sale"}),
        ("service=web note=", {"service": "web", "note": ""}),
        ("service=web hosts=a,b", {"service": "web", "hosts": ["a", "b"]}),
        ("service=web hosts='[1, \"b\"]'", {"service": "web", "hosts": [1, "b"]}),
    ],
)
def test_values_have_their_types(line: str, values: dict[str, Any]) -> None:
    """Each value has the type its input declares; inputs that are not named keep their defaults in GitLab."""
    assert given_by(line) == values


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "`service` is missing: it has to be one of `web`, `worker`."),
        ("service=wbe", "`service` has to be one of `web`, `worker`, not `wbe`."),
        ("service=web replicas=three", "`replicas` has to be a number, not `three`."),
        ("service=web replicas=1e999", "`replicas` has to be a number"),
        ("service=web replicas=nan", "`replicas` has to be a number"),
        ("service=web dry_run=maybe", "`dry_run` has to be `true` or `false`, not `maybe`."),
        ("service=web note=LOUD", "`note` (a few words) has to be a text of the form `^[a-z ]{0,20}$`, not"),
        ("service=web hosts=[1", "`hosts` has to be a list, such as `a,b` or `[1, 2]`, not `[1`."),
        ("service=web servce=web", "There is no input `servce` (did you mean `service`)."),
        ("service=web x=1", "There is no input `x` (its inputs are `service`, `replicas`, `dry_run`, "),
        ("service=web now", "`now` is not of the form `name=value`."),
        ("service=web service=worker", "`service` is given twice."),
        ("service=web chatops_job=ls", "`chatops_job` is filled in by me."),
    ],
)
def test_each_mistake_has_its_words(line: str, words: str) -> None:
    """A mistake is named with the input, what it takes and what was given."""
    assert words in problem(line)


def test_all_mistakes_are_told_at_once() -> None:
    """Several mistakes make a list, one a line, which ends with an example."""
    said = problem("servise=web replicas=many dry_run=perhaps")
    for words in (
        "no input `servise`",
        "`service` is missing",
        "`replicas` has to be",
        "`dry_run` has to be",
    ):
        assert words in said
    assert said.endswith("For example: `service=web`")
    assert all(line.startswith(("• ", "For example")) for line in said.splitlines())


def test_the_example_is_understood() -> None:
    """The example in a sentence is one that the same inputs accept."""
    required = tuple(Input(name, kind, required=True) for name, kind in [("a b", "string"), ("n", "number")])
    required += (Input("yes", "boolean", required=True), Input("l", "array", required=True), SCALE[0])
    assert given_by(example(required), required) == {
        "a b": "…", "n": 1, "yes": True, "l": ["a", "b"], "service": "web",
    }  # fmt: skip
    assert example((Input("replicas", "number", default=2), SCALE[3])) == "replicas=2"
    assert example(()) == ""


def test_free_text_is_left_to_chat_input() -> None:
    """Where `chat_input` is declared, other words are free text, but a near miss is still one."""
    inputs = (*SCALE, Input("chat_input", default=""))
    assert given_by("service=web because x=1, they said", inputs) == {"service": "web"}
    assert "did you mean `service`" in problem("servise=web", inputs)


def test_control_characters_are_refused() -> None:
    """No control character reaches a job, whether in an input or in free text."""
    assert "free of control characters" in problem('service=web note="a\x07b"')
    with pytest.raises(NotUnderstood, match=r"The text holds the control character U\+001B"):
        check_characters("a\x1b[0m", "The text")
    check_characters("tab\tand\nnewline", "The text")


def test_patterns_that_cannot_be_read_are_left_to_gitlab() -> None:
    """A form that only GitLab understands is not held against a value; one with slashes means the same."""
    assert given_by("x=1", (Input("x", regex="^(?=a)"),)) == {"x": "1"}
    assert given_by("x=A", (Input("x", regex="/^a$/i"),)) == {"x": "A"}
    assert "form" in problem("x=b", (Input("x", regex="/^a$/i"),))


def test_options_of_every_type() -> None:
    """Options are compared as they are written, whatever the type of the input."""
    inputs = (Input("n", "number", options=("1", "2.5")), Input("b", "boolean", options=("true",)))
    assert given_by("n=2.5 b=yes", inputs) == {"n": 2.5, "b": True}
    assert "one of `1`, `2.5`" in problem("n=3", inputs)


def test_options_of_a_list_hold_for_each_of_it() -> None:
    """A list may hold some of them, and nothing else."""
    inputs = (Input("l", "array", options=("a", "b", "1")),)
    assert given_by("l=a,b", inputs) == {"l": ["a", "b"]}
    assert given_by("l=[1]", inputs) == {"l": [1]}
    assert "`l` has to be some of `a`, `b`, `1`, not `a,c`" in problem("l=a,c", inputs)


def test_many_options_are_not_all_listed() -> None:
    """Twenty of them, and how many more there are."""
    said = problem("x=y", (Input("x", options=tuple(f"o{number}" for number in range(300))),))
    assert "`o19` and 280 more, not `y`" in said


def test_what_an_input_takes_may_hang_on_another() -> None:
    """The rule that holds for what was typed decides, and says what is wrong."""
    inputs = (
        Input("cloud", options=("aws", "own"), default="aws"),
        Input("machine", rules=(InputRule('$[[ inputs.cloud ]] == "aws"', ("small",), "small"), InputRule())),
        Input("big", "boolean", default=False),
        Input("why", rules=(InputRule("$[[ inputs.big ]] == true"),)),
    )
    assert given_by("cloud=own machine=iron", inputs) == {"cloud": "own", "machine": "iron"}
    assert "`machine` has to be one of `small`, not `iron`" in problem("machine=iron", inputs)
    assert "`machine` is missing" in problem("cloud=own", inputs)
    assert "`why` is missing" in problem("big=yes", inputs)
    assert read(inputs, {"cloud": "own"})[1].keys() == {"machine"}


def test_values_become_variables() -> None:
    """What was typed means itself; an option means what its author wrote, whom GitLab lets name other variables."""
    declared = (Input("A", options=("$X", "y")), Input("B"))
    assert variables(declared, {"A": "$X", "B": "$X"}, escapes=True) == {"A": "$X", "B": "$$X"}
    assert variables(declared, {"B": "$X"}, escapes=False) == {"B": "$X"}


def test_reserved_inputs_are_filled_in() -> None:
    """Of the values that the bot knows, those are passed on that the configuration declares."""
    values = {"chatops_job": "scale", "chat_input": "x", "service": "web"}
    assert reserved(SCALE, values) == {"chatops_job": "scale"}


@given(st.text())
def test_dollars_are_escaped(text: str) -> None:
    """Doubling every dollar is undone by halving them, and leaves no single one."""
    escaped = escape_dollar(text)
    assert escaped.replace("$$", "$") == text
    assert escaped.count("$") == 2 * text.count("$")


@given(st.text(max_size=80))
def test_no_words_raise_anything_else(text: str) -> None:
    """Any words are values, or end in a sentence."""
    with contextlib.suppress(NotUnderstood):
        given_by(text)
