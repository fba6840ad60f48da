"""Tasks of an incident: a box in its issue and a line with buttons in its room, done from either side."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from bot.delivery import letters
from bot.edges.store import Tx
from bot.errors import Refused
from bot.incident import GITLAB, SLACK, Incident, Who
from bot.incident_work import Errand, Task
from bot.incidents import cards, errands, life
from bot.incidents.crew import blocks_of, descriptions
from bot.incidents.drawing import Drawing
from bot.incidents.errands import Kind, NotYet, Result
from bot.kit import Kit
from bot.model import Message, Millis, Person
from bot.text import one_line

OPEN, DONE, DROPPED = "open", "done", "dropped"
#: The block of the description, and the errand that shows the tasks in the room anew.
BLOCK, SHOW = "tasks", "slack.tasks"
TEXT_KEPT = 300
#: Characters of a task that a line of ours quotes.
QUOTED = 120
#: What stands in the box of each (doc/user/markdown, task lists).
_BOXES = {OPEN: " ", DONE: "x", DROPPED: "~"}
_LINE = re.compile(r"^[^\S\n]*+[-*+] \[(?P<box>[ xX~])\] (?P<number>\d{1,9})\\?[.)]", re.MULTILINE)
_STATES = {" ": OPEN, "x": DONE, "X": DONE, "~": DROPPED}
#: What is said of somebody who does something with one.
_DID = {OPEN: "opened task {} again", DONE: "did task {}", DROPPED: "dropped task {}"}


class Showing(Protocol):
    """How tasks look; handed in, since the rules do not know `blocks`."""

    def card(self, incident: Incident, tasks: list[Task], now: Millis) -> Message: ...


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody does something with a task."""

    who: Who
    origin: str
    source: str
    """What makes it itself."""


def of(tx: Tx, incident: Incident) -> list[Task]:
    """Return the tasks of an incident, without what became an issue of its own."""
    return [one for one in tx.tasks.of(incident.id) if not one.is_follow_up]


def numbered(tx: Tx, incident: Incident, number: int) -> Task:
    """Return a task by its number. Raises Refused if there is none."""
    found = next((one for one in of(tx, incident) if one.number == number), None)
    if found is None:
        raise Refused(f"There is no task {number}. `/incident tasks` lists them.")
    return found


def add(  # noqa: PLR0913 -- the fields of a task
    tx: Tx, kit: Kit, incident: Incident, text: str, by: Who, *, owner: Person | None = None, owner_name: str = "",
    due: Millis | None = None, source: str, origin: str = SLACK,
) -> Task:  # fmt: skip
    """
    Add a task, and return it; of the same source the one that is there.

    `text` is plain text without mentions, of which one line of 300 characters is kept.
    """
    known = tx.tasks.one("incident = ? AND source = ?", incident.id, source)
    if known is not None:
        return known
    task = Task(
        kit.new_id(), incident.id, tx.tasks.next_number(incident.id), one_line(kit.redact(text), TEXT_KEPT), owner,
        owner_name or (owner.id if owner else ""), at=kit.now(), by=by.name, due=due, source=source,
    )  # fmt: skip
    if not task.text:
        raise Refused("A task has to say what is to be done: `/incident task <text>`.")
    tx.tasks.put(task)
    _record(tx, kit, incident, Act(by, origin, source), f"added task {task.number}: {task.text}")
    changed(tx, kit, incident)
    return task


def move(tx: Tx, kit: Kit, incident: Incident, task: Task, state: str, act: Act) -> bool:
    """Do, drop or open a task; False, and nothing is changed, if it is so already."""
    done = (
        {"done_at": kit.now(), "done_by": act.who.name} if state != OPEN else {"done_at": None, "done_by": ""}
    )
    if task.state == state or not tx.tasks.move(task, state, **done):
        return False
    said = f"{_DID[state].format(task.number)}: {one_line(task.text, QUOTED)}"
    _record(tx, kit, incident, act, said)
    changed(tx, kit, incident)
    return True


def take(tx: Tx, kit: Kit, incident: Incident, task: Task, owner: Person, act: Act) -> bool:
    """Give a task to who takes it; False if it is theirs already, or no longer open."""
    if task.state != OPEN or task.owner == owner:
        return False
    moved = tx.tasks.change("id = ? AND state = ?", (task.id, OPEN), owner=owner, owner_name=act.who.name)
    if moved:
        _record(tx, kit, incident, act, f"took task {task.number}: {one_line(task.text, QUOTED)}")
        changed(tx, kit, incident)
    return bool(moved)


def changed(tx: Tx, kit: Kit, incident: Incident) -> None:
    """Want the tasks shown as they are now on both sides."""
    descriptions.want(tx, kit, incident, BLOCK, checklist(of(tx, incident)))
    show(tx, kit, incident)


