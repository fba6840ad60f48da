"""Messages that are marked as tasks, and as done: the tasks themselves are tasks.py's."""

from __future__ import annotations

from typing import NamedTuple

from bot.edges.store import Tx
from bot.incident import BOT, SLACK, Incident, Who
from bot.incident_work import Task
from bot.incidents.chart import mark_facts
from bot.incidents.chart.mark_facts import Mark
from bot.incidents.crew import tasks
from bot.incidents.crew.tasks import DONE, DROPPED, OPEN, Act
from bot.kit import Kit

#: Who does something by taking their mark away, when it is not known any more who that was.
SOMEBODY = Who("somebody")


class To(NamedTuple):
    """Which state a task comes into, and who brings it there."""

    state: str
    who: Who


def marked(tx: Tx, kit: Kit, incident: Incident, who: Who, mark: Mark, text: str) -> None:
    """A message is a task: a new one, or the one it was before; done already, if it is marked so."""
    if not text:
        return
    tasks.add(tx, kit, incident, text, who, source=_source(mark))
    _move(tx, kit, incident, mark, DROPPED, To(OPEN, who))
    ready = Mark(mark.channel, mark.ts, mark_facts.DONE)
    if mark_facts.on(tx, incident, ready):
        _move(tx, kit, incident, mark, OPEN, To(DONE, who))


def unmarked(tx: Tx, kit: Kit, incident: Incident, mark: Mark) -> None:
    """A message is no task any more; what was done stays done."""
    _move(tx, kit, incident, mark, OPEN, To(DROPPED, SOMEBODY))


def done(tx: Tx, kit: Kit, incident: Incident, who: Who, mark: Mark) -> None:
    """The task that a message is, is done; of one that is no task nothing follows."""
    _move(tx, kit, incident, mark, OPEN, To(DONE, who))


def undone(tx: Tx, kit: Kit, incident: Incident, mark: Mark) -> None:
    """It is not done after all."""
    _move(tx, kit, incident, mark, DONE, To(OPEN, SOMEBODY))


def _move(tx: Tx, kit: Kit, incident: Incident, mark: Mark, before: str, to: To) -> None:
    task = _task(tx, incident, mark)
    if task is not None and task.state == before:
        origin = SLACK if to.who.person else BOT
        tasks.move(tx, kit, incident, task, to.state, Act(to.who, origin, f"{task.source}:{kit.new_id()}"))


def _task(tx: Tx, incident: Incident, mark: Mark) -> Task | None:
    return tx.tasks.one("incident = ? AND source = ?", incident.id, _source(mark))


def _source(mark: Mark) -> str:
    return f"task-mark:{mark.channel}:{mark.ts}"
