"""Managed blocks: the parts of a text in GitLab that are ours, while every word around them stays a person's."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot import markdown
from bot.deeds import digest
from bot.errors import BotError
from bot.markdown.letters import JOINER

HASH_LENGTH = 8
_NAME = r"[a-z][a-z0-9-]{0,39}"
_MARKER = re.compile(
    rf"<!-- signalbox (?P<kind>begin|end) (?P<name>{_NAME})(?: (?P<hash>[0-9a-f]{{{HASH_LENGTH}}}))? -->"
)
#: How every marker begins: a body that holds this could end its block, or begin another.
_OPENING = re.compile(r"<!--(?=\s*signalbox)")
#: What GitLab would take for a quick action: a word behind a slash that begins a line (doc/user/project/quick_actions).
#: GitLab takes carriage returns out before it looks, wherever they stand (lib/gitlab/quick_actions/extractor.rb).
_ACTION = re.compile(r"^([^\S\n]*+)/(?=[\w\r]++(?:\s|$))", re.MULTILINE)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
#: The box of a task (doc/user/markdown, task lists): `~` is one that does not apply.
#: Within its line: who looks across lines for a box looks as often as there are blank ones.
_BOX = re.compile(r"^([^\S\n]*+(?:[-*+]|\d{1,9}[.)]) \[)[ xX~](?=\])", re.MULTILINE)
#: Between a block of ours and the words before it.
_BETWEEN = "\n\n"


class Edited(BotError):
    """Somebody has changed that part of the text by hand, so it is theirs now."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block as it stands in a text."""

    name: str
    body: str
    hash: str
    """That of the body we wrote, as its marker has it."""
    start: int
    end: int
    """Where it stands, with its markers."""

    @property
    def is_edited(self) -> bool:
        """Whether somebody has changed more than the boxes of its tasks."""
        return hash_of(self.body) != self.hash


def get(text: str, name: str) -> Block | None:
    """Return the block of a name, None if there is none; of several the first that is as we wrote it."""
    found = _blocks(text, name)
    return next((one for one in found if not one.is_edited), found[0] if found else None)


def put(text: str, name: str, body: str) -> str:
    """
    Return a text whose block of this name holds `body`: in its place, or behind the words if there is none so far.

    What is outside of it stays as it is, byte for byte; an empty body takes the block away. Nothing in a body ends
    the block or is a quick action. Raises Edited if somebody has changed the block, and ValueError for a name that
    cannot be one.
    """
    if not re.fullmatch(_NAME, name):
        raise ValueError(f"A block cannot be called {name!r}")
    body = harmless(body)
    if not body:
        return remove(text, name)
    known = _ours(text, name)
    if known is None:
        return _added(text, _whole(name, body))
    if known.body == body:
        return text
    return text[: known.start] + _whole(name, body) + text[known.end :]


def remove(text: str, name: str) -> str:
    """Return a text without the block of a name, and without the blank line before it. Raises Edited."""
    known = _ours(text, name)
    if known is None:
        return text
    before, after = text[: known.start], text[known.end :]
    return before.removesuffix(_BETWEEN) + after if before else after.removeprefix(_BETWEEN)


def hash_of(body: str) -> str:
    """Return what tells bodies apart; boxes of tasks do not count, since whoever ticks one edits nothing."""
    return digest(_BOX.sub(r"\1 ", body))[:HASH_LENGTH]


def harmless(body: str) -> str:
    """Return a body in which nothing is a marker of ours or a quick action, with the line ends of Unix."""
    plain = body.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    return disarmed(_OPENING.sub(f"<!--{JOINER}", plain))


def disarmed(text: str) -> str:
    """
    Return a text that reads the same and in which no line is a quick action, since whoever writes it anew acts by it.

    In code, where a backslash would be seen, a letter that nobody sees keeps the slash off the start.
    """
    if not _ACTION.search(text):
        return text
    lines, fence = [], ""
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if found and (not fence or found[1].startswith(fence)):
            fence = "" if fence else found[1]
        lines.append(_ACTION.sub(rf"\1{JOINER if fence else chr(92) * 2}/", line))
    return "\n".join(lines)


def _whole(name: str, body: str) -> str:
    return f"<!-- signalbox begin {name} {hash_of(body)} -->\n{body}\n<!-- signalbox end {name} -->"


def _ours(text: str, name: str) -> Block | None:
    known = get(text, name)
    if known is not None and known.is_edited:
        raise Edited
    return known


def _added(text: str, made: str) -> str:
    """Put a block behind the words, but before a hidden mark, which has to stay the last line."""
    if not text.strip():
        return text + made
    mark = markdown.mark_of(text)
    if mark is None or mark.startswith(("begin ", "end ")):
        return f"{text}{_BETWEEN}{made}"
    at = text.rstrip().rfind("\n") + 1
    return f"{text[:at]}{made}{_BETWEEN}{text[at:]}"


def _blocks(text: str, name: str) -> list[Block]:
    """The blocks of a name: each from the last beginning before an end, so that a marker without its other is text."""
    found: list[Block] = []
    begin: re.Match[str] | None = None
    for marker in _MARKER.finditer(text):
        if marker["name"] != name:
            continue
        if marker["kind"] == "begin" and marker["hash"]:
            begin = marker
        elif marker["kind"] == "end" and not marker["hash"] and begin is not None:
            body = text[begin.end() : marker.start()].replace("\r\n", "\n")
            body = body.removeprefix("\n").removesuffix("\n")
            found.append(Block(name, body, begin["hash"], begin.start(), marker.end()))
            begin = None
    return found
