"""Climbing the ladder for what is done at once or not at all: it cannot wait for an approval."""

from __future__ import annotations

from bot.access import ladder
from bot.deeds import Bound, Deed, Halted, Permit
from bot.errors import Refused
from bot.kit import Kit


def check(
    kit: Kit, deed: Deed, permit: Permit, *, name: str, what: str, call: str = "", gives_back: bool = False
) -> None:
    """
    Climb the ladder; raises as it does, and Refused where a rule wants an approval.

    `what` cannot wait for one, such as “a lock”. What only gives something back needs none.
    """
    wants = _wants(kit, deed, permit, None, name=name, call=call)
    if wants and not gives_back:
        raise _refused(deed, wants, what)


def check_bound(
    kit: Kit, deed: Deed, permit: Permit, bound: Bound, *, name: str, what: str, call: str = ""
) -> None:
    """The same, where a confirmation is tied to more than the deed says."""
    wants = _wants(kit, deed, permit, bound, name=name, call=call)
    if wants:
        raise _refused(deed, wants, what)


def _wants(kit: Kit, deed: Deed, permit: Permit, bound: Bound | None, *, name: str, call: str) -> str:
    """Climb; return the rule that wants an approval, if that is all that is in the way."""
    try:
        return ladder.check(kit, deed, permit, bound, name=name, call=call).wants
    except Halted as halted:
        wants = halted.verdict.wants
        if halted.dry_run or halted.verdict.stopped or not wants:
            raise
        return wants


def _refused(deed: Deed, wants: str, what: str) -> Refused:
    return Refused(
        f"The rule “{wants}” wants an approval, and {what} cannot wait for one. Whoever runs me can leave"
        f" `{deed.commands[-1]}` out of that rule by naming its `commands`."
    )
