"""How much may be asked in a minute, and what those hear who ask for more."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from bot.doors.brake import MOST_KEPT, PAUSE_MS, Brake, Over
from bot.model import Person
from bot.policy import Limits
from tests.jobs.stage import Clock

ALICE, BOB = Person("T1", "U0ALICE001"), Person("T1", "U0BOB00001")
NONE = Limits(0, 0, 0, 0, 0)


def brake(clock: Clock | None = None, *, person: int = 0, channel: int = 0, all_: int = 0) -> Brake:
    limits = Limits(person_per_minute=person, channel_per_minute=channel, all_per_minute=all_)
    return Brake(limits, clock or Clock())


def flood(one: Brake, count: int, person: Person = ALICE, channel: str = "C1") -> list[Over | None]:
    return [one.take(person, channel) for _ in range(count)]


def test_a_minutes_worth_goes_through_at_once() -> None:
    """As many as the limit says, then a sentence, then silence."""
    clock = Clock()
    told = flood(brake(clock, person=30), 1_000)
    assert told[:30] == [None] * 30
    assert told[30] == Over(
        "You asked for more than 30 things within a minute. I skipped this one, and I skip what you ask in the next"
        " 20 s. Then it goes on.",
        clock.now + PAUSE_MS,
        silent=False,
    )
    assert all(one is not None and one.silent for one in told[31:])


def test_after_the_pause_it_goes_on() -> None:
    """What has come in meanwhile is there to be used; who floods again hears it again."""
    clock = Clock()
    one = brake(clock, person=30)
    flood(one, 100)
    clock.pass_(19.9)
    assert flood(one, 1) != [None]
    clock.pass_(0.1)
    told = flood(one, 12)
    assert told[:10] == [None] * 10
    assert [over.silent for over in told[10:] if over] == [False, True]


def test_others_are_let_through() -> None:
    """Who floods takes nothing from the channel and from all beyond what they were let through with."""
    one = brake(person=5, channel=12, all_=14)
    assert flood(one, 1_000).count(None) == 5
    assert flood(one, 5, BOB) == [None] * 5
    carol = Person("T1", "U0CAROL001")
    assert flood(one, 2, carol) == [None] * 2
    channel = one.take(carol, "C1")
    assert channel is not None
    assert channel.said.startswith("More than 12 things were asked for in this channel within a minute.")
    assert "skip what you ask here in the next 20 s" in channel.said
    assert one.take(carol, "C2") is None
    dave = Person("T1", "U0DAVE0001")
    assert one.take(dave, "C3") is None
    whole = one.take(dave, "C3")
    assert whole is not None
    assert whole.said.startswith("I was asked for more than 14 things within a minute.")


def test_a_full_channel_is_told_to_each_once() -> None:
    """Everybody who is skipped because of others hears why, and may go on elsewhere meanwhile."""
    one = brake(channel=3)
    flood(one, 3, BOB)
    for person in (ALICE, Person("T1", "U0CAROL001")):
        assert [over.silent for over in flood(one, 3, person) if over] == [False, True, True]
    assert one.take(ALICE, "C2") is None


def test_the_same_id_of_another_workspace_is_somebody_else() -> None:
    """A person is a team and an id."""
    one = brake(person=1)
    assert flood(one, 1) == [None]
    assert one.take(Person("T2", ALICE.id), "C1") is None


def test_zero_is_no_limit() -> None:
    """A limit of zero is not looked at."""
    one = Brake(NONE, Clock())
    assert flood(one, 5_000) == [None] * 5_000


def test_a_clock_that_was_set_back_holds_nobody_up() -> None:
    """No pause lasts longer than it may, and no token comes from a jump backwards."""
    clock = Clock()
    one = brake(clock, person=2)
    flood(one, 3)
    clock.pass_(-3_600)
    first = one.take(ALICE, "C1")
    assert first is not None
    assert not first.silent
    clock.pass_(60)
    assert flood(one, 2) == [None] * 2


def test_memory_is_bounded() -> None:
    """Whoever has asked for nothing for the longest time is forgotten first."""
    one = brake(person=1, channel=1)
    for number in range(MOST_KEPT):
        flood(one, 2, Person("T1", f"U{number}"), f"C{number}")
    assert len(one._buckets) <= MOST_KEPT
    assert len(one._pauses) <= MOST_KEPT
    last = one.take(Person("T1", f"U{MOST_KEPT - 1}"), "C1")
    assert last is not None
    assert last.silent


def test_many_threads_take_no_more_than_there_is() -> None:
    """Of requests at the same moment exactly as many get through as there are tokens, and one is told why not."""
    one, start = brake(person=30), threading.Barrier(8)

    def take(_: int) -> list[Over | None]:
        start.wait(10)
        return flood(one, 50)

    with ThreadPoolExecutor(8) as pool:
        told = [over for found in pool.map(take, range(8)) for over in found]
    assert told.count(None) == 30
    assert sum(over is not None and not over.silent for over in told) == 1


@given(
    limit=st.integers(1, 5),
    waits=st.lists(st.integers(0, 40_000), max_size=60),
)
def test_nobody_is_refused_who_kept_to_the_limit(limit: int, waits: list[int]) -> None:
    """A refusal that is said is true: some minute before it held more requests than the limit."""
    clock = Clock(0)
    one, asked = brake(clock, person=limit), list[int]()
    for wait in waits:
        clock.now += wait
        asked.append(clock.now)
        over = one.take(ALICE, "C1")
        if over is not None and not over.silent:
            assert any(sum(begin <= moment <= begin + 60_000 for moment in asked) > limit for begin in asked)
