"""What is measured of incidents, as records: spans with the events they come from, shares, silences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.incident import Event, Incident
from bot.incident_work import Holder
from bot.model import Millis

MINUTE: Millis = 60_000
#: A severity that nobody has guessed is looked after like a medium one.
_GUESS = 3


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment, and the event that tells of it."""

    at: Millis
    event: str = ""
    """Id of the event; empty if only the record of the incident knows it."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A span with where it comes from."""

    name: str
    value: Millis | None = None
    """None: unknown."""
    since: Moment | None = None
    until: Moment | None = None
    remark: str = ""
    """What has to be known to read it: why it is unknown, or what stood in for what."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many; of nothing there is no share."""

    count: int
    of: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.count / self.of) if self.of else None


@dataclass(frozen=True, slots=True)
class Silence:
    """A time in which nobody said a word on how it goes."""

    since: Moment
    until: Moment
    late: bool = False
    """Whether a word was due in it that did not come."""

    @property
    def length(self) -> Millis:
        return self.until.at - self.since.at


@dataclass(frozen=True, slots=True)
class Metrics:
    """All that is measured of one incident."""

    detect: Measure
    acknowledge: Measure
    mitigate: Measure
    resolve: Measure
    adherence: Share
    """Updates on time, of those that were due."""
    silences: tuple[Silence, ...]
    """Those in which a word was due and did not come."""
    longest: Silence | None
    handovers: int
    episodes: int
    provenance: Share
    """Lines of the timeline with a way back to where they were said."""

    @property
    def spans(self) -> tuple[Measure, ...]:
        return (self.detect, self.acknowledge, self.mitigate, self.resolve)


@dataclass(frozen=True, slots=True)
class Cadence:
    """How long after a word the next is due, in minutes by severity."""

    minutes: tuple[int, ...]
    monitoring: tuple[int, ...]

    def wait(self, severity: int, *, monitoring: bool) -> Millis:
        return (self.monitoring if monitoring else self.minutes)[(severity or _GUESS) - 1] * MINUTE


@dataclass(frozen=True, slots=True)
class Course:
    """What an incident is measured by."""

    incident: Incident
    events: Sequence[Event]
    """In the order they happened."""
    holders: Sequence[Holder] = ()
    earlier: Sequence[Mapping[str, Any]] = ()
    """The times of the episodes before this one, the first first, as they were kept when it was reopened."""
    now: Millis = 0


@dataclass(frozen=True, slots=True)
class Average:
    """One span over several incidents; unknown ones are counted apart, and are not zero."""

    name: str
    mean: Millis | None
    median: Millis | None
    known: int
    unknown: int
