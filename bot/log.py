"""How the bot writes its log: one stream, one line an event, UTC, no secret."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import TextIO

FORMAT = "%(asctime)s %(levelname)-5s %(name)s  %(message)s"
MOMENT = "%Y-%m-%dT%H:%M:%SZ"
#: Below WARNING these tell of every frame, query and scheduler round, whole payloads among them.
TALKATIVE = ("slack_bolt", "slack_sdk", "apscheduler", "urllib3", "websockets", "asyncio")

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


class LineFormatter(logging.Formatter):
    """Writes a record as one line; what follows it (a traceback) is indented, so no text can forge a line."""

    def __init__(self, redact: Callable[[str], str]) -> None:
        """`redact` is given all that would be written, tracebacks included, and returns what may be."""
        super().__init__(FORMAT, MOMENT)
        self.converter = time.gmtime
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """The line without its newline; control characters are written as escapes."""
        text = _CONTROL.sub(_escape, self._redact(super().format(record)))
        return text.replace("\n", "\n    ")


def configure(level: str, stream: TextIO, redact: Callable[[str], str]) -> None:
    """Sends all logging from `level` (a name, such as INFO) on to `stream`; called again, it replaces itself.

    Messages below WARNING of the libraries in TALKATIVE are dropped at every level.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter(redact))
    handler.addFilter(_is_ours)
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each.formatter, LineFormatter)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether a record may be written: some libraries set levels of their own below those set here."""
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] not in TALKATIVE


def _escape(found: re.Match[str]) -> str:
    return f"\\x{ord(found[0]):02x}"
