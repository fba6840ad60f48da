"""Commands that recur: what is due is put into the inbox once, too late is left out; they pause, go on and end."""

from __future__ import annotations

from typing import Protocol

from bot import rhythm, rhythm_words
from bot.delivery import letters
from bot.edges.store import Tx
from bot.kit import Kit
from bot.model import Message, Millis
from bot.own import Recurring
from bot.personal import asking
from bot.personal.asking import Anew

ON, PAUSED = "on", "paused"
#: Commands that recur, of one person: more of them belong into GitLab's own schedules.
MOST = 20
#: What was missed by more than this is left out: a report of nine is of no use at noon.
TOO_LATE_MS: Millis = 3_600_000
#: Whoever gets it later than this is told why.
LATE_MS: Millis = 300_000
#: How many are looked at in one tick.
MOST_LOOKED_AT = 100
MISSED = "It was left out: I was not running when it was due."


class Drawing(Protocol):
    """How it is told; handed in, since the rules do not know `blocks`."""

    def late(self, one: Recurring, due: Millis) -> Message: ...


def look(kit: Kit, draw: Drawing) -> None:
    """Ask for everything that is due, each once."""
    with kit.store.read() as tx:
        due = tx.recurring.due(kit.now(), MOST_LOOKED_AT)
    for one in due:
        with kit.store.write() as tx:
            _due(kit, tx, draw, one)
    if due:
        kit.take_up()
        kit.deliver()


def _due(kit: Kit, tx: Tx, draw: Drawing, one: Recurring) -> None:
    """Go on to the next time; of all that were missed meanwhile the last counts, if it is not too late."""
    now, when = kit.now(), rhythm_words.parsed(one.rhythm)
    due = rhythm.latest(when, now, one.since, one.after)
    if not tx.recurring.claim(one, when.following(now, one.since), now) or due is None:
        return
    if now - due > TOO_LATE_MS:
        tx.recurring.change(one.id, last_at=due, last_key="", last_said=MISSED)
        return
    key = f"every:{one.id}:{due}"
    if _ask(tx, one, key, now) and now - due > LATE_MS:
        letters.say(tx, f"{key}.late", draw.late(one, due), one.place, now)


def _ask(tx: Tx, one: Recurring, key: str, now: Millis) -> bool:
    return asking.ask(tx, Anew(key, one.person, one.name, one.place, one.line, recurring=one.id), now)


def resume(kit: Kit, tx: Tx, one: Recurring) -> bool:
    """Let one go on that was paused; what was due meanwhile is left out. False if it is gone."""
    now, when = kit.now(), rhythm_words.parsed(one.rhythm)
    next_at = when.following(now, one.since)
    return tx.recurring.change(one.id, state=ON, why="", halts=0, next_at=next_at, after=now)


def pause(tx: Tx, one: Recurring, why: str = "") -> bool:
    """Let one rest until its owner lets it go on; `why` is told in the list. False if it is gone."""
    return tx.recurring.change(one.id, state=PAUSED, why=why)


def ask_now(kit: Kit, tx: Tx, one: Recurring, key: str) -> bool:
    """Ask for one at once, besides; `key` is that of the request that wants it. False if that was done."""
    return _ask(tx, one, f"every:{one.id}:now:{key}", kit.now())
