"""
Finds the section markers in a job's log, reading it block by block.

A marker is `section_start:<digits>:<name>[options]`, CR, `ESC[0K`, and stands anywhere in a line
(gitlab-chatops.md 1.1). Runners from 16.11 to 19.0 that write timestamps tear it at the CR, and any of them
cuts a line after 8 KiB: then the rest stands on a later line of the same stream (1.3). Only a marker that is
cut within its first word is missed if another stream comes between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from bot.jobs import stamps

#: Bytes of a log that are looked at together. Logs are cut into these however they arrive, so that what is
#: read depends on the log alone. 64 KB with `find` is the fastest way measured (performance.md, Job logs).
BLOCK = 65_536
#: Longest marker, in bytes. GitLab has no limit; a name of this length is nobody's.
MARKER_LIMIT = 1024
#: How many bytes past the first half of a torn marker its other half is looked for.
REACH = 16_384

_WORD = b"section_"
_LF = 0x0A
_MARKER = re.compile(
    rb"section_(start|end):\d+:([a-zA-Z0-9_.-]+)(?:\[\w+=\w+(?:, ?\w+=\w+)*\])?\r\x1b\[0K", re.ASCII
)
#: What may become a marker if more follows.
_BEGUN = re.compile(rb"section_[\w:.=,\[\] -]*(?:\r(?:\x1b(?:\[0?)?)?)?", re.ASCII)
#: The end of a block that can only be understood with the next: a word begun, and in a log with timestamps
#: also a line begun, whose header may continue that word.
_UNSETTLED = re.compile(rb"(?:s(?:e(?:c(?:t(?:i(?:on?)?)?)?)?)?)?\Z")
_UNSETTLED_LINE = re.compile(rb"(?:s(?:e(?:c(?:t(?:i(?:on?)?)?)?)?)?)?(?:\n[^\n]{0,40})?\Z")
_UNSETTLED_BYTES = 7 + 1 + 40


@dataclass(frozen=True, slots=True)
class Marker:
    """The start or the end of a section."""

    starts: bool
    name: str


@dataclass(frozen=True, slots=True)
class _Found:
    """A marker, and where in the text it ends."""

    marker: Marker
    end: int
    header: bytes = b""
    """Of the line it stands in; empty in a log without timestamps."""
    between: bytes = b""
    """Whole lines of other streams between its halves."""


class _Wait(Enum):
    """What may be a marker cannot be told yet."""

    FOR_MORE = "for more"


def pieces(chunks: Iterable[bytes], *, block: int = BLOCK) -> Iterator[bytes | Marker]:
    """
    Yield the text of a log and the markers in it, in order, holding little more than a block.

    In a log with timestamps, text that follows a marker on its line has a header of its own, as a
    continuation; what stood between the halves of a torn marker comes after the rest of that marker's line.
    """
    scan = _Scan()
    for part in _blocks(chunks, block):
        yield from scan.feed(part, final=False)
    yield from scan.feed(b"", final=True)


def _blocks(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Cut `chunks` anew, into blocks of `size` bytes and one rest."""
    held: list[bytes] = []
    have = 0
    for chunk in chunks:
        held.append(chunk)
        have += len(chunk)
        if have >= size:
            joined = held[0] if len(held) == 1 else b"".join(held)
            whole = have - have % size
            yield from (joined[at : at + size] for at in range(0, whole, size))
            held, have = ([joined[whole:]], have - whole) if have > whole else ([], 0)
    yield b"".join(held)


