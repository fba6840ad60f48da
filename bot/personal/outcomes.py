"""How a command that recurs went: what its owner is told, and when it stops."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from bot.access import people
from bot.deeds import Halted
from bot.delivery import letters
from bot.edges.store import Tx
from bot.errors import (
    BotError,
    GitLabBusy,
    GitLabSaidNo,
    GitLabUnreachable,
    NotLinked,
    Refused,
    SlackBusy,
    SlackUnreachable,
)
from bot.kit import Kit
from bot.model import Message, Person, Place, RunState
from bot.own import Recurring
from bot.personal import recurring

#: It pauses when it could not be done this often in a row.
MOST_HALTS = 3
#: Steps of the ladder at which somebody has no right any more.
RIGHTS = frozenset({"rules", "person"})


class Came(StrEnum):
    """How it went."""

    DONE = "done"
    PASSED = "passed"  # not done this time, and it may be otherwise the next time by itself
    HALTED = "halted"  # not done, and somebody has to do something about it
    ENDED = "ended"  # its owner may not do it any more
    SHUT_OUT = "shut out"  # nothing is done for its owner, or in its place, any more


class Drawing(Protocol):
    """How it is told; handed in, since the rules do not know `blocks`."""

    def of_recurring(self, message: Message, one: Recurring) -> Message:
        """An answer, with what it is an answer to."""
        ...

    def not_done(self, one: Recurring) -> Message:
        """What its place hears when it was not done; its owner hears why."""
        ...

    def stopped(self, one: Recurring) -> Message:
        """What its owner hears when it is not done any more; why stands in it."""
        ...


@dataclass(frozen=True, slots=True)
class Tried:
    """One time that a recurring command was asked for, and how it went."""

    id: str
    key: str
    came: Came
    said: str
    """Why it was not done, in plain text."""


def tried(
    kit: Kit, recurring_id: str, key: str, person: Person, place: Place, trouble: BotError | None
) -> Tried:
    """Return how it went; asked before anything is written down, since Slack may have to be asked."""
    said = kit.redact(trouble.sentence) if trouble else ""
    return Tried(recurring_id, key, _came(kit, person, place, trouble), said)


def _came(kit: Kit, person: Person, place: Place, trouble: BotError | None) -> Came:
    match trouble:
        case None:
            return Came.DONE
        case GitLabUnreachable() | GitLabBusy() | SlackUnreachable() | SlackBusy():
            return Came.PASSED
        case Halted():
            return _halted(trouble)
        case NotLinked() | GitLabSaidNo(status=401 | 403):
            return Came.ENDED
        case Refused():
            return _refused(people.refusal(kit, person, place))
    return Came.HALTED


def _halted(halted: Halted) -> Came:
    step = halted.verdict.stopped
    if step is None:
        return Came.HALTED
    if step.passing:
        return Came.PASSED
    return Came.ENDED if step.name in RIGHTS else Came.HALTED


def _refused(refusal: str | None) -> Came:
    """What was refused is perhaps refused since its owner, or its place, is out of bounds by now."""
    if refusal is None:
        return Came.HALTED
    return Came.PASSED if refusal == people.NOT_NOW else Came.SHUT_OUT


def settle(
    kit: Kit, tx: Tx, draw: Drawing, one: Tried, answer: Message | None, owner: Place
) -> Message | None:
    """
    Write down how it went, and pause it if that is due; return what its owner hears in `owner`, their direct messages.

    `answer` is what whoever had typed the command would hear.
    """
    row = tx.recurring.get(one.id)
    if row is None:  # It was taken away meanwhile.
        return answer
    went = _of_run(tx, one)
    halts = {Came.DONE: 0, Came.PASSED: row.halts}.get(went.came, row.halts + 1)
    row = replace(row, halts=halts, last_at=kit.now(), last_key=one.key, last_said=went.said)
    tx.recurring.change(
        row.id, halts=row.halts, last_at=row.last_at, last_key=row.last_key, last_said=row.last_said
    )
    _tell_place(kit, tx, draw, row, one, went.came)
    ends = went.came in {Came.ENDED, Came.SHUT_OUT}
    if (ends or (went.came is Came.HALTED and halts >= MOST_HALTS)) and row.state == recurring.ON:
        recurring.pause(tx, row, went.said)
        told = draw.stopped(replace(row, state=recurring.PAUSED, why=went.said))
        letters.answer(tx, f"{one.key}.stopped", told, person=row.person, place=owner, now=kit.now())
        if ends:  # The answer would say it once more.
            return None
    return draw.of_recurring(answer, row) if answer else None


def _of_run(tx: Tx, one: Tried) -> Tried:
    """What was done, but for what GitLab refused: that stands on the run."""
    run = tx.runs.by_source(one.key) if one.came is Came.DONE else None
    if run is None or run.state is not RunState.REFUSED:
        return one
    return replace(one, came=Came.HALTED, said=run.problem)


def _tell_place(kit: Kit, tx: Tx, draw: Drawing, row: Recurring, one: Tried, came: Came) -> None:
    """Everybody in a channel hears that what they expect does not come; a card that stands there says it itself."""
    if row.place.is_dm or one.came is Came.DONE or came is Came.SHUT_OUT:
        return
    letters.say(tx, f"{one.key}.missed", draw.not_done(row), row.place, kit.now())
