"""What tests about the discussion from Slack do again and again: people talk in a room, and the issue is looked at."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.command import Heard
from bot.doors.intake import Intake
from bot.edges.slack_history import SlackMessage
from bot.edges.slack_history import message as slack_message
from bot.incident import FULL, Incident, State, Who
from bot.incident_work import Errand, Mirrored
from bot.incidents import errands
from bot.incidents.outward import outwards
from bot.kit import Kit
from commands.incident import WHOLE
from commands.incident.talk import KINDS
from sandbox.slack.people import BOT_USER
from tests.evidence.floor import OPS, SHOP, SHOP_ID, Floor, floor_at
from tests.sandbox.slack_stage import Ear, until


@dataclass(slots=True)
class Room:
    """A floor with an incident whose room is #ops, and an issue in the shop."""

    floor: Floor
    incident_id: str
    ear: Ear
    taken: int = 0

    @property
    def kit(self) -> Kit:
        return self.floor.kit

    @property
    def incident(self) -> Incident:
        with self.kit.store.read() as tx:
            found = tx.incidents.get(self.incident_id)
        assert found is not None
        return found

    def alter(self, **changes: Any) -> Incident:
        """Something becomes true of the incident."""
        with self.kit.store.write() as tx:
            tx.incidents.note(self.incident_id, **changes)
        return self.incident

    # What people do -----------------------------------------------------------------------------------------

    def say(self, text: str, name: str = "alice", thread: str | None = None, channel: str = OPS) -> str:
        """Says something to the others; its ts comes back."""
        return str(self._done(self.floor.slack.slack.say(name, channel, text, thread)))

    def broadcast(self, text: str, thread: str, name: str = "alice") -> str:
        return str(self._done(self.floor.slack.slack.broadcast(name, OPS, text, thread)))

    def edit(self, ts: str, text: str, name: str = "alice") -> None:
        self._done(self.floor.slack.slack.edit(name, OPS, ts, text))

    def delete(self, ts: str, name: str = "alice") -> None:
        self._done(self.floor.slack.slack.delete(name, OPS, ts))

    def upload(self, path: Path, name: str = "alice") -> str:
        return str(self._done(self.floor.slack.slack.upload(name, OPS, path)))

    def slack_act(self, what: str, rest: str = "", name: str = "alice") -> None:
        self._done(self.floor.slack.slack.acts.act(name, what, rest, OPS))

    def _done(self, doing: Any) -> Any:
        before = self._by_people()
        done = self.floor.slack.run(doing)
        until(lambda: self._by_people() > before)
        return done

    def _by_people(self) -> int:
        """How much has been told of that is more than words and marks of the bot, which come when they like."""
        told = [(one, one.get("message") or one.get("previous_message") or {}) for one in self.ear.events]
        return sum(
            one["type"].startswith("member_") or BOT_USER not in {one.get("user"), message.get("user")}
            for one, message in told
        )

    def quietly(self, doing: Any) -> Any:
        """Something happens in Slack that we are told nothing of."""
        done = self._done(doing)
        self.taken = len(self.ear.envelopes)
        return done

    # What the bot does --------------------------------------------------------------------------------------

    def hear(self, *, times: int = 1) -> None:
        """Takes in what has come from Slack since, `times` times each, and does what follows."""
        while self.taken < len(self.ear.envelopes):
            envelope = self.ear.envelopes[self.taken]
            self.taken += 1
            for _ in range(times):
                self.floor.intake.accept([envelope])
                self.floor.do([])

    def work(self, seconds: float = 0) -> None:
        """Lets time pass, and does what is due."""
        self.floor.clock.pass_(seconds)
        errands.run(self.kit, KINDS)
        self.floor.do([])

    def restart(self) -> None:
        """The process begins anew: what was under way is not known to have happened."""
        with self.kit.store.write() as tx:
            tx.errands.recover()

    def mark(self, ts: str, *, internal: bool = False, by: str = "bob") -> Mirrored | None:
        """Somebody marks a message, and what follows is done."""
        message = self.message(ts)
        who = Who(by, self.floor.person(by))
        with self.kit.store.write() as tx:
            row = outwards.promote(tx, self.kit, self.incident, message, internal=internal, by=who)
        self.work()
        self.work()
        return row

    def unmark(self, ts: str, *, internal: bool = False) -> None:
        with self.kit.store.write() as tx:
            row = outwards.known(tx, OPS, ts, internal=internal)
            assert row is not None
            outwards.withdraw(tx, self.kit, self.incident, row)
        self.work()
        self.work()

    # What is there ------------------------------------------------------------------------------------------

    def message(self, ts: str) -> SlackMessage:
        post = self.floor.slack.slack.workspace.find(OPS, ts)
        assert post is not None
        return slack_message(post.body)

    @property
    def notes(self) -> list[Any]:
        """The comments below the issue as GitLab holds them, oldest first."""
        iid = self.incident.iid
        found: list[Any] = self.floor.asks(
            lambda state: [
                replace(note)
                for one in state.tracker.issues.values()
                if one.project.path == SHOP and one.iid == iid
                for note in one.notes
                if not note.system
            ]
        )
        return found

    @property
    def bodies(self) -> list[str]:
        return [note.body for note in self.notes]

    @property
    def words(self) -> list[str]:
        """What each comment says below its first line and without its mark."""
        return [plain(body) for body in self.bodies]

    @property
    def rows(self) -> list[Mirrored]:
        with self.kit.store.read() as tx:
            return tx.mirror.of(self.incident_id)

    def calls(self, call: str) -> int:
        return int(self.floor.gitlab.fake.calls[call])

    def requests(self) -> int:
        """How often GitLab was asked for anything."""
        return sum(self.floor.gitlab.fake.calls.values())

    def changes(self) -> int:
        """How often GitLab was asked to change something."""
        calls = self.floor.gitlab.fake.calls
        return sum(many for call, many in calls.items() if call.split()[0] in {"POST", "PUT", "DELETE"})

    def break_(self, how: str, **more: Any) -> None:
        gitlab = self.floor.gitlab
        gitlab.loop.ask(lambda: gitlab.fake.break_(how, **more))

    def mend(self) -> None:
        self.floor.gitlab.loop.ask(self.floor.gitlab.fake.mend)

    def waiting(self) -> list[Errand]:
        with self.kit.store.read() as tx:
            return tx.errands.where("state IN ('ready', 'doing', 'unknown') ORDER BY seq")

    def said_in_room(self) -> list[str]:
        """What the bot has to say in public."""
        with closing(sqlite3.connect(self.kit.config.store.path)) as sql:
            rows = sql.execute("SELECT body FROM outbox WHERE state = 'due' ORDER BY seq").fetchall()
        return [row[0] for row in rows]


