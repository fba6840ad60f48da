"""When a merge request is looked at again: often while something is about to happen to it, and for days at most."""

from __future__ import annotations

from bot.edges.store import Tx
from bot.jobs import cadence, life
from bot.kit import Kit
from bot.merge_requests import NOT_LOOKED_AT, MergeCard, MergeRequest, Sighting
from bot.model import RESTS
from bot.reviews import seeing

#: A moment that never comes, for what nobody has to look at any more.
NEVER = life.NEVER


def follow(tx: Tx, kit: Kit, card: MergeCard, seen: Sighting) -> None:
    """Write down how a merge request was just seen, for all of its cards, and when it is looked at next."""
    now, mark, one = kit.now(), seeing.mark(seen), seen.one
    changed = mark != card.seen
    since = now if changed else card.since
    looks = 0 if changed else card.looks + 1
    next_look = cadence.patient(card.id, since, looks, now) if is_about_to_move(one) else NEVER
    tx.merge_cards.looked(
        one.reference, seen=mark, since=since, next_look=next_look, looks=looks
    )  # fmt: skip


def is_about_to_move(one: MergeRequest) -> bool:
    """Tell whether something will happen to it that nobody does in Slack."""
    if one.state == "locked":
        return True
    if not one.is_open:
        return False
    runs = one.pipeline is not None and one.pipeline.status not in RESTS
    return runs or one.auto or one.status in NOT_LOOKED_AT - {""}
