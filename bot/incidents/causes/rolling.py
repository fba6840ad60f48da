"""Follows the rollbacks that are asked for in the rooms of incidents, and tells of their ends on the timeline."""

from __future__ import annotations

from bot.delivery import letters
from bot.edges.store import Tx
from bot.incident import BOT, Incident, Who
from bot.incidents import cards, life
from bot.incidents.causes.changes import DEPLOYMENT, ROLLED, SUSPECT
from bot.incidents.drawing import Drawing
from bot.jobs.rollbacks import COMMAND
from bot.kit import Kit
from bot.model import Run, RunState
from bot.text import one_line

_ENDED = frozenset({RunState.DONE, RunState.REFUSED, RunState.UNKNOWN})
#: Characters of the first line of what a job answered.
ANSWER_SHOWN = 120
SUCCESS = "success"
#: Rollbacks of one room that are looked at, the newest.
MOST = 50


def tick(kit: Kit, draw: Drawing) -> None:
    """Tell of the rollbacks in rooms that have ended; on every tick."""
    with kit.store.read() as tx:
        ended = [(one, run) for one in tx.incidents.open_ones() for run in _untold(tx, one)]
    for one, run in ended:
        _tell(kit, draw, one, run)


def _untold(tx: Tx, one: Incident) -> list[Run]:
    """Return the rollbacks that were asked for in a room and have ended, without those whose end is told."""
    if not one.channel:
        return []
    asked = tx.runs.asked_in(one.channel, COMMAND, one.declared_at, MOST)
    return [
        run
        for run in asked
        if run.state in _ENDED
        and _is_of(tx, run, one)
        and tx.incident_events.of_source(one.id, _source(run)) is None
    ]


def _is_of(tx: Tx, run: Run, one: Incident) -> bool:
    found = tx.incidents.at(run.place)
    return found is not None and found.id == one.id


def _source(run: Run) -> str:
    return f"run:{run.id}.{run.job_id}"


def _tell(kit: Kit, draw: Drawing, one: Incident, run: Run) -> None:
    """Write down how a rollback ended, once; its card and its answer stand in the room by themselves."""
    with kit.store.write() as tx:
        card = tx.cards.get(run.id)
        who = Who(run.asker, run.person)
        told = life.record(
            tx, kit, one, "rollback", who, sentence(run, _answer(tx, run)), source=_source(run),
            at=run.finished_at or kit.now(), origin=BOT, link=run.job_url, channel=run.place.channel,
            ts=(card.ts or "") if card else "",
        )  # fmt: skip
        if told is None:
            return
        if run.status == SUCCESS:
            _mark(tx, one, run)
        cards.redraw(tx, kit, draw, one)
    kit.deliver()


def sentence(run: Run, answer: str) -> str:
    """Return how a rollback ended, in plain text: with the first line of what its job answered."""
    to = f"{run.environment} to {run.ref}"
    if run.state is not RunState.DONE:
        return f"The rollback of {to} did not begin: {run.problem}".rstrip(": ")
    if run.status != SUCCESS:
        return f"The rollback of {to} {run.status}{f': {answer}' if answer else ''}"
    return f"Rolled back {to}{f': {answer}' if answer else ''}"


def _answer(tx: Tx, run: Run) -> str:
    """Return the first line of what a job answered, as it was said in the thread of its card."""
    letter = tx.outbox.get(f"{run.id}.{run.job_id}.reply")
    if letter is None:
        return ""
    blocks = letters.load(letter.body).blocks
    words = [part for block in blocks if block["type"] == "rich_text" for part in block["elements"]]
    said = ["".join(str(each.get("text", "")) for each in part["elements"]) for part in words]
    own = [text for text in said if run.job not in text]
    return one_line((own[0] if own else "").strip().partition("\n")[0], ANSWER_SHOWN)


def _mark(tx: Tx, one: Incident, run: Run) -> None:
    """Say of the suspects of an environment that they are taken back."""
    for suspect in tx.suspects.of(one.id):
        if (suspect.kind, suspect.environment, suspect.state) == (DEPLOYMENT, run.environment, SUSPECT):
            tx.suspects.move(suspect, ROLLED, run.asker)
