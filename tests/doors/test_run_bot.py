"""The command line: how the bot starts, why it does not, how it leaves; and `reply`."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import run_bot
from sandbox.process import ROOT
from sandbox.settings import toml, write_private
from sandbox.world import World
from tests.kits import link_people
from tests.sandbox.slack_stage import until

TRACES = ROOT / "tests" / "fixtures" / "traces"
ENDED_WITHIN, LEFT_WITHIN = 5.0, 10.0
"""Seconds (the issue's own figures)."""
LOG = "section_start:1:chat_reply\r\x1b[0K\nHello World.\nsection_end:2:chat_reply\r\x1b[0K\n"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Slack and GitLab without a bot."""
    with World(bot=False) as world:
        yield world


def written(world: World, folder: Path, old: str = "", new: str = "") -> Path:
    """A config.toml for that world with a store of its own, and one thing in it replaced."""
    text = world.config.read_text().replace(
        str(world.directory / "signalbox.sqlite3"), str(folder / "s.sqlite3")
    )
    assert old in text
    file = folder / "config.toml"
    write_private(file, text.replace(old, new) if old else text)
    return file


@contextmanager
def started(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """`run_bot.py` in a process of its own, ended in any case."""
    process = subprocess.Popen(
        [sys.executable, "run_bot.py", *map(str, arguments)],
        cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    with process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def connected(world: World, file: Path) -> Iterator[subprocess.Popen[str]]:
    """A bot that Slack has greeted on both connections."""
    before = world.slack.sockets.opened
    with started("--config", file) as process:
        until(lambda: world.slack.sockets.opened >= before + 2 or process.poll() is not None, 20)
        assert process.poll() is None
        yield process


def ended(*arguments: object, given: str = "") -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a start that ends by itself, in time."""
    began = time.monotonic()
    with started(*arguments) as process:
        out, err = process.communicate(given, timeout=20)
    assert time.monotonic() - began < ENDED_WITHIN
    return process.returncode, out, err


def last_line(err: str) -> str:
    """The sentence on standard error; above it stands only the log."""
    assert "Traceback" not in err
    return err.rstrip("\n").splitlines()[-1]


@pytest.mark.parametrize(("what", "key"), [("bot_token", "slack.bot_token"), ("app_token", "slack.app_token"),
                                           ("gitlab token", "gitlab.token"), ("gitlab url", "gitlab.url"),
                                           ("api_url", "slack.api_url")])  # fmt: skip
def test_a_wrong_token_or_address_ends_the_start_with_a_sentence(
    world: World, tmp_path: Path, what: str, key: str
) -> None:
    """Within five seconds, with the key in it and the token not."""
    right = {"bot_token": world.slack.bot_token, "app_token": world.slack.app_token,
             "gitlab token": world.gitlab.bot_token, "gitlab url": world.gitlab.url,
             "api_url": world.slack.api_url}[what]  # fmt: skip
    wrong = "http://127.0.0.1:1/api/" if "url" in what else right[:5] + "wrong-canary"
    code, out, err = ended("--config", written(world, tmp_path, f'"{right}"', f'"{wrong}"'))
    assert code != 0
    assert out == ""
    assert key in last_line(err)
    assert "wrong-canary" not in err


def test_a_missing_key_or_file_ends_the_start_with_a_sentence(world: World, tmp_path: Path) -> None:
    """Nothing is even asked."""
    code, _, err = ended("--config", tmp_path / "nowhere.toml")
    assert code != 0
    assert "nowhere.toml" in last_line(err)
    code, _, err = ended("--config", written(world, tmp_path, f'bot_token = "{world.slack.bot_token}"', ""))
    assert code != 0
    assert "slack.bot_token" in err


def test_an_alias_that_is_a_verb_ends_the_start(world: World, tmp_path: Path) -> None:
    """It could never be typed: the verb would always be meant."""
    code, _, err = ended("--config", written(world, tmp_path, 'aliases = ["shop"]', 'aliases = ["Jobs"]'))
    assert code != 0
    assert "aliases holds Jobs, which is a command" in last_line(err)


def test_help_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` names the command, the configuration and the exit codes, and ends with 0."""
    with pytest.raises(SystemExit) as left:
        run_bot.main(["--help"])
    assert left.value.code == 0
    said = capsys.readouterr().out
    assert all(word in said for word in ("reply", "config.toml", "Exit codes"))


def test_a_service_that_never_answers_ends_the_start_in_time(world: World, tmp_path: Path) -> None:
    """GitLab takes the connection and says nothing."""
    world.gitlab.break_("slow", arg=30.0)
    try:
        code, _, err = ended("--config", written(world, tmp_path))
    finally:
        world.gitlab.mend()
    assert code != 0
    assert "gitlab.url" in last_line(err)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(world: World, tmp_path: Path, number: signal.Signals) -> None:
    """Exit code 0, no traceback, both connections closed."""
    with connected(world, written(world, tmp_path)) as process:
        process.send_signal(number)
        _, err = process.communicate(timeout=LEFT_WITHIN)
        assert process.returncode == 0
        assert "Traceback" not in err
        until(lambda: not world.ask(lambda: world.slack.sockets.connections))


def test_work_under_way_is_finished_before_it_leaves(world: World, tmp_path: Path) -> None:
    """A command that waits for GitLab is answered after SIGTERM, within the ten seconds."""
    file = written(world, tmp_path)
    link_people(world, tmp_path / "s.sqlite3")
    with connected(world, file) as process:
        world.gitlab.break_("slow", arg=2.0, times=1)
        assert world.call(world.slack.slash("carol", "ops", "/gitlab", "jobs")) == "ok"
        began = time.monotonic()
        process.terminate()
        process.communicate(timeout=LEFT_WITHIN)
        assert process.returncode == 0
        assert time.monotonic() - began > 1
        assert any("hello" in str(one.message) for one in world.seen("carol", "ops"))
        world.gitlab.mend()


def test_work_that_hangs_does_not_keep_it(world: World, tmp_path: Path) -> None:
    """GitLab never answers: it leaves with 0 within ten seconds, and the next life does the work."""
    file = written(world, tmp_path)
    link_people(world, tmp_path / "s.sqlite3")
    with connected(world, file) as process:
        world.gitlab.break_("slow", arg=18.0, times=1)
        assert world.call(world.slack.slash("bob", "ops", "/gitlab", "jobs")) == "ok"
        process.terminate()
        process.communicate(timeout=LEFT_WITHIN)
        assert process.returncode == 0
    world.gitlab.mend()

    def answers() -> int:
        return sum("hello" in str(one.message) for one in world.seen("bob", "ops"))

    assert answers() == 0
    with connected(world, file) as process:
        until(lambda: answers() == 1)
        process.terminate()
        process.communicate(timeout=LEFT_WITHIN)


def test_a_second_signal_ends_it_at_once(world: World, tmp_path: Path) -> None:
    """Somebody at a keyboard does not want to wait."""
    file = written(world, tmp_path)
    link_people(world, tmp_path / "s.sqlite3")
    with connected(world, file) as process:
        world.gitlab.break_("slow", arg=8.0, times=1)
        assert world.call(world.slack.slash("alice", "ops", "/gitlab", "jobs")) == "ok"
        process.terminate()
        until(lambda: not world.ask(lambda: world.slack.sockets.connections))
        process.terminate()
        process.communicate(timeout=2)
        assert process.returncode == 1
        world.gitlab.mend()


def test_a_second_bot_on_the_same_store_ends_with_a_sentence(world: World, tmp_path: Path) -> None:
    """It names the process of the first one."""
    file = written(world, tmp_path)
    with connected(world, file) as first:
        code, _, err = ended("--config", file)
        assert code != 0
        assert f"pid {first.pid}" in last_line(err)
        first.terminate()
        first.communicate(timeout=LEFT_WITHIN)


def test_gitlab_may_be_away_at_a_second_start(world: World, tmp_path: Path) -> None:
    """It connects to Slack all the same, since that address worked before."""
    file = written(world, tmp_path)
    with connected(world, file) as first:
        first.terminate()
        first.communicate(timeout=LEFT_WITHIN)
    world.gitlab.break_("down")
    try:
        with connected(world, file) as second:
            second.terminate()
            _, err = second.communicate(timeout=LEFT_WITHIN)
            assert second.returncode == 0
            assert "GitLab does not answer" in err
    finally:
        world.gitlab.mend()


def test_no_token_is_in_the_log(world: World, tmp_path: Path) -> None:
    """Not even when everything is logged."""
    file = written(world, tmp_path, "[bot]", '[bot]\nlog_level = "DEBUG"')
    with connected(world, file) as process:
        world.call(world.slack.slash("alice", "ops", "/gitlab", "help"))
        process.terminate()
        out, err = process.communicate(timeout=LEFT_WITHIN)
    for secret in (world.slack.bot_token, world.slack.app_token, world.gitlab.bot_token):
        assert secret not in out + err


# In this process, where nothing has to be started -----------------------------------------------------------


def test_reply_prints_what_slack_would_show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0."""
    file = tmp_path / "job.log"
    file.write_text(LOG)
    assert run_bot.main(["reply", str(file)]) == 0
    assert "Hello World." in capsys.readouterr().out


def test_reply_reads_standard_input() -> None:
    """`-` is standard input."""
    code, out, err = ended("reply", "-", given=LOG)
    assert (code, err) == (0, "")
    assert "Hello World." in out


def test_reply_says_when_there_is_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1 and a sentence on standard error, for an empty log and for no file at all."""
    file = tmp_path / "job.log"
    file.write_text("")
    assert run_bot.main(["reply", str(file)]) == 1
    assert "nothing to reply with" in capsys.readouterr().err
    assert run_bot.main(["reply", str(tmp_path / "nowhere.log")]) != 0
    captured = capsys.readouterr()
    assert "nowhere.log" in captured.err
    assert captured.out == ""


def test_a_configuration_that_is_wrong_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And no traceback."""
    file = tmp_path / "config.toml"
    write_private(file, toml({"slack": {"bot_token": "xoxb-1"}}))
    assert run_bot.main(["--config", str(file)]) == run_bot.EXIT_USAGE
    assert "slack.app_token" in capsys.readouterr().err


def test_clock_and_ids_are_real() -> None:
    """Milliseconds of now, and twelve hex digits."""
    assert abs(run_bot.wall_clock() - time.time() * 1000) < 5_000
    assert len({run_bot.random_id() for _ in range(100)}) == 100
    assert all(len(run_bot.random_id()) == 12 for _ in range(10))
    assert threading.active_count() < 100
