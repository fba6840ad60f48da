"""Keeps in mind what GitLab did not take: it is wanted again when it takes others, and the card names it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from bot import markdown
from bot.edges.store import Tx
from bot.errors import BotError
from bot.incident import Incident
from bot.incident_work import Mirrored
from bot.incidents import late
from bot.incidents.outward import queueing, sources, wanted
from bot.incidents.outward.wanted import CLAIMED, FAILED, GONE, LIVE
from bot.kit import Kit
from bot.model import Millis, Person

#: How often GitLab may refuse one copy until it is not asked by itself any more.
MOST_REFUSALS = 5
#: The first time a copy is wanted again with the next that is written; from then on so much later each time.
LATER_MS: Millis = 600_000
#: Name of the facts that say how often a copy was refused and until when it rests, behind which stands its row's id.
REFUSALS = "refused."
#: How the card begins to say that nothing goes across, or what is left of that when something does.
REFUSED = "What is said here does not reach the issue."
STILL_THERE = "What was deleted here can still be read in the issue: GitLab did not let me take it away."
LEFT_OUT = "Not all that was said here is in the issue: GitLab did not take what was said at"
EDIT = "Who edits their message has it tried again."
#: Of so many the card says which they are.
MOST_NAMED = 3


class Refusal(NamedTuple):
    """A copy that GitLab did not take."""

    row: Mirrored
    times: int
    rests: Millis
    """Until when it is not tried again by itself."""


def note(tx: Tx, kit: Kit, row: Mirrored, error: BotError) -> int:
    """Keep in mind that a copy was refused, or set aside. Returns how often in all."""
    known = tx.incident_facts.get(row.incident, REFUSALS + row.id) or "0"
    times = int(known.partition(" ")[0]) + 1
    wait = late.PATIENCE_MS if isinstance(error, late.SetAside) else (times - 1) * LATER_MS
    tx.incident_facts.put(row.incident, REFUSALS + row.id, f"{times} {kit.now() + wait}")
    return times


def forget(tx: Tx, row: Mirrored) -> None:
    """GitLab holds what it shall of a copy, or somebody wants it anew."""
    tx.incident_facts.drop(row.incident, REFUSALS + row.id)


def again(tx: Tx, kit: Kit, incident: Incident) -> None:
    """Want once more what was refused, since GitLab has just taken something; what goes first is told by `at`."""
    for one in _known(tx, incident):
        if one.times >= MOST_REFUSALS or kit.now() < one.rests:
            continue
        if one.row.state == FAILED:
            _revive(tx, kit, incident, one.row)
        elif one.row.state == GONE:
            queueing.again(tx, kit, incident, one.row, Person(incident.team, one.row.author))


def _revive(tx: Tx, kit: Kit, incident: Incident, row: Mirrored) -> None:
    """Want a copy as before it was refused: still to be drawn, or drawn."""
    if row.wanted_hash == row.source_hash:
        tx.mirror.change("id = ?", (row.id,), state=CLAIMED)
        queueing.want(tx, kit, incident, row, sources.unpacked(row.wanted))
    else:
        tx.mirror.change("id = ?", (row.id,), state=LIVE)
        queueing.again(tx, kit, incident, row, Person(incident.team, row.author))


def _known(tx: Tx, incident: Incident) -> list[Refusal]:
    """Return what was refused of an incident, oldest first."""
    found = []
    for row_id, kept in tx.incident_facts.begin(incident.id, REFUSALS).items():
        row, (times, _, rests) = tx.mirror.get(row_id), kept.partition(" ")
        if row is not None:
            found.append(Refusal(row, int(times), int(rests)))
    return sorted(found, key=lambda one: (one.row.at, one.row.ts))


# What the card says of it -----------------------------------------------------------------------------------


def is_shown_by(trouble: str) -> bool:
    """Tell whether what a card says is about copies that GitLab did not take."""
    return trouble.startswith((REFUSED, STILL_THERE, LEFT_OUT))


def is_about_some(trouble: str) -> bool:
    """Tell whether it is about some copies only, while others go across."""
    return is_shown_by(trouble) and not about_all(trouble)


def about_all(trouble: str) -> str:
    """Return the part of what a card says that tells that nothing goes across; empty if it does not tell that."""
    return trouble.partition(f" {STILL_THERE}")[0] if trouble.startswith(REFUSED) else ""


def sentence(tx: Tx, incident: Incident, about_all: str = "") -> str:
    """Return what the card shall say, which begins with `about_all` while nothing goes across; empty for nothing."""
    rows = [one.row for one in _known(tx, incident)]
    there = [row for row in rows if row.state == GONE and wanted.is_due(incident, row)]
    out = [row for row in rows if row.state == FAILED and not queueing.is_marked(row)]
    return _joined(about_all, _still_there(tx, incident, there), "" if about_all else _left_out(tx, out))


def _still_there(tx: Tx, incident: Incident, rows: list[Mirrored]) -> str:
    if not rows:
        return ""
    links = _some(f"{incident.url}#note_{one.note_id}" for one in rows)
    return _joined(STILL_THERE, _why(tx, rows[0]), f"Delete it there: {links}")


def _left_out(tx: Tx, rows: list[Mirrored]) -> str:
    if not rows:
        return ""
    moments = _some(markdown.moment(one.at) for one in rows)
    return _joined(f"{LEFT_OUT} {moments}.", _why(tx, rows[0]), EDIT)


def _why(tx: Tx, row: Mirrored) -> str:
    """Return what GitLab said to a copy when it was tried last."""
    errand = tx.errands.get(queueing.errand_id(row))
    return errand.why if errand else ""


def _joined(*sentences: str) -> str:
    return " ".join(one for one in sentences if one)


def _some(names: Iterable[str]) -> str:
    known = list(names)
    more = f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else ""
    return ", ".join(known[:MOST_NAMED]) + more
