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
from bot.errors import BotError, GitLabSaidNo, GitLabUnreachable, NotLinked
from bot.kit import Kit
from bot.ledger import Write
from bot.model import Message, Millis
from bot.redact import within
from bot.text import escape

log = logging.getLogger(__name__)

#: GitLab ends a web request after 60 s, so what has not appeared by then will not (reliability.md 0.3).
SURELY_OVER_MS: Millis = 65_000
#: When what was lost is looked for first, how often then, and how often once that has gone on for long.
FIRST_LOOK_MS, LOOK_AGAIN_MS, LOOK_SELDOM_MS = 1_000, 5_000, 60_000
LONG_MS: Millis = 300_000
#: An intent that is older was given up by who wrote it down, and nobody has come back to it: no request takes so long.
ORPHANED_MS: Millis = 600_000
#: So long a GitLab that does not answer is asked what became of something.
GIVE_UP_MS: Millis = 86_400_000
INTENT, DONE, FAILED, UNKNOWN, LOST = "intent", "done", "failed", "unknown", "lost"
#: What the one who asked hears while it is not known.
NOT_KNOWN = (
    "GitLab did not say whether it did that. I am looking, tell you here what became of it, and do not do it"
    " twice."
)
#: What they hear when nobody can find out.
NEVER_KNOWN = (
    "GitLab never said whether it did what you asked for (`{what}`), and I cannot look: {why} Look there before you"
    " ask for it again."
)
PARTED = "your account is not connected any more."
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
    fresh = replace(write, state=INTENT, at=now, next_look=now + ORPHANED_MS)
    with kit.store.write() as tx:
        is_new = tx.writes.intend(fresh)
        known = tx.writes.get(write.id)
    if is_new:
        return _act(kit, fresh, kind)
    if known is None or known.state == FAILED:
        raise BotError("That was tried before, and GitLab said no. Ask for it anew.")
    if known.state == DONE:
        return _read(known)
    if known.state == LOST:
        raise BotError(_never_known(known, "I have tried."))
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
        if _settle(tx, kit, write, DONE, result):
            kind.settled(tx, kit, write, result)
    kit.deliver()
    return result


def _failed(kit: Kit, write: Write) -> None:
    with kit.store.write() as tx:
        _settle(tx, kit, write, FAILED, {})


def _settle(tx: Tx, kit: Kit, write: Write, state: str, result: Result) -> bool:
    """What GitLab answered may hold what somebody wrote there: no secret of it is kept."""
    kept = within(kit.redact, result)
    return tx.writes.settle(write, state, json.dumps(kept, ensure_ascii=False))


def _unknown(kit: Kit, write: Write) -> None:
    with kit.store.write() as tx:
        tx.writes.settle(write, UNKNOWN, "{}", kit.now() + FIRST_LOOK_MS)


def _read(write: Write) -> Result:
    result: Result = json.loads(write.result)
    return result


# Looking for what was lost ----------------------------------------------------------------------------------


def look(kit: Kit, kinds: Mapping[str, Kind]) -> None:
    """
    Look for changes of these kinds whose outcome is not known, and tell who asked for them; on every tick.

    Each is told of once, and in the end: also one whose request was not taken up again after a crash, or that
    nobody can look for.
    """
    with kit.store.read() as tx:
        due = [write for write in tx.writes.due(kit.now()) if write.kind in kinds]
    for write in due:
        kit.apart(f"write {write.id}", partial(_look, kit, write, kinds[write.kind]))


def _look(kit: Kit, write: Write, kind: Kind) -> None:
    age = kit.now() - write.at
    try:
        found = kind.find(kit.gitlab_as(write.person), write)
    except BotError as error:
        why = _for_good(error, age)
        log.info("write %s is %s: %s", write.id, "given up" if why else "looked for again", error)
        if why:
            _give_up(kit, write, kind, why)
        else:
            _later(kit, write, age)
        return
    if found is None and age < SURELY_OVER_MS:
        _later(kit, write, age)
    else:
        _tell(kit, write, kind, found)


def _for_good(error: BotError, age: Millis) -> str:
    """Return why a change cannot be looked for any more; empty if the next look may go better."""
    if age < SURELY_OVER_MS:
        return ""
    if isinstance(error, NotLinked):
        return PARTED
    return error.sentence if isinstance(error, GitLabSaidNo) or age >= GIVE_UP_MS else ""


def _later(kit: Kit, write: Write, age: Millis) -> None:
    wait = LOOK_AGAIN_MS if age < LONG_MS else LOOK_SELDOM_MS
    with kit.store.write() as tx:
        tx.writes.settle(write, UNKNOWN, "{}", kit.now() + wait)


def _give_up(kit: Kit, write: Write, kind: Kind, why: str) -> None:
    """Say that nobody knows: that nothing was done would have somebody do it twice."""
    said = Message(escape(kit.redact(_never_known(write, why))))
    _settled(kit, write, kind, None, LOST, said if kind.told(kit, write, None) else None)


def _never_known(write: Write, why: str) -> str:
    return NEVER_KNOWN.format(what=f"{write.kind.replace('.', ' ')} {write.project}".strip(), why=why)


def _tell(kit: Kit, write: Write, kind: Kind, found: Result | None) -> None:
    _settled(kit, write, kind, found, FAILED if found is None else DONE, kind.told(kit, write, found))


def _settled(
    kit: Kit, write: Write, kind: Kind, found: Result | None, state: str, message: Message | None
) -> None:
    """Settle it, once, and tell who asked for it."""
    with kit.store.write() as tx:
        if not _settle(tx, kit, write, state, found or {}):
            return
        if found is not None:
            kind.settled(tx, kit, write, found)
        if message is not None:
            letters.answer(
                tx, f"{write.id}.found", message, person=write.person, place=write.place, now=kit.now()
            )
    kit.deliver()
