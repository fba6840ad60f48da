"""A run and its card move together: one transaction changes the row and says how the card looks from then on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from bot.delivery import letters
from bot.edges.store import Tx
from bot.jobs import trail
from bot.kit import Kit
from bot.model import Message, Millis, Reply, Run, RunState

#: A moment that never comes, for a row that nobody has to look at any more.
NEVER: Millis = 2**53
#: Cards drawn in one transaction: each commit waits for the disk, and while it is open nobody else can write.
DRAWN_AT_ONCE = 25


#: A change of one of these is shown at once; the rest, such as elapsed time, with the next edit.
_TOLD_AT_ONCE = ("state", "status", "problem", "cancelled_by", "hold_said", "landed")


class Drawing(trail.Drawing, Protocol):
    """How a run looks; handed in, since the rules do not know `blocks`."""

    def card(self, run: Run, now: Millis) -> Message: ...

    def reply(self, run: Run, reply: Reply, *, mention: bool) -> Message: ...

    def summons(self, run: Run, people: Sequence[str], groups: Sequence[str]) -> Message: ...

    def turned_down(self, run: Run, why: str) -> Message: ...


def begin(kit: Kit, draw: Drawing, run: Run, note: Callable[[Tx], None]) -> bool:
    """
    Write the intent down, with its card; False if this request has made its run before.

    `note` writes down what belongs to it, in the same transaction.
    """
    now = kit.now()
    with kit.store.write() as tx:
        if not tx.runs.add(run):
            return False
        note(tx)
        letters.card(tx, draw.card(without_secrets(kit, run), now), run, now)
        tx.places.set_last(run.person, run.project)
    kit.deliver()
    return True


def advance(kit: Kit, draw: Drawing, run: Run, new: RunState, **changes: Any) -> Run | None:
    """Move a run from the state it was read in to `new`; None if somebody else moved it first."""
    with kit.store.write() as tx:
        moved = advance_in(tx, kit, draw, run, new, **changes)
    if moved:
        kit.deliver()
    return moved


def advance_in(tx: Tx, kit: Kit, draw: Drawing, run: Run, new: RunState, **changes: Any) -> Run | None:
    """The same within a transaction that writes down more than that; the caller then tells the courier."""
    now = kit.now()
    if "problem" in changes:  # It may hold words of GitLab's, and whatever GitLab repeats in them.
        changes["problem"] = kit.redact(changes["problem"])
    if not still(tx, run) or not tx.runs.move(run.id, run.state, new, **changes):
        return None
    # What others wrote down since it was read, such as who cancels it, belongs on the card as well.
    moved = tx.runs.get(run.id) or replace(run, state=new, **changes)
    trail.follow(tx, kit, draw, run, moved)
    urgent = any(getattr(moved, name) != getattr(run, name) for name in _TOLD_AT_ONCE)
    letters.card(tx, draw.card(without_secrets(kit, moved), now), moved, now, urgent=urgent)
    return moved


def without_secrets(kit: Kit, run: Run) -> Run:
    """Return a run as its card may show it: what somebody typed to me alone is read by the whole channel there."""
    return replace(
        run, arguments=kit.redact(run.arguments), problem=kit.redact(run.problem),
        hold_said=kit.redact(run.hold_said), overridden=kit.redact(run.overridden),
    )  # fmt: skip


def still(tx: Tx, run: Run) -> bool:
    """Tell whether GitLab has not been called for it since it was read: a retry brings old states back."""
    current = tx.runs.get(run.id)
    return current is not None and current.called_at == run.called_at


def update(kit: Kit, draw: Drawing, run: Run, **changes: Any) -> Run | None:
    """Change what is known of a run without moving it; None if it has moved meanwhile."""
    return advance(kit, draw, run, run.state, **changes)


def redraw(kit: Kit, draw: Drawing, runs: Sequence[Run]) -> None:
    """Let cards show how time has passed."""
    now = kit.now()
    for first in range(0, len(runs), DRAWN_AT_ONCE):
        with kit.store.write() as tx:
            for run in runs[first : first + DRAWN_AT_ONCE]:
                current = tx.runs.get(run.id)
                if current and current.state is run.state:
                    letters.card(
                        tx, draw.card(without_secrets(kit, current), now), current, now, urgent=False
                    )
    kit.deliver()
