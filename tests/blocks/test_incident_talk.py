"""Copies of comments look the same whatever stands in them, and what is hidden shows nothing of it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from blocks import incident_talk as look
from bot.incident import Incident, State
from bot.incident_work import Mirrored
from bot.model import Person
from tests.blocks.looks import HOME, check, hostile
from tests.jobs.seen import shown

INCIDENT = Incident(
    "i1", 7, "key", "T1", "Checkout", 2, State.FIXING, "acme/shop", Person("T1", "U1"), "alice", 0, iid=4,
    url=f"{HOME}/issues/4",
)  # fmt: skip
ROW = Mirrored(
    "m1",
    "i1",
    "gitlab",
    "talk",
    "C1",
    "",
    "",
    1_000_000,
    "bob",
    "Bob Baker",
    note_id=3301,
    wanted="It is **up**.",
)
LINK = f"{HOME}/issues/4#note_3301"
DATE = "!date^1000^{time}"
SHOWN = (LINK, DATE)


def test_copy() -> None:
    """Who wrote it, where and when, and the text as GitLab shows it."""
    message = look.copy(INCIDENT, ROW)
    check(message, links=SHOWN)
    assert message.text == "Bob Baker in GitLab: It is up."
    assert f"*Bob Baker* <{LINK}|in GitLab> · <!date^1000^{{time}}|00:16 UTC>" in shown(message)
    assert "Open in GitLab" not in shown(message)


def test_internal_copy() -> None:
    """In a private room an internal note says that it is one."""
    assert ":lock: internal" in shown(look.copy(INCIDENT, replace(ROW, internal=True)))


def test_long_copy() -> None:
    """Of a long text the beginning is shown, and the way to the rest."""
    message = look.copy(INCIDENT, replace(ROW, wanted="word " * 8_000))
    check(message, links=SHOWN)
    assert "more characters in GitLab" in shown(message)
    assert f"<{LINK}|Open in GitLab>" in shown(message)


def test_upload_is_a_link() -> None:
    """An image is a link into the project."""
    address = "/uploads/0123456789abcdef0123456789abcdef/graph.png"
    message = look.copy(INCIDENT, replace(ROW, wanted=f"![graph]({address})"))
    check(message, links=SHOWN)
    assert f"{HOME.removesuffix('/-')}{address}" in str(message.blocks)


def test_stub() -> None:
    """What stands for a hidden note says whose it is and nothing else."""
    row = replace(ROW, wanted="", internal=True)
    message = look.stub(INCIDENT, row)
    check(message, links=[LINK])
    assert shown(message) == f":lock: internal note by Bob Baker: <{LINK}|open in GitLab>"
    assert "confidential" in shown(look.stub(INCIDENT, replace(row, internal=False)))


def test_struck() -> None:
    """Of a deleted note no word is left."""
    message = look.struck(INCIDENT, ROW)
    check(message)
    assert "up" not in shown(message)
    assert "deleted in GitLab" in shown(message)


def test_digest() -> None:
    """Many notes are one message: when, whose and where, the oldest first, and how many more."""
    rows = [replace(ROW, note_id=number, at=number * 60_000) for number in range(40)]
    message = look.digest(INCIDENT, rows)
    notes = [f"{HOME}/issues/4#note_{number}" for number in range(40)]
    dates = [f"!date^{number * 60}^{{date_short_pretty}} {{time}}" for number in range(40)]
    check(message, links=[INCIDENT.url, *notes, *dates])
    assert message.text == "40 comments were written in GitLab while I could not speak here"
    assert "… and 10 more in" in shown(message)


def test_no_name() -> None:
    """An author whose account is gone is somebody."""
    assert look.copy(INCIDENT, replace(ROW, name="", author="")).text.startswith("Somebody in GitLab")


@given(hostile, hostile)
def test_hostile(name: str, text: str) -> None:
    """Whatever stands in a name or a text: Slack takes the message, and nobody is called."""
    row = replace(ROW, name=name, wanted=text)
    for message in (
        look.copy(INCIDENT, row), look.stub(INCIDENT, row), look.struck(INCIDENT, row),
        look.digest(INCIDENT, [row] * 9),
    ):  # fmt: skip
        check(message, links=[*SHOWN, "!date^1000^{date_short_pretty} {time}"])
