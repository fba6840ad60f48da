"""Looks at merge requests whose cards have to stay current, so that what happens by itself appears by itself."""

from __future__ import annotations

import logging
from functools import partial

from bot.deeds import SHA_SHOWN
from bot.delivery import letters
from bot.edges.store import Tx
from bot.errors import GitLabError, NotFound
from bot.jobs import cadence
from bot.kit import Kit
from bot.merge_requests import CLOSED, MERGED, MergeCard, Sighting
from bot.reviews import cards, pace, seeing
from bot.reviews.cards import Drawing

log = logging.getLogger(__name__)

#: Merge requests that are looked at a round: each takes two or three requests of the 2,000 a minute that GitLab lets
#: through (gitlab-api.md 5.1); the others come first in the next round.
MOST_DUE = 10
#: Looks in a row that found nothing after which a card is left as it is: it is gone, or hidden from the bot.
GONE_AFTER = 3


def look(kit: Kit, draw: Drawing) -> None:
    """Do one round: take what is due, and look at each merge request once for all of its cards."""
    now = kit.now()
    with kit.store.read() as tx:
        due = {card.about: card for card in tx.merge_cards.due(now, MOST_DUE)}
    if not due:
        return
    with kit.store.write() as tx:
        for about, card in due.items():
            tx.merge_cards.later(about, now + cadence.doubled(card.fails), card.fails)
    for about, card in due.items():
        kit.apart(f"merge request {about.text}", partial(_look, kit, draw, card))


def _look(kit: Kit, draw: Drawing, card: MergeCard) -> None:
    try:
        seen = seeing.see(kit.gitlab, card.about)
    except GitLabError as error:
        _failed(kit, card, error)
        return
    with kit.store.write() as tx:
        current = tx.merge_cards.get(card.id)
        if current is None or current.seen != card.seen:
            return  # Somebody did something meanwhile, and has shown it.
        happened = _happened(card, seen)
        if happened:
            tx.merge_cards.remark(card.about, happened)
        cards.redraw(tx, kit, draw, seen)
        if happened:
            _tell(tx, kit, draw, card, seen, happened)
    kit.deliver()


def _failed(kit: Kit, card: MergeCard, error: GitLabError) -> None:
    """Look later, twice as late each time; not at all if it is not there any more, or not for the bot to see."""
    fails = card.fails + 1
    log.info("could not look at %s: %s", card.about.text, error)
    over = isinstance(error, NotFound) and fails >= GONE_AFTER
    wait = cadence.spread(card.id, fails, cadence.doubled(fails))
    with kit.store.write() as tx:
        tx.merge_cards.later(card.about, pace.NEVER if over else kit.now() + wait, fails)


# What happened by itself ------------------------------------------------------------------------------------


def _happened(card: MergeCard, seen: Sighting) -> str:
    """Return what happened since a card was drawn, if it is worth a remark; in plain text."""
    one, before = seen.one, seeing.was(card.seen)
    if one.state == MERGED != before.state:
        return f"Merged by @{one.merge_user}" if one.merge_user else "Merged"
    if one.state == CLOSED != before.state:
        return f"Closed by @{one.closed_by}" if one.closed_by else "Closed"
    if _was_dropped(card, seen):
        return "GitLab does not merge it by itself any more"
    return ""


def _was_dropped(card: MergeCard, seen: Sighting) -> bool:
    return seeing.was(card.seen).auto and seen.one.is_open and not seen.one.auto


def _tell(tx: Tx, kit: Kit, draw: Drawing, card: MergeCard, seen: Sighting, happened: str) -> None:
    """Say under a card what somebody waits to hear who let GitLab merge it; mention them only if it will not."""
    before = seeing.was(card.seen)
    if not before.auto:
        return
    key = f"{card.id}.{seen.one.state}.{before.pipeline}.{seen.one.sha[:SHA_SHOWN]}"
    if _was_dropped(card, seen):
        waiting = tx.accounts.known_as(before.merge_user)
        people = [one.person.id for one in waiting if one.username == before.merge_user]
        message = draw.dropped(seen, people)
        letters.under(tx, key, card.id, card.place, message, kit.now(), person=card.person.id)
    else:
        cards.line(tx, kit, draw, card, key, happened)
