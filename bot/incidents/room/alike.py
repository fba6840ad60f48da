"""Finds the open incidents that a new one may be the same as."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from bot.edges.store import Tx
from bot.incident import Incident
from bot.incidents import which
from bot.kit import Kit
from bot.model import Millis, Person

#: Incidents of one project within this time are often one (incidents.md 2.1).
LATELY_MS: Millis = 3_600_000
#: How alike two titles are, from 0 to 1, that may mean the same.
NEAR = 0.6
#: Most that are offered, and characters of titles that are compared.
MOST, COMPARED = 3, 150
_WORD = re.compile(r"[^\W_]{4,}")


def alike(
    kit: Kit, person: Person, project: str, title: str, now: Millis, *, but: str = ""
) -> list[Incident]:
    """Return open incidents of a project that somebody may see and that a new one may be, the likeliest first."""
    with kit.store.read() as tx:
        found = of_project(tx, project, but=but)
    seen = [one for one in found if which.may_see(kit, person, one)]
    scored = [(likeness(one.title, title), one) for one in seen]
    near = [(score, one) for score, one in scored if score >= NEAR or now - one.declared_at <= LATELY_MS]
    return [one for _, one in sorted(near, key=lambda pair: (-pair[0], -pair[1].number))[:MOST]]


def of_project(tx: Tx, project: str, *, but: str = "") -> list[Incident]:
    """Return the incidents of a project that burn, but for one."""
    return [one for one in tx.incidents.open_ones(burning=True) if one.project == project and one.id != but]


def likeness(one: str, other: str) -> float:
    """
    Return how alike two titles are, from 0 to 1: letter by letter, or by the words they share.

    >>> likeness("Checkout 500s", "500s in checkout") >= NEAR
    True
    """
    first, second = one[:COMPARED].casefold(), other[:COMPARED].casefold()
    if not first or not second:
        return 0.0
    words, others = set(_WORD.findall(first)), set(_WORD.findall(second))
    shared = len(words & others) / min(len(words), len(others)) if words and others else 0.0
    return max(shared, SequenceMatcher(None, first, second, autojunk=False).ratio())
