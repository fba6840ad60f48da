"""Each of the twenty-five scenarios by which incidents are accepted is proven by files and tests that are there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.incidents.acceptance import ACCEPTED

TESTS = Path(__file__).parents[1]
SCENARIOS = TESTS.parent / "sandbox" / "scenarios"
NUMBERS = range(1, 26)
#: A scenario file that is named after the number it proves.
_NAMED = re.compile(r"(?P<file>\d{3})-incident-(?P<number>\d\d)-[\w-]+")


def proofs(number: int) -> set[str]:
    return {proof for said in ACCEPTED[number][1].values() for proof in said.split()}


def named() -> Iterator[tuple[str, int]]:
    """The files that are named after a number, each with that."""
    for path in SCENARIOS.glob("*-incident-*.txt"):
        if found := _NAMED.fullmatch(path.stem):
            yield found["file"], int(found["number"])


@cache
def names_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.is_file() else ast.Module([], [])
    return frozenset(one.name for one in tree.body if isinstance(one, ast.FunctionDef))


def is_there(proof: str) -> bool:
    """Tell whether there is such a scenario file, or such a test."""
    if proof.isdecimal():
        return len(list(SCENARIOS.glob(f"{proof}-*.txt"))) == 1
    where, _, name = proof.partition(".")
    folder, _, file = where.rpartition("/")
    return f"test_{name}" in names_in(TESTS / (folder or "incidents") / f"test_{file}.py")


def test_there_are_twenty_five() -> None:
    """Numbered from 1, each with its clauses, and each clause with what proves it."""
    assert list(ACCEPTED) == list(NUMBERS)
    assert all(clauses and all(clauses.values()) for _, clauses in ACCEPTED.values())


@pytest.mark.parametrize("number", NUMBERS)
def test_what_is_claimed_is_there(number: int) -> None:
    """No clause is proven by a file or a test that was renamed or taken away."""
    assert [proof for proof in sorted(proofs(number)) if not is_there(proof)] == []


@pytest.mark.parametrize("number", NUMBERS)
def test_files_carry_its_number(number: int) -> None:
    """Every number has a file of its own, and every file that carries it is claimed by it."""
    own = {file for file, of in named() if of == number}
    assert own
    assert own <= proofs(number)


@pytest.mark.parametrize("number", NUMBERS)
def test_both_sides_are_looked_at_and_calls_counted(number: int) -> None:
    """The files of a number say how Slack and GitLab are in the end, and how often they were asked."""
    files = [path for file, of in named() if of == number for path in SCENARIOS.glob(f"{file}-*.txt")]
    lines = {
        line.split()[0] for path in files for line in path.read_text(encoding="utf-8").splitlines() if line
    }
    assert lines & {":expect", ":expect-slack", ":expect-ephemeral"}
    assert {":expect-gitlab", ":count"} <= lines
