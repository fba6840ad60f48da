"""The file as a whole: opening, transactions, threads, processes, crashes."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from bot.edges.store import Received, Store, connections
from bot.edges.store.turns import Turns
from bot.errors import BotError, ConfigError, Refused, StoreBusy

ROOT = Path(__file__).parents[3]


def received(key: str) -> Received:
    return Received(key, f"envelope of {key}", "command", "{}", 1)


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    """A Python of its own that runs `code`; it can be spoken to line by line."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def count(store: Store) -> int:
    with store.read() as tx:
        return tx.inbox.open_count()


# Opening ----------------------------------------------------------------------------------------------------


def test_a_new_store_is_for_its_owner_alone(path: Path) -> None:
    """The file, its log and its lock file have mode 0600, whatever the umask."""
    umask = os.umask(0)
    try:
        store = Store(path)
        store.hold("pid 1 on here")
        with store.write() as tx:
            tx.inbox.accept([received("a")])
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
        store.close()
    finally:
        os.umask(umask)

    assert set(modes) == {path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}.lock"}
    assert set(modes.values()) == {0o600}


def test_a_store_keeps_what_it_holds(path: Path) -> None:
    """Opening again finds the rows and applies no step twice."""
    for _ in range(3):
        store = Store(path)
        with store.write() as tx:
            tx.inbox.accept([received("a")])
        store.close()

    database = sqlite3.connect(path)
    steps = database.execute("SELECT name FROM _sqlite_migrations").fetchall()
    rows = database.execute("SELECT COUNT(*) FROM inbox").fetchall()
    database.close()
    assert (steps, rows) == (
        [("0001_start",), ("0002_access",), ("0003_words",), ("0004_incidents",)],
        [(1,)],
    )


def test_two_processes_may_make_the_store_at_once(path: Path) -> None:
    """Of processes that race for a file that is not there, one makes the tables and all can use them."""
    code = (
        "import sys; from pathlib import Path; from bot.edges.store import Store\n"
        "input(); store = Store(Path(sys.argv[1])); store.close(); print('fine')"
    )
    racers = [start(code, path) for _ in range(4)]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("\n")
        racer.stdin.flush()
    said = [racer.communicate(timeout=30)[0] for racer in racers]

    assert said == ["fine\n"] * 4
    database = sqlite3.connect(path)
    assert database.execute("SELECT COUNT(*) FROM _sqlite_migrations").fetchall() == [(4,)]
    database.close()


def test_many_threads_may_make_the_store_at_once(path: Path) -> None:
    """The race for a new file is safe inside one process, too."""
    barrier = threading.Barrier(8)

    def make() -> None:
        barrier.wait(10)
        Store(path).close()

    with ThreadPoolExecutor(8) as pool:
        for made in [pool.submit(make) for _ in range(8)]:
            made.result()


def test_a_missing_folder_is_a_sentence(tmp_path: Path) -> None:
    """The folder is not made: the sentence names it and the key."""
    with pytest.raises(ConfigError, match=r"no folder .*absent.* `store\.path`"):
        Store(tmp_path / "absent" / "store.sqlite3")


@pytest.mark.parametrize(
    "content", [b"This is a letter to my aunt.\n" * 200, b"SQLite format 3\0" + b"\xff" * 9000]
)
def test_a_file_that_is_no_store_is_a_sentence(path: Path, content: bytes) -> None:
    """Something else, or a damaged file, is left as it is."""
    path.write_bytes(content)
    with pytest.raises(BotError, match=r"store\.path"):
        Store(path)
    assert path.read_bytes() == content


def test_a_database_of_somebody_else_is_left_alone(path: Path) -> None:
    """An SQLite file with a table of the same name is refused and keeps its content."""
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE inbox (letter TEXT)")
    database.close()
    with pytest.raises(BotError, match=r"store\.path"):
        Store(path)
    database = sqlite3.connect(path)
    assert database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall() == [("inbox",)]
    database.close()


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    """`store.path` may not be a folder."""
    with pytest.raises(BotError, match=r"store\.path"):
        Store(tmp_path)


