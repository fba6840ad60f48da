"""`lock <environment> [for 2h] [why]`: keep an environment to yourself for a while; its card, buttons and tick."""

from __future__ import annotations

import blocks.lock
from blocks.answers import said
from bot.access import bypass, handover, lock_hours, lock_words, locking, locks
from bot.access.handover import Asked
from bot.access.lock_telling import Hand, show_stale
from bot.access.locking import Taken, Wish
from bot.command import Click, Command, Request
from bot.errors import NotUnderstood, Refused, SlackError
from bot.jobs import environments, projects
from bot.kit import Kit
from bot.ledger import Lock, Waiter
from bot.model import Message, Millis
from bot.text import code, escape
from bot.words import longhand

#: What the button on a card and in a reminder adds (chatops-and-notifications.md 2.8).
MORE_MS: Millis = 1_800_000
GONE = "That lock is over. Its environment may be locked anew; `who` tells."


def run(request: Request, kit: Kit) -> Message | None:
    project = projects.resolve(kit, request)
    if not request.words:
        example = f"`{longhand(request.prefix)}lock staging for 2h`"
        raise environments.left_out(kit, request, project, f"Which environment? Pick one, or type {example}.")
    environment = environments.meant(kit, request, project, request.words[0].text)
    told = lock_words.read([word.text for word in request.words[1:]], kit.now(), lambda: _zone(kit, request))
    who = _allowed(kit, request, ("lock",), (project.id, project.path), environment)
    reason = told.reason or lock_words.shortened(request.permit.reason)
    watched = bypass.newest(kit, project.id, environment)
    wish = Wish(project.id, project.path, environment, told.until, reason, watched)
    taken, lock = locking.take(kit, blocks.lock, who, wish)
    show_stale(kit, blocks.lock)
    return _answer(kit, taken, lock)


def _answer(kit: Kit, taken: Taken, lock: Lock) -> Message | None:
    if taken is Taken.NEW:
        return None  # The card says it.
    if taken is not Taken.THEIRS:
        return blocks.lock.mine(lock, changed=taken is Taken.CHANGED)
    with kit.store.read() as tx:
        return blocks.lock.taken(lock, tx.locks.queue(lock.project_id, lock.environment))


def _zone(kit: Kit, request: Request) -> str:
    try:
        return kit.people.about(request.person.id).tz
    except SlackError as error:
        raise Refused(
            "Slack does not tell me your time zone just now. Say how long instead: `for 2h`."
        ) from error


def _allowed(
    kit: Kit, asked: Request | Click, commands: tuple[str, ...], project: tuple[int, str], environment: str
) -> Hand:
    """Return who asks, once their role and the ladder let them."""
    who = locks.hand(kit, asked)
    locks.check_role(kit, who.account, *project)
    environments.climb(kit, asked, commands, project, environment)
    return who


# Buttons on the card ----------------------------------------------------------------------------------------


def _pressed(click: Click, kit: Kit) -> Lock:
    with kit.store.read() as tx:
        lock = tx.locks.get(click.value)
    if lock is None or lock.state != "held":
        raise NotUnderstood(GONE)
    return lock


def press_release(click: Click, kit: Kit) -> Message | None:
    return let_go(kit, click, _pressed(click, kit))


def let_go(kit: Kit, asked: Request | Click, lock: Lock) -> Message | None:
    """Release a lock for who holds it, or break it for who may; raises Refused for everybody else."""
    who = locks.hand(kit, asked)
    mine = locks.holds(lock, who.account)
    if not mine and not locks.may_break(kit, lock, who.account):
        raise Refused(
            f"{lock.name} holds the lock on {lock.environment}. Only they, Maintainers of {lock.project} and my admins"
            " can release it. Ask for it on its card, or queue up."
        )
    project = (lock.project_id, lock.project)
    environments.climb(kit, asked, ("unlock",), project, lock.environment, gives_back=True)
    if not locking.release(kit, blocks.lock, who, lock):
        raise NotUnderstood(GONE)
    show_stale(kit, blocks.lock)
    return None if mine and isinstance(asked, Click) else _released(lock, mine=mine)


def _released(lock: Lock, *, mine: bool) -> Message:
    environment = code(lock.environment)
    return said(
        f"{environment} is released." if mine else f"{environment} is released; its holder is told so."
    )


