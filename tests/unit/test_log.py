"""The log: one line an event, in UTC, without secrets."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from bot import log


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """A stream that all logging goes to until the test ends."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    stream = io.StringIO()
    log.configure("INFO", stream, lambda text: text.replace("hush", "[removed]"))
    yield stream
    root.setLevel(level)
    root.handlers[:] = handlers
    for name in log.TALKATIVE:
        logging.getLogger(name).setLevel(logging.NOTSET)


def test_line() -> None:
    """A line is the moment in UTC, the level, the room and the message."""
    record = logging.LogRecord("bot.doors.socket", logging.INFO, "", 0, "Connected to %s", ("Slack",), None)
    record.created = 1_795_255_200
    line = log.LineFormatter(str).format(record)
    assert line == "2026-11-21T10:00:00Z INFO  bot.doors.socket  Connected to Slack"


def test_text_cannot_forge_a_line(stream: io.StringIO) -> None:
    """What follows the first line is indented, and control characters are escaped."""
    logging.getLogger("bot").info("a\r\n2026 INFO  bot  b\x1b[31m")
    first, second = stream.getvalue().splitlines()
    assert first.endswith("a\\x0d")
    assert second == "    2026 INFO  bot  b\\x1b[31m"


def test_traceback_is_redacted(stream: io.StringIO) -> None:
    """Secrets are removed from messages, arguments and tracebacks alike."""
    try:
        int("hush")
    except ValueError:
        logging.getLogger("bot").exception("hush %s", "hush")
    assert "Traceback" in stream.getvalue()
    assert "ValueError: invalid literal" in stream.getvalue()
    assert "hush" not in stream.getvalue()


def test_talkative_libraries_are_quiet(stream: io.StringIO) -> None:
    """Libraries that log whole payloads are heard from WARNING on."""
    log.configure("DEBUG", stream, str)
    logging.getLogger("slack_sdk.web.base_client").info("payload")
    logging.getLogger("apscheduler.executors").warning("late")
    assert "payload" not in stream.getvalue()
    assert "late" in stream.getvalue()


def test_configured_again(stream: io.StringIO) -> None:
    """Configured twice, it writes each line once, to the newer stream."""
    newer = io.StringIO()
    log.configure("WARNING", newer, str)
    logging.getLogger("bot").warning("once")
    logging.getLogger("bot").info("not at all")
    assert stream.getvalue() == ""
    assert newer.getvalue().count("\n") == 1
