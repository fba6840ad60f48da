"""What is to be done in GitLab and Slack for incidents, in order, and what is on both sides."""

# ruff: noqa: S608 -- only constants of this room go into the text of a statement; every value is bound

from __future__ import annotations

from bot.edges.store.table import Table
from bot.incident_work import PRIORITIES, Due, Errand, Holder, Mirrored, Suspect, Task, Watched
from bot.model import Millis, Person

_OPEN = "state IN ('ready', 'unknown')"
#: Word for word the condition of an index: what is over is many times what is not.
_NOT_OVER = "state IN ('ready', 'unknown', 'doing')"
_BEGUN = "state IN ('unknown', 'doing')"
#: The same of a message: a row without one is no row of it.
_MESSAGE = "channel = ? AND ts = ? AND ts <> ''"
_UNPOSTED = "born = 'gitlab' AND ts = '' AND state IN ('claimed', 'live', 'held')"


class Errands(Table[Errand]):
    """
    From ready to doing to done; through unknown if nobody answered, or to dead if it cannot be done.

    A lane is one target of one incident. In it what has the lower priority number goes first, and among equals what
    happened first (`at`), whichever was written down first: as long as that waits, nothing of the same priority
    overtakes it.
    """

    __slots__ = ()
    name, noun = "errands", Errand

    def again(self, errand: Errand) -> None:
        """
        Ask for an errand, also one that was done or given up before; one that waits stays as it is.

        What was set aside is looked for first.
        """
        if self.put(errand):
            return
        self.change(
            "id = ? AND state = 'dead' AND tries > 0", (errand.id,), state="unknown", not_before=0,
            payload=errand.payload, person=errand.person, why="",
        )  # fmt: skip
        self.change(
            "id = ? AND state IN ('done', 'dead')", (errand.id,), state="ready", not_before=0, tries=0, since=None,
            payload=errand.payload, person=errand.person, why="",
        )  # fmt: skip

    def lanes(self, now: Millis) -> list[tuple[str, str]]:
        """Incident and target of every lane in which something may be done by now."""
        rows = self._sql.execute(
            f"SELECT DISTINCT incident, target FROM errands WHERE {_OPEN} AND not_before <= ?",
            (now,),
        )
        return [(row[0], row[1]) for row in rows.fetchall()]

    def next(self, incident: str, target: str, now: Millis, past: str = "") -> Errand | None:
        """
        What is to be done now in a lane; what was begun is ended before anything else of its priority.

        `past` is an errand as if it were not there.
        """
        lane = "incident = ? AND target = ? AND id <> ?"
        begun = self.where(
            f"{lane} AND {_BEGUN} ORDER BY state = 'doing', at DESC, seq DESC", incident, target, past
        )
        heads: dict[int, Errand | None] = {one.priority: one for one in begun}
        for priority in PRIORITIES:
            if priority not in heads:
                waits = f"{lane} AND priority = ? AND {_NOT_OVER} ORDER BY at, seq"
                heads[priority] = self.one(waits, incident, target, past, priority)
        for _, head in sorted(heads.items()):
            if head is not None and head.state != "doing" and head.not_before <= now:
                return head
        return None

    def claim(self, errand: Errand, now: Millis) -> bool:
        """From ready to doing; False if somebody else was faster."""
        return self.change("id = ? AND state = 'ready'", (errand.id,), state="doing", since=now) == 1

    def settle(self, errand: Errand, state: str, why: str = "", not_before: Millis = 0) -> bool:
        """From doing or unknown to another state; a try more if it goes on."""
        tries = 0 if state in {"done", "dead"} else errand.tries + 1
        where = "id = ? AND state IN ('doing', 'unknown')"
        return self.change(where, (errand.id,), state=state, why=why, not_before=not_before, tries=tries) == 1

    def set_aside(self, errand: Errand, why: str) -> bool:
        """Give it up for now, though nobody knows whether it happened: its tries are kept, by which that is known."""
        where = "id = ? AND state IN ('doing', 'unknown')"
        return self.change(where, (errand.id,), state="dead", why=why, tries=errand.tries + 1) == 1

    def waiting(self, incident: str, target: str) -> int:
        """How many are still to be done in a lane."""
        rows = self._sql.execute(
            f"SELECT COUNT(*) FROM errands WHERE incident = ? AND target = ? AND {_NOT_OVER}",
            (incident, target),
        )
        return int(rows.fetchall()[0][0])

    def under_way(self, incident: str, kind: str, subject: str) -> bool:
        """Whether one of a kind is still to be done, or being done, about something."""
        where = "incident = ? AND kind = ? AND subject = ? AND state IN ('ready', 'doing', 'unknown')"
        return self.one(where, incident, kind, subject) is not None

    def recover(self) -> int:
        """After a start: of what was under way nobody knows whether it happened. How many."""
        return self.change("state = 'doing'", (), state="unknown", not_before=0)

    def not_later_than(self, now: Millis) -> int:
        """After the clock was set back. How many are done sooner."""
        self.change(f"since > ? AND {_NOT_OVER}", (now,), since=now)
        return self.change(f"not_before > ? AND {_OPEN}", (now,), not_before=now)

    def forget(self, before: Millis) -> int:
        """Delete what is over since before that moment. How many."""
        return self._sql.execute(
            "DELETE FROM errands WHERE at < ? AND state IN ('done', 'dead')", (before,)
        ).rowcount


