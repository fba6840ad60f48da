"""When something happened, as typed before what is said: `14:03`, `-15m`, `15m ago`, `yesterday 14:03`, ISO 8601."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from bot.errors import LeftOut
from bot.incident import Incident
from bot.model import Millis, Option
from bot.rhythm_words import zone_or_utc

FORMS = "`14:03`, `-15m`, `yesterday 14:03` or `2026-03-09T14:03`"
_CLOCK = r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?"
_OF_DAY = re.compile(rf"(?:(?P<day>today|yesterday)\s+(?:at\s+)?)?{_CLOCK}(?P<sure>!)?(?!\S)", re.IGNORECASE)
_SPAN = r"(?=\d)(?:(?P<d>\d{1,3})d)?(?:(?P<h>\d{1,4})h)?(?:(?P<m>\d{1,5})m(?:in)?)?"
_BACK = re.compile(rf"[-−]{_SPAN}(?P<sure>!)?(?!\S)")
_AGO = re.compile(rf"{_SPAN}\s+ago(?P<sure>!)?(?!\S)", re.IGNORECASE)
_ISO = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[T ](?P<time>\d\d:\d\d(?::\d\d)?)(?P<offset>Z|[+-]\d\d:?\d\d)?(?P<sure>!)?(?!\S)",
    re.IGNORECASE,
)
#: Behind a moment that somebody was asked about, and meant.
SURE = "!"
#: What a moment may lie ahead, for clocks that differ.
AHEAD_MS: Millis = 60_000
#: What lies further back than that before an incident is asked about.
LONG_BEFORE_MS: Millis = 7 * 86_400_000
_MINUTE, _SECOND = 60_000, 1_000


@dataclass(frozen=True, slots=True)
class Told:
    """A moment that was typed, and what stands behind it."""

    at: Millis
    rest: str
    typed: str = ""
    """As it was typed; empty if nothing was, and now is meant."""
    is_sure: bool = False
    """Whether they were asked about it already."""


def read(text: str, now: Millis, zone: Callable[[], str]) -> Told:
    """
    Return the moment at the beginning of a text; now if there is none.

    `zone` gives the IANA name of the zone that is meant where none is typed; it is asked only then.
    """
    for pattern, reader in ((_ISO, _iso), (_OF_DAY, _of_day), (_BACK, _ago), (_AGO, _ago)):
        found = pattern.match(text)
        if found is None:
            continue
        at = reader(found, now, zone)
        if at is not None:
            return Told(at, text[found.end() :].strip(), found[0].rstrip(SURE), found["sure"] is not None)
    return Told(now, text.strip())


def check(told: Told, incident: Incident, now: Millis, *, before: str) -> None:
    """
    Raise LeftOut, which asks what is meant, for a moment that lies ahead or long before the incident.

    `before` is the command up to the moment. What lies ahead cannot have happened, and has to be another moment.
    """
    if told.at > now + AHEAD_MS:
        options = tuple(Option(label, word) for label, word in _instead(told, now))
        raise LeftOut(
            f"{told.typed} is still to come. When did it happen?",
            before=before,
            after=told.rest,
            options=options,
        )
    began = min(incident.declared_at, incident.started_at or incident.declared_at)
    if told.at < began - LONG_BEFORE_MS and not told.is_sure:
        days = (began - told.at) // 86_400_000
        exact = f"{iso(told.at)}{SURE}"
        raise LeftOut(
            f"{told.typed} is {days} days before this incident. Is that when it happened?", before=before,
            after=told.rest, options=(Option(f"Yes, at {iso(told.at)}", exact), Option("No, just now", "-0m")),
        )  # fmt: skip


def _instead(told: Told, now: Millis) -> Iterator[tuple[str, str]]:
    """What may have been meant by a moment to come: the same time a day or more earlier, or now."""
    day = 86_400_000
    earlier = told.at - -(-(told.at - now) // day) * day
    yield f"At {iso(earlier)}", iso(earlier)
    yield "Just now", "-0m"


def iso(at: Millis) -> str:
    """Return a moment as `read` reads it in every zone, to the second."""
    return f"{datetime.fromtimestamp(at // _SECOND, UTC):%Y-%m-%dT%H:%M:%S}Z"


def _of_day(found: re.Match[str], now: Millis, zone: Callable[[], str]) -> Millis | None:
    here = zone_or_utc(zone())
    day = datetime.fromtimestamp(now / 1000, here).date()
    if (found["day"] or "").lower() == "yesterday":
        day -= timedelta(days=1)
    return _latest(day, f"{int(found['hour']):02}:{found['minute']}:{found['second'] or '00'}", here, now)


def _iso(found: re.Match[str], now: Millis, zone: Callable[[], str]) -> Millis | None:
    offset = found["offset"]
    try:
        if offset:
            whole = f"{found['day']}T{found['time']}{'+00:00' if offset in 'Zz' else offset}"
            return round(datetime.fromisoformat(whole).astimezone(UTC).timestamp()) * _SECOND
        return _latest(date.fromisoformat(found["day"]), found["time"], zone_or_utc(zone()), now)
    except (ValueError, OverflowError):  # No such day, or one before all clocks.
        return None


def _latest(day: date, clock: str, here: tzinfo, now: Millis) -> Millis:
    """Return when a clock showed a time on a day; of two times, when it was set back, the last that is over."""
    local = datetime.fromisoformat(f"{day.isoformat()}T{clock}").replace(tzinfo=here)
    first, second = (round(local.replace(fold=fold).astimezone(UTC).timestamp()) * _SECOND for fold in (0, 1))
    return second if first < second <= now else first


def _ago(found: re.Match[str], now: Millis, _zone: Callable[[], str]) -> Millis | None:
    if not (found["d"] or found["h"] or found["m"]):
        return None
    minutes = int(found["d"] or 0) * 1440 + int(found["h"] or 0) * 60 + int(found["m"] or 0)
    return now - minutes * _MINUTE
