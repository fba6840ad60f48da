"""Files people share in the sandbox's Slack: what the app is told of them, and how it gets their content."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.slack import FakeSlack
from tests.fixtures.slack_samples import FOLDER, sample
from tests.sandbox.slack_stage import ALICE_DM, MANY_SCOPES, OPS, SHARED, Ear, Stage, shape, until

IMAGE = b"\x89PNG\r\n\x1a\n" + bytes(40)
EVENTS = {"message.channels", "message.im"}


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage(FakeSlack(scopes=MANY_SCOPES, subscriptions=EVENTS)) as stage:
        yield stage


@pytest.fixture
def ear(stage: Stage) -> Ear:
    return stage.listen()


def share(
    stage: Stage, path: Path, name: str = "alice", channel: str = "ops", text: str = ""
) -> dict[str, Any]:
    """Share a file; answers how the app sees it in the history."""
    ts = stage.run(stage.slack.upload(name, channel, path, text=text))
    where = stage.slack.workspace.channel(channel, stage.slack.workspace.person(name))
    found = stage.web.conversations_history(channel=where.id, latest=ts, inclusive=True, limit=1)
    message: dict[str, Any] = found["messages"][0]
    file: dict[str, Any] = message["files"][0]
    return file


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "My Graph.png"
    path.write_bytes(IMAGE)
    return path


def get(url: str, token: str = "") -> tuple[int, str, bytes]:
    """Status, content type and body of a download, redirects followed."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.headers.get_content_type(), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get_content_type(), error.read()


def test_a_shared_file_has_slacks_own_form(stage: Stage, ear: Ear, image: Path) -> None:
    """The event, the history and files.info show it like the samples, with name, size and mimetype."""
    file = share(stage, image, text="see graph")
    until(lambda: bool(ear.events))
    expected = sample("events/message_file_share")["payload"]["event"]
    got = ear.events[0]
    assert got.keys() - {"team"} == expected.keys() - {"team"}
    drawn = {"thumb_64", "original_w", "original_h"}
    assert shape(got["files"][0]).keys() == shape(expected["files"][0]).keys() - drawn
    assert (file["name"], file["mimetype"], file["size"]) == ("My Graph.png", "image/png", len(IMAGE))
    assert file["url_private"].endswith("/my_graph.png")
    info = stage.web.files_info(file=file["id"])["file"]
    whole = json.loads((FOLDER / "web_api" / "files.info.json").read_text())["ok"]["file"]
    assert info.keys() == whole.keys() - drawn
    assert info["channels"] == [OPS]
    assert info["shares"]["public"][OPS][0].keys() == whole["shares"]["public"][OPS][0].keys()


def test_content_needs_the_token_and_the_scope(stage: Stage, image: Path) -> None:
    """With the bot's token the bytes come; with none, or a wrong one, a login page with status 200."""
    file = share(stage, image)
    token = stage.slack.bot_token
    assert get(file["url_private"], token) == (200, "image/png", IMAGE)
    assert get(file["url_private_download"], token)[2] == IMAGE
    for wrong in ("", "xoxb-wrong", stage.slack.app_token):
        status, kind, body = get(file["url_private"], wrong)
        assert (status, kind) == (200, "text/html")
        assert b"Sign in" in body
    stage.slack.scopes.discard("files:read")
    assert get(file["url_private"], token)[1] == "text/html"
    assert stage.refusal(lambda: stage.web.files_info(file=file["id"])) == "missing_scope"
    assert stage.slack.calls["files-pri"] == 6


def test_files_the_app_may_not_see(stage: Stage, image: Path) -> None:
    """One in a private channel without it is not found, neither are its bytes; one in its direct messages is."""
    ts = stage.run(stage.slack.upload("alice", "secret", image))
    hidden = stage.slack.visible("alice", "secret")[-1].files[0]
    assert ts
    assert stage.refusal(lambda: stage.web.files_info(file=hidden["id"])) == "file_not_found"
    assert get(hidden["url_private"], stage.slack.bot_token)[0] == 404
    mine = share(stage, image, channel="dm")
    info = stage.web.files_info(file=mine["id"])["file"]
    assert (info["ims"], info["is_public"], list(info["shares"])) == ([ALICE_DM], False, ["private"])


def test_a_file_of_another_company_has_to_be_asked_for(stage: Stage, ear: Ear, image: Path) -> None:
    """Its message only says that there is one; files.info has the rest, and its bytes can be had."""
    file = share(stage, image, "erin", "shared")
    expected = sample("events/message_file_share_check_file_info")["payload"]["event"]["files"][0]
    assert file.keys() == expected.keys()
    assert file["file_access"] == "check_file_info"
    info = stage.web.files_info(file=file["id"])["file"]
    assert info["channels"] == [SHARED]
    assert get(info["url_private"], stage.slack.bot_token)[2] == IMAGE


def test_a_deleted_file_leaves_its_place(stage: Stage, image: Path) -> None:
    """The message stays and says that there was one."""
    file = share(stage, image)
    stage.run(stage.slack.acts.act("alice", "shred", "My Graph.png"))
    (message,) = stage.web.conversations_history(channel=OPS)["messages"]
    assert message["files"] == [{"id": file["id"], "mode": "tombstone"}]
    assert stage.refusal(lambda: stage.web.files_info(file=file["id"])) == "file_deleted"
    assert get(file["url_private"], stage.slack.bot_token)[0] == 404
    with pytest.raises(ValueError, match="Nobody has shared a file"):
        stage.run(stage.slack.acts.act("alice", "shred", "My Graph.png"))


def test_what_a_file_is_by_its_name_and_content(stage: Stage, tmp_path: Path) -> None:
    """A name tells its type; without one that does, text is text and the rest is bytes."""
    for name, content, kind in (
        ("a.json", b"{}", "application/json"),
        ("LICENSE", b"words", "text/plain"),
        ("core", b"\0\1\2", "application/octet-stream"),
    ):
        (tmp_path / name).write_bytes(content)
        file = share(stage, tmp_path / name)
        assert file["mimetype"] == kind
        assert ("preview" in file) is (kind == "text/plain")
