"""Looks at pipelines whose cards have to stay current, and tells how those ended that were started from here."""

from __future__ import annotations

import logging
from functools import partial

from bot.errors import GitLabError, NotFound
from bot.jobs import cadence, life, standings
from bot.kit import Kit
from bot.pipelines import cards, seeing
from bot.pipelines.cards import Drawing
from bot.stages import PipelineCard

log = logging.getLogger(__name__)

#: Pipelines that are looked at a round: each takes three requests of the 2,000 a minute that GitLab lets through
#: (gitlab-api.md 5.1); the others come first in the next round.
MOST_DUE = 8
#: Looks in a row that found nothing after which a card is left as it is: it is gone, or hidden from the bot.
GONE_AFTER = 3


def look(kit: Kit, draw: Drawing) -> None:
    """Do one round: take what is due, and look at each pipeline once for all of its cards."""
    now = kit.now()
    with kit.store.read() as tx:
        due = {(card.project_id, card.pipeline): card for card in tx.pipeline_cards.due(now, MOST_DUE)}
    if not due:
        return
    with kit.store.write() as tx:
        for (project, pipeline), card in due.items():
            tx.pipeline_cards.change(project, pipeline, next_look=now + cadence.doubled(card.fails))
    for card in due.values():
        kit.apart(f"pipeline {card.project_id} {card.pipeline}", partial(_look, kit, draw, card))


def _look(kit: Kit, draw: Drawing, card: PipelineCard) -> None:
    try:
        whole = seeing.see(kit.gitlab, card.project_id, card.pipeline)
    except GitLabError as error:
        _failed(kit, card, error)
        return
    with kit.store.write() as tx:
        current = tx.pipeline_cards.get(card.id)
        if current is None or current.seen != card.seen:
            return  # Somebody did something meanwhile, and has shown it.
        cards.redraw(tx, kit, draw, card.project_id, whole)
    kit.deliver()
    if card.deploys and not whole.is_active and seeing.status_of(card.seen) != whole.pipeline.status:
        kit.apart(f"environments {card.project_id}", partial(_environments, kit, card))


def _failed(kit: Kit, card: PipelineCard, error: GitLabError) -> None:
    """Look later, twice as late each time; not at all if it is not there any more, or not for the bot to see."""
    fails = card.fails + 1
    log.info("could not look at pipeline %d of %s: %s", card.pipeline, card.project, error)
    over = isinstance(error, NotFound) and fails >= GONE_AFTER
    wait = cadence.spread(card.id, fails, cadence.doubled(fails))
    with kit.store.write() as tx:
        later = life.NEVER if over else kit.now() + wait
        tx.pipeline_cards.change(card.project_id, card.pipeline, next_look=later, fails=fails)


def _environments(kit: Kit, card: PipelineCard) -> None:
    """Look at the environments anew once something may have been deployed; what fails is no harm."""
    try:
        standings.refresh(kit, kit.gitlab, kit.seen.project(card.project_id))
    except GitLabError as error:
        log.info("environments of %s after pipeline %d: %s", card.project, card.pipeline, error)
