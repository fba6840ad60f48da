"""Keeps the two ends of something too long to keep whole."""

from __future__ import annotations

from collections import deque

#: Pieces smaller than this are put together: many of them would weigh more than their bytes.
_SMALL = 4096
#: How far from a cut a line or a word is looked for that begins or ends there, in characters; and how much is
#: cut off if there is none, which is longer than most secrets.
_EDGE, _TOKEN = 4096, 256


class Ends:
    """The first and the last bytes of something long."""

    __slots__ = ("_dropped", "_first", "_head", "_held", "_last", "_tail")

    def __init__(self, head: int, tail: int) -> None:
        """`head` and `tail` are the bytes to keep of each."""
        self._head, self._tail = head, tail
        self._first = bytearray()
        self._last: deque[bytes] = deque()
        self._held = 0
        self._dropped = 0

    def add(self, piece: bytes) -> None:
        room = self._head - len(self._first)
        if room > 0:
            self._first += piece[:room]
            piece = piece[room:]
        if not piece:
            return
        if self._last and len(self._last[-1]) < _SMALL:
            self._held -= len(self._last[-1])
            piece = self._last.pop() + piece
        self._last.append(piece)
        self._held += len(piece)
        while self._last and self._held - len(self._last[0]) >= self._tail:
            gone = len(self._last.popleft())
            self._held, self._dropped = self._held - gone, self._dropped + gone

    def both(self) -> tuple[bytes, bytes]:
        """Return both ends; all in the first if nothing lies between."""
        first, last = bytes(self._first), b"".join(self._last)
        spare = max(len(last) - self._tail, 0)
        return (first, last[spare:]) if self.dropped else (first + last, b"")

    @property
    def dropped(self) -> int:
        """How many bytes between the two are gone."""
        return self._dropped + max(self._held - self._tail, 0)


def cut_back(first: str) -> str:
    """Return `first` without what its end may lack the rest of: half a secret is not recognised as one."""
    near = max(len(first) - _EDGE, 0)
    at = max(first.rfind("\n", near), 0) or max(first.rfind(" ", near), 0)
    return first[: at or max(len(first) - _TOKEN, 0)]


def cut_front(last: str) -> str:
    """Return `last` from its first whole line on, or its first whole word if the line is long."""
    at = last.find("\n", 0, _EDGE) + 1 or last.find(" ", 0, _EDGE) + 1
    return last[at or min(_TOKEN, len(last)) :]
