"""The configuration as a file: where it lies, who can read it, and the lines of its mistakes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.config import load, parse
from bot.errors import ConfigError
from tests.unit.test_config import MINIMAL, told


def test_missing_file(tmp_path: Path) -> None:
    """A missing file is told with the command that makes one."""
    path = tmp_path / "config.toml"
    with pytest.raises(ConfigError, match=rf"cp config\.example\.toml {path}"):
        load(path, {})


def test_unreadable_file(tmp_path: Path) -> None:
    """A folder in the file's place, or bytes that are no text, are told."""
    with pytest.raises(ConfigError, match="Is a directory"):
        load(tmp_path, {})
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(path, {})


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_file_with_tokens_that_is_closed(tmp_path: Path, mode: int) -> None:
    """A file with tokens may be read by its owner, and by a group."""
    path = tmp_path / "config.toml"
    path.write_text("\ufeff" + MINIMAL, "utf-8")
    path.chmod(mode)
    assert load(path, {}).warnings == ()


def test_file_with_tokens_that_everybody_can_read(tmp_path: Path) -> None:
    """It is refused with the keys it holds and the command that closes it, beside every other mistake."""
    path = tmp_path / "config.toml"
    path.write_text(MINIMAL + "[bot]\nworkers = 0\n")
    path.chmod(0o644)
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    first, second = caught.value.sentence.splitlines()
    assert first == (
        f"{path} holds slack.bot_token, slack.app_token, gitlab.token and everybody on this machine can read it."
        f" Close it with: chmod 600 {path}"
    )
    assert second.startswith("line 8: bot.workers is 0.")


def test_secret_file_that_everybody_can_read(tmp_path: Path) -> None:
    """A file with a token that is open to all works, with a warning."""
    (tmp_path / "token").write_text("xoxb-9")
    (tmp_path / "token").chmod(0o644)
    text = MINIMAL.replace("xoxb-1-secret", "file:token")
    (warning,) = parse(text, {}, tmp_path).warnings
    assert warning.startswith(
        f"slack.bot_token comes from {tmp_path}/token, which everybody on this machine can"
    )
    (tmp_path / "token").chmod(0o600)
    assert parse(text, {}, tmp_path).warnings == ()


@pytest.mark.parametrize(
    ("more", "begins"),
    [
        ("[bot]\n\nworkers = 0\n", "line 9: bot.workers is 0."),
        ("[slak]\n", "line 7: slak is not a key I know."),
        ('[projects."a/b"]\nchannels = [\n  "#ops",\n]\n', 'line 8: projects."a/b".channels holds "#ops"'),
        ('[projects."a/b"]\nstart = "chat"\n', 'line 7: projects."a/b".chat_token is missing'),
    ],
)
def test_mistakes_name_their_line(more: str, begins: str) -> None:
    """A mistake begins with the line of its key; what is missing has that of its section."""
    (sentence,) = told(MINIMAL + more)
    assert sentence.startswith(begins)


def test_mistakes_come_in_the_order_of_the_file() -> None:
    """Whatever finds them."""
    sentences = told(MINIMAL + '[projects."a/b"]\nstart = "ssh"\n[bot]\nworkers = 0\n[store]\nx = 1\n')
    assert [int(each.split(":")[0].removeprefix("line ")) for each in sentences] == [8, 10, 12]


def test_file_without_tokens_may_be_read(tmp_path: Path) -> None:
    """A file that only says where the tokens are is nobody's secret."""
    path = tmp_path / "config.toml"
    path.write_text(
        '[slack]\nbot_token = "env:B"\napp_token = "env:A"\n'
        '[gitlab]\ntoken = "env:G"\n[store]\npath = "s.db"\n'
    )
    path.chmod(0o644)
    config = load(path, {"B": "xoxb-1", "A": "xapp-1", "G": "glpat-1"})
    assert config.warnings == ()
    assert config.store.path == tmp_path / "s.db"


def test_relative_configuration_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store lies beside the configuration, wherever the process is."""
    (tmp_path / "config.toml").write_text(MINIMAL)
    monkeypatch.chdir(tmp_path)
    os.chmod("config.toml", 0o600)
    assert load(Path("config.toml"), {}).store.path == tmp_path / "signalbox.sqlite3"
