"""The audit trail: lines are only ever added, and whatever else is done to it is named."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.edges.store import Store
from bot.edges.store.audit import BEGINNING, PAGE, Verified, sealed
from bot.errors import BotError
from bot.ledger import Entry
from bot.model import Person, Place

ALICE = Entry(
    at=1_700_000_000_000, person=Person("T1", "U0ALICE001"), name="Zoë \x00 & <!here>", gitlab_id=7, username="alice",
    place=Place("C0OPS00001", "1700000000.000100"), command="run", decision="started", project="acme/shop",
    subject="deploy@main", environment="production", arguments="0" * 64, rule="prod", by="Bob", pipeline=2**40,
    detail="a \udcff half",
)  # fmt: skip
BOB = replace(
    ALICE, person=Person("T1", "U0BOB00001"), place=Place("D0BOB00001"), pipeline=None, detail="", gitlab_id=0
)
ROWS = 4
COLUMNS = (
    "seq", "at", "team", "person", "name", "gitlab_id", "username", "channel", "thread", "command", "decision",
    "project", "subject", "environment", "arguments", "rule", "by", "pipeline", "detail", "before", "hash",
)  # fmt: skip


def filled(store: Store, rows: int = ROWS) -> list[Entry]:
    with store.write() as tx:
        return [
            tx.audit.add(replace((ALICE, BOB)[number % 2], at=1_000 * number, rule=f"r{number}"))
            for number in range(rows)
        ]


def verified(store: Store, head: tuple[int, str] | None = None) -> Verified:
    with store.read() as tx:
        return tx.audit.verify(head)


@contextmanager
def attack(path: Path) -> Iterator[sqlite3.Connection]:
    """The file as somebody has it who may write to it: without the triggers."""
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("DROP TRIGGER IF EXISTS audit_stays")
        raw.execute("DROP TRIGGER IF EXISTS audit_keeps")
        yield raw


def held_in(raw: sqlite3.Connection, seq: int) -> dict[str, Any]:
    """A row as it stands in the file."""
    values = raw.execute(f"SELECT {', '.join(COLUMNS)} FROM audit WHERE seq = ?", (seq,)).fetchone()
    return dict(zip(COLUMNS, values, strict=True))


def test_a_line_is_numbered_and_sealed(store: Store) -> None:
    """Each entry comes back with its number, the hash of the one before and its own."""
    first, second, *_ = filled(store)
    assert (first.seq, second.seq) == (1, 2)
    assert first.before == BEGINNING == "0" * 64
    assert second.before == first.hash
    assert len({first.hash, second.hash}) == 2
    with store.read() as tx:
        back = list(tx.audit.since(0))
    assert back[1] == second
    assert replace(back[0], detail=first.detail) == first
    assert back[0].detail == "a ? half"


def test_the_hash_can_be_computed_by_anybody(store: Store, path: Path) -> None:
    """It is SHA-256 over the JSON of all other columns, sorted by name, without blanks and in ASCII."""
    filled(store)
    with closing(sqlite3.connect(path)) as raw:
        row = held_in(raw, 2)
    told = row.pop("hash")
    text = json.dumps(row, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest() == told == sealed(row)


def test_the_trail_goes_on_after_a_restart(path: Path) -> None:
    """The chain is of the file and not of the process."""
    for _ in range(3):
        with closing(Store(path)) as store, store.write() as tx:
            tx.audit.add(ALICE)
    with closing(Store(path)) as store:
        assert verified(store).rows == 3
        assert verified(store).fault == ""


@pytest.mark.parametrize("statement", ["UPDATE audit SET detail = 'x' WHERE seq = 2", "DELETE FROM audit"])
def test_no_line_is_changed_or_deleted(store: Store, path: Path, statement: str) -> None:
    """The table itself refuses both."""
    filled(store)
    with (
        closing(sqlite3.connect(path)) as raw,
        pytest.raises(sqlite3.IntegrityError, match="only added to"),
    ):
        raw.execute(statement)
    assert verified(store).fault == ""


# Verifying --------------------------------------------------------------------------------------------------


def test_an_empty_and_an_untouched_trail_fit(store: Store) -> None:
    """Nothing is wrong with a trail that was only added to; its length and last hash are told."""
    assert verified(store) == Verified(0, BEGINNING)
    last = filled(store)[-1]
    assert verified(store) == Verified(ROWS, last.hash)


def test_a_long_trail_is_read_in_pages(store: Store, path: Path) -> None:
    """A fault is found wherever it stands, also far beyond the first page."""
    filled(store, 2 * PAGE + 3)
    assert verified(store).rows == 2 * PAGE + 3
    with store.read() as tx:
        assert [one.seq for one in tx.audit.since(0)] == list(range(1, 2 * PAGE + 4))
        assert [one.seq for one in tx.audit.backwards()] == list(range(2 * PAGE + 3, 0, -1))
    with attack(path) as raw:
        raw.execute("UPDATE audit SET by = 'x' WHERE seq = ?", (2 * PAGE + 1,))
    found = verified(store)
    assert found.fault == f"Row {2 * PAGE + 1} was changed."
    assert found.rows == 2 * PAGE


@pytest.fixture(scope="module")
def original() -> Iterator[bytes]:
    """The file of a short trail, without its triggers."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "trail.sqlite3"
        with closing(Store(path)) as store:
            filled(store)
        with attack(path) as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        yield path.read_bytes()


