"""`run_bot.py audit`: what it prints, and when it fails."""

from __future__ import annotations

import argparse
import csv
import io
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Config, GitLabConfig, SlackConfig, StoreConfig
from bot.edges.store import Store
from bot.edges.store.audit import sealed
from bot.errors import ConfigError
from bot.ledger import Entry
from bot.model import Person, Place
from bot.tools import audit

ENTRY = Entry(
    at=1_767_225_600_123, person=Person("T1", "U0ALICE001"), name="Zoë\x1b[31m\n=", gitlab_id=7, username="alice",
    place=Place("C0OPS00001"), command="run", decision="started", project="acme/shop", subject="deploy@main",
    environment="production", rule="prod", by="@bob", pipeline=77, detail="=HYPERLINK(1)",
)  # fmt: skip


@pytest.fixture
def filled(path: Path) -> Path:
    """The path of a store with three entries, a day between each."""
    with closing(Store(path)) as store, store.write() as tx:
        for number in range(3):
            tx.audit.add(replace(ENTRY, at=ENTRY.at + number * 86_400_000, rule=f"r{number}"))
    return path


def do(path: Path, *typed: str) -> tuple[int, str]:
    """The exit code and what is printed."""
    config = Config(
        slack=SlackConfig(bot_token="xoxb-canary", app_token="xapp-canary"),
        gitlab=GitLabConfig(token="glpat-canary"),
        store=StoreConfig(path=path),
    )
    parser, out = argparse.ArgumentParser(), io.StringIO()
    audit.describe(parser)
    code = audit.run(parser.parse_args(typed), config, out)
    return code, out.getvalue()


def test_tail_prints_the_newest_last(filled: Path) -> None:
    """One line an entry, as many as are wanted, with nothing that moves the cursor."""
    code, said = do(filled, "tail", "-n", "2")
    assert code == 0
    assert said.splitlines() == [
        f"{seq}  2026-01-0{seq}T00:00:00.123Z  Zoë = (T1/U0ALICE001, @alice)  run  started  acme/shop  deploy@main"
        f"  production  rule: r{seq - 1}  by: @bob  pipeline: 77  detail: =HYPERLINK(1)"
        for seq in (2, 3)
    ]
    assert len(do(filled, "tail")[1].splitlines()) == 3


def test_json_holds_all_that_the_hash_is_over(filled: Path) -> None:
    """Each line is an object from which anybody can compute the hash again."""
    code, said = do(filled, "export")
    assert code == 0
    rows = [json.loads(line) for line in said.splitlines()]
    assert [row["seq"] for row in rows] == [1, 2, 3]
    assert rows[0]["at"] == "2026-01-01T00:00:00.123Z"
    assert rows[0]["thread"] is None
    assert rows[0]["detail"] == "=HYPERLINK(1)"
    assert sealed(rows[0] | {"at": ENTRY.at}) == rows[0]["hash"] == rows[1]["before"]
    assert do(filled, "export", "--json") == (code, said)


def test_csv_holds_no_formula(filled: Path) -> None:
    """The first line has the names; what a spreadsheet would compute is text."""
    code, said = do(filled, "export", "--csv")
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(said)))
    assert len(rows) == 3
    assert tuple(rows[0]) == audit.COLUMNS
    assert rows[0]["detail"] == "'=HYPERLINK(1)"
    assert rows[0]["by"] == "'@bob"
    assert rows[0]["pipeline"] == "77"
    assert rows[0]["thread"] == ""


@given(texts=st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=6))
def test_any_text_comes_back_from_csv(texts: list[str]) -> None:
    """Whatever a cell holds: it stays one cell, begins no formula, and is there as it was."""
    out = io.StringIO(newline="")
    names = ("name", "command", "project", "subject", "by", "detail")
    changes = dict(zip(names, texts, strict=False))
    audit._csv([replace(ENTRY, **changes)], out)  # type: ignore[arg-type]  # fields by their names
    (row,) = csv.DictReader(io.StringIO(out.getvalue(), newline=""))
    for name, text in changes.items():
        assert row[name].removeprefix("'") == text or row[name] == text
        assert not row[name].startswith(audit.FORMULA)


@pytest.mark.parametrize(
    ("since", "found"),
    [
        ("2026-01-02", [2, 3]),
        ("2026-01-02T01:00:00+01:00", [2, 3]),
        ("2026-01-02T00:00:01", [3]),
        ("2030-01-01", []),
    ],
)
def test_a_part_is_exported(filled: Path, since: str, found: list[int]) -> None:
    """A date means its beginning in UTC; a moment may have a zone."""
    said = do(filled, "export", "--since", since)[1]
    assert [json.loads(line)["seq"] for line in said.splitlines()] == found


def test_verify_tells_that_all_is_well(filled: Path, tmp_path: Path) -> None:
    """An untouched trail fits, and what it prints fits its own --head."""
    code, said = do(filled, "verify")
    head = said.split()[-1]
    assert (code, head[:2]) == (0, "3:")
    assert do(filled, "verify", "--head", head.upper())[0] == 0
    empty = tmp_path / "empty.sqlite3"
    Store(empty).close()
    assert do(empty, "verify") == (0, "The audit trail is empty.\n")
    assert do(empty, "verify", "--head", head) == (
        1,
        "The trail ends before row 3. Rows that fit before that: 0.\n",
    )


def test_verify_names_the_row(filled: Path) -> None:
    """The exit code is 1, and the first row that does not fit is named."""
    with closing(sqlite3.connect(filled, isolation_level=None)) as raw:
        raw.execute("DROP TRIGGER audit_stays")
        raw.execute("UPDATE audit SET decision = 'denied' WHERE seq = 2")
    assert do(filled, "verify") == (1, "Row 2 was changed. Rows that fit before that: 1.\n")


def test_without_a_store_nothing_is_made(tmp_path: Path) -> None:
    """A wrong path is told, and does not become an empty trail that fits."""
    path = tmp_path / "none.sqlite3"
    with pytest.raises(ConfigError, match="There is no store"):
        do(path, "verify")
    assert not path.exists()


@pytest.mark.parametrize(
    "typed",
    [
        (), ("what",), ("tail", "-n", "0"), ("tail", "-n", "x"), ("export", "--since", "yesterday"),
        ("verify", "--head", "3"), ("verify", "--head", "0:" + "a" * 64), ("export", "--json", "--csv"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused(filled: Path, typed: tuple[str, ...]) -> None:
    """The command line is checked before anything is read."""
    with pytest.raises(SystemExit, match="2"):
        do(filled, *typed)