class Mirror(Table[Mirrored]):
    """Which message is which note; a message and a note are mapped once."""

    # What is said twice, as of a `ts` that is not empty, lets SQLite see that an index of only such rows will do.
    __slots__ = ()
    name, noun = "mirror", Mirrored

    def of_message(self, channel: str, ts: str, kind: str = "talk") -> Mirrored | None:
        return self.one(f"{_MESSAGE} AND kind = ?", channel, ts, kind)

    def all_of_message(self, channel: str, ts: str) -> list[Mirrored]:
        return self.where(f"{_MESSAGE} ORDER BY id", channel, ts)

    def knows_thread(self, channel: str, thread: str, kind: str) -> bool:
        """Whether the root of a thread is known, or any answer to it."""
        root = self.of_message(channel, thread, kind)
        answers = "channel = ? AND thread = ? AND thread <> '' AND kind = ?"
        return root is not None or self.one(answers, channel, thread, kind) is not None

    def of_note(self, incident: str, note_id: int) -> Mirrored | None:
        return self.one("incident = ? AND note_id = ? AND note_id <> 0", incident, note_id)

    def of(self, incident: str) -> list[Mirrored]:
        """All of an incident, oldest first."""
        return self.where("incident = ? ORDER BY at, ts, note_id", incident)

    def note_ids(self, incident: str) -> frozenset[int]:
        """The notes of an incident that are known and there; of a message that was deleted a word may be left."""
        rows = self._sql.execute(
            "SELECT note_id FROM mirror WHERE incident = ? AND note_id <> 0 AND (state <> 'gone' OR born = 'slack')",
            (incident,),
        )
        return frozenset(row[0] for row in rows.fetchall())

    def of_discussion(self, incident: str, discussion: str) -> Mirrored | None:
        """The first that is known of a discussion in GitLab."""
        return self.one(
            "incident = ? AND discussion = ? AND discussion <> '' ORDER BY at, note_id", incident, discussion
        )

    def unposted(self, incident: str, state: str = "", *, limit: int = -1) -> list[Mirrored]:
        """Those of GitLab's own that no message shows yet, the oldest first; with `state` only those in that."""
        only = "(? = '' OR state = ?)"
        where = f"incident = ? AND {_UNPOSTED} AND {only} ORDER BY at, note_id LIMIT ?"
        return self.where(where, incident, state, state, limit)

    def hold(self, incident: str, state: str = "claimed") -> None:
        """Nothing can be said in its room: what is to be shown there waits until something can."""
        self.change(f"incident = ? AND {_UNPOSTED} AND state = ?", (incident, state), state="held")

    def with_unposted(self) -> list[str]:
        """Incidents of which something is not shown yet; what is held counts once something can be said in its room."""
        rows = self._sql.execute(
            f"SELECT DISTINCT incident FROM mirror WHERE {_UNPOSTED} AND (state <> 'held' OR incident IN"
            " (SELECT id FROM incidents WHERE channel <> '' AND muted = ''))"
        )
        return [row[0] for row in rows.fetchall()]


