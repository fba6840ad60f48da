"""A figure: something measured, what it is compared with, its target, and whether it was met."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

AT_LEAST, AT_MOST, BELOW = ">=", "<=", "<"
_HOLDS: dict[str, Callable[[float, float], bool]] = {
    AT_LEAST: operator.ge,
    AT_MOST: operator.le,
    BELOW: operator.lt,
}


class CouldNotRun(RuntimeError):
    """Something a benchmark needs did not start or did not answer; the sentence says what."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the result. `unit` is `x` for a ratio of two things measured in this run."""

    name: str
    value: float
    unit: str
    bound: str
    target: float
    detail: str = ""
    """What was measured, in absolute numbers."""

    @property
    def met(self) -> bool:
        return _HOLDS[self.bound](self.value, self.target)


def line(figure: Figure) -> str:
    """A figure for the terminal."""
    verdict = "ok" if figure.met else "MISSED"
    measured = f"{number(figure.value)} {figure.unit}".rstrip()
    wanted = f"{figure.bound} {number(figure.target)}"
    shown = f"  {figure.name:<58} {measured:>12}  {wanted:<9} {verdict}"
    return f"{shown}\n      {figure.detail}" if figure.detail else shown


def number(value: float) -> str:
    """Three digits that matter: 0.123, 12.3, 1234."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"


def ratio(ours: float, theirs: float) -> float:
    """`ours` divided by `theirs`; infinite if there is nothing to divide by."""
    return ours / theirs if theirs else float("inf")


def spread(values: Sequence[float]) -> str:
    """The median of several rounds, and the least and the greatest."""
    return f"{number(median(values))} ({number(min(values))} to {number(max(values))})"
