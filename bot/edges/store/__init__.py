"""The bot's memory: one SQLite file behind one small class a noun, changed only in whole transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bot.edges.store.accounts import Accounts
from bot.edges.store.aims import Aims
from bot.edges.store.approvals import Approvals
from bot.edges.store.audit import Audit
from bot.edges.store.cards import Cards
from bot.edges.store.catalogues import Catalogues
from bot.edges.store.connections import TURN_SECONDS, Pool, connect, create, explained, use_wal
from bot.edges.store.devices import Devices
from bot.edges.store.environments import EnvironmentStates
from bot.edges.store.errands import Dues, Errands, Holders, Mirror, Suspects, Tasks, WatchedProjects
from bot.edges.store.favourites import Favourites
from bot.edges.store.grants import Grants
from bot.edges.store.hold import Hold, one_by_one
from bot.edges.store.homes import Homes, Settings
from bot.edges.store.inbox import Inbox
from bot.edges.store.incidents import IncidentEvents, IncidentFacts, Incidents
from bot.edges.store.issues import Issues
from bot.edges.store.kept import KeptRequests
from bot.edges.store.known import KnownNames
from bot.edges.store.last_values import LastValues
from bot.edges.store.locks import Locks
from bot.edges.store.marks import Marks
from bot.edges.store.merge_cards import MergeCards
from bot.edges.store.offers import Offers
from bot.edges.store.outbox import Outbox
from bot.edges.store.own_words import OwnWords
from bot.edges.store.picks import Picks
from bot.edges.store.pipeline_cards import PipelineCards
from bot.edges.store.places import Places
from bot.edges.store.records import Card, Letter, Received
from bot.edges.store.recurring import Recurrings
from bot.edges.store.reviews import Reviews
from bot.edges.store.runs import Runs
from bot.edges.store.schema import migrate
from bot.edges.store.sheets import Sheets
from bot.edges.store.turns import Turns
from bot.edges.store.writes import Writes
from bot.errors import StoreError
from bot.model import Millis

__all__ = ["Card", "Letter", "Received", "Store", "Tx"]


class Tx:
    """One transaction: what it reads is one moment, what it writes happens whole or not at all."""

    __slots__ = (
        "accounts",
        "aims",
        "approvals",
        "audit",
        "cards",
        "catalogues",
        "devices",
        "dues",
        "environments",
        "errands",
        "favourites",
        "grants",
        "holders",
        "homes",
        "inbox",
        "incident_events",
        "incident_facts",
        "incidents",
        "issues",
        "kept",
        "known",
        "last_values",
        "locks",
        "marks",
        "merge_cards",
        "mirror",
        "offers",
        "outbox",
        "own_words",
        "picks",
        "pipeline_cards",
        "places",
        "recurring",
        "reviews",
        "runs",
        "settings",
        "sheets",
        "suspects",
        "tasks",
        "watched",
        "writes",
    )

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.audit = Audit(connection)
        self.inbox = Inbox(connection)
        self.accounts = Accounts(connection)
        self.devices = Devices(connection)
        self.runs = Runs(connection)
        self.outbox = Outbox(connection)
        self.cards = Cards(connection)
        self.places = Places(connection)
        self.catalogues = Catalogues(connection)
        self.offers = Offers(connection)
        self.marks = Marks(connection)
        self.locks = Locks(connection)
        self.kept = KeptRequests(connection)
        self.approvals = Approvals(connection)
        self.grants = Grants(connection)
        self.writes = Writes(connection)
        self.known = KnownNames(connection)
        self.sheets = Sheets(connection)
        self.environments = EnvironmentStates(connection)
        self.own_words = OwnWords(connection)
        self.recurring = Recurrings(connection)
        self.issues = Issues(connection)
        self.picks = Picks(connection)
        self.reviews = Reviews(connection)
        self.merge_cards = MergeCards(connection)
        self.aims = Aims(connection)
        self.pipeline_cards = PipelineCards(connection)
        self.favourites = Favourites(connection)
        self.homes = Homes(connection)
        self.settings = Settings(connection)
        self.last_values = LastValues(connection)
        self.incidents = Incidents(connection)
        self.incident_events = IncidentEvents(connection)
        self.incident_facts = IncidentFacts(connection)
        self.errands = Errands(connection)
        self.mirror = Mirror(connection)
        self.holders = Holders(connection)
        self.tasks = Tasks(connection)
        self.suspects = Suspects(connection)
        self.dues = Dues(connection)
        self.watched = WatchedProjects(connection)

    def not_later_than(self, now: Millis) -> None:
        """After the clock was set back: what was to happen later than now may happen now."""
        self.outbox.not_later_than(now)
        self.devices.not_later_than(now)
        self.locks.not_later_than(now)
        self.cards.not_later_than(now)
        self.merge_cards.not_later_than(now)
        self.pipeline_cards.not_later_than(now)
        self.recurring.not_later_than(now)
        self.writes.not_later_than(now)
        self.homes.not_later_than(now)
        self.known.not_later_than(now)
        self.errands.not_later_than(now)
        self.watched.not_later_than(now)


class Store:
    """The file and the ways into it. Safe for threads: each transaction has a connection to itself."""

    def __init__(self, path: Path, *, turn_seconds: float = TURN_SECONDS) -> None:
        """Open the file, made with mode 0600 if it is not there, and bring it to this version.

        `turn_seconds` is how long a thread waits for others to write before it gives up.

        Raises ConfigError or StoreError, in a sentence that names `store.path`, if it cannot be used.
        """
        self._path = path
        self._hold: Hold | None = None
        self._turn_seconds = turn_seconds
        self._turns = Turns()
        self._writers = Pool(path, read_only=False)
        self._readers = Pool(path, read_only=True)
        _prepare(path)

    def hold(self, owner: str) -> None:
        """Claim the store for this process until close(); `owner` (pid and host) is what others are told.

        Raises StoreBusy, which names the holder, if another process has it.
        """
        if self._hold is None:
            self._hold = Hold(self._path, owner)

    @contextmanager
    def write(self, *, first: bool = False) -> Iterator[Tx]:
        """A transaction that may write: committed at the end of the block, rolled back if it raises.

        Writers of this process take turns; do nothing slow inside, and do not open another one inside.
        `first` is for what Slack waits for: it goes before all who wait already.
        Raises StoreError if the disk or another process is in the way: then nothing was written.
        """
        with (
            explained(self._path),
            self._my_turn(first),
            self._writers.lend() as connection,
            # A deferred one that reads before it writes fails as "locked" at once (reliability.md 0.8).
            _transaction(connection, "BEGIN IMMEDIATE"),
        ):
            tx = Tx(connection)
            yield tx
        # Not before the commit, or the log would tell of what was rolled back; not while others wait for a turn.
        tx.audit.witness()

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A transaction that sees one moment of the store. Neither writers nor it wait for each other."""
        with explained(self._path), self._readers.lend() as connection, _transaction(connection, "BEGIN"):
            yield Tx(connection)

    def close(self) -> None:
        """Close every connection and let go of the store. A transaction under way may still finish."""
        self._readers.close()
        self._writers.close()
        if self._hold is not None:
            self._hold.release()
            self._hold = None

    @contextmanager
    def _my_turn(self, first: bool) -> Iterator[None]:
        # SQLite lets one writer in anyway, but the others would poll for it with sleeps of up to 100 ms.
        if not self._turns.take(self._turn_seconds, first=first):
            raise StoreError(
                f"The store {self._path} (`store.path`) is too slow: no turn in {self._turn_seconds:g} s."
                " Look at its disk."
            )
        try:
            yield
        finally:
            self._turns.give()


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _prepare(path: Path) -> None:
    create(path)
    # Two at once would fail as "locked" in the change to WAL, for which SQLite does not wait.
    with explained(path), one_by_one(path.parent), closing(connect(path)) as connection:
        migrate(connection)
        use_wal(connection)
        # Says now, not at the first request, that the file cannot be written.
        with _transaction(connection, "BEGIN IMMEDIATE"):
            pass
