"""Files that are shared in a room reach the project once, as they are; what cannot be taken stays a link."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.edges.slack_history import SlackFile
from bot.errors import SlackError
from bot.incident import CURATED
from bot.incidents.outward import files
from sandbox.process import ROOT
from tests.incidents.room import Room, room_at

FILES = ROOT / "sandbox" / "files"
UPLOAD = "POST /projects/:id/uploads"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with room_at(tmp_path) as made:
        yield made


def test_an_image_is_shown(room: Room) -> None:
    """It is uploaded to the project byte by byte, as its author, and stands in the comment."""
    room.upload(FILES / "graph.png", "bob")
    room.hear(times=2)
    (note,) = room.notes
    assert note.author.username == "bob"
    found = re.search(r"!\[graph\]\((/uploads/[0-9a-f]{32}/graph\.png)\)", note.body)
    assert found is not None
    held = room.kit.gitlab_as(room.floor.person("alice")).download(42, found[1], files.LARGEST)
    assert hashlib.sha256(held).digest() == hashlib.sha256((FILES / "graph.png").read_bytes()).digest()
    assert room.calls(UPLOAD) == 1
    assert "slack-files.com" not in note.body
    assert not any("sharedPublicURL" in call for call in room.floor.slack.slack.calls)


def test_a_text_file_is_linked(room: Room) -> None:
    """At GitLab, where it is now."""
    room.upload(FILES / "notes.txt")
    room.hear()
    assert "[notes.txt](/uploads/" in room.bodies[0]


def test_a_file_that_is_too_large(room: Room, tmp_path: Path) -> None:
    """Stays a link to Slack, with the reason; nobody downloads it."""
    large = tmp_path / "all.log"
    with large.open("wb") as file:
        file.truncate(60_000_000)
    room.upload(large)
    room.hear()
    assert "📎 [all.log](https://" in room.bodies[0]
    assert "(60 MB: too large to be copied, the most is 50 MB)" in room.bodies[0]
    assert room.calls(UPLOAD) == 0
    assert room.floor.slack.slack.calls["files-pri"] == 0


def test_a_deleted_file(room: Room) -> None:
    """Is told of as removed, in the same comment."""
    room.upload(FILES / "graph.png")
    room.hear()
    (before,) = room.notes
    room.slack_act("shred", "graph.png")
    room.hear()
    (after,) = room.notes
    assert after.id == before.id
    assert "file removed" in after.body
    assert "/uploads/" not in after.body


def test_a_page_in_place_of_an_image(room: Room) -> None:
    """Is not stored: the comment has a link for the time being, and the image once Slack hands it out."""
    room.floor.slack.slack.desk.scopes.discard("files:read")
    room.upload(FILES / "graph.png")
    room.hear()
    (before,) = room.notes
    assert "(Slack did not hand it out)" in before.body
    assert room.calls(UPLOAD) == 0
    room.work(5)
    assert room.bodies == [before.body]
    room.floor.slack.slack.desk.scopes.add("files:read")
    room.work(10)
    (after,) = room.notes
    assert after.id == before.id
    assert "![graph](/uploads/" in after.body
    assert "Slack did not hand it out" not in after.body
    assert room.rows[0].wanted_hash == room.rows[0].shown_hash


def test_a_page_for_ever(room: Room) -> None:
    """Is given up after some tries, and stays a link."""
    room.floor.slack.slack.desk.scopes.discard("files:read")
    room.upload(FILES / "graph.png")
    room.hear()
    for _ in range(12):
        room.work(120)
    assert room.waiting() == []
    assert room.calls(UPLOAD) == 0


def test_words_do_not_wait_for_a_picture(room: Room) -> None:
    """What is said after it is written while the file is asked for again."""
    room.floor.slack.slack.desk.scopes.discard("files:read")
    room.upload(FILES / "graph.png")
    room.say("Do you see that?")
    room.hear()
    assert room.words[1] == "Do you see that?"


def test_words_do_not_wait_for_slack_either(room: Room) -> None:
    """A file that cannot be fetched is a link after some seconds, and asked for again behind what people say."""
    room.alter(iid=0)
    room.upload(FILES / "graph.png")
    room.say("Do you see that?")
    room.hear()
    room.alter(iid=1)
    room.floor.slack.slack.break_("500")
    for _ in range(5):
        room.work(10)
    assert room.words[1] == "Do you see that?"
    assert "(Slack did not hand it out)" in room.bodies[0]
    room.floor.slack.slack.mend()
    for _ in range(5):
        room.work(60)
    assert "![graph](/uploads/" in room.bodies[0]
    assert room.waiting() == []


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_an_upload_that_is_not_answered(room: Room, how: str) -> None:
    """Is not sent again: the file stays a link."""
    room.break_(how, times=1)
    room.upload(FILES / "graph.png")
    room.hear()
    room.work(2)
    assert room.calls(UPLOAD) == 1
    assert "(GitLab did not say whether it took it)" in room.bodies[0]


def test_the_same_file_in_two_copies(room: Room) -> None:
    """Is uploaded once: for the policy and for a mark."""
    room.alter(policy=CURATED)
    ts = room.upload(FILES / "graph.png")
    room.hear()
    assert room.calls(UPLOAD) == 0
    room.mark(ts)
    room.mark(ts, internal=True)
    assert [note.internal for note in room.notes] == [False, True]
    assert all("![graph](/uploads/" in body for body in room.bodies)
    assert room.calls(UPLOAD) == 1


def test_gitlab_does_not_take_it(room: Room, tmp_path: Path) -> None:
    """A size that the administrator does not allow stays in Slack, with a word of it."""
    large = tmp_path / "large.bin"
    large.write_bytes(b"\0" * 1_500_000)
    room.floor.gitlab.act("attachment-limit 1", "root")
    room.upload(large)
    room.hear()
    assert "📎 [large.bin](https://" in room.bodies[0]
    assert "(GitLab did not take it)" in room.bodies[0]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("image/png", b"\x89PNG\r\n\x1a\n..."), ("image/jpeg", b"\xff\xd8\xff\xe0"), ("image/gif", b"GIF89a.."),
        ("image/webp", b"RIFF\0\0\0\0WEBPVP8 "), ("text/plain", b"<p>"), ("text/html", b"<!DOCTYPE html>"),
    ],
)  # fmt: skip
def test_what_a_file_begins_with(kind: str, data: bytes) -> None:
    """Has to be what it says; a page is none unless it was shared as one."""
    file = SlackFile("F1", "a", kind, len(data), "https://x", "")
    files.check(file, data)
    if kind != "text/html":
        with pytest.raises(SlackError, match="Slack sent something else"):
            files.check(file, b"  <!DOCTYPE html><html>")