def press_extend(click: Click, kit: Kit) -> Message | None:
    lock = _pressed(click, kit)
    who = locks.hand(kit, click)
    if not locks.holds(lock, who.account):
        raise Refused(f"Only {lock.name}, who holds the lock on {lock.environment}, can make it last longer.")
    if lock.until is None:
        raise Refused(f"The lock on {lock.environment} lasts as long as its deployment.")
    _allowed(kit, click, ("lock",), (lock.project_id, lock.project), lock.environment)
    if locking.extend(kit, blocks.lock, who, lock.id, MORE_MS, lock_words.LONGEST_MS) is None:
        raise NotUnderstood(GONE)
    return None


def press_queue(click: Click, kit: Kit) -> Message | None:
    lock = _pressed(click, kit)
    return line_up(kit, click, (lock.project_id, lock.project), lock.environment, "")


def line_up(
    kit: Kit, asked: Request | Click, project: tuple[int, str], environment: str, reason: str
) -> Message | None:
    """Put somebody into the queue of an environment; what is free is theirs at once."""
    who = _allowed(kit, asked, ("queue", "lock"), project, environment)
    with kit.store.read() as tx:
        lock = tx.locks.held(project[0], environment)
    if lock and locks.holds(lock, who.account) and not lock.run:
        return blocks.lock.mine(lock, changed=False)
    if lock is None:
        return _answer(kit, *locking.take(kit, blocks.lock, who, Wish(*project, environment, None, reason)))
    waiter, ahead = handover.queue_up(kit, who, _waiter(kit, who, project, environment, reason))
    show_stale(kit, blocks.lock)
    return blocks.lock.waits(lock, waiter, ahead)


def _waiter(kit: Kit, who: Hand, project: tuple[int, str], environment: str, reason: str) -> Waiter:
    return Waiter(
        kit.new_id(), project[0], environment, who.account.person, who.name, who.account.gitlab_id, who.place,
        kit.now(), reason=kit.redact(reason), project=project[1],
    )  # fmt: skip


def press_take(click: Click, kit: Kit) -> Message | None:
    lock = _pressed(click, kit)
    project = (lock.project_id, lock.project)
    who = _allowed(kit, click, ("lock",), project, lock.environment)
    waiter = _waiter(kit, who, project, lock.environment, "")
    asked, waiter = handover.ask(kit, blocks.lock, who, lock, waiter)
    if asked is Asked.MINE:
        return blocks.lock.mine(lock, changed=False)
    if asked is Asked.FREE:
        raise NotUnderstood(GONE)
    if asked is Asked.LATE:
        return said(
            f"{escape(waiter.name)} has asked {escape(lock.name)} already. You are in the queue for"
            f" {code(lock.environment)}; I tell you when it is yours."
        )
    return blocks.lock.waits(lock, waiter, 0, asked_for=True)


# The holder's answer ----------------------------------------------------------------------------------------


def press_give(click: Click, kit: Kit) -> Message | None:
    _check(handover.give(kit, blocks.lock, locks.hand(kit, click), click.value))
    return None


def press_keep(click: Click, kit: Kit) -> Message | None:
    _check(handover.keep(kit, blocks.lock, locks.hand(kit, click), click.value))
    return None


def _check(lock: Lock | None) -> None:
    if lock is None:
        raise NotUnderstood("That was answered already, or the lock is over.")


# The clock --------------------------------------------------------------------------------------------------


def tick(kit: Kit) -> None:
    lock_hours.tick(kit, blocks.lock)
    bypass.look(kit, blocks.lock)


COMMAND = Command(
    "lock",
    "lock <environment> [for 2h | until 18:00] [why]",
    "Keep an environment to yourself for a while.",
    (
        "lock staging",
        "lock staging for 2h because of the migration",
        "lock staging until 18:00",
        "shop lock production",
    ),
    run,
    buttons={
        blocks.lock.RELEASE: press_release,
        blocks.lock.EXTEND: press_extend,
        blocks.lock.TAKE: press_take,
        blocks.lock.QUEUE: press_queue,
        blocks.lock.GIVE: press_give,
        blocks.lock.KEEP: press_keep,
    },
    changes=True,
    tick=tick,
)
