"""What a job's log holds for chat."""

from __future__ import annotations

import base64
import io
import json
import re
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import BotError
from bot.jobs import sections, stamps, trace
from bot.jobs.sections import Marker
from bot.redact import Redactor

CASES = Path(__file__).parents[1] / "fixtures" / "traces" / "chat_output_cases.json"


def cases() -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in json.loads(CASES.read_text(encoding="utf-8"))]


def log_of(case: dict[str, Any]) -> bytes:
    if case["trace_b64"] is not None:
        return base64.b64decode(case["trace_b64"])
    return zlib.decompress(base64.b64decode(case["trace_zlib_b64"]))


def start(name: str) -> bytes:
    return b"section_start:1766224800:%s\r\x1b[0K" % name.encode()


def end(name: str) -> bytes:
    return b"section_end:1766224803:%s\r\x1b[0K" % name.encode()


def section(name: str, content: bytes) -> bytes:
    return start(name) + b"\n" + content + end(name) + b"\n"


def stamped(*lines: tuple[bytes, bytes]) -> bytes:
    """Return a log with timestamps of (stream and flag, text) lines."""
    return b"".join(b"2025-12-20T10:00:00.%06dZ %s%s\n" % (at, *line) for at, line in enumerate(lines))


DONE = b"\x1b[32;1mJob succeeded\x1b[0;m\n"
FAILED = b"\x1b[31;1mERROR: Job failed: exit code 1\n\x1b[0;m\n"
FULL = (
    b"\n\x1b[33;1mJob's log exceeded limit of 4194304 bytes.\n"
    b"Job execution will continue but no more output will be collected.\x1b[0;m\n"
)


@pytest.mark.parametrize("case", cases())
def test_every_sample_gives_the_agreed_text(case: dict[str, Any]) -> None:
    """Every sample log gives the text that was agreed on for it."""
    assert trace.read([log_of(case)]).text == case["suggested_clean"]


@pytest.mark.parametrize("case", cases())
def test_no_border_between_blocks_matters(case: dict[str, Any]) -> None:
    """Blocks of any size give the same reply, down to single bytes."""
    log = log_of(case)[:20_000]
    assert len({trace.read([log], block=size) for size in (1, 2, 7, 31, 32, 33, 64, 1000, 65_536)}) == 1


# Markers ----------------------------------------------------------------------------------------------------

WORDS = [
    b"section_", b"section_s", start("chat_reply"), end("chat_reply"), start("step_script"), end("step_script"),
    start("a-b.c"), start("x[collapsed=true, a=b]"), start("x[]"), b"section_start:1:", b"section_end:2:chat_reply",
    b"start:1:y", b"\r", b"\x1b[0K", b"\x1b[0", b"\n", b"+", b"word ", b"\xff",
    b"2025-12-20T10:00:00.000001Z 01O+", b"2025-12-20T10:00:00.000001Z 01O ",
]  # fmt: skip
HALVES = [b"s", b"sec", start("y")[3:], start("chat_reply")[1:], end("chat_reply")[7:]]
HEADERS = [b"00O ", b"00O+", b"01O ", b"01O+", b"01O+", b"01E ", b"01E+"]


@st.composite
def logs(draw: st.DrawFn) -> bytes:
    """A log of pieces of markers: without timestamps, with those of one stream, with those of several."""
    kind = draw(st.sampled_from(["plain", "one stream", "several"]))
    # The word section_ itself is only put together from two halves on neighbouring lines.
    words = st.lists(
        st.sampled_from(WORDS + (HALVES if kind != "several" else [])), min_size=1, max_size=8
    ).map(b"".join)
    if kind == "plain":
        return b"\n".join(draw(st.lists(words, max_size=12)))
    headers = st.sampled_from(HEADERS if kind == "several" else [b"01O ", b"01O+"])
    lines = draw(st.lists(st.tuples(headers, words), min_size=1, max_size=12))
    return stamped(*[(header, text.replace(b"\n", b" ")) for header, text in lines])


@st.composite
def cut(draw: st.DrawFn, log: bytes) -> list[bytes]:
    """The chunks of a log, cut anywhere."""
    borders = sorted(draw(st.lists(st.integers(0, len(log)), max_size=8)))
    return [log[a:b] for a, b in zip([0, *borders], [*borders, len(log)], strict=True)]


