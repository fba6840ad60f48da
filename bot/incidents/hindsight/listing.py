"""Lists incidents for whoever asks: those that are open, the worst first, or those that were."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.command import Request
from bot.errors import NotUnderstood
from bot.incident import ENDED, Incident
from bot.incidents import states, which
from bot.incidents.told import Listing
from bot.jobs import projects
from bot.kit import Kit
from bot.model import Person
from bot.text import one_line

OPEN, ALL, CLOSED = "open", "all", "closed"
_WHICH = frozenset({OPEN, ALL, CLOSED})
#: A list of more is read by nobody; Slack shows 50 blocks of a message (slack-platform.md 2.1).
MOST_SHOWN = 30
#: Rows that are looked through for those that somebody may see.
LOOKED_THROUGH = 1_000
WORD_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which incidents somebody wants to see."""

    which: str = OPEN
    severity: int = 0
    """0 for any."""
    project: str = ""
    """Full path; empty for any."""


def wanted(kit: Kit, request: Request) -> Wanted:
    """Return what was typed after `list`. Raises NotUnderstood for a word that says nothing."""
    found = Wanted(project=projects.checked(kit, request) or "" if request.project else "")
    for word in (one.text.lower() for one in request.words[1:]):
        severity = states.graded(word)
        if severity is not None and 1 <= severity <= states.LEAST_SEVERE:
            found = replace(found, severity=severity)
        elif word in _WHICH:
            found = replace(found, which=word)
        else:
            raise NotUnderstood(
                f"I do not know what `{one_line(word, WORD_SHOWN)}` shall mean here. `/incident list` has those that"
                " are open; behind it may stand `all`, `closed` or a severity such as `sev1`."
            )
    return found


def listed(kit: Kit, person: Person, what: Wanted) -> Listing:
    """Return the incidents somebody wants to see and may: the open ones by severity, others newest first."""
    fitting = [one for one in _read(kit, what) if _fits(one, what) and which.may_see(kit, person, one)]
    rows = [replace(one, title=kit.redact(one.title)) for one in fitting[:MOST_SHOWN]]
    return Listing(what.which, what.severity, rows, len(fitting) - len(rows), what.project)


def _read(kit: Kit, what: Wanted) -> list[Incident]:
    with kit.store.read() as tx:
        if what.which == OPEN:
            return tx.incidents.open_ones()
        if what.which == ALL:
            return tx.incidents.where("1 = 1 ORDER BY declared_at DESC, number DESC LIMIT ?", LOOKED_THROUGH)
        ended = sorted(ENDED)
        marks = ", ".join("?" * len(ended))
        return tx.incidents.where(
            f"state IN ({marks}) ORDER BY COALESCE(closed_at, declared_at) DESC, number DESC LIMIT ?",
            *ended,
            LOOKED_THROUGH,
        )


def _fits(one: Incident, what: Wanted) -> bool:
    return what.severity in {0, one.severity} and what.project in {"", one.project}
