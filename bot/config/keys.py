"""Keys of the vault: where they are kept, what one looks like, and how the first one is written."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from bot.errors import ConfigError

#: Name of systemd's credential (systemd.exec, LoadCredential=), and of the variable.
CREDENTIAL, VARIABLE = "signalbox-keys", "SIGNALBOX_KEYS"
#: A Fernet key: 32 bytes in url-safe base64 (github.com/fernet/spec).
_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")
#: Nobody but the owner may read or write it.
OTHERS = 0o077
_HEAD = "# Signalbox: one key a line; the first seals, all open. Keep it apart from copies of the store.\n"


class Keys(NamedTuple):
    """Keys, and where they stand."""

    keys: tuple[str, ...] = ()
    """The first seals, all open."""
    file: Path | None = None
    """The file, if it can be written anew; None for a credential and the environment."""


def read_keys(key_file: Path, environ: Mapping[str, str]) -> Keys:
    """
    Return the keys of the first place that has some: systemd's credential, the file, the environment.

    There may be none. Raises ConfigError for a place that holds something else, or that others can read.
    """
    folder = environ.get("CREDENTIALS_DIRECTORY")
    credential = Path(folder, CREDENTIAL) if folder else None
    if credential and _is_there(credential):
        return Keys(_keys(_text(credential), str(credential)))
    if _is_there(key_file):
        _check_closed(key_file)
        return Keys(_keys(_text(key_file), f"access.key_file {key_file}"), key_file)
    given = environ.get(VARIABLE, "")
    if not given.strip():
        return Keys()
    return Keys(_keys("\n".join(given.split()), f"The environment variable {VARIABLE}"))


def create_keys(path: Path, key: str) -> None:
    """
    Write a new file with one key, which only the owner can read.

    Raises ConfigError if there is one already, or if it cannot be written; then nothing is left of it.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigError(f"{path} is there already, so I write no new key over it.") from None
    except OSError as error:
        raise ConfigError(_unwritable(path, error)) from None
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{_HEAD}{key}\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise ConfigError(_unwritable(path, error)) from None


def _unwritable(path: Path, error: OSError) -> str:
    return (
        f"I cannot write the key file {path}: {error.strerror}."
        f" Name a file I may write with access.key_file, or hand the key in as {VARIABLE}."
    )


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise ConfigError(f"I cannot look for the keys in {path}: {error.strerror}.") from None


def _check_closed(path: Path) -> None:
    if path.stat().st_mode & OTHERS:
        raise ConfigError(f"access.key_file {path} can be read by others. Close it with: chmod 600 {path}")


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise ConfigError(f"I cannot read the keys in {path}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is to hold keys, but is not text.") from None


def _keys(text: str, where: str) -> tuple[str, ...]:
    """One key a line, each once; blank lines and comments count for nothing. No sentence shows a key."""
    lines = [(at, line.strip()) for at, line in enumerate(text.splitlines(), 1)]
    keys = [(at, line) for at, line in lines if line and not line.startswith("#")]
    for at, key in keys:
        if not _KEY.fullmatch(key):
            raise ConfigError(
                f"{where} holds no key in line {at}. A key is 32 bytes in url-safe base64:"
                " 44 letters, digits, dashes and underscores, the last one =."
            )
    if not keys:
        raise ConfigError(f"{where} holds no key. Take it away, and I make one at the next start.")
    return tuple(dict.fromkeys(key for _, key in keys))