@given(
    row=st.integers(1, ROWS),
    column=st.sampled_from(COLUMNS),
    at=st.integers(0, 100),
    flip=st.integers(1, 255),
)
@settings(max_examples=150, deadline=None)
def test_a_flipped_byte_is_named(original: bytes, row: int, column: str, at: int, flip: int) -> None:
    """Whichever byte of whichever column of whichever row is another one: the row is named."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "trail.sqlite3"
        path.write_bytes(original)
        with attack(path) as raw:
            kind, held = raw.execute(
                f"SELECT typeof({column}), CAST({column} AS BLOB) FROM audit WHERE seq = ?", (row,)
            ).fetchone()
            assume(held)
            new = flipped(held, kind, at, flip)
            assume(new is not None)
            as_type = "?" if kind == "integer" else "CAST(? AS TEXT)"
            taken = raw.execute(f"SELECT COUNT(*) FROM audit WHERE seq = {as_type}", (new,)).fetchone()[0]
            assume(column != "seq" or not taken)
            raw.execute(f"UPDATE audit SET {column} = {as_type} WHERE seq = ?", (new, row))
        with closing(Store(path)) as store:
            found = verified(store)
        if column != "seq":
            assert found == replace(found, rows=row - 1, fault=f"Row {row} was changed.")
        elif isinstance(new, int) and new < 1:
            assert found.fault == f"Row {new} does not belong there."
        else:
            assert found.fault == f"Row {row} is missing."


def flipped(held: bytes, kind: str, at: int, flip: int) -> Any:
    """The value with some bits of one byte turned, as SQLite would hold it; None if it would not."""
    if kind == "integer":
        whole = bytearray(int(held).to_bytes(8, "big", signed=True))
        whole[at % 8] ^= flip
        return int.from_bytes(whole, "big", signed=True)
    text = bytearray(held)
    text[at % len(text)] ^= flip
    return bytes(text)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DELETE FROM audit WHERE seq = 1", "Row 1 is missing."),
        ("DELETE FROM audit WHERE seq IN (2, 3)", "Row 2 is missing."),
        ("UPDATE audit SET seq = 9 WHERE seq = 4", "Row 4 is missing."),
        ("UPDATE audit SET seq = 0 WHERE seq = 3", "Row 0 does not belong there."),
        ("UPDATE audit SET seq = 'x' WHERE seq = 3", "Row 3 is missing."),
        ("UPDATE audit SET pipeline = NULL WHERE seq = 3", "Row 3 was changed."),
        ("UPDATE audit SET detail = CAST(detail AS BLOB) WHERE seq = 1", "Row 1 was changed."),
        ("UPDATE audit SET gitlab_id = 7.5 WHERE seq = 3", "Row 3 was changed."),
        ("UPDATE audit SET thread = '' WHERE seq = 2", "Row 2 was changed."),
        ("INSERT INTO audit SELECT 5, at, team, person, name, gitlab_id, username, channel, thread, command,"
         " decision, project, subject, environment, arguments, rule, by, pipeline, detail, before, hash"
         " FROM audit WHERE seq = 4", "Row 5 was changed."),
    ],
)  # fmt: skip
def test_what_was_done_to_the_rows_is_named(store: Store, path: Path, statement: str, fault: str) -> None:
    """Rows that are gone, moved, copied, or hold another kind of value."""
    filled(store)
    with attack(path) as raw:
        raw.execute(statement)
    assert verified(store).fault == fault


def rewritten(path: Path, first: int, **changes: Any) -> None:
    """Change a row and seal it anew, as somebody would who knows how."""
    with attack(path) as raw:
        row = held_in(raw, first)
        row |= changes
        raw.execute(
            "UPDATE audit SET " + ", ".join(f"{name} = ?" for name in changes) + ", hash = ? WHERE seq = ?",
            (*changes.values(), sealed(row), first),
        )


def test_a_row_that_was_sealed_anew_breaks_the_chain(store: Store, path: Path) -> None:
    """It fits itself; the next row shows that it is another one."""
    filled(store)
    rewritten(path, 2, by="Mallory")
    assert verified(store).fault == "Row 3 does not follow row 2: one of the two was written anew."


def test_a_trail_that_was_sealed_anew_to_its_end_is_seen_from_outside(store: Store, path: Path) -> None:
    """From inside all rows fit; what a witness noted down does not."""
    entries = filled(store)
    rewritten(path, ROWS, by="Mallory")
    assert verified(store).fault == ""
    assert verified(store, (ROWS - 1, entries[-2].hash)).fault == ""
    found = verified(store, (ROWS, entries[-1].hash))
    assert (
        found.fault == f"Row {ROWS} is not the one that was witnessed: the trail was written anew up to it."
    )


def test_an_end_that_was_cut_off_is_seen_from_outside(store: Store, path: Path) -> None:
    """A shorter trail fits by itself, and ends before the row that a witness has."""
    entries = filled(store)
    with attack(path) as raw:
        raw.execute("DELETE FROM audit WHERE seq > 2")
    assert verified(store).fault == ""
    assert verified(store, (ROWS, entries[-1].hash)).fault == f"The trail ends before row {ROWS}."


# The witness ------------------------------------------------------------------------------------------------


def test_the_log_tells_of_what_is_committed(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """One line for each entry after the commit, with its hash; none for what was rolled back."""
    caplog.set_level(logging.INFO, "bot.audit")
    with store.write() as tx:
        entry = tx.audit.add(ALICE)
        assert caplog.messages == []
    assert caplog.messages == [f"audit 1 {entry.hash} T1/U0ALICE001 run started"]
    with contextlib.suppress(KeyError), store.write() as tx:
        tx.audit.add(BOB)
        raise KeyError
    assert len(caplog.messages) == 1
    assert verified(store).rows == 1


# Reading ----------------------------------------------------------------------------------------------------


def test_entries_are_read_from_a_moment_on(store: Store) -> None:
    """since() gives what is as late or later, in the order of the trail, whatever the clock did."""
    with store.write() as tx:
        for at in (5, 9, 3, 7):
            tx.audit.add(replace(BOB, at=at))
    with store.read() as tx:
        assert [one.seq for one in tx.audit.since(5)] == [1, 2, 4]


@pytest.mark.parametrize("change", ["at = 'x'", "name = x'00'", "gitlab_id = 1.5", f"at = {2**62}"])
def test_a_row_that_was_made_unreadable_is_named(store: Store, path: Path, change: str) -> None:
    """Reading stops in a sentence; writing goes on."""
    filled(store)
    with attack(path) as raw:
        raw.execute(f"UPDATE audit SET {change} WHERE seq = 2")
    with pytest.raises(BotError, match=r"Row 2 of the audit trail cannot be read"), store.read() as tx:
        list(tx.audit.backwards())
    with store.write() as tx:
        assert tx.audit.add(BOB).seq == ROWS + 1


def test_text_that_is_none_any_more_is_shown_as_far_as_it_goes(store: Store, path: Path) -> None:
    """A byte that is no UTF-8 is replaced for people, and the row still counts as changed."""
    filled(store)
    with attack(path) as raw:
        raw.execute("UPDATE audit SET rule = CAST(x'61ff62' AS TEXT) WHERE seq = 2")
    with store.read() as tx:
        assert [one.rule for one in tx.audit.since(0)][1] == "a\ufffdb"
    assert verified(store).fault == "Row 2 was changed."
    with store.read() as tx:
        assert tx.marks.get("nothing") is None