def marked(log: bytes, *, block: int = sections.BLOCK) -> bytes:
    """Return a log with a sign for each marker, and without headers."""
    parts = [
        part if isinstance(part, bytes) else b"{%s %s}" % (b"+" if part.starts else b"-", part.name.encode())
        for part in sections.pieces([log], block=block)
    ]
    return stamps.unstamp(b"".join(parts)) if stamps.header_of(log) else b"".join(parts)


def marked_at_once(log: bytes) -> bytes:
    """Return the same, found in the whole log by the definition."""
    text = stamps.unstamp(log) if stamps.header_of(log) else log
    shape = rb"section_(start|end):\d+:([\w.-]+)(?:\[\w+=\w+(?:, ?\w+=\w+)*\])?\r\x1b\[0K"
    return re.sub(shape, lambda m: b"{%s %s}" % (b"+" if m[1] == b"start" else b"-", m[2]), text)


@settings(max_examples=400)
@given(log=logs(), block=st.sampled_from([1, 5, 32, 50, 90, 65_536]))
def test_markers_are_found_as_defined(log: bytes, block: int) -> None:
    """Markers are found wherever they are cut: by blocks, by lines, by other streams between."""
    assert marked(log, block=block) == marked_at_once(log)


@given(data=st.data())
def test_borders_of_chunks_do_not_matter(data: st.DataObject) -> None:
    """However a log arrives, its reply is the same."""
    log = data.draw(logs())
    assert trace.read(data.draw(cut(log))) == trace.read([log])


@given(log=st.binary(max_size=400), keep=st.integers(0, 100))
def test_no_bytes_are_too_odd(log: bytes, keep: int) -> None:
    """Whatever the bytes of a log are, there is a reply, without control characters."""
    reply = trace.read([start("step_script") + log], keep=keep)
    shown = "".join([reply.text or "", reply.line, *reply.tail])
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", shown)


def test_a_marker_torn_around_other_streams_is_found() -> None:
    """A marker torn by an old runner is put together over lines of other streams, which come after it."""
    log = stamped(
        (b"00O ", start("step_script")),
        (b"01O ", b"section_start:1:chat_reply\r"),
        (b"01E ", b"warning"),
        (b"0fO ", b"service"),
        (b"01O+", b"\x1b[0Kanswer"),
        (b"01O ", b"section_end:2:chat_reply\r"),
        (b"01E ", b"late"),
        (b"01O+", b"\x1b[0K"),
        (b"00O ", end("step_script")),
    )
    assert trace.read([log]).text == "answer\nwarning\nservice"


def test_a_line_that_only_ends_like_half_a_marker_is_text() -> None:
    """Half a marker at the end of a line is text if its stream does not go on with the other half."""
    half = b"section_start:1:chat_reply\r"
    log = stamped((b"00O ", start("step_script")), (b"01O ", half), (b"01O ", b"\x1b[0Kx"))
    assert trace.read([log]).text == "section_start:1:chat_reply\nx"


@pytest.mark.parametrize("at", range(1, len(start("chat_reply"))))
@pytest.mark.parametrize("block", [64, 8_200, 65_536])
def test_a_marker_cut_with_its_line_is_found(at: int, block: int) -> None:
    """A marker is found wherever the runner cut a line that was too long, or a writer that paused."""
    marker = start("chat_reply")
    log = stamped(
        (b"01O ", b"x" * 8_100 + marker[:at]),
        (b"01O+", marker[at:] + b"answer"),
        (b"01O ", end("chat_reply")),
    )
    assert trace.read([log], block=block).text == "answer"


def test_a_name_nobody_has_is_no_marker() -> None:
    """A marker longer than the limit is text, however much of it a block holds."""
    log = start("x" * 2000)
    for block in (100, 1500, 65_536):
        assert not [part for part in sections.pieces([log], block=block) if isinstance(part, Marker)]


# The reply --------------------------------------------------------------------------------------------------


def test_progress_shows_what_it_ended_with() -> None:
    """Of a progress bar only the last state stays, in a log with timestamps as well."""
    reply = section("chat_reply", b"10%\r50%\r100%\r\nok\r\n")
    assert trace.read([reply]).text == "100%\nok"
    log = stamped(
        (b"01O ", start("chat_reply")), (b"01O ", b"10%\r"), (b"01O+", b"50%\r"), (b"01O+", b"100%"),
        (b"01O ", b"ok"), (b"01O ", end("chat_reply")),
    )  # fmt: skip
    assert trace.read([log]).text == "100%\nok"


