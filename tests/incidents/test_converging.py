"""Whatever people say, edit and delete on both sides, in whatever order: in the end both hold the same, and no echo."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.incidents.night import Night, night_at

#: What people and the bot do in one night, and how many such nights there are.
ACTS, NIGHTS = 125, 4
#: The same of one long night.
MANY = 1_000
#: The same of nights that are searched for one that ends badly, of which the shortest is told.
STEPS, SEARCHED = 50, 20
#: What is chosen when an act can be done to one of several.
WHICH = some.integers(0, 2**16)


@pytest.mark.parametrize("seed", range(NIGHTS))
def test_converges(tmp_path: Path, seed: int) -> None:
    """Every word that still stands is there once on either side, and no other word is anywhere."""
    with night_at(tmp_path, Random(seed)) as night:
        goes_by(night, ACTS)


def test_a_thousand_acts(tmp_path: Path) -> None:
    """However long it goes on."""
    with night_at(tmp_path, Random(NIGHTS)) as night:
        goes_by(night, MANY)


def goes_by(night: Night, acts: int) -> None:
    for _ in range(acts):
        with suppress(ValueError):  # GitLab's pages say no to what is gone.
            night.chance.choice(night.acts())()
    night.settle()
    night.check()


class Both(RuleBasedStateMachine):
    """People and the bot, one act after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        path = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.night: Night = self.stack.enter_context(night_at(path, Random(0)))

    @rule(what=some.sampled_from(["say", "answer", "edit", "delete"]), which=WHICH)
    def in_slack(self, what: str, which: int) -> None:
        self._do(what, which)

    @rule(what=some.sampled_from(["comment", "reply", "edit_note", "delete_note"]), which=WHICH)
    def in_gitlab(self, what: str, which: int) -> None:
        self._do(what, which)

    @rule(what=some.sampled_from(["edit_copy", "delete_copy"]), which=WHICH)
    def to_a_copy(self, what: str, which: int) -> None:
        self._do(what, which)

    @rule(what=some.sampled_from(["hear", "look", "work", "post"]))
    def by_the_bot(self, what: str) -> None:
        self._do(what, 0)

    @rule(what=some.sampled_from(["lose", "lose_post", "begin_anew"]))
    def going_wrong(self, what: str) -> None:
        self._do(what, 0)

    def _do(self, what: str, which: int) -> None:
        self.night.chance = Random(which)
        with suppress(ValueError):  # GitLab's pages say no to what is gone.
            getattr(self.night, what)()

    @invariant()
    def nothing_is_there_twice(self) -> None:
        assert set(self.night.in_posts().values()) <= {1}
        assert set(self.night.in_notes().values()) <= {1}

    def teardown(self) -> None:
        try:
            self.night.settle()
            self.night.check()
        finally:
            self.stack.close()


def test_everything_converges() -> None:
    """Also when answers of both sides are lost, and the process is killed; and nothing is doubled for a moment."""
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Both,
        settings=settings(
            max_examples=SEARCHED, stateful_step_count=STEPS, deadline=None, suppress_health_check=quiet
        ),
    )
