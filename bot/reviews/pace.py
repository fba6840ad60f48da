"""When a merge request is looked at again: often while something is about to happen to it, and for days at most."""

from __future__ import annotations

from bot.edges.store import Tx
from bot.jobs import cadence
from bot.kit import Kit
from bot.merge_requests import NOT_LOOKED_AT, RESTS, MergeCard, MergeRequest, Sighting
from bot.model import Millis
from bot.reviews import seeing

#: A moment that never comes, for what nobody has to look at any more.
NEVER: Millis = 2**53
#: After so long without a change, so often: what takes longer than a pipeline waits for people.
HOUR_MS, DAY_MS, LATE_MS = 3_600_000, 86_400_000, 300_000
#: Without a change for so long, it is not looked at any more; whoever does something sees it anew.
LONGEST_MS: Millis = 3 * DAY_MS


def follow(tx: Tx, kit: Kit, card: MergeCard, seen: Sighting) -> None:
    """Write down how a merge request was just seen, for all of its cards, and when it is looked at next."""
    now, mark, one = kit.now(), seeing.mark(seen), seen.one
    changed = mark != card.seen
    since = now if changed else card.since
    looks = 0 if changed else card.looks + 1
    tx.merge_cards.looked(
        one.reference, seen=mark, since=since, next_look=_next(card.id, one, since, looks, now), looks=looks
    )  # fmt: skip


def _next(key: str, one: MergeRequest, since: Millis, looks: int, now: Millis) -> Millis:
    age = now - since
    if not is_about_to_move(one) or age > LONGEST_MS:
        return NEVER
    wait = LATE_MS if age > HOUR_MS else cadence.every(age)
    return now + cadence.spread(key, looks, wait)


def is_about_to_move(one: MergeRequest) -> bool:
    """Tell whether something will happen to it that nobody does in Slack."""
    if one.state == "locked":
        return True
    if not one.is_open:
        return False
    runs = one.pipeline is not None and one.pipeline.status not in RESTS
    return runs or one.auto or one.status in NOT_LOOKED_AT - {""}
