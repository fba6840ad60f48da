"""Matches the regular expressions of CI configurations in linear time: no project can stall the bot with one.

GitLab uses RE2 (doc/ci/jobs/job_rules.md); Python's own engine goes back over what it has read, and a pattern
such as `(a+)+$` keeps it busy for ever. Here Python matches single characters, and all ways through a pattern
are followed side by side.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

#: The longest pattern that is read, the most steps it may be made of, and how deep its groups may lie.
LONGEST_PATTERN = 500
MOST_STEPS = 1000
DEEPEST = 30
#: The longest text it is held against; a ref has at most 255 bytes (doc/user/reserved_names.md).
LONGEST_TEXT = 1024

_TOKEN = re.compile(
    r"""
      (?P<open>\((?:\?:|\?P?<\w+>)?(?!\?))
    | (?P<close>\))
    | (?P<either>\|)
    | (?P<repeat>[*+?]\??|\{\d+(?:,\d*)?\}\??)
    | (?P<place>[\^$]|\\[AbBz])
    | (?P<letter>\[\^?\]?(?:[^\]\\]|\\.)*\]|\\x[0-9A-Fa-f]{2}|\\.|[^\\()\[])
    """,
    re.VERBOSE | re.DOTALL,
)
_LEADING_FLAGS = re.compile(r"\(\?([imsU]+)\)")
#: What means something else to Python than to RE2, or will in a later Python.
_ODD_LETTER = re.compile(r"^\\Z$|^\[.*(?:\[:|--|&&|~~|\|\|)", re.DOTALL)


class _Unreadable(Exception):
    """The pattern is broken, or means something RE2 does not know, or is too long."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of a way through the text; the numbers say how far the next steps are away."""

    test: re.Pattern[str] | None = None
    reads: bool = False
    """Whether the test takes one character, or only looks at the place."""
    ways: tuple[int, ...] = (1,)


_Way = list[_Step]


def search(pattern: str, text: str, flags: str = "") -> bool | None:
    """
    Whether the pattern occurs in the text; None if this cannot be told.

    `flags` are letters of `imsU`, as after the closing slash of a CI pattern. Never raises.
    """
    if len(pattern) > LONGEST_PATTERN or len(text) > LONGEST_TEXT:
        return None
    try:
        way = _read(pattern, flags)
    except (_Unreadable, re.error, OverflowError):
        return None
    return _follow(way, text)


# Reading a pattern ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Reader:
    tokens: deque[tuple[str, str]]
    flags: re.RegexFlag
    depth: int = 0


def _read(pattern: str, flags: str) -> _Way:
    leading = _LEADING_FLAGS.match(pattern)
    if leading:
        pattern, flags = pattern[leading.end() :], flags + leading[1]
    known = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
    meant = re.ASCII
    for letter in flags:
        meant |= known.get(letter, re.ASCII)
    reader = _Reader(deque(_tokens(pattern)), meant)
    way = _either(reader)
    if reader.tokens:
        raise _Unreadable(pattern)
    return way


def _tokens(pattern: str) -> Iterable[tuple[str, str]]:
    at = 0
    while at < len(pattern):
        found = _TOKEN.match(pattern, at)
        if found is None or found.lastgroup is None:
            raise _Unreadable(pattern)
        yield found.lastgroup, found[0]
        at = found.end()


def _either(reader: _Reader) -> _Way:
    way = _sequence(reader)
    while reader.tokens and reader.tokens[0][0] == "either":
        reader.tokens.popleft()
        other = _sequence(reader)
        way = _short([_Step(ways=(1, len(way) + 2)), *way, _Step(ways=(len(other) + 1,)), *other])
    return way


def _sequence(reader: _Reader) -> _Way:
    way: _Way = []
    while reader.tokens and reader.tokens[0][0] not in ("either", "close"):
        way = _short(way + _repeated(reader, _part(reader)))
    return way


def _part(reader: _Reader) -> _Way:
    kind, token = reader.tokens.popleft()
    if kind == "open":
        return _group(reader)
    if kind == "repeat":
        raise _Unreadable(token)
    if kind == "place":
        return [_Step(re.compile(token.replace(r"\z", r"\Z"), reader.flags))]
    return [_Step(_letter(token, reader.flags), reads=True)]


def _group(reader: _Reader) -> _Way:
    reader.depth += 1
    if reader.depth > DEEPEST:
        raise _Unreadable("too deep")
    way = _either(reader)
    if not reader.tokens:
        raise _Unreadable("a group that is not closed")
    reader.tokens.popleft()
    reader.depth -= 1
    return way


def _letter(letter: str, flags: re.RegexFlag) -> re.Pattern[str]:
    """One character as Python sees it; a back reference or an escape Python does not know is an error."""
    if _ODD_LETTER.search(letter):
        raise _Unreadable(letter)
    if letter.startswith("["):
        letter = "[" + re.sub(r"\\.|\[", lambda found: r"\[" if found[0] == "[" else found[0], letter[1:])
    elif len(letter) == 1 and letter != ".":
        letter = re.escape(letter)
    return re.compile(letter, flags)


def _repeated(reader: _Reader, way: _Way) -> _Way:
    if not reader.tokens or reader.tokens[0][0] != "repeat":
        return way
    token = reader.tokens.popleft()[1]
    sign = token[:1]
    if sign == "{":
        return _counted(way, token.rstrip("?").strip("{}"))
    return {"*": _any, "+": _some, "?": _maybe}[sign](way)


def _any(way: _Way) -> _Way:
    return [_Step(ways=(1, len(way) + 2)), *way, _Step(ways=(-len(way) - 1,))]


def _some(way: _Way) -> _Way:
    return [*way, _Step(ways=(-len(way), 1))]


def _maybe(way: _Way) -> _Way:
    return [_Step(ways=(1, len(way) + 1)), *way]


def _counted(way: _Way, counts: str) -> _Way:
    """`{2}`, `{2,}` or `{2,5}`: the way that often, one after the other."""
    least, comma, most = counts.partition(",")
    if max(int(least), int(most or 0)) > MOST_STEPS:
        raise _Unreadable(counts)
    times = _short(way * int(least))
    if not comma:
        return times
    if not most:
        return times + _any(way)
    rest: _Way = []
    for _ in range(int(most) - int(least)):
        rest = _short(_maybe(way + rest))
    return times + rest


def _short(way: _Way) -> _Way:
    if len(way) > MOST_STEPS:
        raise _Unreadable("too many steps")
    return way


# Following it ---------------------------------------------------------------------------------------------


def _follow(way: _Way, text: str) -> bool:
    """Whether any way through leads to its end, begun anywhere in the text."""
    here: set[int] = set()
    for at in range(len(text) + 1):
        here = _reached(way, here | {0}, text, at)
        if len(way) in here:
            return True
        here = {number + 1 for number in here if _takes(way[number], text, at)}
    return False


def _takes(step: _Step, text: str, at: int) -> bool:
    return step.reads and step.test is not None and step.test.match(text, at) is not None


def _reached(way: _Way, begun: set[int], text: str, at: int) -> set[int]:
    """Every step that can be come to without reading a character."""
    seen: set[int] = set()
    waiting = list(begun)
    while waiting:
        number = waiting.pop()
        if number in seen:
            continue
        seen.add(number)
        step = way[number] if number < len(way) else None
        if step and not step.reads and (step.test is None or step.test.match(text, at)):
            waiting += [number + away for away in step.ways]
    return seen
