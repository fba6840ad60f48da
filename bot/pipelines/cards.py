"""Shows whole pipelines in Slack: living cards that follow them, the word at their end, glimpses for one person."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from bot.command import By
from bot.deeds import digest
from bot.delivery import letters
from bot.edges.store import Tx
from bot.jobs import answer, cadence, life
from bot.kit import Kit
from bot.model import Job, Message, Millis, Place
from bot.pipelines import seeing
from bot.pipelines.seeing import Target
from bot.stages import PipelineCard, Stage, Whole, stages

COMMAND = "pipeline"
#: Characters of the id of what a button is aimed at.
AIM_LENGTH = 32
#: Statuses in which a pipeline rests, at least until somebody acts: then it is told how it went.
ENDS = frozenset({"success", "failed", "canceled", "skipped", "manual"})


class Drawing(Protocol):
    """How a pipeline looks; handed in, since the rules do not know `blocks`."""

    def card(
        self, card: PipelineCard, whole: Whole, found: Sequence[Stage], plays: Mapping[int, str], now: Millis
    ) -> Message:
        """`plays` are the ids that the buttons of its manual jobs carry, by the jobs' own ids."""
        ...

    def ended(self, card: PipelineCard, whole: Whole, *, mention: bool) -> Message:
        """What is said in its thread at its end."""
        ...

    def line(self, remark: str) -> Message: ...

    def outcome(self, project: str, url: str, what: str) -> Message:
        """What is told later, once it is known what became of a lost answer."""
        ...


# Showing ----------------------------------------------------------------------------------------------------


def new(kit: Kit, who: By, target: Target, whole: Whole, *, living: bool, title: str = "") -> PipelineCard:
    """Return the card of a pipeline for who asks."""
    now = kit.now()
    key = f"{who.key}.pipeline" if living else kit.new_id()
    return PipelineCard(
        key, who.person, who.name, who.place, target.project_id, target.project, target.pipeline, living,
        title=title, at=now, since=now, next_look=life.NEVER, seen=seeing.mark(whole),
    )  # fmt: skip


def glimpse(kit: Kit, draw: Drawing, card: PipelineCard, whole: Whole) -> Message:
    """Return the card of a pipeline for one person; it is not edited later, but its buttons work."""
    with kit.store.write() as tx:
        tx.pipeline_cards.put(card)
        return _drawn(tx, kit, draw, card, whole)


def post(tx: Tx, kit: Kit, draw: Drawing, card: PipelineCard, whole: Whole) -> bool:
    """Post a living card, once for each request; a thread is about the pipeline from then on."""
    if not tx.pipeline_cards.put(card):
        return False
    _draw(tx, kit, draw, card, whole)
    follow(tx, kit, card, whole)
    return True


def redraw(tx: Tx, kit: Kit, draw: Drawing, project_id: int, whole: Whole) -> None:
    """Let every living card show how it is now, and tell its end where that is owed."""
    found = tx.pipeline_cards.of(project_id, whole.pipeline.id)
    for card in found:
        _draw(tx, kit, draw, card, whole)
    for card in found:
        _tell_end(tx, kit, draw, card, whole)
    if found:
        follow(tx, kit, found[0], whole)


def tell(tx: Tx, kit: Kit, draw: Drawing, card: PipelineCard, whole: Whole, *, key: str, remark: str) -> None:
    """
    Show what was done to a pipeline: on all its cards, and where it was asked by a line below one, or by this new one.

    `key` is that of what was done.
    """
    tx.pipeline_cards.change(card.project_id, card.pipeline, remark=remark, told="")
    redraw(tx, kit, draw, card.project_id, whole)
    living = tx.pipeline_cards.of(card.project_id, card.pipeline)
    here = next((one for one in living if _stands(tx, one, card.place)), None)
    if here is None:
        post(tx, kit, draw, replace(card, living=True, remark=remark, seen=seeing.mark(whole)), whole)
    else:
        letters.under(
            tx, f"{key}.line", here.id, here.place, draw.line(remark), kit.now(), person=card.person.id
        )


def follow(tx: Tx, kit: Kit, card: PipelineCard, whole: Whole) -> None:
    """Write down how a pipeline was just seen, for all of its cards, and when it is looked at next."""
    now, marked = kit.now(), seeing.mark(whole)
    changed = marked != card.seen
    since, looks = (now, 0) if changed else (card.since, card.looks + 1)
    next_look = _next_look(card, whole, since, looks, now)
    tx.pipeline_cards.change(
        card.project_id, card.pipeline, seen=marked, stages=seeing.order(card, whole), since=since, looks=looks,
        next_look=next_look, fails=0,
    )  # fmt: skip


def _next_look(card: PipelineCard, whole: Whole, since: Millis, looks: int, now: Millis) -> Millis:
    """When a pipeline is looked at again; one that rests may still be played, for a while."""
    rests = not whole.is_active and whole.pipeline.status not in {"manual", "scheduled"}
    if rests and (not whole.manual or now - since > cadence.HOUR_MS):
        return life.NEVER
    return cadence.patient(card.id, since, looks, now)


def wake(kit: Kit, target: Target) -> None:
    """Look at a pipeline soon, and for a while: somebody has just done something to one of its jobs."""
    now = kit.now()
    with kit.store.write() as tx:
        later = now + cadence.CADENCE[0][1]
        tx.pipeline_cards.change(target.project_id, target.pipeline, since=now, looks=1, next_look=later)


# Drawing ----------------------------------------------------------------------------------------------------


def _draw(tx: Tx, kit: Kit, draw: Drawing, card: PipelineCard, whole: Whole) -> None:
    message = _drawn(tx, kit, draw, card, whole)
    letters.card_of(
        tx, card.id, card.place, message, kit.now(), person=card.person.id,
        urgent=seeing.mark(whole) != card.seen or bool(card.remark),
    )  # fmt: skip


def _drawn(tx: Tx, kit: Kit, draw: Drawing, card: PipelineCard, whole: Whole) -> Message:
    now = kit.now()
    plays = {job.id: _aim(tx, card, job, now) for job in whole.manual}
    shown = replace(card, remark=kit.redact(card.remark), title=kit.redact(card.title))
    return draw.card(shown, whole, stages(whole.jobs, seeing.known_order(card)), plays, now)


def _aim(tx: Tx, card: PipelineCard, job: Job, now: Millis) -> str:
    """Keep which job a button plays; return the id that it carries."""
    aim = digest(card.id, job.id)[:AIM_LENGTH]
    tx.aims.put(aim, card.id, json.dumps([job.id, job.name]), now)
    return aim


def _tell_end(tx: Tx, kit: Kit, draw: Drawing, card: PipelineCard, whole: Whole) -> None:
    """Say in its thread how a pipeline ended that was started from here; who started it is called if that is news."""
    status = whole.pipeline.status
    if not card.started or status not in ENDS or card.told == status:
        return
    tx.pipeline_cards.change(card.project_id, card.pipeline, told=status)
    # What took long, or failed (product.md).
    mention = status == "failed" or answer.is_long(tx, card.person, kit.now() - card.at)
    message = draw.ended(card, whole, mention=mention)
    key = f"{card.id}.{status}.{max((job.id for job in whole.jobs), default=0)}"
    letters.under(tx, key, card.id, card.place, message, kit.now(), person=card.person.id)


def _stands(tx: Tx, card: PipelineCard, place: Place) -> bool:
    """Tell whether a card stands in a place: in that channel or thread, or right above that thread."""
    if card.place == place:
        return True
    shown = tx.cards.get(card.id)
    return card.place.channel == place.channel and shown is not None and shown.ts == place.thread
