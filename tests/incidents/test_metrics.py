"""What is measured of an incident equals what one works out by hand, and unknown is not zero."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.incident import SLACK, Event, Incident, State, Who
from bot.incident_work import Holder
from bot.incidents.hindsight import metrics
from bot.incidents.measures import MINUTE, Cadence, Course, Metrics, Share
from bot.model import Person

ALICE, BOB = Person("T1", "U1"), Person("T1", "U2")
CADENCE = Cadence((10, 15, 30, 60), (30, 60, 60, 120))
BEGAN = 1_000 * MINUTE
ONE = Incident(
    "i1", 1, "key1", "T1", "Checkout", 2, State.CLOSED, "acme/shop", ALICE, "alice", BEGAN + 5 * MINUTE,
    started_at=BEGAN, detected_at=BEGAN + 4 * MINUTE, acked_at=BEGAN + 7 * MINUTE, mitigated_at=BEGAN + 30 * MINUTE,
    resolved_at=BEGAN + 50 * MINUTE, closed_at=BEGAN + 500 * MINUTE,
)  # fmt: skip


def event(name: str, minutes: int, kind: str, tag: str = "", **more: Any) -> Event:
    at = BEGAN + minutes * MINUTE
    return Event(name, "i1", at, at, kind, Who("alice", ALICE), SLACK, name, name, tag=tag, **more)


EVENTS = [
    event("start", 0, "time", "Start time"), event("detected", 4, "time", "Impact detected"),
    event("declared", 5, "declared"), event("took", 7, "commander"), event("first", 15, "update"),
    event("mitigated", 30, "state", "Impact mitigated"), event("resolved", 50, "state"),
]  # fmt: skip


def measured(incident: Incident = ONE, events: list[Event] = EVENTS, **more: Any) -> Metrics:
    return metrics.of(Course(incident, events, now=BEGAN + 600 * MINUTE, **more), CADENCE)


def test_each_span_comes_from_two_events() -> None:
    """Detected 4 minutes after it began, taken up 2 after it was declared, mitigated after 30, resolved after 50."""
    found = {
        one.name: (one.value, one.since and one.since.event, one.until and one.until.event)
        for one in measured().spans
    }
    assert found == {
        "detect": (4 * MINUTE, "start", "detected"), "acknowledge": (2 * MINUTE, "declared", "took"),
        "mitigate": (30 * MINUTE, "start", "mitigated"), "resolve": (50 * MINUTE, "start", "resolved"),
    }  # fmt: skip


def test_what_nobody_said_is_unknown() -> None:
    """A missing time makes its span unknown, which is not zero."""
    found = measured(replace(ONE, detected_at=None, mitigated_at=None))
    assert found.detect.value is None
    assert (found.mitigate.value, found.mitigate.remark) == (None, "nobody said when it was mitigated")
    assert found.resolve.value == 50 * MINUTE


def test_times_that_run_backwards_are_unknown() -> None:
    """Clocks that differ make no negative figures."""
    found = measured(replace(ONE, detected_at=BEGAN - MINUTE))
    assert found.detect.value is None
    assert "backwards" in found.detect.remark


def test_the_declaration_stands_in_for_the_beginning() -> None:
    """Where nobody said when the impact began, it is measured from the declaration, and says so."""
    found = measured(replace(ONE, started_at=None))
    assert found.resolve.value == 45 * MINUTE
    assert "declaration" in found.resolve.remark
    assert found.detect.value is None


def test_episodes_are_summed_without_the_peace_between() -> None:
    """50 minutes, peace for 50, and 20 more are 70; the time in between burns nobody."""
    again = replace(
        ONE, episodes=2, mitigated_at=BEGAN + 110 * MINUTE, resolved_at=BEGAN + 120 * MINUTE,
    )  # fmt: skip
    kept = {
        "started_at": BEGAN, "acked_at": BEGAN + 7 * MINUTE, "mitigated_at": BEGAN + 30 * MINUTE,
        "resolved_at": BEGAN + 50 * MINUTE, "reopened_at": BEGAN + 100 * MINUTE,
    }  # fmt: skip
    more = [*EVENTS, event("reopened", 100, "state"), event("ended", 120, "state")]
    found = measured(again, more, earlier=[kept])
    assert found.resolve.value == 70 * MINUTE
    assert found.mitigate.value == 40 * MINUTE
    assert found.resolve.until is not None
    assert found.resolve.until.event == "ended"
    assert found.acknowledge.value == 2 * MINUTE
    assert found.episodes == 2


def test_an_episode_without_its_time_makes_the_sum_unknown() -> None:
    """A part of a sum that is unknown makes all of it unknown."""
    kept = {"resolved_at": None, "reopened_at": BEGAN + 20 * MINUTE}
    assert measured(ONE, earlier=[kept]).resolve.value is None


def test_updates_on_time_are_counted_among_those_due() -> None:
    """At severity 2 a word is due every 15 minutes: one came in time, and before it was resolved none was missed."""
    found = measured()
    assert found.adherence == Share(1, 1)
    assert found.silences == ()
    assert found.longest is not None
    assert (found.longest.since.event, found.longest.until.event) == ("mitigated", "resolved")


def test_each_missed_update_counts() -> None:
    """40 minutes without a word at severity 2 are two that did not come."""
    quiet = [one for one in EVENTS if one.id != "mitigated"]
    found = measured(replace(ONE, mitigated_at=None), quiet)
    assert found.adherence == Share(1, 3)
    assert [(one.since.event, one.until.event, one.length) for one in found.silences] == [
        ("first", "resolved", 35 * MINUTE)
    ]


def test_without_a_due_update_there_is_no_share() -> None:
    """None of none is unknown, not all and not nothing."""
    assert measured(replace(ONE, declared_at=BEGAN + 49 * MINUTE), []).adherence.percent is None


def test_handovers_are_between_two_people() -> None:
    """Whoever takes command first has it from nobody, and who takes it again from themselves neither."""
    parts = [
        Holder(str(n), "i1", "commander", who, "", n) for n, who in enumerate((ALICE, ALICE, BOB, ALICE))
    ]
    assert measured(holders=[*parts, Holder("s", "i1", "scribe", BOB, "", 2)]).handovers == 2


def test_provenance_is_the_share_of_lines_that_lead_somewhere() -> None:
    """Two of three lines lead to a message or a note; one that was taken back is no line."""
    lines = [
        event("a", 6, "timeline", ts="1.1"), event("b", 7, "timeline", note_id=4), event("c", 8, "timeline"),
        event("d", 9, "timeline", retracted_at=1), event("e", 10, "update", shown=False),
    ]  # fmt: skip
    assert measured(events=lines).provenance == Share(2, 3)


def test_unknown_is_left_out_of_averages() -> None:
    """The mean is that of those known, and says of how many it is not."""
    known, unknown = measured(), measured(replace(ONE, resolved_at=None))
    resolve = metrics.averages([known, unknown])[3]
    assert (resolve.mean, resolve.median, resolve.known, resolve.unknown) == (50 * MINUTE, 50 * MINUTE, 1, 1)
    assert metrics.averages([])[0].mean is None


@given(st.lists(st.one_of(st.none(), st.integers(0, 10_000)), min_size=4, max_size=4), st.integers(0, 2))
def test_no_figure_is_ever_negative(times: list[int | None], severity: int) -> None:
    """Whatever times people say, a span is unknown or at least nothing."""
    started, detected, mitigated, resolved = times
    wild = replace(
        ONE, started_at=started, detected_at=detected, mitigated_at=mitigated, resolved_at=resolved,
        declared_at=5_000, acked_at=resolved, severity=severity,
    )  # fmt: skip
    found = measured(wild)
    assert all(one.value is None or one.value >= 0 for one in found.spans)
    assert all(one.length >= 0 for one in found.silences)
    assert found.adherence.count <= found.adherence.of
