"""Writes messages from Slack as a quoted discussion for an issue or a comment in GitLab."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.markdown.blocks import read_attachments, read_blocks
from bot.markdown.cutting import cut
from bot.markdown.letters import flat
from bot.markdown.mrkdwn import link, read_mrkdwn
from bot.markdown.names import NAME_LIMIT, Names
from bot.markdown.settling import settled
from bot.markdown.tree import Paragraph, Part, Span
from bot.markdown.writing import quoted, written
from bot.model import Millis
from bot.text import plural

#: A note of GitLab, and a description, has at most so many characters (docs.gitlab.com/api/notes).
NOTE_LIMIT = 1_000_000
#: What `marked` adds to a text at most.
MARK_LIMIT = 300
_FILE_NAME = 255
_LAST_SECOND = 253_402_300_799
_NOTHING = (Paragraph((Span("(no text)", italic=True),)),)

_MARK = re.compile(r"<!-- signalbox ((?:[A-Za-z0-9 ._:/=+@]|-(?!-))+) -->")


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A file in a message; `permalink` opens it in Slack."""

    id: str
    name: str
    permalink: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A message in Slack as its API tells it, to be shown in GitLab."""

    ts: str
    """Slack's own: seconds and a counter, unique in a channel."""
    author: str
    """The user id; empty if an app wrote it."""
    text: str
    blocks: tuple[Mapping[str, Any], ...] = ()
    attachments: tuple[Mapping[str, Any], ...] = ()
    files: tuple[SharedFile, ...] = ()
    permalink: str = ""
    thread: str | None = None
    """The `ts` of the message it replies to; its own for the root of a thread."""
    app: str = ""
    """How the app calls itself that wrote it."""

    @property
    def at(self) -> Millis:
        """When it was written; 0 if its `ts` is none of Slack's."""
        seconds = re.fullmatch(r"(\d{1,12})(?:\.(\d{1,9}))?", self.ts)
        if seconds is None:
            return 0
        return min(int(seconds[1]), _LAST_SECOND) * 1000 + int((seconds[2] or "0").ljust(3, "0")[:3])


def parts_of(
    text: str,
    blocks: Iterable[Mapping[str, Any]],
    attachments: Iterable[Mapping[str, Any]],
    names: Names,
) -> tuple[Part, ...]:
    """Return what a message shows: its blocks, else its text, then what is attached but for link previews."""
    return (read_blocks(blocks, names) or read_mrkdwn(text, names)) + read_attachments(attachments, names)


def quote(
    messages: Sequence[Said],
    *,
    names: Names,
    uploads: Mapping[str, str] | None = None,
    references: bool = False,
    limit: int = NOTE_LIMIT - MARK_LIMIT,
) -> str:
    """
    Return messages as Markdown: who said it and when (UTC, a link to Slack), and the words as a quote.

    Replies stand below the message they answer, if it is among them. `uploads` has GitLab's own Markdown for
    files that were uploaded to the project, by Slack's file id; other files are links to Slack. What is longer
    than `limit` characters loses its oldest messages, and says so.
    """
    told = [
        _Told(names, uploads or {}, references, limit, message, reply)
        for message, reply in _threads(messages)
    ]
    kept: list[str] = []
    room = limit - len(_left_out(len(told)))
    for one in reversed(told):
        block = one.block() if not kept else one.whole()
        if len(block) + 2 > room:
            break
        kept.insert(0, block)
        room -= len(block) + 2
    missing = len(told) - len(kept)
    return "\n\n".join([_left_out(missing)] * bool(missing) + kept)


def _left_out(number: int) -> str:
    return f"*{plural(number, 'earlier message')} left out: GitLab takes no longer text.*"


def _threads(messages: Sequence[Said]) -> Iterator[tuple[Said, bool]]:
    """Yield the messages in the order they are read, and whether each is a reply to one before it."""
    ordered = sorted(messages, key=lambda one: (one.at, one.ts))
    roots = {one.ts for one in ordered}
    replies: dict[str, list[Said]] = {}
    for one in ordered:
        if _replies(one, roots):
            replies.setdefault(one.thread or "", []).append(one)
    for one in ordered:
        if not _replies(one, roots):
            yield one, False
            yield from ((reply, True) for reply in replies.pop(one.ts, []))


def _replies(message: Said, roots: set[str]) -> bool:
    return message.thread is not None and message.thread != message.ts and message.thread in roots


@dataclass(frozen=True, slots=True)
class _Told:
    """One message on its way to Markdown."""

    names: Names
    uploads: Mapping[str, str]
    references: bool
    limit: int
    message: Said
    reply: bool

    def whole(self) -> str:
        return self._framed(self._parts())

    def block(self) -> str:
        """Return the message; cut until it is no longer than half of the limit, should it be."""
        parts, room = self._parts(), self.limit
        block = self._framed(parts)
        while len(block) > self.limit // 2 and room:
            room //= 2
            shown, missing = cut(parts, room)
            block = self._framed((*shown, _more(missing)))
        return block

    def _parts(self) -> tuple[Part, ...]:
        message = self.message
        return parts_of(message.text, message.blocks, message.attachments, self.names)

    def _framed(self, parts: Sequence[Part]) -> str:
        words = parts if parts or self.message.files else _NOTHING
        body = [line for line in written(words, references=self.references).split("\n") if words]
        files = "\\\n".join(_file(file, self.uploads) for file in self.message.files).splitlines()
        frame = [quoted(line) for line in [*body, *([""] if body and files else []), *files]]
        lines = [self._header(), "", *frame]
        if self.reply:
            lines = ["- " + lines[0], *("  " + line if line else "" for line in lines[1:])]
        return "\n".join(lines)

    def _header(self) -> str:
        message = self.message
        known = self.names.person(message.author) if message.author else ""
        candidates = (flat(one, NAME_LIMIT) for one in (known, message.app, message.author))
        who = Span(next(filter(None, candidates), "Somebody"), bold=True)
        when = f"{datetime.fromtimestamp(message.at // 1000, UTC):%Y-%m-%d %H:%M} UTC"
        return written(settled([Paragraph((who, Span(" · "), link(message.permalink, when) or Span(when)))]))


def _more(missing: int) -> Part:
    return Paragraph((Span(f"({plural(missing, 'more character')} in Slack)", italic=True),))


def _file(file: SharedFile, uploads: Mapping[str, str]) -> str:
    """Return a file on one line: GitLab's own Markdown of the upload, else its name as a link to Slack."""
    if file.id in uploads:
        return " ".join(uploads[file.id].split())
    name = flat(file.name, _FILE_NAME) or "a file"
    return written(settled([Paragraph((Span("📎 "), link(file.permalink, name) or Span(name)))]))


# Marks ------------------------------------------------------------------------------------------------------


def marked(body: str, mark: str) -> str:
    """
    Return a text for GitLab with a hidden last line by which it is known again.

    Raises ValueError for a mark with other characters than letters, digits, blanks and `._:/=+@-`, or too long.
    """
    line = f"<!-- signalbox {mark} -->"
    if not _MARK.fullmatch(line) or len(line) + 2 > MARK_LIMIT:
        raise ValueError(f"This cannot be a mark: {mark!r}")
    return f"{body.rstrip()}\n\n{line}"


def mark_of(body: str) -> str | None:
    """
    Return the mark of a text from GitLab, None if it has none.

    Only the last line counts. What people write in Slack cannot be one: `<` is escaped outside of code, and a
    code block ends with its fence. Who writes in GitLab can; so compare the author, too.
    """
    found = _MARK.fullmatch(body.rstrip().rpartition("\n")[2])
    return found[1] if found else None