def plain(body: str) -> str:
    head, _, rest = body.partition("\n\n")
    del head
    return rest.rpartition("\n\n<!--")[0]


@contextmanager
def room_at(path: Path, *, policy: str = FULL, keeper: str = "alice", **accounts: str) -> Iterator[Room]:
    """A room; `accounts` are whose GitLab account each person has connected."""
    with floor_at(path, None, **(accounts or {"alice": "alice", "bob": "bob"})) as floor:
        kit = floor.kit
        line = floor.gitlab.act("issue Checkout is slow", "alice")
        iid = int(line.partition("#")[2].partition(":")[0])
        issue = kit.gitlab.issue(SHOP_ID, iid)
        person = floor.person(keeper)
        one = Incident(
            "inc01", 1, "test", person.team, "Checkout is slow", 2, State.INVESTIGATING, SHOP, person, keeper,
            kit.now(), policy=policy, project_id=SHOP_ID, iid=iid, issue_id=issue.id, url=issue.url, channel=OPS,
            channel_name="ops",
        )  # fmt: skip
        with kit.store.write() as tx:
            tx.incidents.put(one)
        _listen(floor)
        yield Room(floor, one.id, floor.slack.listen())


def _listen(floor: Floor) -> None:
    """Let the door hear what happens in #ops."""
    kit, known = floor.kit, floor.intake
    kit.rooms.add(OPS)
    floor.intake = Intake(
        known.identity, kit.store, kit.now, floor.inbox.extend, seal=known.seal, redact=kit.redact,
        is_room=kit.rooms.__contains__,
    )  # fmt: skip


def heard(kind: str, source: SlackMessage, **more: Any) -> Heard:
    """Something about a message as the doors tell of it."""
    return Heard(
        f"Ev{kind}{source.ts}", kind, more.pop("team", "T0ACME0001"), source.user, OPS, source.ts, source.thread,
        source.ts, source.text, blocks=source.blocks, **more,
    )  # fmt: skip


__all__ = ["WHOLE", "Room", "heard", "plain", "room_at"]
