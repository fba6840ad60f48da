"""What an incident took, measured: each figure with the two events it comes from, and unknown where one is missing.

Nothing here reads the store: what is measured is handed in, so that a figure can be worked out again by hand
(incidents.md 4.4). What is unknown is None, and never 0; a pair that runs backwards is unknown as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from statistics import mean, median
from typing import Any

from bot.incident import BURNING, Event
from bot.incident_work import Holder
from bot.incidents.measures import (
    Average,
    Cadence,
    Course,
    Measure,
    Metrics,
    Moment,
    Share,
    Silence,
)
from bot.model import Millis

#: Kinds of events that are a word on how it goes: after each the next is due anew.
_WORDS = frozenset({"declared", "state", "severity", "update"})
UPDATE, COMMANDER = "update", "commander"
#: Which event tells of each time, by GitLab's tag of it; those without a tag are known by their kind.
_TAGS = {
    "started_at": "Start time", "detected_at": "Impact detected", "mitigated_at": "Impact mitigated",
    "resolved_at": "End time",
}  # fmt: skip
_KINDS = {
    "declared_at": ("declared",), "acked_at": (COMMANDER, "status", "state"), "mitigated_at": ("state",),
    "resolved_at": ("state",), "reopened_at": ("state",), "closed_at": ("state",),
}  # fmt: skip
#: What is reached at the end of each span.
_REACHED = {"detect": "detected", "acknowledge": "taken up", "mitigate": "mitigated", "resolve": "resolved"}
DETECT, ACKNOWLEDGE, MITIGATE, RESOLVE = "detect", "acknowledge", "mitigate", "resolve"


def of(course: Course, cadence: Cadence) -> Metrics:
    """Measure an incident."""
    silences = _silences(course, cadence)
    return Metrics(
        _detect(course), _acknowledge(course), _summed(course, MITIGATE, "mitigated_at"),
        _summed(course, RESOLVE, "resolved_at"), _adherence(course, cadence, silences),
        tuple(one for one in silences if one.late),
        max(silences, key=lambda one: one.length, default=None), _handovers(course.holders),
        course.incident.episodes, _provenance(course.events),
    )  # fmt: skip


# Spans ------------------------------------------------------------------------------------------------------


def _detect(course: Course) -> Measure:
    first = _first_episode(course)
    return _span(DETECT, _moment(course, first, "started_at"), _moment(course, first, "detected_at"))


def _acknowledge(course: Course) -> Measure:
    """From the declaration to the first who took it up."""
    declared = Moment(
        course.incident.declared_at, _event_at(course, "declared_at", course.incident.declared_at)
    )
    return _span(ACKNOWLEDGE, declared, _moment(course, _first_episode(course), "acked_at"))


def _summed(course: Course, name: str, column: str) -> Measure:
    """Return a span of all episodes: the clock stands still while it was resolved (incidents.md 4.4)."""
    spans = [_span(name, *pair) for pair in _pairs(course, column)]
    known = [one.value for one in spans if one.value is not None]
    remarks = [one.remark for one in spans if one.remark]
    if course.incident.started_at is None:
        remarks.append("counted from its declaration: nobody said when its impact began")
    if len(spans) > 1:
        remarks.append(f"{len(spans)} episodes summed")
    value = sum(known) if len(known) == len(spans) else None
    return Measure(name, value, spans[0].since, spans[-1].until, "; ".join(dict.fromkeys(remarks)))


def _pairs(course: Course, column: str) -> list[tuple[Moment | None, Moment | None]]:
    """Return when each episode began, and when in it what is measured was reached."""
    incident, first = course.incident, _first_episode(course)
    began = _moment(course, first, "started_at") or Moment(
        incident.declared_at, _event_at(course, "declared_at", incident.declared_at)
    )
    pairs: list[tuple[Moment | None, Moment | None]] = []
    for one in (*course.earlier, _last_episode(course)):
        pairs.append((began, _moment(course, one, column)))
        reopened = one.get("reopened_at")
        began = Moment(reopened or 0, _event_at(course, "reopened_at", reopened or 0))
    return pairs


def _span(name: str, since: Moment | None, until: Moment | None) -> Measure:
    if since is None:
        return Measure(name, None, since, until, "nobody said when its impact began")
    if until is None:
        return Measure(name, None, since, until, f"nobody said when it was {_REACHED[name]}")
    if until.at < since.at:
        return Measure(name, None, since, until, "its two times run backwards")
    return Measure(name, until.at - since.at, since, until)


def _first_episode(course: Course) -> Mapping[str, Any]:
    return course.earlier[0] if course.earlier else _last_episode(course)


def _last_episode(course: Course) -> Mapping[str, Any]:
    incident = course.incident
    return {name: getattr(incident, name) for name in (*_TAGS, "acked_at")}


def _moment(course: Course, episode: Mapping[str, Any], column: str) -> Moment | None:
    at = episode.get(column)
    if at is None and column in {"started_at", "detected_at"}:
        at = getattr(
            course.incident, column
        )  # These belong to the whole incident: often they are said at its end.
    return None if at is None else Moment(at, _event_at(course, column, at))


def _event_at(course: Course, column: str, at: Millis) -> str:
    found = event_of(course.events, column, at)
    return found.id if found else ""


def event_of(events: Iterable[Event], column: str, at: Millis) -> Event | None:
    """Return the event that tells of a moment of an incident; of several the last that was written down."""
    tag, kinds = _TAGS.get(column), _KINDS.get(column, ())
    fitting = [
        one for one in events if one.at == at and (one.tag == tag if tag and one.tag else one.kind in kinds)
    ]
    return max(fitting, key=lambda one: one.recorded_at, default=None)


# Words on how it goes ---------------------------------------------------------------------------------------


def _silences(course: Course, cadence: Cadence) -> list[Silence]:
    """Return the times between two words while it burned, in order."""
    gaps: list[Silence] = []
    for began, ended in _burning(course):
        words = [
            Moment(one.at, one.id)
            for one in course.events
            if one.kind in _WORDS and began.at < one.at < ended.at
        ]
        points = [began, *words, ended]
        for since, until in pairwise(points):
            late = until.at - since.at > _wait(course, cadence, since.at)
            gaps.append(Silence(since, until, late))
    return gaps


def _burning(course: Course) -> list[tuple[Moment, Moment]]:
    """Return from when to when each episode burned; one that burns still ends now."""
    incident = course.incident
    began = Moment(incident.declared_at, _event_at(course, "declared_at", incident.declared_at))
    spans: list[tuple[Moment, Moment]] = []
    for one in (*course.earlier, _last_episode(course)):
        ended = _moment(course, one, "resolved_at")
        if ended is None:
            over = one.get("closed_at") or (course.now if incident.state in BURNING else incident.closed_at)
            ended = Moment(over or course.now, "")
        if ended.at > began.at:
            spans.append((began, ended))
        reopened = one.get("reopened_at") or 0
        began = Moment(reopened, _event_at(course, "reopened_at", reopened))
    return spans


def _wait(course: Course, cadence: Cadence, at: Millis) -> Millis:
    """Return how long after a moment a word was due: by the worst it was held for, longer once it was mitigated."""
    mitigated = [one.get("mitigated_at") for one in (*course.earlier, _last_episode(course))]
    reopened = [one.get("reopened_at") or 0 for one in course.earlier]
    last = max((when for when in mitigated if when is not None and when <= at), default=None)
    monitoring = last is not None and not any(last < again <= at for again in reopened)
    return cadence.wait(course.incident.severity, monitoring=monitoring)


def _adherence(course: Course, cadence: Cadence, silences: Iterable[Silence]) -> Share:
    """Count the updates that were due, and those of them that came in time; other words set the clock anew."""
    updates = {one.id for one in course.events if one.kind == UPDATE}
    on_time = due = 0
    for one in silences:
        wait = _wait(course, cadence, one.since.at)
        missed = (one.length - 1) // wait if one.late else 0
        came = one.until.event in updates and not one.late
        on_time, due = on_time + came, due + missed + came
    return Share(on_time, due)


# Counts -----------------------------------------------------------------------------------------------------


def _handovers(holders: Sequence[Holder]) -> int:
    """How often command went from one person to another."""
    ordered = sorted((one for one in holders if one.role == COMMANDER), key=lambda one: one.started_at)
    return sum(one.person != other.person for one, other in pairwise(ordered))


def _provenance(events: Sequence[Event]) -> Share:
    lines = [one for one in events if one.shown and one.retracted_at is None]
    return Share(sum(has_provenance(one) for one in lines), len(lines))


def has_provenance(event: Event) -> bool:
    """Tell whether there is a way from a line to where it was said, in Slack or in GitLab."""
    return bool(event.link or event.ts or event.note_id or event.timeline)


# Several incidents ------------------------------------------------------------------------------------------


def averages(measured: Sequence[Metrics]) -> tuple[Average, ...]:
    """Return the mean and the median of each span over those incidents in which it is known."""
    return tuple(
        _average(name, [getattr(one, name) for one in measured])
        for name in (DETECT, ACKNOWLEDGE, MITIGATE, RESOLVE)
    )


def _average(name: str, spans: Sequence[Measure]) -> Average:
    known = [one.value for one in spans if one.value is not None]
    if not known:
        return Average(name, None, None, 0, len(spans))
    return Average(name, round(mean(known)), round(median(known)), len(known), len(spans) - len(known))


def shared(measured: Iterable[Share]) -> Share:
    """Return several shares as one."""
    found = list(measured)
    return Share(sum(one.count for one in found), sum(one.of for one in found))
