"""Writes down what GitLab is known to hold of a copy, and what the room and the card say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.edges.store import Tx
from bot.errors import BotError
from bot.incident import Incident
from bot.incident_work import Errand, Mirrored
from bot.incidents import late
from bot.incidents.errands import Result
from bot.incidents.late import PASSING, SetAside
from bot.incidents.outward import queueing, refusals, wanted, writers
from bot.incidents.outward.refusals import REFUSED
from bot.incidents.outward.wanted import CLAIMED, FAILED, GONE, LIVE
from bot.incidents.outward.writers import CannotBeInternal
from bot.kit import Kit

#: What the card says while GitLab takes the copies more slowly than people talk, or not at all.
DELAYED = "The discussion reaches the issue with a delay: GitLab asks me to slow down, or does not answer."
#: Does something about an incident in a transaction, such as showing its card anew.
Hand = Callable[[Tx, Kit, Incident], None]


def settled(redraw: Hand, tx: Tx, kit: Kit, errand: Errand, incident: Incident, result: Result) -> None:
    row = tx.mirror.get(errand.subject)
    if row is None:
        return
    if "wanted" in result:
        _drew(tx, row, result)
    _noted(tx, incident, row, result)
    row = tx.mirror.get(row.id) or row
    # Whoever looks at GitLab may have known the note first, so that its row counts, and not what came back.
    if row.note_id and row.kind in wanted.MARKS and row.state == LIVE:
        queueing.receipt(tx, kit, incident, row)
    if wanted.is_due(incident, row):  # Something else was wanted meanwhile.
        queueing.again(tx, kit, incident, row, errand.person)
    else:
        refusals.forget(tx, row)
    swift(redraw, tx, kit, incident, written=bool(result.get("note")))


def _drew(tx: Tx, row: Mirrored, result: Result) -> None:
    """Keep what was drawn, unless the message was changed or deleted meanwhile."""
    text = str(result["wanted"])
    tx.mirror.change(
        "id = ? AND state = ? AND source_hash = ?", (row.id, CLAIMED, result["source"]),
        wanted=text, wanted_hash=wanted.hash_of(text), state=LIVE, name=result["name"],
    )  # fmt: skip


def _noted(tx: Tx, incident: Incident, row: Mirrored, result: Result) -> None:
    """Keep what GitLab is known to hold."""
    if result.get("dropped"):
        state = GONE if result.get("lost") else row.state
        tx.mirror.change("id = ?", (row.id,), note_id=0, discussion="", shown_hash="", state=state)
    elif "note" in result:
        _made(tx, incident, row, result)
    elif "shown" in result:
        tx.mirror.change("id = ?", (row.id,), shown_hash=result["shown"])


def _made(tx: Tx, incident: Incident, row: Mirrored, result: Result) -> None:
    tx.mirror.change(
        "id = ?", (row.id,), note_id=result["note"], discussion=result["discussion"], internal=result["internal"],
        shown_hash=result["shown"],
    )  # fmt: skip
    if result["discussion"] and row.root:
        tx.mirror.change("id = ? AND discussion = ''", (row.root,), discussion=result["discussion"])
    writers.keep(tx, incident, row.id, str(result["writer"]))


def refused(  # noqa: PLR0917 -- what an errand is refused with, and what to do then
    redraw: Hand, fall_back: Hand, tx: Tx, kit: Kit, errand: Errand, incident: Incident, error: BotError
) -> None:
    """GitLab does not take it. If that is for lack of a right to write internally, nothing more goes across."""
    row = tx.mirror.get(errand.subject)
    if row is None:
        return
    if (
        isinstance(error, CannotBeInternal)
        and row.kind == wanted.TALK
        and wanted.is_for_members(incident, row.kind)
    ):
        fall_back(tx, kit, incident)
        return
    times = refusals.note(tx, kit, row, error)
    if row.state != GONE:
        tx.mirror.change("id = ?", (row.id,), state=FAILED)
    if row.state != GONE and queueing.is_marked(row):
        queueing.receipt(tx, kit, incident, row, error.sentence if times == 1 else "")
    else:
        is_news = row.state != GONE and times == 1 and not isinstance(error, SetAside)
        _name(redraw, tx, kit, incident, f"{REFUSED} {error.sentence}" if is_news else "")


# What the card says of it -----------------------------------------------------------------------------------


def _name(redraw: Hand, tx: Tx, kit: Kit, incident: Incident, about_all: str) -> None:
    """Say what GitLab did not take, unless the card has to say something else."""
    if incident.trouble in {"", DELAYED, *PASSING} or refusals.is_shown_by(incident.trouble):
        about_all = refusals.about_all(incident.trouble) or about_all
        _say(redraw, tx, kit, incident, refusals.sentence(tx, incident, about_all))


def slow(redraw: Hand, kit: Kit, incident: Incident) -> None:
    """Say on the card that copies are late, unless it has to say something else; what is left out can wait for that."""
    with kit.store.write() as tx:
        now = tx.incidents.get(incident.id)
        if now is not None and (not now.trouble or refusals.is_about_some(now.trouble)):
            _say(redraw, tx, kit, now, DELAYED)


def swift(redraw: Hand, tx: Tx, kit: Kit, incident: Incident, *, written: bool = False) -> None:
    """
    Say what is so by now: the line about a delay goes once no copy waits any more, the one that nothing goes across
    once one is written again. What was refused is wanted again then.
    """
    if written:
        late.was_done(tx, incident.id, kit.now())
        refusals.again(tx, kit, incident)
    if incident.trouble == DELAYED:
        waits = "incident = ? AND kind = ? AND state IN ('ready', 'doing', 'unknown')"
        if tx.errands.one(waits, incident.id, queueing.COPY) is not None:
            return
    elif incident.trouble and not refusals.is_shown_by(incident.trouble):
        return
    said = refusals.sentence(tx, incident, "" if written else refusals.about_all(incident.trouble))
    if said != incident.trouble:
        _say(redraw, tx, kit, incident, said)


def _say(redraw: Hand, tx: Tx, kit: Kit, incident: Incident, trouble: str) -> None:
    tx.incidents.note(incident.id, trouble=trouble)
    redraw(tx, kit, replace(incident, trouble=trouble))
