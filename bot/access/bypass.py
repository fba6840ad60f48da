"""Notices deployments that went past a lock: started in GitLab, by somebody other than its holder."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from bot.access.lock_telling import MOST, Drawing, say
from bot.edges.store import Tx
from bot.environments import Deployment
from bot.errors import BotError
from bot.kit import Kit
from bot.ledger import Entry, Lock
from bot.model import Millis, Person, RunState
from bot.text import one_line

log = logging.getLogger(__name__)

#: How often the environment of a lock is looked at, and how soon again when GitLab did not answer.
EVERY_MS: Millis = 30_000
AGAIN_MS: Millis = 60_000
#: How soon again when a run of ours is just being started: its pipeline has no number yet.
SOON_MS: Millis = 5_000
#: Deployments looked at; more than that in half a minute are none that somebody pressed a button for.
LOOKED_AT = 20
#: A deployment that only waits has not gone past anything yet (doc/api/deployments.md, status).
WAITS = frozenset({"created", "blocked"})


def newest(kit: Kit, project_id: int, environment: str) -> int:
    """Return the id of an environment's newest deployment, 0 if it has none; -1 if GitLab does not say."""
    try:
        found = kit.gitlab.deployments(project_id, environment, 1)
    except BotError as error:
        log.info("deployments to %s of %d are not known: %s", environment, project_id, error)
        return -1
    return max((one.id for one in found), default=0)


def look(kit: Kit, draw: Drawing) -> None:
    """Have every lock whose time has come looked at, apart: GitLab may take long."""
    with kit.store.read() as tx:
        found = tx.locks.to_watch(kit.now(), MOST)
    for lock in found:
        kit.apart(f"lock {lock.id}", partial(_look, kit, draw, lock))


def _look(kit: Kit, draw: Drawing, lock: Lock) -> None:
    try:
        found = kit.gitlab.deployments(lock.project_id, lock.environment, LOOKED_AT)
    except BotError as error:
        log.info("lock %s: %s", lock.id, error)
        with kit.store.write() as tx:
            tx.locks.change(lock.id, next_look=kit.now() + AGAIN_MS)
        return
    with kit.store.write() as tx:
        current = tx.locks.get(lock.id)
        if current and current.state == "held":
            _compare(tx, kit, draw, current, found)
    kit.deliver()


def _compare(tx: Tx, kit: Kit, draw: Drawing, lock: Lock, found: Sequence[Deployment]) -> None:
    """Tell of each deployment since the last look that is neither ours nor the holder's."""
    now = kit.now()
    if _is_starting(tx, lock):
        tx.locks.change(lock.id, next_look=now + SOON_MS)
        return
    newer = [one for one in found if one.id > lock.watched >= 0]
    ours = tx.runs.pipelines(lock.project_id)
    for one in sorted(newer, key=lambda each: each.id):
        if one.status not in WAITS and one.pipeline not in ours and one.user_id != lock.gitlab_id:
            _tell(tx, draw, lock, one, now)
    waits = [one.id - 1 for one in newer if one.status in WAITS]
    seen = max((lock.watched, 0, *(one.id for one in found)))
    # What waits may begin later: it is looked at again, and so are those behind it, each told once by its id.
    tx.locks.change(lock.id, watched=min((seen, *waits)), next_look=now + EVERY_MS)


def _is_starting(tx: Tx, lock: Lock) -> bool:
    return any(
        run.state is RunState.CALLING and run.project_id == lock.project_id for run in tx.runs.open_runs()
    )


def _tell(tx: Tx, draw: Drawing, lock: Lock, one: Deployment, now: Millis) -> None:
    letter = f"{lock.id}.{one.id}.passed"
    if tx.outbox.get(letter):
        return
    say(tx, letter, lock, draw.passed(lock, one), now)
    detail = f"{one_line(one.ref, 100)} at {one.sha[:8]} while {lock.name} holds the lock"
    known = tx.accounts.of_gitlab(one.user_id)
    person = known[0].person if known else Person(lock.person.team, "")
    tx.audit.add(
        Entry(
            now, person, one.username, one.user_id, one.username, lock.place, "lock", "deployed past the lock",
            project=lock.project, subject=lock.environment, environment=lock.environment, pipeline=one.pipeline,
            detail=detail,
        )
    )  # fmt: skip
