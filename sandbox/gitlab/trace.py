"""A job's log as the runner uploads it: timestamped lines, sections, and an end that arrives late."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from datetime import UTC, datetime

#: The runner flushes a line without an end after this many bytes (gitlab-chatops.md 1.3).
LONGEST_LINE = 8 * 1024
#: `output_limit` of the runner: 4096 KB, after which the log is cut (gitlab-chatops.md 1.3).
LOG_LIMIT = 4096 * 1024
#: Streams: the runner's own messages, and the script (gitlab-chatops.md 1.3).
RUNNER, SCRIPT = 0, 1

CLEAR = "\x1b[0K"
RESET = "\x1b[0;m"


class Trace:
    """The bytes of one log. `shown` is how much of it GitLab has received so far."""

    def __init__(self, clock: Callable[[], float], *, timestamps: bool = True) -> None:
        self._clock = clock
        self._bytes = bytearray()
        self._streams: dict[tuple[int, str], _Stream] = {}
        self._decoders: dict[tuple[int, str], codecs.IncrementalDecoder] = {}
        self._full = False
        self.timestamps = timestamps
        self.shown = 0

    def read(self) -> bytes:
        """What GitLab holds of the log now."""
        return bytes(self._bytes[: self.shown])

    def upload(self) -> bool:
        """Let GitLab see everything written so far. True when that was more than before."""
        grown, self.shown = self.shown < len(self._bytes), len(self._bytes)
        return grown

    def write(self, data: bytes, stream: int = RUNNER, kind: str = "O") -> None:
        """One write of the runner (stream 0) or of the job (stream 1); kind E is its standard error."""
        decoder = self._decoders.setdefault((stream, kind), codecs.getincrementaldecoder("utf-8")("replace"))
        data = decoder.decode(data).encode()
        if not self.timestamps:
            self._append(data)
            return
        logger = self._streams.setdefault((stream, kind), _Stream(f"{stream:02x}{kind}"))
        self._append(logger.records(data, self._clock()))

    def say(self, text: str) -> None:
        """A line of the runner's own."""
        self.write(f"{CLEAR}{text}{RESET}\n".encode())

    def section(self, word: str, name: str) -> None:
        """Write `section_start` or `section_end`, which the runner does without a line end."""
        self.write(f"section_{word}:{int(self._clock())}:{name}\r{CLEAR}".encode())

    def close(self) -> None:
        """Write out lines that were never ended."""
        for logger in self._streams.values():
            self._append(logger.rest())

    def _append(self, data: bytes) -> None:
        if self._full:
            return
        self._bytes += data
        if len(self._bytes) > LOG_LIMIT:
            del self._bytes[LOG_LIMIT:]
            notice = f"\n\x1b[33;1mJob's log exceeded limit of {LOG_LIMIT} bytes.\x1b[0;m\n"
            self._bytes += notice.encode()
            self._full = True


class _Stream:
    """Puts the 32-byte headers of Runner 19.1 and later before the records of one stream."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._flag = " "
        self._open = b""

    def records(self, data: bytes, now: float) -> bytes:
        """The records that one write makes; an unfinished line stays here, unless a CR asks to flush it."""
        lines, end, rest = data.rpartition(b"\n")
        made = b"".join(self._line(line, now) + b"\n" for line in lines.split(b"\n")) if end else b""
        if not rest:
            return made
        if b"\r" in rest or len(self._open) + len(rest) > LONGEST_LINE:
            made += self._line(rest, now) + b"\n"
            self._flag = "+"
            return made
        if not self._open:
            rest = self._header(now) + rest
        self._open += rest
        return made

    def rest(self) -> bytes:
        """The unfinished line, ended; empty when there is none."""
        rest, self._open = self._open, b""
        return rest + b"\n" if rest else b""

    def _line(self, text: bytes, now: float) -> bytes:
        begun, self._open = self._open or self._header(now), b""
        return begun + text

    def _header(self, now: float) -> bytes:
        moment = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        flag, self._flag = self._flag, " "
        return f"{moment} {self._name}{flag}".encode()