def test_a_store_of_a_newer_version_is_refused(path: Path) -> None:
    """A step this version does not know stops it before it writes anything."""
    Store(path).close()
    database = sqlite3.connect(path)
    database.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
        " VALUES ('signalbox', '0099_later', '')"
    )
    database.commit()
    database.close()
    with pytest.raises(BotError, match=r"newer Signalbox \(step 0099_later\)"):
        Store(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="the mode of a file does not stop root")
def test_a_read_only_store_is_a_sentence(path: Path) -> None:
    """A file that cannot be written is found out at the start."""
    Store(path).close()
    path.chmod(0o400)
    with pytest.raises(BotError, match=r"store\.path"):
        Store(path)


# Transactions -----------------------------------------------------------------------------------------------


def test_a_transaction_that_raises_leaves_nothing(store: Store) -> None:
    """What was written before the error is rolled back, and the error comes through as it is."""

    def accept_and_refuse() -> None:
        with store.write() as tx:
            tx.inbox.accept([received("a")])
            raise Refused

    with pytest.raises(Refused):
        accept_and_refuse()
    assert count(store) == 0


def test_reading_cannot_write(store: Store) -> None:
    """A reading transaction refuses to write, in words."""
    with pytest.raises(BotError, match="may not write"), store.read() as tx:
        tx.inbox.accept([received("a")])
    assert count(store) == 0


def test_a_reader_sees_one_moment(store: Store) -> None:
    """A reader neither waits for a writer nor sees what is committed after it began to read."""
    with store.read() as before:
        assert before.inbox.open_count() == 0
        with store.write() as tx:
            tx.inbox.accept([received("a")])
            assert count(store) == 0
        assert before.inbox.open_count() == 0
    assert count(store) == 1


def test_to_read_and_then_write_waits_for_other_processes(store: Store, path: Path) -> None:
    """A transaction that reads first does not fail as locked while another process writes."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO aliases VALUES ('T', 'shop', 'acme/shop')")
    begun = threading.Event()

    def read_and_write() -> None:
        begun.set()
        with store.write() as tx:
            assert tx.places.alias("T", "shop") == "acme/shop"
            tx.places.set_alias("T", "shop", "acme/other")

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(read_and_write)
        assert begun.wait(10)
        other.execute("COMMIT")
        done.result(timeout=10)
    assert other.execute("SELECT project FROM aliases").fetchall() == [("acme/other",)]
    other.close()


def test_many_threads_write_without_loss(store: Store) -> None:
    """Sixteen writers and four readers at once: no error, every row there."""
    stop = threading.Event()

    def write(number: int) -> None:
        for index in range(20):
            with store.write() as tx:
                tx.inbox.accept([received(f"{number}-{index}")])

    def read() -> None:
        seen = 0
        while not stop.is_set():
            now = count(store)
            assert now >= seen
            seen = now

    with ThreadPoolExecutor(20) as pool:
        readers = [pool.submit(read) for _ in range(4)]
        writers = [pool.submit(write, number) for number in range(16)]
        for writer in writers:
            writer.result(timeout=30)
        stop.set()
        for reader in readers:
            reader.result(timeout=30)
    assert count(store) == 320


def test_a_full_disk_is_a_sentence_and_loses_nothing(store: Store, path: Path) -> None:
    """When the file may not grow, the writer is told so; what was committed stays, and reading goes on."""
    code = """
import resource, sys
from pathlib import Path
from bot.edges.store import Received, Store
from bot.errors import BotError
store = Store(Path(sys.argv[1]))
size = Path(sys.argv[1]).stat().st_size + 40_000
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
kept = 0
try:
    while True:
        with store.write() as tx:
            tx.inbox.accept([Received(f"k{kept}", f"e{kept}", "event", "x" * 5000, 1)])
        kept += 1
except BotError as error:
    print(error.sentence)
with store.read() as tx:
    print(kept, tx.inbox.open_count())
