"""Keys of the vault: where they are looked for, what is refused, and how the first one is written."""

from __future__ import annotations

import resource
import stat
from pathlib import Path

import pytest

from bot.config import create_keys, parse, read_keys
from bot.errors import ConfigError
from tests.unit.test_config import MINIMAL

ONE, TWO, THREE = (letter * 43 + "=" for letter in "abc")


def kept(path: Path, text: str, mode: int = 0o600) -> Path:
    """A file with that text and mode."""
    path.write_text(text)
    path.chmod(mode)
    return path


def test_places_in_their_order(tmp_path: Path) -> None:
    """systemd's credential goes before the file, the file before the environment; without any there are none."""
    environ, file = {"SIGNALBOX_KEYS": THREE}, tmp_path / "signalbox.keys"
    assert read_keys(file, {}) == ((), None)
    assert read_keys(file, environ) == ((THREE,), None)
    kept(file, TWO)
    assert read_keys(file, environ) == ((TWO,), file)
    environ["CREDENTIALS_DIRECTORY"] = str(tmp_path)
    assert read_keys(file, environ) == ((TWO,), file)
    kept(tmp_path / "signalbox-keys", ONE, 0o644)
    assert read_keys(file, environ) == ((ONE,), None)


def test_lines_of_a_file(tmp_path: Path) -> None:
    """One key a line, the first first, each once; blank lines and comments count for nothing."""
    text = f"# newest first\n\n  {TWO}\r\n{ONE}\n{TWO}\n"
    assert read_keys(kept(tmp_path / "k", text), {}).keys == (TWO, ONE)


def test_keys_of_the_environment_stand_on_one_line(tmp_path: Path) -> None:
    """There blanks part them, too."""
    assert read_keys(tmp_path / "k", {"SIGNALBOX_KEYS": f"{ONE} {TWO}\n"}).keys == (ONE, TWO)
    assert read_keys(tmp_path / "k", {"SIGNALBOX_KEYS": " "}).keys == ()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602])
def test_a_key_file_that_others_reach(tmp_path: Path, mode: int) -> None:
    """It is refused with the command that closes it."""
    file = kept(tmp_path / "k", ONE, mode)
    with pytest.raises(ConfigError, match=f"chmod 600 {file}"):
        read_keys(file, {})


@pytest.mark.parametrize("line", ["hush!", ONE[:-1], ONE + "=", "é" * 43 + "=", "+" * 43 + "=", f"{ONE} x"])
def test_what_is_no_key(tmp_path: Path, line: str) -> None:
    """It is refused by its line, and not shown."""
    with pytest.raises(ConfigError) as caught:
        read_keys(kept(tmp_path / "k", f"{TWO}\n{line}\n"), {})
    assert "holds no key in line 2" in caught.value.sentence
    assert line not in caught.value.sentence


@pytest.mark.parametrize(("content", "said"), [(b"# none\n", "holds no key"), (b"\xff\n", "is not text")])
def test_a_file_without_keys(tmp_path: Path, content: bytes, said: str) -> None:
    """A file that is there has to hold some: no second one is made beside it."""
    file = tmp_path / "k"
    file.touch(0o600)
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=said):
        read_keys(file, {})


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    """It cannot be read, and the sentence says so."""
    (tmp_path / "k").mkdir(0o700)
    with pytest.raises(ConfigError, match="Is a directory"):
        read_keys(tmp_path / "k", {})


def test_configuration_holds_them(tmp_path: Path) -> None:
    """They lie beside the configuration, or where it says; they are secrets and are not printed."""
    kept(tmp_path / "signalbox.keys", ONE)
    kept(tmp_path / "other", TWO)
    config = parse(MINIMAL, {}, tmp_path)
    assert (config.keys, config.access.key_file) == ((ONE,), tmp_path / "signalbox.keys")
    assert ONE in config.secrets()
    assert ONE not in repr(config)
    assert parse(MINIMAL + '[access]\nkey_file = "other"\n', {}, tmp_path).keys == (TWO,)


def test_mistakes_in_keys_are_told_with_the_others(tmp_path: Path) -> None:
    """One sentence a line."""
    kept(tmp_path / "signalbox.keys", "x")
    with pytest.raises(ConfigError) as caught:
        parse(MINIMAL + "[bot]\nworkers = 0\n", {}, tmp_path)
    first, second = caught.value.sentence.splitlines()
    assert "signalbox.keys holds no key in line 1" in first
    assert "bot.workers" in second


def test_first_key_is_written_for_its_owner_alone(tmp_path: Path) -> None:
    """What was written is read again; a file that is there is left as it is."""
    file = tmp_path / "k"
    create_keys(file, ONE)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_keys(file, {}).keys == (ONE,)
    with pytest.raises(ConfigError, match="is there already"):
        create_keys(file, TWO)
    assert read_keys(file, {}).keys == (ONE,)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """The sentence says what else can be done."""
    with pytest.raises(ConfigError, match=r"access\.key_file, or hand the key in as SIGNALBOX_KEYS"):
        create_keys(tmp_path / "none" / "k", ONE)


def test_a_disk_without_room(tmp_path: Path) -> None:
    """Nothing is left behind that a later start would take for keys."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(ConfigError, match="File too large"):
            create_keys(tmp_path / "k", ONE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not (tmp_path / "k").exists()


def test_a_place_that_cannot_be_looked_at(tmp_path: Path) -> None:
    """The sentence says which."""
    with pytest.raises(ConfigError, match=r"I cannot look for the keys in .*: File name too long"):
        read_keys(tmp_path / ("k" * 300), {})