def test_a_long_progress_bar_is_one_line() -> None:
    """A line in many thousand pieces is put together at once."""
    pieces = [(b"01O+", b"%d of 20000\r" % number) for number in range(20_001)]
    log = stamped(
        (b"01O ", start("chat_reply")), (b"01O ", b"so far: "), *pieces, (b"01O ", end("chat_reply"))
    )
    assert trace.read([log], keep=5_000_000).text == "20000 of 20000"


def test_lines_of_a_stream_are_joined_across_others() -> None:
    """A continued line is joined to what it continues, not to what happens to stand before it."""
    log = stamped(
        (b"01O ", start("chat_reply")), (b"01O ", b"one "), (b"01E ", b"two "), (b"01O+", b"line"),
        (b"01E+", b"lines"), (b"01O ", end("chat_reply")),
    )  # fmt: skip
    assert trace.read([log]).text == "one line\ntwo lines"


def test_an_open_reply_ends_with_the_script() -> None:
    """A chat_reply without an end stops at the end of the script and takes nothing of what follows."""
    log = start("step_script") + start("chat_reply") + b"\nhalf\n" + end("step_script")
    assert trace.read([log + b"cleaning up\n" + DONE]).text == "half"


def test_a_log_cut_by_the_runner_keeps_what_was_said() -> None:
    """In a log that hit the runner's limit the open section is read, without the runner's notice."""
    reply = trace.read([start("step_script") + start("chat_reply") + b"\nhalf an ans" + FULL])
    assert (reply.text, reply.complete) == ("half an ans", True)


def test_native_output_of_the_runner_is_no_reply() -> None:
    """Without a chat_reply the script's output is taken, without the runner's lines and echoed commands."""
    log = start("step_script") + (
        b'\x1b[0K\x1b[36;1mExecuting "step_script" stage of the job script\x1b[0;m\x1b[0;m\n'
        b"\x1b[0KUsing docker image sha256:77 ...\x1b[0;m\n"
        b"\x1b[32;1m$ make # collapsed multi-line command\x1b[0;m\n  indented\n\n\x1b[32;1m$ true\x1b[0;m\n"
    )
    reply = trace.read([log + end("step_script") + b"\n" + DONE])
    assert reply.text == "  indented"
    assert reply.tail == ("$ make # collapsed multi-line command", "  indented", "$ true")


@pytest.mark.parametrize(
    ("log", "complete"),
    [
        (b"", False),
        (b"hello\n", False),
        (b"hello\n" + DONE, True),
        (b"hello\n" + FAILED, True),
        (b"Job succeeded\nbut there is more\n", False),
        (b"ERROR: Job failed: exit code 1\n" + b"more\n" * 20, False),
        (start("step_script") + b"x\n", False),
        (start("step_script") + b"x\n" + FAILED, True),
        (start("step_script") + b"x\n" + FULL, True),
        (start("step_script") + b"x\n" + end("step_script"), True),
        (start("step_script") + section("chat_reply", b"x\n"), True),
        (start("step_script") + start("chat_reply") + b"x\n", False),
    ],
)
def test_a_reply_is_complete_when_nothing_more_can_come(log: bytes, complete: bool) -> None:
    """A reply is complete if its section is closed or the runner wrote its last words."""
    assert trace.read([log]).complete is complete


def test_the_tail_is_of_the_jobs_own_output() -> None:
    """The tail is the end of the script and a little of after_script, which runs after the failure."""
    script = b"".join(b"line %d\n\n" % number for number in range(40))
    log = b"get\n" + start("step_script") + script + end("step_script")
    own = tuple(f"line {number}" for number in range(40))
    assert trace.read([log + b"cleanup\n" + FAILED]).tail == own[-15:]
    after = start("after_script") + b"rm 1\nrm 2\n" + end("after_script")
    assert trace.read([log + after + FAILED]).tail == (*own[-13:], "rm 1", "rm 2")
    assert trace.read([log + after.replace(b"rm 1", b"rm\n" * 9) + FAILED]).tail[:11] == (*own[-10:], "rm")


def test_a_job_that_never_began_shows_the_end_of_its_log() -> None:
    """If there is no script at all, the tail is the end of the log."""
    log = start("prepare_executor") + b"Pulling docker image nope ...\n" + end("prepare_executor") + FAILED
    assert trace.read([log]).tail[-2:] == ("Pulling docker image nope ...", "ERROR: Job failed: exit code 1")


