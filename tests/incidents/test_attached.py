"""Images and files of comments in GitLab come to Slack as files, in the thread of the copy."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from bot.incidents.inward import attached
from tests.incidents.below import Below, below

#: The smallest image there is, near enough.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f61738"
    "550000000049454e44ae426082"
)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Below]:
    with below(tmp_path) as stage:
        yield stage


def _files(here: Below) -> dict[str, tuple[bytes, list[str]]]:
    """What Slack holds of files: title, bytes, and in which threads each is shared."""
    found = {}
    for file in here.floor.slack.slack.files.held.values():
        posts = list(here.floor.slack.slack.workspace.posts["C0OPS00001"].values())
        threads = [str(one.thread) for one in posts if file.id in str(one.body.get("files"))]
        found[file.title] = (file.content, threads)
    return found


def _image(here: Below, tmp_path: Path, name: str = "graph.png", data: bytes = PNG) -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def test_image_in_the_thread(here: Below, tmp_path: Path) -> None:
    """An image of a comment stands in the thread of its copy, byte for byte; the copy has a link to it."""
    here.act(f"attach #1 {_image(here, tmp_path)} Look at this")
    here.follow()
    here.follow()
    data, threads = _files(here)["graph.png"]
    assert sha256(data).digest() == sha256(PNG).digest()
    assert threads == [here.posts()[0].ts]
    assert here.texts()[0].startswith("Bob Baker in GitLab: Look at this")


def test_image_of_a_reply(here: Below, tmp_path: Path) -> None:
    """The file of a reply stands in the same thread as the reply."""
    row = here.said("What does the graph say?")
    path = here.act(f"attach #1 {_image(here, tmp_path)} Look")
    markdown = here.in_gitlab()[-1].partition("\n\n")[2]
    here.act("delete-note newest")
    assert path
    assert markdown
    here.note(f"This {markdown}", how=f"reply #1 {row.note_id}")
    here.follow()
    here.follow()
    assert _files(here)["graph.png"][1] == [row.ts]


def test_once(here: Below, tmp_path: Path) -> None:
    """An edit of the words brings no file a second time."""
    here.act(f"attach #1 {_image(here, tmp_path)} Look")
    here.follow()
    body = here.in_gitlab()[-1]
    here.act(f"edit-note newest {body.replace('Look', 'Look here')}")
    here.follow()
    here.follow()
    assert len(here.floor.slack.slack.files.held) == 1


def test_held(here: Below, tmp_path: Path) -> None:
    """While the room cannot be reached no file is brought there; afterwards it stands below its copy."""
    here.alter(muted="is_archived")
    here.act(f"attach #1 {_image(here, tmp_path)} Look")
    here.follow()
    assert not here.floor.slack.slack.files.held
    here.alter(muted="")
    here.follow()
    here.follow()
    assert _files(here)["graph.png"][1] == [here.posts()[0].ts]


def test_too_large(here: Below, tmp_path: Path) -> None:
    """A file above the limit stays a link."""
    here.act(f"attach #1 {_image(here, tmp_path, 'core.bin', b'x' * (attached.LARGEST + 1))} Dump")
    here.follow()
    here.follow()
    assert not here.floor.slack.slack.files.held
    assert "core.bin" in str(here.posts()[0].body["blocks"])


def test_internal_file_stays(here: Below, tmp_path: Path) -> None:
    """The file of an internal note does not come to a public room."""
    here.act(f"attach #1 {_image(here, tmp_path)}")
    markdown = here.in_gitlab()[-1]
    here.act("delete-note newest")
    here.note(markdown, how="internal-note #1")
    here.follow()
    here.follow()
    assert not here.floor.slack.slack.files.held


def test_only_five() -> None:
    """Of a comment with many files five are carried, each once."""
    paths = [f"/uploads/{number:032x}/a.png" for number in range(9)]
    assert attached.paths_of(" ".join(f"![x]({one}) [y]({one})" for one in paths)) == tuple(paths[:5])


def test_file_that_is_gone(here: Below) -> None:
    """A file that GitLab does not have stays what it is: a link."""
    here.note("![x](/uploads/0123456789abcdef0123456789abcdef/gone.png)")
    here.follow()
    here.follow()
    assert not here.floor.slack.slack.files.held
    assert len(here.posts()) == 1