def show(tx: Tx, kit: Kit, incident: Incident) -> None:
    """Want the living list in the room to show the tasks as they are by then."""
    errands.write(tx, errands.new(kit, incident, SHOW, "tasks", 2), again=True)


def _record(tx: Tx, kit: Kit, incident: Incident, act: Act, did: str) -> None:
    life.record(
        tx, kit, incident, "task", act.who, f"{act.who.name} {did}", source=act.source, origin=act.origin, shown=False
    )  # fmt: skip


# In the issue -----------------------------------------------------------------------------------------------


def checklist(tasks: list[Task]) -> str:
    """
    Return tasks as the Markdown of a block: a box, the number by which it is known, the text, the owner.

    >>> print(checklist([Task("t", "i", 3, "Close #12", None, "alice")]))
    **Tasks**
    <BLANKLINE>
    - [ ] 3. Close #12 (alice)
    """
    lines = [
        f"- [{_BOXES[one.state]}] {one.number}. {descriptions.plain(one.text)}{_owner(one)}" for one in tasks
    ]
    return "\n".join(["**Tasks**", "", *lines]) if lines else ""


def _owner(task: Task) -> str:
    return f" ({descriptions.plain(task.owner_name)})" if task.owner_name else ""


def boxes(body: str) -> dict[int, str]:
    """Return the state of each task in the Markdown of a block, by its number."""
    return {int(found["number"]): _STATES[found["box"]] for found in _LINE.finditer(body)}


def from_description(tx: Tx, kit: Kit, draw: Drawing, incident: Incident, description: str, who: Who) -> None:
    """
    Have the boxes looked at that somebody has ticked in the description of the issue; for whoever reads it there.

    They are taken in where the description is written (crew/descriptions.py): read anew, in order with what
    we write ourselves, since what was read before may be older than that.
    """
    del draw, who
    block = blocks_of.get(description, BLOCK)
    known = descriptions.known(tx, incident, BLOCK)
    if block is not None and known and boxes(block.body) not in [boxes(one) for one in known]:
        descriptions.again(tx, kit, incident)


def ticked(tx: Tx, kit: Kit, incident: Incident, description: str, who: Who) -> None:
    """Do, drop and open the tasks whose boxes in a description, read just now, are others than we wrote."""
    block = blocks_of.get(description, BLOCK)
    if block is None:
        return
    known = [boxes(one) for one in descriptions.known(tx, incident, BLOCK)]
    by_number = {one.number: one for one in of(tx, incident)}
    for number, state in boxes(block.body).items():
        task = by_number.get(number)
        if task is not None and all(one.get(number) != state for one in known):
            act = Act(who, GITLAB, f"gitlab:task:{number}:{state}:{kit.now()}")
            move(tx, kit, incident, task, state, act)
    descriptions.hold(tx, incident, BLOCK, block.body)


# In the room ------------------------------------------------------------------------------------------------


def kinds(draw: Drawing, showing: Showing) -> Mapping[str, Kind]:
    """Return how the list in the room is shown: it is drawn from the rows, whatever wanted it."""
    return {SHOW: Kind(_may_show, _may_show, partial(_shown, draw, showing))}


def _may_show(_kit: Kit, _errand: Errand, incident: Incident) -> Result:
    if not incident.channel or incident.muted:
        raise NotYet("There is no room yet in which tasks can be shown.")
    return {}


def _shown(
    draw: Drawing, showing: Showing, tx: Tx, kit: Kit, _errand: Errand, incident: Incident, _result: Result
) -> None:
    tasks = clean(kit, of(tx, incident))
    if tasks or tx.cards.get(card_id(incident)) is not None:
        message = showing.card(incident, tasks, kit.now())
        letters.card_of(tx, card_id(incident), incident.room, message, kit.now(), person=incident.declarer.id)
    cards.redraw(tx, kit, draw, incident, urgent=False)


def clean(kit: Kit, tasks: list[Task]) -> list[Task]:
    """Return tasks without the secrets that somebody has written into them."""
    return [replace(one, text=kit.redact(one.text)) for one in tasks]


def card_id(incident: Incident) -> str:
    return f"inc.{incident.id}.tasks"


#: What may be done with a task, by the word for it.
Move = Callable[[Tx, Kit, Incident, Task, Act, Person], bool]


def moving(state: str) -> Move:
    """Return what moves a task to a state."""
    return lambda tx, kit, incident, task, act, _person: move(tx, kit, incident, task, state, act)


MOVES: Mapping[str, Move] = {
    "done": moving(DONE),
    "drop": moving(DROPPED),
    "reopen": moving(OPEN),
    "take": lambda tx, kit, incident, task, act, person: take(tx, kit, incident, task, person, act),
}
