"""What tests about the life of incidents do again and again: an incident on both sides, and what people do to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

import blocks.incident as draw
from bot.delivery import letters
from bot.edges.store import Tx
from bot.incident import SLACK, Change, Event, Incident, State, Who
from bot.incident_work import Errand
from bot.incidents import errands, life
from bot.incidents.errands import Kind
from bot.incidents.held import inbound, wishes
from bot.kit import Kit
from bot.ledger import Entry
from bot.model import Person
from bot.tracker import LabelEvent, StateEvent
from sandbox.slack.people import TEAM
from tests.evidence.floor import SHOP, SHOP_ID, Floor

ID, ROOM = "inc0001", "C0DEV00001"
#: Errands of other parts: nothing is done for them here.
IDLE = Kind(lambda kit, errand, incident: {}, lambda kit, errand, incident: None)


@dataclass(slots=True)
class Stage:
    """A floor on which an incident lives in a room and in an issue."""

    floor: Floor
    iid: int = 0
    keys: list[str] = field(default_factory=list)

    @property
    def kit(self) -> Kit:
        return self.floor.kit

    def begin(
        self, state: State = State.INVESTIGATING, severity: int = 2, name: str = "alice", *, kind: str = "incident",
        **more: Any,
    ) -> Incident:  # fmt: skip
        """Somebody has declared an incident, and GitLab has made its issue."""
        levels = {1: "critical", 2: "high", 3: "medium", 4: "low"}
        answer = self.act(f"{kind} Checkout label=Incident::Active severity={levels[severity]}", name)
        self.iid = int(answer.partition("#")[2].split()[0].rstrip(":"))
        issue = self.in_gitlab()
        now, person = self.floor.clock(), self.floor.person(name)
        fresh = Incident(
            ID, 1, "key1", TEAM, "Checkout", severity, state, SHOP, person, name, now, project_id=SHOP_ID, iid=self.iid,
            issue_id=issue.id, url=issue.web_url, channel=ROOM, channel_name="inc-1-checkout", detected_at=now,
        )  # fmt: skip
        with self.kit.store.write() as tx:
            tx.incidents.put(replace(fresh, **more))
        return self.incident

    # What people do in Slack --------------------------------------------------------------------------------

    def type(self, text: str, name: str = "bob", channel: str = ROOM) -> str:
        """Types a slash command in the room; what only they read comes back."""
        return self._told(self.floor.slash(name, f"incident {text}", channel))

    def pick(self, state: str, name: str = "bob", version: int = 0) -> str:
        """Picks a state on the card as it was at a version."""
        about = f"{ID}:{version or self.incident.version}:{state}"
        return self._told(self.floor.click(name, "incident.state", about, ROOM))

    def press(self, button: str, name: str = "bob") -> str:
        about = f"{ID}:{self.incident.version}"
        return self._told(self.floor.click(name, f"incident.{button}", about, ROOM))

    def send(self, form: str, name: str = "bob", about: str = "", **fields: str) -> str:
        """Sends a form in that was opened in the room."""
        value = about or f"{ID}:{self.incident.version}"
        return self._told(self.floor.form(name, f"incident.{form}", value, ROOM, **fields))

    def _told(self, key: str) -> str:
        self.keys.append(key)
        return self.floor.told(key)

    def form(self, name: str = "bob") -> Mapping[str, Any]:
        """The form that is open before somebody."""
        return self.floor.slack.slack.views.stacks[self.person(name).id][-1]

    def begins_with(self, field: str, name: str = "bob") -> Any:
        """What a field of that form begins with."""
        block = next(one for one in self.form(name)["blocks"] if one.get("block_id") == field)
        element = block["element"]
        return element.get("initial_value") or element.get("initial_date_time")

    def change(self, what: str, value: str, name: str = "bob", **more: Any) -> Incident:
        """Applies a change as if somebody had asked for it in Slack."""
        person = self.floor.person(name)
        fresh = Change(
            what,
            value,
            Who(name, person),
            self.floor.clock(),
            SLACK,
            f"slack:{len(self.events())}:{what}:{value}",
        )
        change = replace(fresh, **more)
        with self.kit.store.write() as tx:
            return life.apply(tx, self.kit, draw, self.incident, change)

    # What people do in GitLab -------------------------------------------------------------------------------

    def act(self, line: str, name: str = "carol") -> str:
        return self.floor.gitlab.act(line, name)

    def in_pages(self, line: str, name: str = "carol", seconds: float = 5) -> Incident:
        """Does something to the issue in GitLab's own pages, and the bot looks at it some seconds later."""
        what, _, rest = line.partition(" ")
        self.floor.clock.pass_(1)
        self.act(f"{what} #{self.iid} {rest}".strip(), name)
        self.floor.clock.pass_(seconds)
        return self.look()

    def look(self) -> Incident:
        """What the watcher does: it looks at the issue and lets the incident become that."""
        gitlab, before = self.kit.gitlab, self.incident
        issue = gitlab.issue(SHOP_ID, self.iid)
        facts = gitlab.incident_facts(SHOP, [self.iid]).get(self.iid)
        events: list[LabelEvent | StateEvent] = [
            *gitlab.label_events(SHOP_ID, self.iid),
            *gitlab.state_events(SHOP_ID, self.iid),
        ]
        with self.kit.store.write() as tx:
            return inbound.from_gitlab(tx, self.kit, draw, before, issue, facts, events)

    # The errands --------------------------------------------------------------------------------------------

    @property
    def kinds(self) -> dict[str, Kind]:
        return {**wishes.kinds(draw), "gitlab.timeline": IDLE, "slack.say": IDLE}

    def settle(self, seconds: float = 0) -> None:
        """Does what is due in GitLab."""
        self.floor.clock.pass_(seconds)
        errands.drain(self.kit, self.kinds, ID, "gitlab")

    def errand(self, about: str) -> Errand | None:
        return self.reads(lambda tx: tx.errands.get(f"{ID}.{about}"))  # type: ignore[no-any-return]

    # What is there ------------------------------------------------------------------------------------------

    @property
    def incident(self) -> Incident:
        found = self.reads(lambda tx: tx.incidents.get(ID))
        assert isinstance(found, Incident)
        return found

    def reads(self, look: Callable[[Tx], Any]) -> Any:
        with self.kit.store.read() as tx:
            return look(tx)

    def events(self, *kinds: str) -> list[Event]:
        found: list[Event] = self.reads(lambda tx: tx.incident_events.of(ID, kinds=kinds))
        return found

    def fact(self, name: str) -> str | None:
        found: str | None = self.reads(lambda tx: tx.incident_facts.get(ID, name))
        return found

    def said(self) -> list[str]:
        """All lines in the room, oldest first."""
        with closing(sqlite3.connect(self.kit.config.store.path)) as sql:
            rows = sql.execute(
                "SELECT body FROM outbox WHERE id LIKE ? AND kind = 'post' AND under = '' ORDER BY seq",
                (f"inc.{ID}.%",),
            ).fetchall()
        return [letters.load(row[0]).text for row in rows]

    def in_gitlab(self) -> Any:
        """The issue as GitLab holds it."""
        return self.floor.gitlab.project(SHOP, "root").issues.get(self.iid)

    def labels(self) -> list[str]:
        """The labels that say a state."""
        return [one for one in self.in_gitlab().labels if one.startswith("Incident::")]

    def facts(self) -> tuple[str, str]:
        """Severity and status as GitLab holds them."""
        found = self.kit.gitlab.incident_facts(SHOP, [self.iid])[self.iid]
        return found.severity, found.status

    def assignees(self) -> list[str]:
        return [one["username"] for one in self.in_gitlab().assignees]

    def person(self, name: str) -> Person:
        return self.floor.person(name)

    def decisions(self) -> list[str]:
        return self.floor.decisions()

    def trail(self) -> list[Entry]:
        found: list[Entry] = self.reads(lambda tx: list(tx.audit.since(0)))
        return found
