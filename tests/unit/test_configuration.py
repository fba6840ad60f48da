"""Configurations: hostile YAML is read as nothing, GitLab's own as what it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_tags_of_gitlab_are_tolerated() -> None:
    """`!reference` and tags nobody knows count for nothing: what they stand before is read."""
    read = configuration.read(
        "a:\n  script: !reference [.b, script]\n  x: !odd {y: 2026-13-45}\n  z: !odd t\n"
    )
    assert read.body == {"a": {"script": [".b", "script"], "x": {"y": "2026-13-45"}, "z": "t"}}
