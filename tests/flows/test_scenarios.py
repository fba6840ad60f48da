"""Every scenario of the sandbox is a test: a file in sandbox/scenarios/ is all it takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.process import ROOT
from tests.flows.conftest import Outcomes

SCENARIOS = sorted((ROOT / "sandbox" / "scenarios").glob("*.txt"))
LONGEST = 240
"""Seconds: some scenarios wait out a minute of GitLab being down, or of an unknown outcome."""


def test_there_are_scenarios() -> None:
    """The tour is among the scenarios."""
    assert "tour.txt" in {path.name for path in SCENARIOS}


@pytest.mark.timeout(LONGEST)
@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario(path: Path, outcome_of: Outcomes) -> None:
    """Every line of the scenario holds, in a world of its own; the transcript is shown if one does not."""
    outcome = outcome_of(path)
    assert outcome.problem is None, f"{outcome.problem}\n\nThe transcript:\n{outcome.transcript}"
