"""Does what is due in incidents: nudges, answers that did not come, rooms to be archived; each once it is armed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from bot.errors import BotError, StoreError
from bot.incident import Incident
from bot.incident_work import Due
from bot.kit import Kit
from bot.model import Millis

log = logging.getLogger(__name__)

#: Does what is due. It claims it (`tx.dues.claim`) in the transaction in which that is written down, so that it is
#: done once whatever happens; what it has not claimed is claimed behind it.
Act = Callable[[Kit, Due, Incident], None]
#: Most that are looked at in one tick.
MOST = 200
#: How long what went wrong waits until it is tried again.
AGAIN_MS: Millis = 30_000


def tick(kit: Kit, kinds: Mapping[str, Act]) -> None:
    """Have everything done that is due by now, on other threads; on every tick."""
    with kit.store.read() as tx:
        due = tx.dues.fire(kit.now(), MOST)
    for one in due:
        act = kinds.get(one.kind)
        if act is not None:
            kit.apart(f"due {one.kind} {one.incident}", partial(do, kit, act, one))


def do(kit: Kit, act: Act, due: Due) -> None:
    """Do what is due in one incident, unless that has changed meanwhile."""
    with kit.store.read() as tx:
        incident, now = tx.incidents.get(due.incident), tx.dues.of(due.incident, due.kind)
    if incident is None or now != due:
        return
    try:
        act(kit, due, incident)
    except StoreError:
        raise
    except BotError as error:
        log.warning("%s of incident %s waits: %s", due.kind, due.incident, error)
        with kit.store.write() as tx:
            if tx.dues.claim(due):
                tx.dues.arm(replace(due, due_at=kit.now() + AGAIN_MS))
        return
    with kit.store.write() as tx:
        tx.dues.claim(due)
    kit.deliver()
