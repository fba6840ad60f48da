"""Every scenario of the sandbox is a test: a file in sandbox/scenarios/ is all it takes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sandbox.lines import read_file
from sandbox.process import ROOT
from sandbox.scenario import run_script, transcript_console

SCENARIOS = sorted((ROOT / "sandbox" / "scenarios").glob("*.txt"))
LONGEST = 240
"""Seconds: some scenarios wait out a minute of GitLab being down, or of an unknown outcome."""


def test_there_are_scenarios() -> None:
    """The tour is among the scenarios."""
    assert "tour.txt" in {path.name for path in SCENARIOS}


@pytest.mark.timeout(LONGEST)
@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario(path: Path) -> None:
    """Every line of the scenario holds, in a world of its own; the transcript is shown if one does not."""
    problem = run_script(read_file(path), transcript_console(sys.stdout))
    assert problem is None, problem
