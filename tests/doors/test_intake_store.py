"""The accept path when the store cannot be written, and when the process dies in the middle."""

from __future__ import annotations

import resource
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.doors.intake import NOT_TAKEN
from bot.edges.store import Store
from tests.doors.accepting import Door
from tests.doors.line import Line, sockets
from tests.fixtures.slack_samples import sample
from tests.sandbox.slack_stage import until

ROOT = Path(__file__).parents[2]


def said(ack: dict[str, Any] | None) -> str:
    """What an ack tells the person."""
    return str(((ack or {}).get("payload") or {}).get("text", ""))


def test_what_cannot_be_committed_is_refused_aloud_or_left_unacked(store: Store) -> None:
    """A command hears why; an event stays unacked, for Slack to send again; what asks nothing is acked."""
    door = Door(store)
    store.close()
    command, event = sample("commands/channel"), sample("events/message_im")
    reaction, click = sample("events/reaction_added"), sample("interactive/block_actions_message")
    told, unacked, plain, pressed = door.accept(command, event, reaction, click)
    assert told is not None
    assert told["envelope_id"] == command["envelope_id"]
    assert said(told) == NOT_TAKEN
    assert unacked is None
    assert plain == {"envelope_id": reaction["envelope_id"]}
    assert pressed is not None
    assert ("payload" in pressed) == bool(click["accepts_response_payload"])
    assert door.handed == []


def test_a_store_that_somebody_else_holds_is_waited_for_and_then_refused(store: Store, path: Path) -> None:
    """A lock of another program on the file ends in a sentence within seconds, and later it works again."""
    door = Door(store)
    intruder = sqlite3.connect(path, isolation_level=None)
    intruder.execute("BEGIN IMMEDIATE")
    (told,) = door.accept(sample("commands/channel"))
    assert said(told) == NOT_TAKEN
    intruder.execute("ROLLBACK")
    intruder.close()
    assert door.accept(sample("commands/channel")) == [
        {"envelope_id": sample("commands/channel")["envelope_id"]}
    ]
    assert len(door.rows) == 1


def test_a_full_disk_is_said_over_the_socket_and_nothing_is_lost(path: Path) -> None:
    """Over a real connection: events go unacked while the disk is full, commands are told, and it recovers."""
    ended = child(FULL_DISK, path)
    assert "Traceback" not in ended.stderr
    assert ended.stdout.splitlines() == [
        f"refused {NOT_TAKEN}",
        "unacked",
        "kept all that was acked",
        "again",
    ]


FULL_DISK = """
from tests.doors.test_intake_store import full_disk
full_disk(Path(sys.argv[1]))
"""


def tell(what: object) -> None:
    """Write a line on standard output."""
    sys.stdout.write(f"{what}\n")


def full_disk(path: Path) -> None:
    """Fill the disk as far as this process may, ask for things, make room, ask again."""
    store = Store(path)
    door = Door(store)
    with Line() as line:
        doors = sockets(line, accept=door.intake.accept, wanted=1)
        doors.start()
        assert doors.wait_connected(5)
        until(lambda: bool(line.peers))
        peer = line.peers[0]
        until(lambda: peer.greeted)
        size = path.stat().st_size + 40_000
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        number = 0
        while not any(said(ack) for ack in peer.acks):
            number += 1
            command = sample("commands/channel", envelope_id=f"c{number}")
            command["payload"] |= {"trigger_id": f"t{number}", "text": "x" * 3_000}
            peer.send(command)
            until(lambda: len(peer.acks) == number)  # noqa: B023 -- asked at once
        tell(f"refused {said(peer.acks[-1])}")
        event = sample("events/message_im")
        event["payload"]["event"]["text"] = "x" * 30_000  # A short one might still fit.
        peer.send(event, sample("events/reaction_added", envelope_id="reaction"))
        until(lambda: len(peer.acks) == number + 1)
        tell("unacked" if peer.acks[-1] == {"envelope_id": "reaction"} else peer.acks)
        kept = {row.envelope for row in door.rows}
        acked = {ack["envelope_id"] for ack in peer.acks if not said(ack)} - {"reaction"}
        tell("kept all that was acked" if kept == acked else (kept, acked))
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        again = sample("events/message_im", retry_attempt=1)
        peer.send(again)
        until(lambda: len(peer.acks) == number + 2)
        tell("again" if peer.acks[-1] == {"envelope_id": again["envelope_id"]} else peer.acks)
        doors.close()
    store.close()


DYING = """
from tests.doors.accepting import Door
from tests.fixtures.slack_samples import sample
from bot.edges.store import Store
import os, signal
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
door = Door(Store(Path(sys.argv[1])))
if sys.argv[2] == "after":
    door.intake.handed = die
else:
    door.intake.now = die
door.accept(sample("commands/channel"))
print("acked")
"""


@pytest.mark.parametrize(("moment", "rows"), [("before", 0), ("after", 1)])
def test_nobody_is_acked_before_the_row_is_committed(path: Path, moment: str, rows: int) -> None:
    """Killed before the commit there is no row, killed after it there is; in neither case was there an ack."""
    ended = child(DYING, path, moment)
    assert ended.returncode == -signal.SIGKILL
    assert "acked" not in ended.stdout
    store = Store(path)
    assert len(Door(store).rows) == rows
    store.close()


def child(code: str, *arguments: Any) -> subprocess.CompletedProcess[str]:
    """Run some Python in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", f"import sys\nfrom pathlib import Path\n{code}", *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
