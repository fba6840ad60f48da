"""How a lock looks: its living card, what is said in its thread, and the list of who holds what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from blocks import lists, parts
from blocks.spans import ago
from bot.environments import Deployment
from bot.ledger import Lock, Waiter
from bot.model import Block, Message, Millis
from bot.text import escape, one_line

RELEASE, EXTEND, TAKE, QUEUE = "lock.release", "lock.extend", "lock.take", "lock.queue"
GIVE, KEEP = "lock.give", "lock.keep"
NAME_SHOWN, REASON_SHOWN, SHA_SHOWN = 80, 200, 8
#: Waiters that a card names; the rest are counted.
MOST_NAMED = 8
_ENDED = {"released": ":unlock:", "expired": ":hourglass:"}


# The card ---------------------------------------------------------------------------------------------------


def card(lock: Lock, queue: Sequence[Waiter], *, by: str = "") -> Message:
    """Return the card of a lock; `by` is who ended it, once it is over."""
    if lock.state != "held":
        return _over(lock, by)
    title = f":lock: *{_name(lock.environment)}* is locked by {_name(lock.name)}"
    body = [parts.section(title), parts.context(f"{_name(lock.project)} · {_span(lock)}")]
    body += _why(lock.reason)
    if queue:
        body.append(parts.context(f"Waiting: {_queued(queue)}"))
    more = parts.button("+30 min", EXTEND, lock.id)
    mine = [parts.button("Release", RELEASE, lock.id, confirm=_sure(lock)), more]
    theirs = [parts.button("Ask for it", TAKE, lock.id), parts.button("Queue up", QUEUE, lock.id)]
    body.append(parts.actions(*mine, *theirs))
    return Message(f"{_name(lock.environment)} is locked by {_name(lock.name)}", tuple(body))


def _over(lock: Lock, by: str) -> Message:
    ended = "expired" if lock.state == "expired" else f"was released by {_name(by)}" if by else "was released"
    how = f"the lock of {_name(lock.name)} {ended}"
    over = "is free"
    title = f"{_ENDED.get(lock.state, ':unlock:')} *{_name(lock.environment)}* {over}: {how}"
    body = [parts.section(title), parts.context(_name(lock.project)), *_why(lock.reason)]
    return Message(f"{_name(lock.environment)} {over}", tuple(body))


def _sure(lock: Lock) -> Block:
    text = f"{lock.environment} is locked by {lock.name}. Whoever waits gets it next."
    return parts.confirm("Release this lock?", text, "Release it", "Keep it")


# In its thread ----------------------------------------------------------------------------------------------


def yours(lock: Lock, why: str) -> Message:
    """Return what the new holder is told; `why` is `queue`, `given` or `silence` of the holder before."""
    how = {
        "given": " It was handed over to you.",
        "silence": " There was no answer, so it is handed over.",
    }.get(why, "")
    return _said(lock.person.id, f"you now hold the lock on `{_code(lock.environment)}`{_ends(lock)}.{how}")


def ending(lock: Lock) -> Message:
    """Return the reminder before a lock ends by itself."""
    text = f"your lock on `{_code(lock.environment)}` ends{_at(lock.until)}."
    buttons = (parts.button("+30 min", EXTEND, lock.id), parts.button("Release", RELEASE, lock.id))
    return _said(lock.person.id, text, *buttons)


def ended(lock: Lock) -> Message:
    """Return what is said when it has ended by itself."""
    return _said(lock.person.id, f"your lock on `{_code(lock.environment)}` has expired.")


def extended(lock: Lock, by: str) -> Message:
    """Return what is said when its holder has changed how long it lasts."""
    return _plain(f"{_name(by)} now holds `{_code(lock.environment)}`{_ends(lock)}.")


def broken(lock: Lock, by: str) -> Message:
    """Return what its holder is told when somebody else has released it."""
    return _said(lock.person.id, f"{_name(by)} broke your lock on `{_code(lock.environment)}`.")


def asked(lock: Lock, waiter: Waiter) -> Message:
    """Return the question to the holder, with what happens if there is no answer."""
    why = f" ({_reason(waiter.reason)})" if waiter.reason else ""
    what = f"{_name(waiter.name)} asks for `{_code(lock.environment)}`{why}."
    text = f"{what} Without an answer it is handed over{_at(waiter.due)}."
    buttons = (
        parts.button("Give it", GIVE, waiter.id, style="primary"),
        parts.button("Keep it", KEEP, waiter.id),
    )
    return _said(lock.person.id, text, *buttons)


def kept(lock: Lock, waiter: Waiter, ahead: int) -> Message:
    """Return what who asked is told when the holder keeps it."""
    place = "next" if not ahead else f"number {ahead + 1}"
    text = f"{_name(lock.name)} keeps `{_code(lock.environment)}`{_ends(lock)}. You are {place} in the queue."
    return _said(waiter.person.id, text)


def passed(lock: Lock, deployment: Deployment) -> Message:
    """Return what is said of a deployment that nobody started from chat while somebody holds the lock."""
    what = f"{_name(deployment.ref)} (`{_code(deployment.sha[:SHA_SHOWN])}`)"
    link = parts.linked(deployment.url, "Its job")
    text = (
        f":warning: {_name(deployment.username or 'Somebody')} deployed {what} to `{_code(lock.environment)}`"
        f" from GitLab while {_name(lock.name)} holds the lock.{f' {link}' if deployment.url else ''}"
    )
    return _plain(text)


# To the one who asked ---------------------------------------------------------------------------------------


def taken(lock: Lock, queue: Sequence[Waiter]) -> Message:
    """Return the refusal to somebody who wants what another holds, with what they can do."""
    body = [parts.section(f":lock: {line(lock, ())}"), *_why(lock.reason)]
    if queue:
        body.append(parts.context(f"Waiting: {_queued(queue)}"))
    ask = [] if lock.run else [parts.button("Ask for it", TAKE, lock.id)]
    body.append(parts.actions(parts.button("Queue up", QUEUE, lock.id), *ask))
    return Message(f"{_name(lock.environment)} is locked by {_name(lock.name)}", tuple(body))


def mine(lock: Lock, *, changed: bool) -> Message:
    """Return what somebody hears who locks what they hold already."""
    how = "You hold" if changed else "You already hold"
    return _plain(f"{how} the lock on `{_code(lock.environment)}`{_ends(lock)}.")


def waits(lock: Lock | None, waiter: Waiter, ahead: int, *, asked_for: bool = False) -> Message:
    """Return what somebody hears who has joined the queue, or has asked the holder."""
    who = _name(lock.name) if lock else "nobody"
    if asked_for:
        text = f"I asked {who} for `{_code(waiter.environment)}`. Without an answer it is yours{_at(waiter.due)};"
        return _plain(f"{text} I tell you either way.")
    place = "next" if not ahead else f"number {ahead + 1}"
    until = f" It is held by {who}{_ends(lock)}." if lock else ""
    return _plain(
        f"You are {place} in the queue for `{_code(waiter.environment)}`.{until} I tell you when it is yours."
    )


def listed(
    title: str, locks: Sequence[Lock], queue: Sequence[Waiter], deployed: Mapping[str, Deployment], now: Millis, *,
    names: Sequence[str] = (), footer: str = "",
) -> Message:  # fmt: skip
    """Return what is locked, who waits, and who deployed last, by environment; `title` is escaped already."""
    held = {one.environment: one for one in locks}
    every = sorted({*names, *held, *deployed, *(one.environment for one in queue)})
    lines = [_environment(name, held.get(name), queue, deployed.get(name), now) for name in every]
    return lists.listed(title, lines, footer=footer)


def line(lock: Lock, queue: Sequence[Waiter]) -> str:
    """Return a lock as one line of mrkdwn, without its reason."""
    what = (
        f"*{_name(lock.environment)}* is locked by {'a deployment of ' if lock.run else ''}{_name(lock.name)}"
    )
    waiting = f" · waiting: {_queued(queue)}" if queue else ""
    return f"{what}, {_span(lock)}{waiting}"


def _environment(
    name: str, lock: Lock | None, queue: Sequence[Waiter], last: Deployment | None, now: Millis
) -> str:
    waiting = [one for one in queue if one.environment == name]
    head = f":lock: {line(lock, waiting)}" if lock else f":unlock: *{_name(name)}* is free"
    why = f" · {_reason(lock.reason)}" if lock and lock.reason else ""
    return f"{head}{why}{_last(last, now)}"


def _last(last: Deployment | None, now: Millis) -> str:
    if last is None:
        return ""
    link = parts.linked(last.url, _name(last.status))
    who, sha = _name(last.username or "somebody"), _code(last.sha[:SHA_SHOWN])
    return f"\n      last deployed by {who}: {_name(last.ref)} (`{sha}`), {link}, {ago(max(now - last.created_at, 0))}"


# Parts ------------------------------------------------------------------------------------------------------


def _span(lock: Lock) -> str:
    return f"since {parts.moment(lock.since)}{_ends(lock)}"


def _ends(lock: Lock) -> str:
    if lock.until is None:
        return " until the deployment is over" if lock.run else ""
    return f" until {parts.moment(lock.until)}"


def _at(moment: Millis | None) -> str:
    return f" {parts.moment(moment)}" if moment is not None else ""


def _queued(queue: Sequence[Waiter]) -> str:
    named = [f"{_name(one.name)}{' (a run)' if one.run else ''}" for one in queue[:MOST_NAMED]]
    more = len(queue) - MOST_NAMED
    return ", ".join(named) + (f" and {more} more" if more > 0 else "")


def _why(reason: str) -> list[Block]:
    return [parts.plain_context(f"Why: {one_line(reason, REASON_SHOWN)}")] if reason else []


def _reason(reason: str) -> str:
    return escape(one_line(reason, REASON_SHOWN))


def _name(text: str) -> str:
    return escape(one_line(text, NAME_SHOWN))


def _code(text: str) -> str:
    return escape(one_line(text, NAME_SHOWN).replace("`", "'"))


def _said(person: str, text: str, *buttons: Block) -> Message:
    """Return a message that begins with a mention; `person` is a Slack user id."""
    body = [parts.section(f"<@{person}>, {text}")]
    return Message(f"<@{person}>, {text}", (*body, parts.actions(*buttons)) if buttons else tuple(body))


def _plain(text: str) -> Message:
    return Message(text, (parts.section(text),))
