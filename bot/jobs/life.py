"""A run and its card move together: one transaction changes the row and says how the card looks from then on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

from bot.delivery import letters
from bot.kit import Kit
from bot.model import Message, Millis, Reply, Run, RunState

#: A moment that never comes, for a row that nobody has to look at any more.
NEVER: Millis = 2**53


class Drawing(Protocol):
    """How a run looks; handed in, since the rules do not know `blocks`."""

    def card(self, run: Run, now: Millis) -> Message: ...

    def reply(self, run: Run, reply: Reply, *, mention: bool) -> Message: ...


def begin(kit: Kit, draw: Drawing, run: Run) -> bool:
    """Write the intent down, with its card; False if this request has made its run before."""
    now = kit.now()
    with kit.store.write() as tx:
        if not tx.runs.add(run):
            return False
        letters.card(tx, draw.card(run, now), run, now)
        tx.places.set_last(run.person, run.project)
    kit.deliver()
    return True


def advance(kit: Kit, draw: Drawing, run: Run, new: RunState, **changes: Any) -> Run | None:
    """Move a run from the state it was read in to `new`; None if somebody else moved it first."""
    now = kit.now()
    with kit.store.write() as tx:
        if not tx.runs.move(run.id, run.state, new, **changes):
            return None
        moved = replace(run, state=new, **changes)
        letters.card(tx, draw.card(moved, now), moved, now)
    kit.deliver()
    return moved


def update(kit: Kit, draw: Drawing, run: Run, **changes: Any) -> Run | None:
    """Change what is known of a run without moving it; None if it has moved meanwhile."""
    return advance(kit, draw, run, run.state, **changes)


def redraw(kit: Kit, draw: Drawing, run: Run) -> None:
    """Let a card show how time has passed."""
    now = kit.now()
    with kit.store.write() as tx:
        current = tx.runs.get(run.id)
        if current and current.state is run.state:
            letters.card(tx, draw.card(current, now), current, now)
    kit.deliver()
