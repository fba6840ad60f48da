"""The world and its lines, tried with a bot that only echoes."""

from __future__ import annotations

import io
import os
import stat
import sys
import tomllib
from pathlib import Path

import pytest

from sandbox.process import BotDied
from sandbox.scenario import Failed, Player, play_script, transcript_console
from sandbox.script import read_script
from sandbox.session import NotHeld, Session
from sandbox.transcript import Transcript
from sandbox.world import World
from tests.sandbox.echoing import ECHO, do


@pytest.fixture
def player(world: World, screen: io.StringIO) -> Player:
    """Alice at the keyboard in #ops."""
    return Player(Session(world), Transcript(transcript_console(screen)))


def test_card_and_thread(player: Player, screen: io.StringIO) -> None:
    """A card is seen as people see it, its button can be pressed, its reply stands in its thread."""
    do(player, "/run say hello <you>", ":expect waiting & ready", ":expect [Press me]", ":expect hello <you>")
    do(player, ":thread", ":expect hello <you>", ":leave", ":click press", ":expect by @alice")
    printed = screen.getvalue()
    assert "alice in #ops ▸ /run say hello <you>" in printed
    assert printed.index("waiting & ready") < printed.index("hello <you>", 60) < printed.index("by @alice")


def test_whisper(player: Player, screen: io.StringIO) -> None:
    """What only one person can see is marked, and nobody else sees it."""
    do(player, ":in #dev", "/run whisper psst", ":expect-ephemeral psst", ":as bob", ":refuse psst for 200ms")
    assert "only you can see this" in screen.getvalue()
    with pytest.raises(NotHeld, match="only alice can see"):
        do(player, ":as alice", "hello all", ":expect-ephemeral hello all within 100ms")


def test_what_was_seen_instead(player: Player) -> None:
    """An expectation that fails says what was visible instead."""
    with pytest.raises(
        NotHeld, match=r'"nothing like it" was not visible to alice in #shared within 0\.1 s'
    ) as error:
        do(player, ":in #shared", "good morning", ":expect nothing like it within 100ms")
    assert "alice: good morning" in error.value.seen


def test_refusal_fails(player: Player) -> None:
    """A text that must not be visible but is makes the line fail."""
    with pytest.raises(NotHeld, match="is visible to bob in dm"):
        do(player, ":as bob", ":dm", "abc", ":refuse /a.c/ in dm")


def test_numbers_stay(player: Player) -> None:
    """A message keeps its number, for everybody; lines can name it."""
    player.session = Session(player.session.world, "carol", "D0CAROLBOT")
    do(player, "one", "two", ":edit 1 uno", ":expect uno", ":react eyes 1", ":expect :eyes: 1")
    do(
        player,
        ":delete 2",
        ":refuse two",
        "three",
        ":thread 3",
        "reply",
        ":leave",
        ":expect reply",
        ":show 4",
    )
    assert player.session.numbers.place(3)[0] == "D0CAROLBOT"
    with pytest.raises(NotHeld, match="No message has the number 9"):
        do(player, ":delete 9")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (":in #nowhere", "no channel #nowhere"),
        (":as mallory", "Nobody is called mallory"),
        (":click Approve", "No message here has button Approve"),
        (":upload /nowhere/x.txt", "There is no file"),
        (":fill Name = x", "No form is open before alice"),
        (":gitlab fly", "unknown"),
        (':count slack chat.postMessage = 1000', "times, not = 1000"),
    ],
)  # fmt: skip
def test_what_cannot_be_done(player: Player, line: str, sentence: str) -> None:
    """A line that cannot be done says why."""
    with pytest.raises(NotHeld, match=sentence):
        do(player, line)


def test_no_commands_in_threads(player: Player) -> None:
    """Slack has no slash commands in threads, and neither has the sandbox."""
    with pytest.raises(NotHeld, match="no slash commands in threads"):
        do(player, ":as dave", ":dm", "root", ":thread", "/run say x")


def test_gitlab_lines(player: Player) -> None:
    """GitLab can be acted in and looked into; the project is the one the channel means."""
    do(player, ":gitlab push feature-1", ":expect-gitlab repository/branches CONTAINS feature-1")
    do(player, ":expect-gitlab projects/acme%2Finfra CONTAINS acme/infra")
    with pytest.raises(NotHeld, match="does not hold"):
        do(player, ":in #dev", ":expect-gitlab repository/branches CONTAINS feature-1 within 0s")


