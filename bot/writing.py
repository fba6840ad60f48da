"""Changes GitLab once: the intent is written down, GitLab is asked, the answer is written down.

No request is repeated blindly (reliability.md 0.3): when GitLab's answer is lost, what was made is looked for by a
mark it carries, until GitLab has surely given up on the request; then it is told that it did not happen.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from bot.delivery import letters
from bot.edges.gitlab import GitLab
from bot.edges.store import Tx
from bot.errors import BotError, GitLabUnreachable, NotLinked
from bot.kit import Kit
from bot.ledger import Write
from bot.model import Message, Millis

log = logging.getLogger(__name__)

#: GitLab ends a web request after 60 s, so what has not appeared by then will not (reliability.md 0.3).
SURELY_OVER_MS: Millis = 65_000
#: When what was lost is looked for first, and how often then.
FIRST_LOOK_MS, LOOK_AGAIN_MS = 1_000, 5_000
INTENT, DONE, FAILED, UNKNOWN = "intent", "done", "failed", "unknown"
#: What the one who asked hears while it is not known.
NOT_KNOWN = (
    "GitLab did not say whether it did that. I am looking, tell you here what became of it, and do not do it"
    " twice."
)
#: What a write did or found, as JSON can hold it.
Result = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of change: how it is made, how it is found again, and what is told of it afterwards."""

    act: Callable[[GitLab, Write], Result]
    """Asks GitLab, as the person; what it sends carries `write.id` where `find` can see it."""
    find: Callable[[GitLab, Write], Result | None]
    """Looks for what an unanswered `act` has made; None if it is not there."""
    told: Callable[[Kit, Write, Result | None], Message | None]
    """What the asker hears later: what was made, or that nothing was; None if they need not know."""
    settled: Callable[[Tx, Kit, Write, Result], object]
    """Writes down what belongs to a change that was made, such as a card, in the same transaction."""


def once(kit: Kit, write: Write, kind: Kind) -> Result:
    """
    Make a change and return what GitLab answered; of a change that was made before, what it answered then.

    `write.id` makes the change itself: the same id is the same change, for ever. Raises what `act` raises; and
    GitLabUnreachable if the outcome is not known: then `look` finds it out, and tells.
    """
    now = kit.now()
    fresh = replace(write, state=INTENT, at=now)
    with kit.store.write() as tx:
        is_new = tx.writes.intend(fresh)
        known = tx.writes.get(write.id)
    if is_new:
        return _act(kit, fresh, kind)
    if known is None or known.state == FAILED:
        raise BotError("That was tried before, and GitLab said no. Ask for it anew.")
    if known.state == DONE:
        return _read(known)
    if known.state == INTENT:  # The process died in between: nobody knows.
        _unknown(kit, known)
    raise GitLabUnreachable(NOT_KNOWN)


def _act(kit: Kit, write: Write, kind: Kind) -> Result:
    try:
        result = kind.act(kit.gitlab_as(write.person), write)
    except GitLabUnreachable as error:
        if not error.sent:
            _failed(kit, write)
            raise
        _unknown(kit, write)
        raise GitLabUnreachable(NOT_KNOWN) from error
    except BotError:
        _failed(kit, write)
        raise
    with kit.store.write() as tx:
        if _settle(tx, write, DONE, result):
            kind.settled(tx, kit, write, result)
    kit.deliver()
    return result


def _failed(kit: Kit, write: Write) -> None:
    with kit.store.write() as tx:
        _settle(tx, write, FAILED, {})


def _settle(tx: Tx, write: Write, state: str, result: Result) -> bool:
    return tx.writes.settle(write, state, json.dumps(result, ensure_ascii=False))


def _unknown(kit: Kit, write: Write) -> None:
    with kit.store.write() as tx:
        tx.writes.settle(write, UNKNOWN, "{}", kit.now() + FIRST_LOOK_MS)


def _read(write: Write) -> Result:
    result: Result = json.loads(write.result)
    return result


# Looking for what was lost ----------------------------------------------------------------------------------


def look(kit: Kit, kinds: Mapping[str, Kind]) -> None:
    """Look for changes of these kinds whose outcome is not known, and tell who asked for them; on every tick."""
    with kit.store.read() as tx:
        due = [write for write in tx.writes.due(kit.now()) if write.kind in kinds]
    for write in due:
        kit.apart(f"write {write.id}", partial(_look, kit, write, kinds[write.kind]))


def _look(kit: Kit, write: Write, kind: Kind) -> None:
    try:
        found = kind.find(kit.gitlab_as(write.person), write)
    except NotLinked:
        found = None
    except BotError as error:
        log.info("write %s is looked for again: %s", write.id, error)
        _later(kit, write)
        return
    if found is None and kit.now() < write.at + SURELY_OVER_MS:
        _later(kit, write)
    else:
        _tell(kit, write, kind, found)


def _later(kit: Kit, write: Write) -> None:
    with kit.store.write() as tx:
        tx.writes.settle(write, UNKNOWN, "{}", kit.now() + LOOK_AGAIN_MS)


def _tell(kit: Kit, write: Write, kind: Kind, found: Result | None) -> None:
    """Settle it, once, and tell who asked for it."""
    message = kind.told(kit, write, found)
    with kit.store.write() as tx:
        if not _settle(tx, write, FAILED if found is None else DONE, found or {}):
            return
        if found is not None:
            kind.settled(tx, kit, write, found)
        if message is not None:
            letters.answer(
                tx, f"{write.id}.found", message, person=write.person, place=write.place, now=kit.now()
            )
    kit.deliver()
