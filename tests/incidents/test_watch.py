"""Watching GitLab for incidents asks it seldom, loses nothing when a round dies, and waits when GitLab says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from bot.edges.gitlab import GitLab
from bot.errors import GitLabUnreachable
from bot.incident import State
from tests.evidence.floor import SHOP
from tests.incidents.below import Below, below

LIST = "GET /projects/:id/issues"
NOTES = "GET /projects/:id/issues/:issue_iid/notes"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Below]:
    with below(tmp_path) as stage:
        yield stage


def _asked(here: Below, seconds: int) -> int:
    """How often the incidents of the project are listed in so many seconds, a tick each."""
    before = here.floor.gitlab.fake.calls[LIST]
    for _ in range(seconds):
        here.look(1)
    return int(here.floor.gitlab.fake.calls[LIST]) - before


@pytest.mark.parametrize(
    ("state", "seconds", "least", "most"),
    [
        (State.INVESTIGATING, 60, 9, 16), (State.TRIAGE, 60, 9, 16), (State.MONITORING, 60, 3, 6),
        (State.RESOLVED, 180, 2, 5), (State.CLOSED, 600, 1, 3),
    ],
)  # fmt: skip
def test_cadence(here: Below, state: State, seconds: int, least: int, most: int) -> None:
    """A project is asked every 5 s while something burns, every 15 s, 60 s and 5 minutes later on."""
    here.alter(state=state)
    here.look(0)
    assert least <= _asked(here, seconds) <= most


def test_first_fire_in_a_quiet_project(here: Below) -> None:
    """As soon as something burns in a project that was quiet, it is looked at every 5 s: not in 5 minutes."""
    here.alter(state=State.CLOSED)
    here.look(0)
    assert _asked(here, 20) == 0
    here.alter(state=State.INVESTIGATING)
    assert _asked(here, 20) >= 3


def test_quiet_rounds_ask_once(here: Below) -> None:
    """A round in which nothing has changed is one request."""
    here.note("Hello")
    here.follow()
    here.follow(70)
    before = here.calls()
    here.look()
    here.look()
    assert here.calls() - before == 2


def test_one_note_is_few_requests(here: Below) -> None:
    """A new comment takes four: the list, severity and status, the notes, and their threads."""
    here.follow(70)
    here.note("Hello")
    before = here.calls()
    here.look()
    assert here.calls() - before <= 4


def test_events_only_for_labels_and_state(here: Below) -> None:
    """Who put labels on is asked only when labels or the state have changed."""
    events = "GET /projects/:id/issues/:issue_iid/resource_label_events"
    here.follow()
    before = here.floor.gitlab.fake.calls[events]
    here.note("Hello")
    here.follow()
    assert here.floor.gitlab.fake.calls[events] == before
    here.act("label #1 +urgent", "alice")
    here.follow()
    assert here.floor.gitlab.fake.calls[events] == before + 1


def test_round_that_dies(here: Below) -> None:
    """A round that dies in the middle is done again: nothing is lost, and nothing shown twice."""
    other = here.declared(title="Basket")
    here.note("One")
    here.act(f"comment #{other.iid} Two")
    here.floor.gitlab.loop.ask(lambda: here.floor.gitlab.fake.break_("500", times=1))
    here.look()
    for _ in range(4):
        here.follow(20)
    assert sorted(here.texts()) == ["Bob Baker in GitLab: One", "Bob Baker in GitLab: Two"]


@pytest.mark.parametrize("after", range(9))
def test_dies_after_any_request(here: Below, after: int) -> None:
    """Wherever a round ends because GitLab does not answer, the next ones make up for it, once."""
    other = here.declared(title="Basket")
    for number in range(2):
        here.note(f"One {number}")
        here.act(f"comment #{other.iid} Two {number}")
    whole = here.kit
    mortal = Mortal(whole.gitlab, after)
    here.kit = replace(whole, gitlab=cast("GitLab", mortal))
    here.look()
    assert mortal.left == 0
    here.kit = whole
    for _ in range(4):
        here.follow(30)
    assert sorted(here.texts()) == [
        "Bob Baker in GitLab: One 0", "Bob Baker in GitLab: One 1", "Bob Baker in GitLab: Two 0",
        "Bob Baker in GitLab: Two 1",
    ]  # fmt: skip


class Mortal:
    """GitLab, which answers so many questions and then no more."""

    def __init__(self, gitlab: GitLab, answers: int) -> None:
        self._gitlab, self.left = gitlab, answers

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def ask(*given: Any, **named: Any) -> Any:
            if self.left <= 0:
                raise GitLabUnreachable
            self.left -= 1
            return getattr(self._gitlab, name)(*given, **named)

        return ask


def test_gitlab_asks_for_patience(here: Below) -> None:
    """After a 429 no project is asked before the time GitLab names."""
    here.look(0)
    fake = here.floor.gitlab.fake
    here.floor.gitlab.loop.ask(lambda: fake.break_("429", times=1, arg=40))
    here.look(7)
    before = fake.calls[LIST]
    for _ in range(5):
        here.look(7)
    assert fake.calls[LIST] == before
    here.note("Later")
    here.follow(10)
    assert here.texts() == ["Bob Baker in GitLab: Later"]


def test_failures_move_ahead(here: Below) -> None:
    """A GitLab that does not answer is asked less and less often."""
    here.look(0)
    here.floor.gitlab.loop.ask(lambda: here.floor.gitlab.fake.break_("500"))
    for _ in range(30):
        here.look(7)
    with here.kit.store.read() as tx:
        watched = tx.watched.named(SHOP)
    assert watched is not None
    assert 3 <= watched.fails <= 9


def test_restart_takes_up_the_cursor(here: Below) -> None:
    """What is written while the bot is away is shown afterwards."""
    here.follow()
    here.note("Away")
    here.follow(3_600)
    assert here.texts() == ["Bob Baker in GitLab: Away"]


def test_same_moment(here: Below) -> None:
    """Comments of the same millisecond are shown in the order of their numbers."""
    here.floor.gitlab.act("comment #1 A", "bob")
    here.floor.gitlab.act("comment #1 B", "bob")
    here.follow()
    assert here.texts() == ["Bob Baker in GitLab: A", "Bob Baker in GitLab: B"]


def test_one_bad_incident(here: Below) -> None:
    """An incident whose discussion cannot be read keeps no other from being looked at."""
    other = here.declared(title="Basket")
    here.act(f"comment #{other.iid} Fine")
    with here.kit.store.write() as tx:
        tx.incidents.note(here.incident.id, iid=999)
    here.follow()
    assert here.texts() == ["Bob Baker in GitLab: Fine"]


def test_ordinary_issue(here: Below) -> None:
    """An incident for which GitLab has only an ordinary issue is looked at once a minute."""
    number = int(here.act("issue Basket is empty", "alice").partition("#")[2].partition(":")[0])
    with here.kit.store.write() as tx:
        tx.incidents.note(here.incident.id, iid=number)
    here.follow()
    here.act(f"comment #{number} Hello")
    here.follow(70)
    assert here.texts() == ["Bob Baker in GitLab: Hello"]


def test_issue_is_gone(here: Below) -> None:
    """An issue that GitLab does not show any more is not asked for all the time."""
    with here.kit.store.write() as tx:
        tx.incidents.note(here.incident.id, iid=999)
    here.follow()
    before = here.calls()
    for _ in range(5):
        here.look()
    assert here.calls() - before <= 7


def test_twenty_stay_below_five_a_second(here: Below) -> None:
    """Twenty active incidents take fewer than five requests a second, with a comment every few seconds."""
    others = [here.declared(title=f"Number {number}") for number in range(19)]
    here.follow(70)
    before, seconds = here.calls(), 60
    for second in range(seconds):
        here.look(1)
        if second % 3 == 0:
            here.act(f"comment #{others[second % 19].iid} Word {second}")
    assert (here.calls() - before) / seconds < 5
