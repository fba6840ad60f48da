"""
The timestamp header that runners since 18.7 put before every line of a log (FF_TIMESTAMPS).

`2025-12-20T10:00:00.000001Z 01O+text`: moment, stream, standard output or error, and a plus if the line
goes on where the last one of the same stream stopped. (gitlab-chatops.md 1.3)
"""

from __future__ import annotations

import re

#: Bytes of a header.
HEADER = 32
_STREAM = slice(28, 31)
_MOMENT = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z "
_HEADER = re.compile(_MOMENT + rb"[0-9a-f]{2}[OE][ +]")


def header_of(line: bytes, at: int = 0) -> bytes:
    """Return the header that stands in `line` at `at`; empty if there is none."""
    found = _HEADER.match(line, at)
    return found[0] if found else b""


def going_on(header: bytes) -> bytes:
    """Return `header` as that of a line that continues the last one of its stream."""
    return header[:-1] + b"+"


def next_record(log: bytes, after: int, header: bytes) -> re.Match[bytes] | None:
    """
    Find the next line of the stream that `header` is of, looking from a line feed at `after` on.

    The match covers line feed and header; its group 1 is the flag.
    """
    return re.compile(rb"\n" + _MOMENT + header[_STREAM] + rb"([ +])").search(log, after)


def unstamp(log: bytes) -> bytes:
    """Return the text of a log's lines without headers, continued lines joined to what they continue."""
    lines: list[bytes | bytearray] = []
    last: dict[bytes, int] = {}
    for line in log.split(b"\n"):
        header = header_of(line)
        stream = header[_STREAM]
        if header.endswith(b"+") and stream in last:
            at = last[stream]
            # A progress bar is one line of many thousand pieces: adding each to bytes would copy all of it.
            lines[at] = grown = lines[at] if isinstance(lines[at], bytearray) else bytearray(lines[at])
            grown += line[HEADER:]
            continue
        if header:
            last[stream] = len(lines)
        lines.append(line[len(header) :])
    return b"\n".join(lines)
