"""A change of keys: everything that is sealed in the store is sealed anew, while the bot may be running."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from bot.access.kept import SEALED
from bot.edges.store import Store, Tx
from bot.vault import Vault, VaultError

#: Rows sealed anew in one transaction, so that a running bot waits for a few milliseconds only.
ROWS_AT_ONCE = 50
#: A bot that runs may seal something between two rounds; each round finds less.
MOST_ROUNDS = 5
#: How long requests that are being done are waited for; each is done in seconds.
WAIT_S, LOOK_EVERY_S = 10.0, 0.2
REQUEST = "request"


@dataclass(frozen=True, slots=True)
class Row:
    """One sealed text in the store."""

    what: str
    """account, device, request, form or memory: what somebody gave a job last."""
    about: str
    """Whose, as it stands inside."""
    sealed: str
    put: Callable[[Tx, str], bool]
    """Puts another seal in its place, unless it has changed."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at everything sealed found."""

    rows: int
    older: int
    """How many of them need a key after the first."""
    closed: tuple[Row, ...]
    """Those that do not open with any key, or are about somebody else."""


def look(store: Store, vault: Vault) -> Looked:
    """Try to open everything."""
    with store.read() as tx:
        rows = list(_rows(tx))
    closed = tuple(row for row in rows if not _opens(vault, row))
    older = sum(not _is_newest(vault, row) for row in rows if row not in closed)
    return Looked(len(rows), older, closed)


def reseal(store: Store, vault: Vault) -> tuple[int, tuple[Row, ...]]:
    """Seal everything with the first key; how much that was, and what does not open."""
    done = 0
    for _ in range(MOST_ROUNDS):
        with store.read() as tx:
            rows = list(_rows(tx))
        closed = tuple(row for row in rows if not _opens(vault, row))
        older = [row for row in rows if row not in closed and not _is_newest(vault, row)]
        if not older:
            return done, closed
        done += _anew(store, vault, older)
    return done, ()  # Whether nothing is left says let_go.


def let_go(store: Store, vault: Vault, act: Callable[[], None], *, wait: float = WAIT_S) -> bool:
    """
    Call `act`, which takes the older keys away, once nothing needs them; False if something did for `wait` seconds.

    It is called inside a transaction: whoever seals does so inside of theirs, so that nothing slips between.
    """
    pause = threading.Event()
    for _ in range(max(1, int(wait / LOOK_EVERY_S))):
        with store.write() as tx:
            # Requests that are being done may hold something sealed, and are done soon.
            if not tx.inbox.open_count() and all(_is_newest(vault, row) for row in _rows(tx)):
                act()
                return True
        pause.wait(LOOK_EVERY_S)
    return False


def _anew(store: Store, vault: Vault, rows: Sequence[Row]) -> int:
    done = 0
    for start in range(0, len(rows), ROWS_AT_ONCE):
        with store.write() as tx:
            done += sum(row.put(tx, _sealed_anew(vault, row)) for row in rows[start : start + ROWS_AT_ONCE])
    return done


def _rows(tx: Tx) -> Iterator[Row]:
    """Everything sealed that somebody may still want to open."""
    for about, text in tx.accounts.sealed():
        yield Row("account", about, text, partial(_put_account, text))
    for about, text in tx.devices.sealed():
        yield Row("device", about, text, partial(_put_device, text))
    for key, about, text in tx.kept.sealed():
        yield Row(REQUEST, about, text, partial(_put_request, key, text))
    for key, about, text in tx.sheets.sealed():
        yield Row("form", about, text, partial(_put_form, key, text))
    for about, text in tx.last_values.sealed():
        yield Row("memory", about, text, partial(_put_last, text))


def _put_account(old: str, tx: Tx, new: str) -> bool:
    return tx.accounts.reseal(old, new)


def _put_device(old: str, tx: Tx, new: str) -> bool:
    return tx.devices.reseal(old, new)


def _put_request(key: str, old: str, tx: Tx, new: str) -> bool:
    return tx.kept.reseal(key, old, new)


def _put_form(key: str, old: str, tx: Tx, new: str) -> bool:
    return tx.sheets.reseal(key, old, new)


def _put_last(old: str, tx: Tx, new: str) -> bool:
    return tx.last_values.reseal(old, new)


def _opens(vault: Vault, row: Row) -> bool:
    try:
        text = vault.open(row.sealed, about=row.about)
        for inner in _inside(row, text).values():
            vault.open(inner, about=row.about)
    except VaultError:
        return False
    return True


def _is_newest(vault: Vault, row: Row) -> bool:
    """Whether the first key alone opens it; False for what does not open at all."""
    if not vault.is_newest(row.sealed) or not _opens(vault, row):
        return False
    return all(map(vault.is_newest, _inside(row, vault.open(row.sealed, about=row.about)).values()))


def _sealed_anew(vault: Vault, row: Row) -> str:
    """The same, sealed with the first key all the way down."""
    text = vault.open(row.sealed, about=row.about)
    inside = _inside(row, text)
    if not inside:
        return vault.reseal(row.sealed)
    body = json.loads(text) | {name: vault.reseal(inner) for name, inner in inside.items()}
    return vault.seal(json.dumps(body, ensure_ascii=False, separators=(",", ":")), about=row.about)


def _inside(row: Row, text: str) -> dict[str, str]:
    """What is sealed inside of a kept request, which is sealed itself."""
    body = json.loads(text) if row.what == REQUEST else {}
    return {name: body[name] for name in SEALED if body.get(name)}