class Holders(Table[Holder]):
    """Who had which part from when to when; one at a time, but for responders."""

    __slots__ = ()
    name, noun = "incident_holders", Holder

    def now(self, incident: str, role: str) -> Holder | None:
        return self.one("incident = ? AND role = ? AND ended_at IS NULL", incident, role)

    def present(self, incident: str) -> list[Holder]:
        return self.where("incident = ? AND ended_at IS NULL ORDER BY started_at, id", incident)

    def of(self, incident: str) -> list[Holder]:
        return self.where("incident = ? ORDER BY started_at, id", incident)

    def end(self, holder_id: str, now: Millis) -> bool:
        return self.change("id = ? AND ended_at IS NULL", (holder_id,), ended_at=now) == 1

    def is_known(self, incident: str, person: Person) -> bool:
        """Whether somebody has, or had, any part in it."""
        return self.one("incident = ? AND person = ?", incident, person) is not None


class Tasks(Table[Task]):
    """What is to be done during an incident."""

    __slots__ = ()
    name, noun = "incident_tasks", Task

    def of(self, incident: str) -> list[Task]:
        return self.where("incident = ? ORDER BY number", incident)

    def next_number(self, incident: str) -> int:
        rows = self._sql.execute(
            "SELECT COALESCE(MAX(number), 0) + 1 FROM incident_tasks WHERE incident = ?", (incident,)
        )
        return int(rows.fetchall()[0][0])

    def move(self, task: Task, state: str, **changes: object) -> bool:
        """From the state it was read in to another; False if somebody else was faster."""
        return self.change("id = ? AND state = ?", (task.id, task.state), state=state, **changes) == 1


class Suspects(Table[Suspect]):
    """Changes that may have caused an incident."""

    __slots__ = ()
    name, noun = "incident_suspects", Suspect

    def of(self, incident: str) -> list[Suspect]:
        return self.where("incident = ? ORDER BY at DESC, id", incident)

    def move(self, suspect: Suspect, state: str, by: str) -> bool:
        return self.change("id = ? AND state = ?", (suspect.id, suspect.state), state=state, by=by) == 1


class Dues(Table[Due]):
    """One of a kind in an incident; it fires once each time it is armed."""

    __slots__ = ()
    name, noun = "incident_dues", Due

    def arm(self, due: Due) -> None:
        """Set when it fires next, in place of what was set."""
        if not self.put(due):
            self.change(
                "incident = ? AND kind = ?", (due.incident, due.kind), due_at=due.due_at, state=due.state,
                stage=due.stage, about=due.about, ts=due.ts,
            )  # fmt: skip

    def of(self, incident: str, kind: str) -> Due | None:
        return self.one("incident = ? AND kind = ?", incident, kind)

    def fire(self, now: Millis, limit: int) -> list[Due]:
        """Those that are due by now, the longest waiting first; `claim` makes one this caller's."""
        return self.where("state = 'armed' AND due_at <= ? ORDER BY due_at, incident LIMIT ?", now, limit)

    def claim(self, due: Due) -> bool:
        where = "incident = ? AND kind = ? AND state = 'armed' AND due_at = ?"
        return self.change(where, (due.incident, due.kind, due.due_at), state="fired") == 1

    def off(self, incident: str, kind: str) -> bool:
        """It does not fire any more; False if it was not armed."""
        return (
            self.change("incident = ? AND kind = ? AND state = 'armed'", (incident, kind), state="off") == 1
        )


class WatchedProjects(Table[Watched]):
    """The projects in which GitLab is asked for incidents, and up to where each is known."""

    __slots__ = ()
    name, noun = "incident_projects", Watched

    def named(self, project: str) -> Watched | None:
        return self.one("project = ?", project)

    def all(self) -> list[Watched]:
        """All of them, the longest waiting first."""
        return self.where("1 = 1 ORDER BY next_look, project")

    def moved(self, project: str, **changes: object) -> None:
        self.change("project = ?", (project,), **changes)

    def not_before(self, then: Millis) -> int:
        """GitLab asks for patience: none is looked at before that moment. How many."""
        waiting = self.change("next_look < ?", (then,), next_look=then)
        self.change("fails = 0", (), fails=1)
        return waiting

    def not_later_than(self, now: Millis) -> int:
        """After the clock was set back. How many."""
        return self.change("next_look > ?", (now,), next_look=now)
