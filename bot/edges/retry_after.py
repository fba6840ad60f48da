"""How long a server asks us to wait, read from its Retry-After header."""

from __future__ import annotations

import math
from email.utils import parsedate_to_datetime

from bot.model import Millis

#: Longest wait taken from a header, seconds: a wrong clock over there must not silence us for days.
LONGEST = 3600.0
#: Shortest wait, seconds, so that "0" does not become a busy loop.
SHORTEST = 1.0


def seconds(header: str | None, default: float, now: Millis | None = None) -> float:
    """Seconds to wait, between 1 and 3,600; `default` if there is no header or nobody can read it.

    A header holds seconds or an HTTP date (RFC 9110, 10.2.3); a date is understood only if `now` is given.
    """
    wanted = _number(header) if header else None
    if wanted is None and header and now is not None:
        wanted = _until(header, now)
    return default if wanted is None else min(max(wanted, SHORTEST), LONGEST)


def _number(header: str) -> float | None:
    try:
        value = float(header.strip())
    except ValueError:
        return None
    return None if math.isnan(value) else value


def _until(header: str, now: Millis) -> float | None:
    try:
        return parsedate_to_datetime(header).timestamp() - now / 1000
    except (TypeError, ValueError, OverflowError):
        return None
