"""Pictures of cards, forms and the Home: what is on them, and that every run draws the same."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console
from rich.text import Text

from sandbox.__main__ import draw, main
from sandbox.controls import Part
from sandbox.picture import FOLDER, STARTS, settled, svg
from sandbox.scenario import Player
from sandbox.session import NotHeld, Session
from sandbox.slack.manifest import read
from sandbox.transcript import Transcript
from sandbox.world import World
from tests.sandbox.echoing import ECHO


def shown(picture: str) -> str:
    """The words on a picture, line by line."""
    rows: dict[float, str] = {}
    for element in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text"):
        if "clip-path" in element.attrib:
            rows.setdefault(float(element.attrib["y"]), "")
            rows[float(element.attrib["y"])] += (element.text or "").strip("\n").replace("\xa0", " ")
    return "\n".join(rows.values())


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A world with the echoing bot and a Home, on the morning of the pictures."""
    asked = read()
    manifest = replace(asked, has_home=True, subscriptions=asked.subscriptions | {"app_home_opened"})
    with World(command=ECHO, manifest=manifest, starts=STARTS) as world:
        yield world


def player(world: World, pictures: Path | None) -> Player:
    return Player(Session(world, pictures=pictures), Transcript(Console(file=io.StringIO(), width=80)))


def test_a_message_a_form_and_the_home(world: World, tmp_path: Path) -> None:
    """Each is drawn to a file of its name; nothing on it is wider than 80 columns."""
    alice = player(world, tmp_path)
    lines = [
        "/run say hello",
        ":expect Press me",
        ":picture card",
        ":picture reply 2",
        "/run form",
        ":expect Why in form",
    ]
    lines += [":picture form form", ":cancel", ":home", ":expect refreshed", ":picture start home", ":leave"]
    for line in [*lines, "/run ask", ":expect Approve", ":picture whisper"]:
        alice.do(line)
    found = {path.stem: shown(path.read_text()) for path in tmp_path.glob("*.svg")}
    assert found.keys() == {"card", "reply", "form", "start", "whisper"}
    assert "[Press me]" in found["card"]
    assert "hello" in found["reply"]
    assert "[Not now] [Send]" in found["form"]
    assert "Hello @alice" in found["start"]
    assert "Only visible to you" in found["whisper"]


def test_a_line_that_only_looks(world: World, tmp_path: Path) -> None:
    """In an ordinary run nothing is drawn, but what is not there is told."""
    carol = player(world, None)
    for line in (":as carol", ":in #shared"):
        carol.do(line)
    with pytest.raises(NotHeld, match="There is no form to take a picture of"):
        carol.do(":picture job form")
    with pytest.raises(NotHeld, match="No message here has text to take a picture of"):
        carol.do(":picture job")
    carol.do("hello")
    carol.do(":picture job")
    assert list(tmp_path.iterdir()) == []


def test_a_world_that_starts_at_another_time(world: World) -> None:
    """All its clocks go by that time: people read it, and messages have it."""
    assert datetime.fromtimestamp(world.now(), UTC).date().isoformat() == "2026-03-02"
    assert world.reader("alice").now >= STARTS
    world.call(world.slack.say("alice", "dev", "now"))
    assert STARTS <= float(world.seen("alice", "dev")[-1].ts) < STARTS + 3_600


def test_what_differs_between_two_runs_is_settled() -> None:
    """Durations, commits and ports are the same on every picture, and keep their looks."""
    line = Text("passed in 12 s at ").append("343ff7ed", "cyan").append(" http://127.0.0.1:4711/x 1234567")
    (part,) = settled([Part("text", line, pieces=(line,))])
    assert part.words == "passed in 4 s at 5e3a91c7 https://gitlab.example/x 1234567"
    assert part.pieces[0].plain == part.words
    (digits,) = settled([Part("text", Text("main at 45031870"), pieces=())])
    assert digits.words == "main at 5e3a91c7"
    assert [(part.words[span.start : span.end], span.style) for span in part.shown.spans] == [
        ("5e3a91c7", "cyan")
    ]


def test_a_picture_asks_no_other_host_for_anything() -> None:
    """It is well-formed XML without fonts from elsewhere, and hostile words stay words."""
    picture = svg("x", "#ops", Text("<script>&amp;"))
    assert "<script>&amp;" in shown(picture)
    assert picture.count("http") == picture.count("http://www.w3.org/2000/svg")
    assert picture == svg("x", "#ops", Text("<script>&amp;"))


@pytest.mark.timeout(240)
def test_all_pictures_are_drawn_the_same_again(tmp_path: Path) -> None:
    """`python -m sandbox pictures DIR` plays every file in sandbox/pictures; a run card looks as it did before."""
    assert main(["pictures", str(tmp_path)]) == 0
    drawn = {path.name: path.read_text() for path in tmp_path.iterdir()}
    lines = (line.split() for path in FOLDER.glob("*.txt") for line in path.read_text().splitlines())
    assert drawn.keys() == {f"{words[1]}.svg" for words in lines if words[:1] == [":picture"]}
    draw(FOLDER / "run-card.txt", tmp_path, Console(file=io.StringIO()))
    assert (tmp_path / "run-card.svg").read_text() == drawn["run-card.svg"]
    assert "ls passed in 4 s" in shown(drawn["run-card.svg"])


def test_pictures_need_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    """Without one, or with one and nothing to draw, the command line says so."""
    for arguments in (["pictures"], ["demo", "docs"]):
        with pytest.raises(SystemExit):
            main(arguments)
        assert "name a folder with `pictures`" in capsys.readouterr().err
