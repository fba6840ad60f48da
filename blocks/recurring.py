"""How commands that recur look: the list of them with their buttons, and what is told of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from blocks import job, lists, parts
from blocks.answers import said
from bot.deeds import Mark, Step
from bot.model import Block, Message, Millis, Person, Run
from bot.own import Recurring
from bot.text import clip, code, escape, one_line, plural, sentence

#: Action ids.
PAUSE, RESUME, REMOVE, NOW = "every.pause", "every.resume", "every.remove", "every.now"
LINE_SHOWN, WHY_SHOWN, NAME_SHOWN = 120, 300, 80
#: Rows of a list: each is two blocks, and a message has fifty (slack-platform.md 2.1).
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One that recurs, and the run it made last, if it made one."""

    one: Recurring
    run: Run | None = None


def listed(
    mine: Sequence[Row], others: Sequence[Row], reader: Person, *, prefix: str, now: Millis
) -> Message:
    """Return what recurs for the reader, and what else recurs in this place."""
    form = f"`{escape(prefix)}every weekday 9:00 run report`"
    if not mine and not others:
        return lists.listed(
            "Nothing recurs here, and nothing elsewhere for you.", (), footer=f"{form} adds one."
        )
    many = f"{plural(len(mine), 'command')} of yours recur{'s' if len(mine) == 1 else ''}"
    body: list[Block] = [parts.section(f"*{many if mine else 'Of others here'}*")]
    for at, row in enumerate([*mine, *others][:MOST_SHOWN]):
        if others and mine and at == len(mine):
            body.append(parts.section("*Of others here*"))
        body += row_of(row, reader, now)
    left_out = len(mine) + len(others) - MOST_SHOWN
    body += [parts.context(f"… and {left_out} more")] if left_out > 0 else []
    body.append(parts.context(f"{form} adds one; `{escape(prefix)}every pause 3` does what the button does."))
    return Message(many if mine else "Of others here", tuple(body))


def row_of(row: Row, reader: Person, now: Millis) -> list[Block]:
    """Return one as its sentence and its buttons, those that only its owner may press for the owner alone."""
    one = row.one
    sure = parts.confirm("Take it away?", f"{one.line} is not done any more.", "Take it away", "Keep it")
    owned = one.person == reader
    goes = (
        parts.button("Pause", PAUSE, one.id)
        if one.state == "on"
        else parts.button("Resume", RESUME, one.id)
        if owned
        else None
    )
    buttons = [
        *([goes] if goes else []), *([parts.button("Run now", NOW, one.id)] if owned else []),
        parts.button("Remove", REMOVE, one.id, style="danger", confirm=sure),
    ]  # fmt: skip
    return [parts.section(line(row, reader, now)), parts.actions(*buttons)]


def line(row: Row, reader: Person, now: Millis) -> str:
    """Return one in mrkdwn: what, when, where, whose, when next, and how it went last."""
    one = row.one
    whose = "" if one.person == reader else f" · of {escape(one_line(one.name, NAME_SHOWN))}"
    where = "in our direct messages" if one.place.is_dm else f"in <#{one.place.channel}>"
    return f"*{one.number}* {what(one)} {where}{whose} · {_next(one, now)}{_last(row, now)}"


def what(one: Recurring) -> str:
    """Return what is done when, in mrkdwn."""
    return f"{code(one.line, LINE_SHOWN)} every {escape(one.rhythm)}"


def _next(one: Recurring, now: Millis) -> str:
    if one.state == "on":
        return f"next {parts.moment(one.next_at, now=now)}"
    return f"*paused*: {escape(one_line(one.why, WHY_SHOWN))}" if one.why else "*paused*"


def _last(row: Row, now: Millis) -> str:
    one, run = row.one, row.run
    if one.last_at is None:
        return ""
    when = f" · last {parts.moment(one.last_at, now=now)}"
    if run is not None:
        word = escape(job.word(run))
        return f"{when}: <{run.pipeline_url}|{word}>" if run.pipeline_url else f"{when}: {word}"
    if not one.last_said:
        return f"{when}: done"
    return (
        when
        if one.last_said == one.why
        else f"{when}: not done. {escape(one_line(one.last_said, WHY_SHOWN))}"
    )


# What is told of one ----------------------------------------------------------------------------------------


def saved(row: Row, reader: Person, hindrance: Step | None, now: Millis, *, dry_run: bool) -> Message:
    """Return that one is kept, or would be, and what would stand in its way as things are now."""
    one = row.one
    title = f"{'A dry run: nothing was kept. It would be' if dry_run else 'Kept:'} {what(one)}"
    body: list[Block] = [parts.section(title)]
    if hindrance is not None:
        waits = "somebody has to agree each time" if hindrance.mark is Mark.ASK else "it would not be done"
        told = f"As things are now, {waits}: {sentence(clip(hindrance.said, WHY_SHOWN))}"
        body.append(
            parts.context(f":warning: {escape(told)} I tell you then, and pause it after three in a row.")
        )
    below = [parts.context(f"It would be due {parts.moment(one.next_at, now=now)}.")]
    return Message(title, (*body, *(below if dry_run else row_of(row, reader, now))))


def changed(row: Row, reader: Person, told: str, now: Millis) -> Message:
    """Return one after it was changed, with its buttons as they are now."""
    return Message(told, (parts.section(told), *row_of(row, reader, now)))


def gone(one: Recurring) -> Message:
    """Return that one is taken away."""
    return said(f"{what(one)} is taken away.")


def announced(one: Recurring, *, gone: bool) -> Message:
    """Return what everybody in its place is told of one that begins or ends."""
    name = escape(one_line(one.name or one.person.id, NAME_SHOWN))
    if gone:
        return said(f"{name} took away what recurred here: {what(one)}.")
    return said(f"{name} has me do {what(one)} here, as {name}.")


def late(one: Recurring, due: Millis) -> Message:
    """Return why something comes later than it was due."""
    return said(f"{what(one)} was due {parts.moment(due)}. I was not running then, so it is done now.")


def not_done(one: Recurring) -> Message:
    """Return what everybody in a place is told when something does not come."""
    name = escape(one_line(one.name or one.person.id, NAME_SHOWN))
    return said(f"{what(one)}, which {name} has me do here, was not done this time. {name} hears why.")


def stopped(one: Recurring) -> Message:
    """Return what the owner is told when something is not done any more."""
    text = f"I paused {what(one)}: {escape(sentence(clip(one.why, WHY_SHOWN)))}"
    buttons = parts.actions(
        parts.button("Resume", RESUME, one.id), parts.button("Remove", REMOVE, one.id, style="danger")
    )
    hint = parts.context("Nothing more is done until you press *Resume*; `every` lists all that recurs.")
    return Message(text, (parts.section(text), buttons, hint))


def of_recurring(message: Message, one: Recurring) -> Message:
    """Return an answer with a line that says what it is an answer to."""
    where = "" if one.place.is_dm else f" in <#{one.place.channel}>"
    said_for = parts.context(f"From {what(one)}{where}; `every` lists all that recurs.")
    shown = message.blocks or (parts.section(message.text),)
    return replace(message, blocks=(*shown[: parts.BLOCKS_LIMIT - 1], said_for))
