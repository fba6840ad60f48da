"""Reads out of a job's log what it holds for chat."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from bot import text
from bot.errors import BotError
from bot.jobs import sections, stamps
from bot.jobs.ends import Ends, cut_back, cut_front
from bot.jobs.sections import Marker
from bot.model import Reply

#: Names of the sections a reply is looked for in, best first. Runners before 13.1 said build_script
#: (gitlab-chatops.md 1.1).
REPLY, SCRIPT, OLD_SCRIPT, AFTER = "chat_reply", "step_script", "build_script", "after_script"
_READ = (REPLY, SCRIPT, OLD_SCRIPT, AFTER)
#: How many bytes of the end of a log, and of a script, the last lines are taken from.
_END = 32_768
#: Lines of a script's end that are kept, and how many of them after_script may have: it runs after a failure.
TAIL_LINES, _AFTER_LINES = 15, 5
_LINE_LIMIT = 500
#: Bytes kept of a reply.
KEEP = 1_000_000
#: Bytes kept of a log that is shown whole: runners write no longer ones unless told to (`output_limit`).
WHOLE = 4_194_304
_OPEN_LIMIT = 64
_PIECE = 65_536

#: A line of the runner's own: it erases the line first and resets with the `;` that only it writes (1.3).
_RUNNER_LINE = re.compile(rb"^(?:\x1b\[0K)+[^\n]*\x1b\[0;m\r?(?:\n|\Z)", re.MULTILINE)
#: A command as the runner echoes it.
_ECHO_LINE = re.compile(rb"^\x1b\[32;1m\$ [^\n]*(?:\n|\Z)", re.MULTILINE)
#: What the runner writes when a log is full (`output_limit`); nothing of the job's comes after it.
_FULL = re.compile(r"^(?:Job's|Build) log exceeded limit of \d+ bytes\.", re.MULTILINE)
#: How far from the end of a text that notice begins.
_FULL_ROOM = 400
#: What the runner writes last, one of these among its last lines.
_LAST_WORDS = re.compile(rf"ERROR: Job failed\b|{_FULL.pattern[1:]}")
_TRAILER_LINES = 10
_EXIT = re.compile(r"ERROR: Job failed: exit (?:code|status) (?P<code>\d{1,5})\b")
#: Characters a section takes of what is kept, at least: the line that tells of a gap fits in.
_GAP_ROOM = 64


def read(
    chunks: Iterable[bytes],
    *,
    keep: int = KEEP,
    redact: Callable[[str], str] = str,
    block: int = sections.BLOCK,
) -> Reply:
    """
    Return what the log that arrives in `chunks` holds for chat. Raises nothing, whatever the bytes are.

    That is every complete `chat_reply` section, else the script's own output. A `chat_reply` without an end
    goes on to the end of the script or of the log. Of a text longer than `keep` bytes both ends are kept.
    `redact` is applied to all text before any of it is cut (reliability.md 4.2). (gitlab-chatops.md 1.4)
    """
    log = _Log(keep, redact, Ends(0, _END))
    log.take(sections.pieces(chunks, block=block))
    return log.reply()


def read_file(name: str, *, redact: Callable[[str], str] = str) -> Reply:
    """Return what the log in the file `name`, for `-` in standard input, holds for chat. Raises BotError."""
    try:
        if name == "-":
            return read(parts(sys.stdin.buffer), redact=redact)
        with Path(name).open("rb") as stream:
            return read(parts(stream), redact=redact)
    except OSError as error:
        raise BotError(f"I cannot read {name}: {error.strerror or error}.") from error


def whole(chunks: Iterable[bytes], *, keep: int = WHOLE, redact: Callable[[str], str] = str) -> str:
    """Return the whole log as people read it, without markers; of one longer than `keep` bytes, both ends."""
    log = _Log(0, redact, Ends(keep - keep // 2, keep // 2))
    log.take(sections.pieces(chunks))
    return log.everything()


def parts(stream: BinaryIO) -> Iterator[bytes]:
    """Yield what is left in `stream`, in the pieces that are fastest to read."""
    while part := stream.read(sections.BLOCK):
        yield part


@dataclass(slots=True)
class _Section:
    """One section of the log, or several of one name."""

    text: Ends
    end: Ends = field(default_factory=lambda: Ends(0, _END))
    depth: int = 0


class _Log:
    """What has been read of a log."""

    def __init__(self, keep: int, redact: Callable[[str], str], end: Ends) -> None:
        self._keep, self._redact, self._end = keep, redact, end
        self._stamped: bool | None = None
        self._sections: dict[str, _Section] = {}
        self._open: list[str] = []
        self._answers: list[str] | None = None  # one for each complete chat_reply; None if there was none
        self._room = keep + _GAP_ROOM
        self._clipped = False

    # Reading

    def take(self, pieces: Iterable[bytes | Marker]) -> None:
        for piece in pieces:
            if isinstance(piece, Marker):
                self.mark(piece)
            elif piece:
                self.add(piece)

    def add(self, piece: bytes) -> None:
        if self._stamped is None:
            self._stamped = bool(stamps.header_of(piece))
        self._end.add(piece)
        for section in self._sections.values():
            if section.depth:
                section.text.add(piece)
                section.end.add(piece)

    def mark(self, marker: Marker) -> None:
        self._stamped = bool(self._stamped)
        if marker.starts:
            self._begin(marker.name)
        else:
            self._finish(marker.name)

    def _begin(self, name: str) -> None:
        if len(self._open) < _OPEN_LIMIT:
            self._open.append(name)
        if name in _READ:
            half = self._keep // 2
            section = self._sections.setdefault(name, _Section(Ends(self._keep - half, half)))
            section.depth += 1

    def _finish(self, name: str) -> None:
        if name in self._open:
            del self._open[len(self._open) - 1 - self._open[::-1].index(name) :]
        section = self._sections.get(name)
        if section is None or not section.depth:
            return
        section.depth -= 1
        if not section.depth:  # be it the answer itself or the stage it was left open in
            self._answer()

    def _answer(self) -> None:
        """Put the chat_reply that is open now among the answers."""
        section = self._sections.pop(REPLY, None)
        if section is None:
            return
        answer = self._text(section.text)
        self._answers = self._answers or []
        if len(answer) <= self._room:
            self._answers.append(answer)
        self._clipped = self._clipped or len(answer) > self._room
        self._room -= max(len(answer), _GAP_ROOM)  # an empty answer weighs, too

    # Telling

    def reply(self) -> Reply:
        lines = self._lines(self._end)
        ended = _ended(lines)
        found, closed = self._found()
        return Reply(
            text=found,
            complete=ended or closed,
            tail=self._tail() or tuple(lines[-TAIL_LINES:]),
            section=self._open[-1] if self._open else "",
            line=lines[-1] if lines else "",
            answered=self._answers is not None,
            exit_code=_exit_code(lines),
            clipped=self._clipped,
        )

    def everything(self) -> str:
        return text.trimmed(self._joined(self._end, script=False))

    def _found(self) -> tuple[str | None, bool]:
        """Return the text for chat, and whether the section it is from is closed."""
        closed = REPLY not in self._sections
        self._answer()
        if self._answers is not None:
            return "\n".join(answer for answer in self._answers if answer), closed
        for name in (SCRIPT, OLD_SCRIPT):
            if section := self._sections.get(name):
                return self._text(section.text, script=True), not section.depth
        return None, False

    def _text(self, ends: Ends, *, script: bool = False) -> str:
        """Return what the job printed between `ends`, up to where the runner said that its log is full."""
        printed = self._joined(ends, script=script)
        full = _FULL.search(printed, max(len(printed) - _FULL_ROOM, 0))
        return text.trimmed(printed[: full.start()] if full else printed)

    def _joined(self, ends: Ends, *, script: bool) -> str:
        first, last = (self._clean(end, script=script, echo=False) for end in ends.both())
        if not ends.dropped:
            return first
        self._clipped = True
        return f"{cut_back(first)}\n… {ends.dropped} bytes left out …\n{cut_front(last)}"

    def _tail(self) -> tuple[str, ...]:
        """Return the last lines of the job's own output."""
        named = [self._sections.get(name) for name in (SCRIPT, OLD_SCRIPT, AFTER)]
        step, old, after = (self._lines(one.end, script=True) if one else [] for one in named)
        last = after[-_AFTER_LINES:]
        return (*(step or old)[-(TAIL_LINES - len(last)) :], *last)

    def _lines(self, end: Ends, *, script: bool = False) -> list[str]:
        """Return the lines of the end of something that are not blank."""
        cleaned = self._clean(end.both()[1] or end.both()[0], script=script, echo=True)
        cleaned = cut_front(cleaned) if end.dropped else cleaned
        return [text.clip(line.rstrip(), _LINE_LIMIT) for line in cleaned.split("\n") if line.strip()]

    def _clean(self, log: bytes, *, script: bool, echo: bool) -> str:
        """Return `log` as people read it; of a script without the runner's lines, perhaps without echoes."""
        if self._stamped:
            log = stamps.unstamp(log)
        if script:
            log = _RUNNER_LINE.sub(b"", log)
            log = log if echo else _ECHO_LINE.sub(b"", log)
        return self._redact("".join(text.plain(part.decode("utf-8", "replace")) for part in _line_parts(log)))


def _line_parts(log: bytes) -> Iterator[bytes]:
    """Yield `log` in parts that end with a line: cleaning them one by one needs a fraction of the memory."""
    at = 0
    while at < len(log):
        end = log.find(b"\n", at + _PIECE) + 1 or len(log)
        yield log[at:end]
        at = end


def _ended(lines: list[str]) -> bool:
    """Tell whether a log that ends with `lines` has all its runner will ever write."""
    last = lines[-_TRAILER_LINES:]
    return last[-1:] == ["Job succeeded"] or any(_LAST_WORDS.match(line) for line in last)


def _exit_code(lines: list[str]) -> int | None:
    """Return what the script ended with, if the runner says so among the last lines."""
    said = (_EXIT.match(line) for line in reversed(lines[-_TRAILER_LINES:]))
    return next((int(found["code"]) for found in said if found), None)
