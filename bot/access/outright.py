"""Climbing the ladder for what is done at once or not at all: it cannot wait for an approval."""

from __future__ import annotations

from bot.access import ladder
from bot.deeds import Deed, Halted, Permit
from bot.errors import Refused
from bot.kit import Kit


def check(
    kit: Kit, deed: Deed, permit: Permit, *, name: str, what: str, call: str = "", gives_back: bool = False
) -> None:
    """
    Climb the ladder; raises as it does, and Refused where a rule wants an approval.

    `what` cannot wait for one, such as “a lock”. What only gives something back needs none.
    """
    try:
        wants = ladder.check(kit, deed, permit, None, name=name, call=call).wants
    except Halted as halted:
        wants = halted.verdict.wants
        if halted.dry_run or halted.verdict.stopped or not wants:
            raise
    if wants and not gives_back:
        raise Refused(
            f"The rule “{wants}” wants an approval, and {what} cannot wait for one. Whoever runs me can leave"
            f" `{deed.commands[-1]}` out of that rule by naming its `commands`."
        )