"""
    said = start(code, path).communicate(timeout=30)[0].splitlines()
    kept, read = said[1].split()

    assert "store.path" in said[0]
    assert int(kept) > 0
    assert int(kept) == int(read) == count(store)


def test_after_close_nothing_is_lent(store: Store) -> None:
    """A closed store says so; a transaction that was under way still commits."""
    with store.write() as tx:
        tx.inbox.accept([received("a")])
        store.close()
    with pytest.raises(BotError, match="closed"), store.read():
        pass


def test_a_slow_disk_is_a_sentence(path: Path) -> None:
    """Who waits too long for a turn to write is told so; the next one may write."""
    store = Store(path, turn_seconds=0.01)
    with store.write(), pytest.raises(BotError, match="too slow"), store.write():
        pass
    with store.write() as tx:
        tx.inbox.accept([received("a")])
    assert count(store) == 1
    store.close()


def test_bugs_are_not_made_into_sentences(path: Path) -> None:
    """A misspelt statement stays what it is: an error of SQLite's own."""
    with pytest.raises(sqlite3.OperationalError), connections.explained(path):
        sqlite3.connect(":memory:").execute("SELEKT 1")


# Turns ------------------------------------------------------------------------------------------------------


def test_turns_are_taken_in_order() -> None:
    """Who has waited longest is next."""
    turns = Turns()
    order: list[int] = []

    def work(number: int) -> None:
        assert turns.take(10)
        order.append(number)
        turns.give()

    assert turns.take(10)
    threads = []
    for number in range(6):
        threads.append(threading.Thread(target=work, args=(number,)))
        threads[-1].start()
        until(partial(waiting, turns, number + 1))
    turns.give()
    for thread in threads:
        thread.join(10)

    assert order == [0, 1, 2, 3, 4, 5]


def test_who_gives_up_waiting_is_passed_over() -> None:
    """A turn does not go to somebody who has gone."""
    turns = Turns()
    assert turns.take(1)
    assert not turns.take(0.01)
    turns.give()
    assert turns.take(0.01)


# Processes and crashes --------------------------------------------------------------------------------------


def test_a_second_bot_is_refused(store: Store, path: Path) -> None:
    """Another process is told who holds the store; once that one is gone, however it went, it may have it."""
    code = (
        "import sys; from pathlib import Path; from bot.edges.store import Store\n"
        "store = Store(Path(sys.argv[1])); store.hold('pid 4711 on tower')\n"
        "print('held', flush=True); input()"
    )
    holder = start(code, path)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(StoreBusy, match=r"pid 4711 on tower.*signalbox\.sqlite3.*`store\.path`"):
        store.hold("pid 1 on here")
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate(timeout=10)

    store.hold("pid 1 on here")
    store.hold("pid 1 on here")
    assert path.with_name(path.name + ".lock").read_text() == "pid 1 on here\n"


def test_close_lets_go_of_the_store(store: Store, path: Path) -> None:
    """After close() the next may hold the store."""
    store.hold("pid 1 on here")
    other = Store(path)
    with pytest.raises(StoreBusy):
        other.hold("pid 2 on here")
    store.close()
    other.hold("pid 2 on here")
    other.close()


def test_a_store_that_cannot_be_locked_is_a_sentence(store: Store, path: Path) -> None:
    """A lock file that cannot be opened names `store.path`."""
    path.with_name(path.name + ".lock").mkdir()
    with pytest.raises(ConfigError, match=r"store\.path"):
        store.hold("pid 1 on here")


@pytest.mark.parametrize("after", range(1, 8))
def test_a_killed_process_keeps_what_it_committed_and_no_more(path: Path, after: int) -> None:
    """kill -9 in the middle of a transaction leaves exactly the transactions committed before it."""
    code = """
import os, signal, sys
from pathlib import Path
from bot.edges.store import Received, Store
store = Store(Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    with store.write() as tx:
        tx.inbox.accept([Received(f"{number}-{part}", f"{number}-{part}", "event", "{}", 1) for part in "ab"])
    print(number, flush=True)
with store.write() as tx:
    tx.inbox.accept([Received("lost", "lost", "event", "x" * 100_000, 1)])
    tx.inbox.claim("0-a")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    process = start(code, path, after)
    said = process.communicate(timeout=30)[0].split()
    store = Store(path)
    with store.read() as tx:
        kept = [item.key for item in tx.inbox.waiting(100)]
    store.close()

    assert process.returncode == -signal.SIGKILL
    assert kept == [f"{number}-{part}" for number in said for part in "ab"]
    assert len(said) == after


def waiting(turns: Turns, count: int) -> bool:
    return turns.waiting == count


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until it holds."""
    pause = threading.Event()
    for _ in range(int(seconds * 1000)):
        if condition():
            return
        pause.wait(0.001)
    raise AssertionError("it did not come about")