class _Scan:
    """Where the search stands between two blocks."""

    __slots__ = ("_header", "_stamped", "_text")

    def __init__(self) -> None:
        self._text = b""  # read, and not settled without what follows
        self._header = b""  # of the line that the text begins in
        self._stamped: bool | None = None  # whether the log has timestamps: its first line tells

    def feed(self, block: bytes, *, final: bool) -> Iterator[bytes | Marker]:
        """Yield what is settled of the text so far and `block`; all of it if this is `final`."""
        self._text = self._text + block if self._text else block
        if not final and self._stamped is None and len(self._text) < stamps.HEADER:
            return
        if self._stamped is None:
            self._header = stamps.header_of(self._text)
            self._stamped = bool(self._header)
        told = at = 0
        while (hit := self._next_word(at)) >= 0:
            found = self._marker(hit, final=final)
            if isinstance(found, _Wait):
                break
            if found is None:
                at = hit + 1
                continue
            yield self._text[told:hit]
            yield found.marker
            told = at = self._resume(found)
            if found.header:
                yield b"\n" + stamps.going_on(found.header)
        settled = hit if hit >= 0 else self._settled(told, final=final)
        yield self._text[told:settled]
        self._header, self._text = self._header_at(settled), self._text[settled:]

    def _next_word(self, at: int) -> int:
        """Return where the next `section_` begins, whole or cut by the border of two lines; -1 if nowhere."""
        whole = self._text.find(_WORD, at)
        if not self._stamped:
            return whole
        torn = self._torn_word(at, whole if whole >= 0 else len(self._text))
        return torn if torn >= 0 else whole

    def _torn_word(self, at: int, end: int) -> int:
        """Return where a `section_` begins that the next line goes on with; -1 if nowhere."""
        text = self._text
        plus = text.find(b"+", at + stamps.HEADER, end)
        while plus >= 0:
            feed = plus - stamps.HEADER
            if text[feed] == _LF and text[feed - 1] in _WORD and stamps.header_of(text, feed + 1):
                begun = _begun(
                    text[max(feed - len(_WORD) + 1, at) : feed], text[plus + 1 : plus + len(_WORD)]
                )
                if begun:
                    return feed - begun
            plus = text.find(b"+", plus + 1, end)
        return -1

    def _marker(self, hit: int, *, final: bool) -> _Found | _Wait | None:
        """Return the marker that begins at `hit`, if one does."""
        header = self._header_at(hit)
        found = _MARKER.match(self._text, hit)
        if found:
            return _Found(_named(found), found.end(), header) if len(found[0]) <= MARKER_LIMIT else None
        if header:
            return self._torn_marker(hit, header, final=final)
        begun = _BEGUN.match(self._text, hit)
        short = len(self._text) - hit < MARKER_LIMIT
        open_end = begun is not None and begun.end() == len(self._text)
        return _Wait.FOR_MORE if open_end and short and not final else None

    def _torn_marker(self, hit: int, header: bytes, *, final: bool) -> _Found | _Wait | None:
        """Return the marker that begins at `hit` and goes on in later lines of the stream `header` tells."""
        text, joined, start, between = self._text, b"", hit, b""
        # Only what comes within reach of its beginning is waited for, and only that counts.
        wait = None if final or len(text) - hit > REACH + 2 * MARKER_LIMIT else _Wait.FOR_MORE
        while True:
            end = text.find(b"\n", start)
            had = len(joined)
            joined += text[start : end if end >= 0 else start + 2 * MARKER_LIMIT]
            found = _MARKER.match(joined)
            if found and found.end() <= MARKER_LIMIT:
                if between and end < 0 and wait:
                    return wait  # its line is not whole, behind which they are put
                return _Found(_named(found), start + found.end() - had, header, between)
            if len(joined) > MARKER_LIMIT or not (_WORD.startswith(joined) or _BEGUN.fullmatch(joined)):
                return None
            goes_on = stamps.next_record(text, end, header) if end >= 0 else None
            if goes_on is None:
                return wait
            if goes_on[1] != b"+" or goes_on.start() - hit > REACH:
                return None
            between += text[end + 1 : goes_on.start() + 1]
            start = goes_on.end()

    def _resume(self, found: _Found) -> int:
        """Return where the text goes on after a marker, what stood between its halves put behind its line."""
        if not found.between:
            return found.end
        end = self._text.find(b"\n", found.end)
        line = self._text[found.end : end] if end >= 0 else self._text[found.end :]
        after = self._text[end:] if end >= 0 else b""
        self._text = line + b"\n" + found.between.removesuffix(b"\n") + after
        self._header = found.header
        return 0

    def _settled(self, at: int, *, final: bool) -> int:
        """Return up to where the text, searched from `at` on in vain, needs nothing of what follows."""
        if final:
            return len(self._text)
        unsettled = _UNSETTLED_LINE if self._stamped else _UNSETTLED
        found = unsettled.search(self._text, max(at, len(self._text) - _UNSETTLED_BYTES))
        return found.start() if found else len(self._text)

    def _header_at(self, at: int) -> bytes:
        """Return the header of the line that `at` is in; empty if it has none."""
        if not self._stamped:
            return b""
        line = self._text.rfind(b"\n", 0, at) + 1
        return stamps.header_of(self._text, line) if line else self._header


def _named(found: re.Match[bytes]) -> Marker:
    return Marker(found[1] == b"start", found[2].decode())


def _begun(before: bytes, after: bytes) -> int:
    """Return how many bytes of a `section_` `before` ends with if `after` goes on with it, else 0."""
    lengths = range(1, len(before) + 1)
    fits = (n for n in lengths if before.endswith(_WORD[:n]) and after.startswith(_WORD[n:]))
    return next(fits, 0)
