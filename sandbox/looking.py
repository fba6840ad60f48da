"""The lines that look: what must be visible, what must not, what GitLab holds, how often it was called."""

from __future__ import annotations

import json
import operator
import time
from collections.abc import Iterator
from typing import Any

from sandbox.acts import Count, Expect, ExpectGitLab, Refuse, Spot
from sandbox.session import NotHeld, NotYet, Session, Shown
from sandbox.settings import DEFAULTS, SHOP

RELATIONS = {"=": operator.eq, "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}
LINES_SEEN = 10
"""Lines of one message shown then."""
LAST_SEEN = 8
"""Messages shown when a line did not hold: the last ones, which usually tell why."""


def expect(session: Session, line: Expect) -> None:
    """Wait until the text is visible. Raises NotHeld with what was visible instead."""
    if session.world.wait_until(lambda: _is_visible(session, line), line.within):
        return
    mark = " as something only " + session.person + " can see" if line.only_me else ""
    raise NotHeld(
        f"{line.wanted} was not visible{mark} to {session.person} in {_name(session, line.spot)} "
        f"within {line.within:g} s.",
        in_view(session, line.spot),
    )


def _is_visible(session: Session, line: Expect) -> bool:
    try:
        if line.only_me:
            whispers = (one for one in session.visible(line.spot) if one.seen.ephemeral)
            return any(line.wanted.found_in(one.words) for one in whispers)
        return any(line.wanted.found_in(text) for text in texts(session, line.spot))
    except NotYet:
        return False  # A thread or a channel that is still to come.


def texts(session: Session, spot: Spot) -> Iterator[str]:
    """The words of everything visible at a spot, one text a message; a form or the Home is one text."""
    if surface := _surface(session, spot):
        yield session.surface(surface)
    else:
        yield from (one.words for one in session.visible(spot))


def _surface(session: Session, spot: Spot) -> str:
    """`form` or `home` if that is what the spot is; empty for a place with messages."""
    kind = "home" if spot.kind == "here" and session.at_home else spot.kind
    return kind if kind in ("form", "home") else ""


def refuse(session: Session, line: Refuse) -> None:
    """The text is not visible, and does not become so for that long. Raises NotHeld."""

    def is_there() -> bool:
        try:
            return any(line.wanted.found_in(text) for text in texts(session, line.spot))
        except NotYet:
            if line.spot.kind == "channel":
                raise  # Nothing is refused where a name is misspelt.
            return False

    if session.world.wait_until(is_there, line.lasts):
        place = _name(session, line.spot)
        raise NotHeld(
            f"{line.wanted} is visible to {session.person} in {place}.", in_view(session, line.spot)
        )


def expect_gitlab(session: Session, line: ExpectGitLab) -> None:
    """Wait until GitLab holds the text at that API path. Raises NotHeld with what it holds instead."""
    deadline = time.monotonic() + line.within
    found = held(session, line.path)
    while not line.wanted.found_in(found):
        if time.monotonic() >= deadline:
            raise NotHeld(
                f"GitLab's {line.path} does not hold {line.wanted} after {line.within:g} s.", found[:2000]
            )
        session.world.bot.check()
        time.sleep(0.1)
        found = held(session, line.path)


def held(session: Session, path: str) -> str:
    """What GitLab answers at a path, as JSON and below it each of its texts as people read it.

    The path is inside the project meant in this channel, unless it begins with `projects/` or `PROJECT:`.
    """
    project, colon, rest = path.partition(":")
    if not colon:
        project, rest = DEFAULTS.get(session.channel, SHOP), path
    whole = f"/{rest}" if rest.startswith("projects/") else rest
    answer = session.world.call(session.world.gitlab.get(whole, project))
    return json.dumps(answer, ensure_ascii=False) + "\n" + "\n".join(leaves(answer))


def leaves(answer: Any) -> Iterator[str]:
    """Every text inside nested lists and mappings."""
    if isinstance(answer, str):
        yield answer
    elif isinstance(answer, dict):
        for value in answer.values():
            yield from leaves(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from leaves(value)


def count(session: Session, line: Count) -> None:
    """The bot made this call so often. Raises NotHeld with all the calls it made."""
    side = session.world.slack if line.side == "slack" else session.world.gitlab
    calls = session.world.ask(lambda: dict(side.calls))
    number = calls.get(line.call, 0)
    if not RELATIONS[line.relation](number, line.number):
        made = "\n".join(f"{times:>6}  {call}" for call, times in sorted(calls.items()))
        wanted = f"{line.relation} {line.number}"
        raise NotHeld(f"The bot called {line.side} {line.call} {number} times, not {wanted}.", made)


def in_view(session: Session, spot: Spot) -> str:
    """The last messages at a spot, to show why a line did not hold."""
    if surface := _surface(session, spot):
        return session.surface(surface)
    return "\n".join(_brief(one) for one in session.visible(spot)[-LAST_SEEN:])


def _brief(one: Shown) -> str:
    mark = " (only you can see this)" if one.seen.ephemeral else ""
    text = "\n".join(part.words for part in one.parts)
    lines = f"{one.number:>3} {one.seen.user_name}{mark}: {text}".splitlines()
    if len(lines) <= LINES_SEEN:
        return "\n".join(lines)
    half = LINES_SEEN // 2
    return "\n".join([*lines[:half], f"… {len(lines) - 2 * half} lines …", *lines[-half:]])


def _name(session: Session, spot: Spot) -> str:
    return session.place if spot.kind == "here" else str(spot)