def test_gitlab_issues_are_looked_into(player: Player) -> None:
    """What issues, their notes and a project's labels hold, and who got mail because a text named them."""
    do(
        player,
        ":gitlab issue Checkout is slow label=brand-new⏎Since noon",
        ":expect-gitlab notified contains nobody",
    )
    do(player, ":expect-gitlab issues/1 contains Since noon", ":expect-gitlab labels contains brand-new")
    do(player, ":as bob", ":gitlab comment #1 Looking⏎into it, @carol", ":gitlab label #1 +urgent")
    do(
        player,
        ":expect-gitlab issues/1/notes contains Looking⏎into it",
        ":expect-gitlab issues contains urgent",
    )
    do(player, ":gitlab reply #1 newest Found", ":expect-gitlab issues/1/discussions contains Found")
    do(player, ":gitlab edit-note newest Mended", ":expect-gitlab issues/1/notes contains Mended")
    do(
        player,
        ":gitlab delete-note newest",
        ":gitlab comment #1 /close",
        ":expect-gitlab issues/1 contains closed",
    )
    do(
        player,
        ":gitlab move #1 infra",
        ":expect-gitlab acme/infra:issues/1/notes contains moved from acme/shop#1",
    )
    do(player, ":expect-gitlab notified contains @carol", ":gitlab projects 300", ":gitlab help")


def test_gitlab_incidents_are_looked_into(player: Player) -> None:
    """Their timeline, status, links and events, in the project that is named; timelines can be denied."""
    do(player, ":gitlab incident Checkout is down severity=high project=web")
    do(player, ":as bob", ":gitlab status web#1 acknowledged", ":gitlab timeline web#1 Cache is cold")
    do(
        player,
        ":expect-gitlab acme/web:timeline/1 contains ACKNOWLEDGED",
        ":expect-gitlab acme/web:timeline/1 contains Cache is cold",
        ":expect-gitlab timeline/99 contains null",
        ":gitlab attach web#1 sandbox/files/notes.txt",
        ":expect-gitlab acme/web:issues/1/discussions contains notes.txt",
        ":gitlab label web#1 +bug",
        ":expect-gitlab acme/web:issues/1/label_events contains bug",
        ":expect-gitlab acme/web:issues/1/links contains []",
        ":break gitlab timeline",
    )
    with pytest.raises(NotHeld, match="lets bob write no timeline"):
        do(player, ":gitlab timeline web#1 more")
    do(player, ":mend")


def test_upload_is_seen(player: Player, tmp_path: Path) -> None:
    """A text file shows its name and what it holds."""
    (tmp_path / "notes.txt").write_text("first\nlast & least")
    do(
        player,
        ":as dave",
        ":dm",
        f":upload {tmp_path / 'notes.txt'}",
        ":expect notes.txt",
        ":expect last & least",
    )


def test_clock(player: Player) -> None:
    """The bot's clock moves, and only by a file it reads."""
    do(player, ":dm", ":clock +10m", "/run clock", ":expect Clock: 600000", ":clock -10m")


def test_configuration(world: World) -> None:
    """The configuration is private, and points at the sandbox."""
    assert stat.S_IMODE(os.stat(world.config).st_mode) == 0o600
    held = tomllib.loads(world.config.read_text())
    assert held["slack"]["api_url"] == world.slack.api_url
    assert held["projects"]["acme/shop"]["channels"] == ["C0OPS00001"]


def test_life_of_the_bot(screen: io.StringIO) -> None:
    """The bot can be killed, started and stopped; when it dies by itself the line fails at once."""
    lines = (
        ":kill",
        "/run say a",
        ":expect dispatch_failed",
        ":start",
        "/run say b",
        ":expect b in thread",
        ":stop",
    )
    script = read_script("\n".join(lines), "s")
    with World(command=ECHO) as world:
        play_script(script, world, transcript_console(screen))
        assert not world.bot.alive
        world.start_bot()
        pid = world.bot.pid
        with pytest.raises(Failed, match="s:2: :expect never\nThe bot ended with exit code 7"):
            play_script(read_script("/run die\n:expect never\n", "s"), world, transcript_console(screen))
        directory = world.directory
    assert pid is not None
    assert not directory.exists()


def test_bot_that_cannot_start() -> None:
    """A bot that ends at its start is told with the end of its log, and nothing stays behind."""
    wrong = (sys.executable, "-c", "print('No token.'); raise SystemExit(3)")
    with pytest.raises(BotDied, match=r"exit code 3\.\nNo token\."), World(command=wrong):
        pass
