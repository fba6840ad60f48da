"""How a project's environments look: what runs where, since when and by whom, and what holds each back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from blocks import change, lock, parts
from blocks.spans import ago
from bot.deeds import Step
from bot.environments import Deployment, Standing
from bot.ledger import Lock, Waiter
from bot.model import OFFER, Block, Message, Millis
from bot.text import escape, one_line

NAME_SHOWN, SAID_SHOWN = 80, 200
#: Environments that are shown with buttons: a message holds 50 blocks (slack-platform.md 2.1).
WITH_BUTTONS, MOST_SHOWN = 15, 32


@dataclass(frozen=True, slots=True)
class Row:
    """An environment, and what holds it back."""

    standing: Standing
    lock: Lock | None = None
    queue: tuple[Waiter, ...] = ()
    frozen: Step | None = None
    """The freeze that is in force there."""


def listed(
    project: str, rows: Sequence[Row], ids: Mapping[str, tuple[str, str]], now: Millis, *, footer: str
) -> Message:
    """
    Return all environments of a project.

    `ids` are those of the kept commands that deploy to, and roll back, an environment, by its name.
    """
    title = f"*Environments of {_name(project)}*" if rows else f"{_name(project)} has no environment yet."
    body: list[Block] = [parts.section(title)]
    for n, one in enumerate(rows[:MOST_SHOWN]):
        body.append(parts.section("\n".join(lines(one, now))))
        if n < WITH_BUTTONS and one.standing.name in ids:
            body.append(_buttons(one.standing, ids[one.standing.name]))
    left_out = len(rows) - MOST_SHOWN
    body += [parts.context(f"… and {left_out} more; name one to see it.")] if left_out > 0 else []
    body.append(parts.context(footer))
    return Message(title.replace("*", ""), tuple(body))


def single(
    one: Row, deployed: Sequence[Deployment], ids: tuple[str, str], now: Millis, *, footer: str
) -> Message:
    """Return one environment, with its last deployments."""
    body = [parts.section("\n".join(lines(one, now)))]
    if deployed:
        told = ["*Last deployments*", *(_deployment(each, now) for each in deployed)]
        body.append(parts.section("\n".join(told)))
    body += [_buttons(one.standing, ids), parts.context(footer)]
    return Message(f"{_name(one.standing.name)} of {_name(one.standing.project)}", tuple(body))


def _buttons(one: Standing, ids: tuple[str, str]) -> Block:
    deploy, back = ids
    made = [parts.button("Deploy", f"{OFFER}.0", deploy)]
    made += [parts.button("Roll back", f"{OFFER}.1", back)] if one.sha else []
    return parts.actions(*made)


def lines(row: Row, now: Millis) -> list[str]:
    """Return an environment as lines of mrkdwn."""
    one = row.standing
    name = parts.linked(one.url, _name(one.name))
    tier = f" · {_name(one.tier)} tier" if one.tier != one.name else ""
    told = [f"*{name}*{tier}{_state(one)}: {_runs(one, now)}"]
    if one.failed_at is not None:
        failed = parts.linked(one.failed_url, "failed")
        what = f"{_name(one.failed_ref)} ({change.sha(one.failed_sha)})"
        told.append(f":x: {what} {failed} {ago(max(now - one.failed_at, 0))}")
    if row.lock:
        told.append(f":lock: {lock.line(row.lock, row.queue)}")
    if row.frozen:
        until = f" Until {parts.moment(row.frozen.until)}." if row.frozen.until else ""
        told.append(f":snowflake: {escape(one_line(row.frozen.said, SAID_SHOWN))}{until}")
    return told


def _state(one: Standing) -> str:
    return f" · {_name(one.state)}" if one.state != "available" else ""


def _runs(one: Standing, now: Millis) -> str:
    if not one.sha:
        return "nothing was deployed yet" if one.state == "available" else "nothing runs there"
    verb = "runs" if one.state == "available" else "ran last"
    since = f", {ago(max(now - one.since, 0))}" if one.since is not None else ""
    by = f" by {_name(one.by)}" if one.by else ""
    return f"{verb} {_name(one.ref)} ({change.sha(one.sha)}){since}{by}"


def _deployment(one: Deployment, now: Millis) -> str:
    status = parts.linked(one.url, _name(one.status))
    who = _name(one.username or "somebody")
    return f"• {_name(one.ref)} ({change.sha(one.sha)}) {status}, {change.since(one, now)}, by {who}"


def _name(text: str) -> str:
    return escape(one_line(text, NAME_SHOWN))