def test_a_running_job_shows_where_it_is() -> None:
    """While a job runs, the section it is in and its last line are told."""
    log = section("get_sources", b"x\n") + start("step_script")
    reply = trace.read([log + b"a\n\x1b[32mtests: 40%\r\x1b[0mtests: 60%"])
    assert (reply.section, reply.line, reply.complete) == ("step_script", "tests: 60%", False)


# Long logs --------------------------------------------------------------------------------------------------


def long_log(megabytes: int, line: bytes, before: bytes, after: bytes) -> Iterator[bytes]:
    yield before
    many = line * (65_536 // len(line))
    for _ in range(megabytes * 1_000_000 // len(many)):
        yield many
    yield after


@pytest.mark.parametrize("name", ["chat_reply", "step_script"])
@pytest.mark.parametrize("line", [b"a line of output\n", "🚀 lift-off\n".encode(), b"x\n", b"no line end "])
def test_of_a_long_section_both_ends_are_kept(name: str, line: bytes) -> None:
    """Of a section longer than is kept, head and tail stay, with a line that tells of the gap."""
    before, after = start(name) + b"\nfirst line\n", b"last line\n" + end(name) + b"\n"
    tracemalloc.start()
    reply = trace.read(long_log(10, line, before, after), keep=200_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reply.text is not None
    assert reply.text.startswith("first line\n")
    assert reply.text.endswith("last line")
    assert re.search(r"\n… \d+ bytes left out …\n", reply.text)
    assert (reply.clipped, reply.complete) == (True, True)
    assert len(reply.text.encode()) < 200_300
    assert peak < 8_000_000


def test_many_small_sections_weigh_little() -> None:
    """Very many small answers are bounded like one long one."""
    tracemalloc.start()
    reply = trace.read(long_log(2, section("chat_reply", b"x\n"), b"", DONE), keep=50_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reply.clipped
    assert peak < 2_000_000


def test_a_secret_is_redacted_before_anything_is_cut() -> None:
    """A secret at any border of chunks or of what is kept never shows in part."""
    secret = "glpat-" + "a1B2" * 6
    for shift in range(0, 120, 7):
        log = section("chat_reply", b"y" * shift + b"\n" + b"word %s word\n" % secret.encode() * 30)
        for keep in (150, 333, 10_000):
            reply = trace.read([log[:40], log[40:75], log[75:]], keep=keep, redact=Redactor(()))
            shown = "".join([reply.text or "", reply.line, *reply.tail])
            assert "a1B2" not in shown


def test_a_file_is_read_in_pieces(tmp_path: Path) -> None:
    """A file is read piece by piece, to its end."""
    log = section("chat_reply", b"hi\n") + b"z" * 200_000 + b"\nlast"
    parts = list(trace.parts(io.BytesIO(log)))
    assert b"".join(parts) == log
    assert max(map(len, parts)) == sections.BLOCK
    (tmp_path / "job.log").write_bytes(log)
    reply = trace.read_file(str(tmp_path / "job.log"))
    assert (reply.text, reply.line) == ("hi", "last")


def test_standard_input_is_a_file_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dash means standard input."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(section("chat_reply", b"hi\n"))))
    assert trace.read_file("-").text == "hi"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing file, or a folder, is a sentence with its name."""
    for path in (tmp_path, tmp_path / "missing.log"):
        with pytest.raises(BotError, match=re.escape(f"I cannot read {path}: ")):
            trace.read_file(str(path))


def test_a_whole_log_is_shown_without_markers() -> None:
    """The whole log loses markers, headers and colours; the runner's own words stay."""
    banner, echo = b"\x1b[0KExecuting", b"\x1b[32;1m$ ls\x1b[0;m"
    log = stamped((b"00O ", start("step_script")), (b"00O+", banner), (b"01O ", echo))
    assert trace.whole([log]) == "Executing\n$ ls"
    assert trace.whole([b"hello" + FULL]).startswith("hello\nJob's log exceeded limit")
    long = trace.whole([b"line\n" * 1000], keep=100)
    assert re.fullmatch(r"(line\n)+… \d+ bytes left out …\n(line\n)+line", long)


def test_the_exit_code_of_the_script_is_told() -> None:
    """The runner's last words tell what the script ended with; a log without them tells nothing."""
    log = b"section_start:1:chat_reply\r\x1b[0K\nno\nsection_end:2:chat_reply\r\x1b[0K\n"
    told = trace.read([log, b"\x1b[31;1mERROR: Job failed: exit code 3\x1b[0;m\n"])
    assert (told.exit_code, told.answered) == (3, True)
    assert trace.read([log]).exit_code is None
