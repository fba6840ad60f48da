"""Reads how long and why somebody wants a lock: `for 2h`, `until 18:00`, `because of the migration`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import NotUnderstood
from bot.model import Millis
from bot.rhythm_words import zone_or_utc
from bot.text import one_line

#: Longer is not a lock, it is a rule; a deny rule of the policy does that.
LONGEST_MS: Millis = 7 * 24 * 3_600_000
LEAST_MS: Millis = 60_000
#: Characters of a reason that stand on a card.
REASON_KEPT = 200
#: Words of a span at most: `1 day 2 hours 30 minutes`.
_MOST_WORDS = 6

_UNITS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000}
_PART = re.compile(
    r"(\d{1,6}(?:\.\d{1,3})?)\s*(d(?:ays?)?|h(?:(?:ou)?rs?)?|m(?:in(?:ute)?s?)?)(?![a-z])\s*|"
    r"(\d{1,6}(?:\.\d{1,3})?)(d|h|m)(?=\d)",
    re.IGNORECASE,
)
_ONE = re.compile(r"an?(?= )", re.IGNORECASE)
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
_BECAUSE = frozenset({"because", "since"})
_FORMS = "Type `for 2h`, `for 90m`, `for 1h30m` or `until 18:00`; leave it out for the usual time."


@dataclass(frozen=True, slots=True)
class Told:
    """What was said behind the environment."""

    until: Millis | None
    """None if nothing was said about it."""
    reason: str


def read(words: Sequence[str], now: Millis, zone: Callable[[], str]) -> Told:
    """
    Return until when, and why.

    `zone` gives the IANA name of the person's time zone; it is asked only for a time of day. What is neither a span
    nor a time is the reason. Raises NotUnderstood for a span that is none, or one that is too long.
    """
    at = _where(words)
    if at is None:
        return Told(None, _reason(words))
    until, end = _until(words, at, now, zone)
    return Told(until, _reason((*words[:at], *words[end:])))


def span(text: str) -> Millis | None:
    """
    Return how long a text says, in milliseconds; None if it is no span.

    >>> span("1h30m"), span("90 min"), span("1 day"), span("soon")
    (5400000, 5400000, 86400000, None)
    """
    rest, total = _ONE.sub("1", text.strip()), 0.0
    if not rest:
        return None
    while rest:
        found = _PART.match(rest)
        if found is None:
            return None
        number, unit = found[1] or found[3], found[2] or found[4]
        total += float(number) * _UNITS[unit[0].lower()]
        rest = rest[found.end() :]
    return round(total)


def _where(words: Sequence[str]) -> int | None:
    """Where the words about time begin; None if there are none. Behind `because` all is the reason."""
    for at, word in enumerate(words):
        here, rest = word.lower(), words[at + 1 :]
        if here in _BECAUSE:
            return None
        if here == "for" and rest and (_longest(rest) or (at == 0 and rest[0][:1].isdigit())):
            return at
        if here == "until" and rest and (_CLOCK.fullmatch(rest[0]) or at == 0):
            return at
        if at == 0 and span(word) is not None:
            return at
    return None


def _until(words: Sequence[str], at: int, now: Millis, zone: Callable[[], str]) -> tuple[Millis, int]:
    """The moment, and where the words about it end."""
    first = words[at].lower()
    if first == "until":
        return _next(words[at + 1], now, zone), at + 2
    begin = at + 1 if first == "for" else at
    many = _longest(words[begin:])
    if not many:
        raise NotUnderstood(f"I cannot read how long `{' '.join(words[begin : begin + 2])}` is. {_FORMS}")
    return now + _checked(span(" ".join(words[begin : begin + many])) or 0), begin + many


def _longest(words: Sequence[str]) -> int:
    """How many of the first words are a span together."""
    most = min(len(words), _MOST_WORDS)
    return next((many for many in range(most, 0, -1) if span(" ".join(words[:many])) is not None), 0)


def _checked(length: Millis) -> Millis:
    if length < LEAST_MS:
        raise NotUnderstood(f"A lock lasts a minute at least. {_FORMS}")
    if length > LONGEST_MS:
        raise NotUnderstood("A lock lasts a week at most. Take it for less; it can be extended.")
    return length


def _next(clock: str, now: Millis, zone: Callable[[], str]) -> Millis:
    """The next time it is that late where the person is."""
    found = _CLOCK.fullmatch(clock)
    if found is None:
        raise NotUnderstood(f"I cannot read the time `{clock}`. {_FORMS}")
    here = zone_or_utc(zone())
    today = datetime.fromtimestamp(now / 1000, here)
    wanted = today.replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
    moment = round(wanted.timestamp() * 1000)
    return moment if moment > now else round((wanted + timedelta(days=1)).timestamp() * 1000)


def _reason(words: Sequence[str]) -> str:
    said = list(words)
    if [word.lower() for word in said[:2]] == ["because", "of"]:
        said = said[2:]
    elif said and said[0].lower() in _BECAUSE:
        said = said[1:]
    return shortened(" ".join(said))


def shortened(reason: str) -> str:
    """Return a reason as long as a card shows it, on one line."""
    return one_line(reason, REASON_KEPT)
