"""`run_bot.py audit`: shows the audit trail, writes it out, and tells whether it is as it was written."""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from bot.config import Config
from bot.edges.store import Store, Tx
from bot.errors import ConfigError
from bot.ledger import Entry
from bot.model import Millis
from bot.text import one_line

FITS, DOES_NOT_FIT = 0, 1
TAIL = 20
#: A cell that begins with one of these is a formula to a spreadsheet (owasp.org, "CSV Injection").
FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = (
    "seq", "at", "team", "person", "name", "gitlab_id", "username", "channel", "thread", "command", "decision",
    "project", "subject", "environment", "arguments", "rule", "by", "pipeline", "detail", "before", "hash",
)  # fmt: skip

_HEAD = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})")


def describe(parser: argparse.ArgumentParser) -> None:
    """Add to the parser of `audit` what can stand after it."""
    kinds = parser.add_subparsers(metavar="WHAT", required=True)
    tail = kinds.add_parser("tail", help="print the newest entries")
    tail.add_argument("-n", type=_count, default=TAIL, metavar="N", help=f"how many; default: {TAIL}")
    tail.set_defaults(show=_tail)
    export = kinds.add_parser("export", help="print all entries, as JSON lines or CSV")
    form = export.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_false", dest="csv", help="one JSON object a line; the default")
    form.add_argument("--csv", action="store_true", help="comma-separated, with a line of names first")
    export.add_argument(
        "--since", type=_moment, default=0, metavar="DATE",
        help="2026-01-31, or 2026-01-31T09:00+01:00; without a zone it is UTC",
    )  # fmt: skip
    export.set_defaults(show=_export, csv=False)
    verify = kinds.add_parser(
        "verify", help="name the first row that is not as it was written",
        epilog="Exit codes: 0 every row fits; 1 one does not; 2 the trail could not be read.",
    )  # fmt: skip
    verify.add_argument(
        "--head", type=_head, metavar="SEQ:HASH",
        help="a row as the log of the bot told it: it has to be there, unchanged",
    )  # fmt: skip
    verify.set_defaults(show=_verify)


def run(options: argparse.Namespace, config: Config, out: TextIO) -> int:
    """
    Do what was asked with the bot's store, writing to `out`; return the exit code, 1 if a row does not fit.

    Raises ConfigError if there is no store, and BotError if it cannot be read.
    """
    with _opened(config.store.path) as tx:
        code: int = options.show(tx, options, out)
    return code


def _tail(tx: Tx, options: argparse.Namespace, out: TextIO) -> int:
    newest = list(islice(tx.audit.backwards(), options.n))
    out.writelines(f"{_line(one)}\n" for one in reversed(newest))
    return FITS


def _export(tx: Tx, options: argparse.Namespace, out: TextIO) -> int:
    (_csv if options.csv else _json)(tx.audit.since(options.since), out)
    return FITS


def _verify(tx: Tx, options: argparse.Namespace, out: TextIO) -> int:
    found = tx.audit.verify(options.head)
    if found.fault:
        out.write(f"{found.fault} Rows that fit before that: {found.rows}.\n")
        return DOES_NOT_FIT
    if not found.rows:
        out.write("The audit trail is empty.\n")
        return FITS
    out.write(f"Every row fits: {found.rows}. Keep this elsewhere for --head: {found.rows}:{found.hash}\n")
    return FITS


@contextmanager
def _opened(path: Path) -> Iterator[Tx]:
    # Otherwise a new and empty store would be made there, whose trail fits.
    if not path.is_file():
        raise ConfigError(
            f"There is no store {path} (`store.path`). Give the configuration that the bot runs with."
        )
    with closing(Store(path)) as store, store.read() as tx:
        yield tx


def _json(entries: Iterable[Entry], out: TextIO) -> None:
    out.writelines(json.dumps(_plain(one)) + "\n" for one in entries)


def _csv(entries: Iterable[Entry], out: TextIO) -> None:
    # Every text in quotes: Python 3.11 leaves them out around a carriage return, which ends a line for its reader.
    rows = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    rows.writerow(COLUMNS)
    for one in entries:
        rows.writerow([_cell(value) for value in _plain(one).values()])


def _cell(value: Any) -> Any:
    """Return a value that a spreadsheet takes for text if it is some."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _plain(one: Entry) -> Mapping[str, Any]:
    """Return an entry as its columns, the moment in ISO 8601."""
    known = {
        "at": _iso(one.at), "team": one.person.team, "person": one.person.id, "channel": one.place.channel,
        "thread": one.place.thread,
    }  # fmt: skip
    return {name: known[name] if name in known else getattr(one, name) for name in COLUMNS}


def _line(one: Entry) -> str:
    """Return an entry as a line for a terminal, in which nothing from outside moves the cursor."""
    named = {"rule": one.rule, "by": one.by, "pipeline": one.pipeline, "detail": one.detail}
    who = f"{one.name} ({one.person.team}/{one.person.id}, @{one.username or '-'})"
    facts = [who, one.command, one.decision, one.project, one.subject, one.environment]
    facts += [f"{name}: {value}" for name, value in named.items() if value]
    told = "  ".join(one_line(fact, len(fact)) for fact in facts if fact)
    return f"{one.seq}  {_iso(one.at)}  {told}"


def _iso(moment: Millis) -> str:
    """Return a moment in UTC to the millisecond: the hash is over the number, which this gives back."""
    whole = datetime.fromtimestamp(moment // 1000, UTC)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{moment % 1000:03d}Z"


# What was typed ---------------------------------------------------------------------------------------------


def _count(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of entries")
    return int(text)


def _moment(text: str) -> Millis:
    try:
        found = datetime.fromisoformat(text)
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return int(found.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-01-31") from None


def _head(text: str) -> tuple[int, str]:
    found = _HEAD.fullmatch(text.lower())
    if found is None:
        raise argparse.ArgumentTypeError("write the number, a colon and the 64 characters of the hash")
    return int(found[1]), found[2]
