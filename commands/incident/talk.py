"""The part of `incident` that brings what is said in its room to its issue."""

from __future__ import annotations

import blocks.incident as card
import blocks.incident_copying as draw
from bot.command import Heard
from bot.edges.store import Tx
from bot.incident import BOT, CURATED, Change, Incident, Who
from bot.incidents import cards, life
from bot.incidents.outward import catching, files, outwards, queueing, receipts, refusals, talk, talk_kept
from bot.kit import Kit
from commands.incident import timeline
from commands.incident.parts import Part

#: Who changes the policy when nobody may write internal notes.
US = Who("Signalbox", is_bot=True)


def _redraw(tx: Tx, kit: Kit, incident: Incident) -> None:
    cards.redraw(tx, kit, card, incident)


def _fall_back(tx: Tx, kit: Kit, incident: Incident) -> None:
    """Nobody may write for members alone, so only what is marked goes across from now on."""
    source = f"talk.back.{incident.version}"
    life.apply(tx, kit, card, incident, Change("policy", CURATED, US, kit.now(), BOT, source))
    cards.say(tx, kit, card, incident, f"{source}.why", draw.fell_back())


def _notice(kit: Kit, incident: Incident, one: Heard) -> None:
    """What is on the timeline for a message follows what becomes of it, also if nobody told us of that."""
    timeline.HEARS[one.kind](kit, incident, one)


def tick(kit: Kit) -> None:
    """Catch up with rooms, and take a line away about a delay, or about words left in GitLab, that is over."""
    catching.tick(kit, _notice)
    with kit.store.read() as tx:
        told = tx.incidents.where(
            "trouble = ? OR instr(trouble, ?) > 0", talk_kept.DELAYED, refusals.STILL_THERE
        )
    for one in told:
        with kit.store.write() as tx:
            talk_kept.swift(_redraw, tx, kit, tx.incidents.get(one.id) or one)


def caught(kit: Kit) -> None:
    """Slack speaks to us again: read what was said meanwhile."""
    kit.apart("catching up in all rooms", lambda: catching.tick(kit, _notice, now=True))


def _catch_up(kit: Kit, incident: Incident, _heard: object) -> None:
    catching.catching_up(kit, incident, _notice)


KINDS = {
    queueing.COPY: talk.kind(_redraw, _fall_back),
    queueing.FILE: files.kind(),
    queueing.RECEIPT: receipts.kind(draw),
}

PART = Part(
    kinds=KINDS,
    hears={
        "said": outwards.said,
        "edited": outwards.edited,
        "deleted": outwards.deleted,
        "bot_joined": _catch_up,
        "unarchived": _catch_up,
    },
    ticks=(tick,),
)
