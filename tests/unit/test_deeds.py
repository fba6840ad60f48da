"""What an agreement is tied to: what moved since is told in words, and anything that moved changes the digest."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.deeds import Bound, Deed, Halted, Mark, Step, Verdict, digest
from bot.model import Person

BOUND = Bound("main", "4be1c0f1a9d34d7a", "d1", "w1", "staging")
bounds = st.builds(Bound, *(st.sampled_from(["", "a", "b"]) for _ in fields(Bound)))


def test_nothing_moved() -> None:
    """The same things, found anew, are the same agreement."""
    again = Bound("main", "4be1c0f1a9d34d7a", "d1", "w1", "staging")
    assert BOUND.moved(again) == ()
    assert BOUND.digest == again.digest


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sha": "00aa11bb22cc33dd"}, "main moved 4be1c0f1 → 00aa11bb"),
        ({"definition": "d2"}, "the job's definition changed"),
        ({"environment": "production"}, "it would now deploy to production instead of staging"),
        ({"environment": ""}, "it would now deploy to no environment instead of staging"),
        ({"wishes": "w2"}, "its arguments changed"),
        ({"ref": "v2"}, "its arguments changed"),
    ],
)
def test_what_moved_is_said(changes: dict[str, str], said: str) -> None:
    """Each thing that is different has its words."""
    assert BOUND.moved(replace(BOUND, **changes)) == (said,)


def test_all_that_moved_is_said() -> None:
    """Several things are told beside each other."""
    assert len(BOUND.moved(Bound("main", "1", "2", "3", "4"))) == 4


@given(bounds, bounds)
def test_what_moves_is_told_and_what_does_not_is_not(one: Bound, other: Bound) -> None:
    """There is something to tell exactly when the two differ, and then their digests differ as well."""
    assert bool(one.moved(other)) == (one != other)
    assert (one.digest == other.digest) == (one == other)


@given(st.text(), st.text(), st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_a_digest_keeps_its_parts_apart(one: str, other: str, more: dict[str, object]) -> None:
    """Where one part ends is told from what it holds; the order of a mapping is not."""
    assert digest(one + other, "") != digest(one, other) or other == ""
    assert digest(more) == digest(dict(reversed(more.items())))
    assert len(digest(one, more)) == 64


def test_the_first_step_in_the_way_is_the_one_that_is_told() -> None:
    """A stop is told before a question, and each first of its kind."""
    deed = Deed(("run",), Person("T1", "U1"), "C1")
    ask, stop = Step("confirmation", Mark.ASK, "Please confirm."), Step("lock", Mark.STOP, "It is bob's.")
    late = Step("limits", Mark.STOP, "Too many.")
    verdict = Verdict(deed, (Step("account", Mark.FINE, "Fine."), ask, stop, late))
    assert (verdict.asks, verdict.stopped) == (ask, stop)
    assert Halted(verdict).sentence == "It is bob's."
    assert Halted(Verdict(deed, (ask,))).sentence == "Please confirm."
