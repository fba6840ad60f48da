"""Seals what must not be read in the store: tokens, device codes, kept requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.errors import BotError, ConfigError

#: Stands between what a text is about and the text itself; no name of ours holds it.
_PARTED = "\0"


class VaultError(BotError):
    """I cannot read what I wrote down sealed. Whoever runs me can look: `python run_bot.py keys check`."""


class Vault:
    """
    Fernet (AES-128-CBC and HMAC-SHA256) with one key or more: the first seals, each of them opens.

    Fernet knows no associated data, so that what a text is about stands inside and is compared (reliability.md 4.2):
    a row copied to another person opens for nobody. Safe for threads.
    """

    def __init__(self, keys: Sequence[str], *, newest: Callable[[], Sequence[str]] | None = None) -> None:
        """
        `newest` returns the keys as they are now; asked before every seal, and when a text does not open.

        With it a running bot follows `keys rotate`. Raises ConfigError for no key, or for a text that is none.
        """
        self._newest = newest
        self._keys = tuple(keys)
        self._fernet = _fernet(self._keys)

    def seal(self, text: str, *, about: str) -> str:
        """Return a text nobody else can read, and that only `open` with the same `about` (`T1/U1`) gives back.

        Seal inside the transaction that stores it: then a change of keys, which is one too, sees all there is.
        """
        if _PARTED in about:
            raise ValueError("what a text is about holds no NUL")
        return self._current().encrypt(f"{about}{_PARTED}{text}".encode("utf-8", "surrogatepass")).decode()

    def open(self, sealed: str, *, about: str) -> str:
        """Return what was sealed. Raises VaultError if no key opens it, or if it is about something else."""
        whole = self._decrypted(sealed).decode("utf-8", "surrogatepass")
        found, _, text = whole.partition(_PARTED)
        if found != about:
            raise VaultError
        return text

    def reseal(self, sealed: str) -> str:
        """Return the same text sealed with the first key. Raises VaultError if no key opens it."""
        try:
            return self._current().rotate(sealed.encode()).decode()
        except (InvalidToken, ValueError) as error:
            raise VaultError from error

    def is_newest(self, sealed: str) -> bool:
        """Whether the first key alone opens it."""
        self._current()
        try:
            Fernet(self._keys[0]).decrypt(sealed.encode())
        except (InvalidToken, ValueError):
            return False
        return True

    def _decrypted(self, sealed: str) -> bytes:
        try:
            return self._fernet.decrypt(sealed.encode())
        except (InvalidToken, ValueError):
            pass  # It may be sealed with a key that has been added since.
        try:
            return self._current().decrypt(sealed.encode())
        except (InvalidToken, ValueError) as error:
            raise VaultError from error

    def _current(self) -> MultiFernet:
        """Follow a change of keys; a key file that is just being looked after changes nothing."""
        keys = tuple(self._newest()) if self._newest else ()
        if keys and keys != self._keys:
            self._fernet, self._keys = _fernet(keys), keys
        return self._fernet


def new_key() -> str:
    """Return a key, 32 random bytes in URL-safe base64, as a line of a key file holds it."""
    return Fernet.generate_key().decode()


def is_key(text: str) -> bool:
    """Whether this could be a key of a vault."""
    try:
        Fernet(text)
    except ValueError:
        return False
    return True


def _fernet(keys: Sequence[str]) -> MultiFernet:
    if not keys:
        raise ConfigError("There is no key to seal tokens with. Make one with: python run_bot.py keys new")
    if not all(map(is_key, keys)):
        raise ConfigError("A line that should be a key is none. Make one with: python run_bot.py keys new")
    return MultiFernet([Fernet(key) for key in keys])


class KeyFile:
    """The keys in a file as they are now, read again only when the file has changed; safe for threads."""

    def __init__(self, path: Path, read: Callable[[], tuple[str, ...]]) -> None:
        """`read` returns what the file holds; it may raise ConfigError while somebody writes there by hand."""
        self._path, self._read = path, read
        self._known: tuple[tuple[int, int, int], tuple[str, ...]] | None = None

    def __call__(self) -> tuple[str, ...]:
        """Return the keys; none while the file cannot be read, so that a vault goes on with those it has."""
        try:
            about = self._path.stat()
            mark = (about.st_ino, about.st_mtime_ns, about.st_size)
            known = self._known
            if known is None or known[0] != mark:
                known = self._known = mark, self._read()
        except (OSError, ConfigError):
            return ()
        return known[1]
