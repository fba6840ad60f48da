"""The audit trail: lines that are only ever added, each sealed by a hash over itself and the one before."""

# ruff: noqa: S608 -- only constants of this room go into the text of a statement; every value is bound

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

from bot.errors import BotError
from bot.ledger import Entry
from bot.model import Millis, Person, Place

#: The witness outside of the store: one line for each entry, once it is committed.
log = logging.getLogger("bot.audit")

#: What the first row says is the hash of the row before it.
BEGINNING = "0" * 64
#: Rows read at a time, so that a trail of any length fits into memory.
PAGE = 500
#: The last moment that can be written as a date (year 9999).
LAST_MOMENT: Millis = 253_402_300_799_999

_SPREAD = {"person": ("team", "person"), "place": ("channel", "thread")}
_NAMES = tuple(name for field in fields(Entry) for name in _SPREAD.get(field.name, (field.name,)))
_COLUMNS = ", ".join(_NAMES)
_NUMBERS = frozenset({"seq", "at", "gitlab_id", "pipeline"})
_MAY_BE_NULL = frozenset({"thread", "pipeline"})
_Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at the whole trail found."""

    rows: int
    """How many rows fit, from the first on."""
    hash: str
    """Hash of the last of them."""
    fault: str = ""
    """What is wrong, and where; empty if every row fits."""


class Audit:
    """Rows are numbered from 1 without a gap. Triggers of the table refuse to change or delete one."""

    __slots__ = ("_added", "_sql")

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql
        self._added: list[Entry] = []

    def add(self, entry: Entry) -> Entry:
        """Add a line and return it with its number and hashes. Only the last row is read for that."""
        last = self._rows(_shown, "ORDER BY seq DESC LIMIT 1", ())
        seq, before = (_value(last[0], "seq") + 1, _value(last[0], "hash")) if last else (1, BEGINNING)
        values = {name: _storable(value) for name, value in _spread(entry).items()}
        values |= {"seq": seq, "before": before}
        values["hash"] = sealed(values)
        marks = ", ".join("?" * len(_NAMES))
        self._sql.execute(
            f"INSERT INTO audit ({_COLUMNS}) VALUES ({marks})", tuple(values[name] for name in _NAMES)
        )
        added = replace(entry, seq=seq, before=before, hash=values["hash"])
        self._added.append(added)
        return added

    def witness(self) -> None:
        """Write a line of log for each entry that was added; called by the store when they are committed."""
        for one in self._added:
            who = f"{one.person.team}/{one.person.id}"
            log.info("audit %d %s %s %s %s", one.seq, one.hash, who, one.command or "-", one.decision)
        self._added.clear()

    def backwards(self) -> Iterator[Entry]:
        """Every entry, the newest first.

        Raises BotError at a row that somebody has made unreadable.
        """
        page = self._rows(_shown, "ORDER BY seq DESC LIMIT ?", (PAGE,))
        while page:
            yield from map(_entry, page)
            page = self._rows(
                _shown, "WHERE seq < ? ORDER BY seq DESC LIMIT ?", (_value(page[-1], "seq"), PAGE)
            )

    def since(self, moment: Millis) -> Iterator[Entry]:
        """Entries of this moment and later, in the order in which they were added.

        Raises BotError at a row that somebody has made unreadable.
        """
        for page in self._pages(_shown):
            yield from (one for one in map(_entry, page) if one.at >= moment)

    def verify(self, head: tuple[int, str] | None = None) -> Verified:
        """Whether every row is as it was written, from the first on; the first that does not fit is named.

        `head` is a number and its hash from a witness outside: without one, nobody can tell from inside whether the
        end was cut off or all rows were written anew.
        """
        seen = Verified(0, BEGINNING)
        for page in self._pages(_exact):
            for row in page:
                fault = _fault(row, seen) or _unlike(head, row)
                if fault:
                    return replace(seen, fault=fault)
                seen = Verified(seen.rows + 1, _value(row, "hash"))
        if head and head[0] > seen.rows:
            return replace(seen, fault=f"The trail ends before row {head[0]}.")
        return seen

    def _pages(self, decode: Callable[[bytes], str]) -> Iterator[list[_Row]]:
        page = self._rows(decode, "ORDER BY seq LIMIT ?", (PAGE,))
        while page:
            yield page
            page = self._rows(decode, "WHERE seq > ? ORDER BY seq LIMIT ?", (_value(page[-1], "seq"), PAGE))

    def _rows(self, decode: Callable[[bytes], str], how: str, given: tuple[Any, ...]) -> list[_Row]:
        """Read some rows, also those whose text is no text any more."""
        self._sql.text_factory = decode
        try:
            return self._sql.execute(f"SELECT {_COLUMNS} FROM audit {how}", given).fetchall()
        finally:
            self._sql.text_factory = str


def sealed(values: Mapping[str, Any]) -> str:
    """Return the hash of a row: SHA-256, in hexadecimal, over the JSON of its columns but `hash`, sorted by name."""
    plain = {name: value for name, value in values.items() if name != "hash"}
    text = json.dumps(plain, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=_bytes)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _fault(row: _Row, before: Verified) -> str:
    """What is wrong with a row, given those before it; empty if it fits."""
    seq, wanted = _value(row, "seq"), before.rows + 1
    if seq != wanted:
        missing = not isinstance(seq, int) or seq > wanted
        return f"Row {wanted} is missing." if missing else f"Row {seq} does not belong there."
    values = dict(zip(_NAMES, row, strict=True))
    if sealed(values) != values["hash"]:
        return f"Row {seq} was changed."
    if values["before"] != before.hash:
        # Each of the two fits itself, so one of them was made anew together with its hash.
        return f"Row {seq} does not follow row {seq - 1}: one of the two was written anew."
    return ""


def _unlike(head: tuple[int, str] | None, row: _Row) -> str:
    if not head or head[0] != _value(row, "seq") or head[1] == _value(row, "hash"):
        return ""
    return f"Row {head[0]} is not the one that was witnessed: the trail was written anew up to it."


def _spread(entry: Entry) -> dict[str, Any]:
    """The fields of an entry as columns."""
    values = {field.name: getattr(entry, field.name) for field in fields(Entry)}
    person, place = values.pop("person"), values.pop("place")
    return values | {
        "team": person.team,
        "person": person.id,
        "channel": place.channel,
        "thread": place.thread,
    }


def _entry(row: _Row) -> Entry:
    values = dict(zip(_NAMES, row, strict=True))
    if not (all(map(_fits, values, values.values())) and 0 <= values["at"] <= LAST_MOMENT):
        raise BotError(
            f"Row {values['seq']!r:.40} of the audit trail cannot be read. Whoever runs me can look:"
            " `python run_bot.py audit verify`."
        )
    person = Person(values.pop("team"), values.pop("person"))
    return Entry(person=person, place=Place(values.pop("channel"), values.pop("thread")), **values)


def _fits(name: str, value: Any) -> bool:
    """Whether a value has the type that add() gave it."""
    if value is None:
        return name in _MAY_BE_NULL
    return isinstance(value, int if name in _NUMBERS else str)


def _value(row: _Row, name: str) -> Any:
    return row[_NAMES.index(name)]


def _bytes(value: Any) -> list[str]:
    """Stand in for bytes that somebody put where text or a number was, so that nothing else looks the same."""
    return ["bytes", value.hex()]


def _storable(value: Any) -> Any:
    """Replace what no file can hold: halves of surrogate pairs."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


#: Bytes that are no text: told apart from everything that is some, or replaced for people.
_exact: Callable[[bytes], str] = partial(str, encoding="utf-8", errors="surrogateescape")
_shown: Callable[[bytes], str] = partial(str, encoding="utf-8", errors="replace")
