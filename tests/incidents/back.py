"""What tests that look back at incidents do: several of them, and what they left on both sides."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import commands.incident
from bot.delivery import letters
from bot.incident import SLACK, Event, Incident, State, Who
from bot.incidents import errands
from bot.model import Message
from sandbox.slack.people import TEAM
from tests.evidence.floor import OPS, SHOP, SHOP_ID
from tests.incidents.stage import IDLE, Stage
from tests.jobs.seen import shown

MINUTE = 60_000
for kind in ("gitlab.timeline", "slack.say", "slack.archive"):
    commands.incident.WHOLE.kinds.setdefault(kind, IDLE)  # type: ignore[attr-defined]


@dataclass(slots=True)
class Back(Stage):
    """A stage with more than one incident."""

    def another(self, number: int, title: str = "Basket", *, issue: bool = True, **more: Any) -> Incident:
        """Somebody has declared one more; it has an issue in GitLab, and a room if `more` names one."""
        now, person = self.floor.clock(), self.floor.person("alice")
        fresh = Incident(
            f"inc{number:04}", number, f"key{number}", TEAM, title, 2, State.INVESTIGATING, SHOP, person, "alice", now,
        )  # fmt: skip
        if issue:
            answer = self.act(f"incident {title} label=Incident::Active severity=high", "alice")
            iid = int(answer.partition("#")[2].split()[0])
            made = self.floor.gitlab.project(SHOP, "root").issues.get(iid)
            fresh = replace(fresh, project_id=SHOP_ID, iid=iid, issue_id=made.id, url=made.web_url)
        return self.keep(replace(fresh, **more))

    def keep(self, incident: Incident) -> Incident:
        with self.kit.store.write() as tx:
            tx.incidents.put(incident)
        return incident

    def now(self, incident_id: str) -> Incident:
        found = self.reads(lambda tx: tx.incidents.get(incident_id))
        assert isinstance(found, Incident)
        return found

    def happened(self, name: str, minutes: int, kind: str = "timeline", text: str = "", **more: Any) -> Event:
        """Something happened so many minutes after it was declared; its id is its name."""
        incident = self.incident
        at = incident.declared_at + minutes * MINUTE
        who = Who("alice", self.floor.person("alice"))
        event = replace(
            Event(name, incident.id, at, at, kind, who, SLACK, text or name, f"test:{name}"), **more
        )
        with self.kit.store.write() as tx:
            tx.incident_events.put(event)
        return event

    def work(self, *ids: str, seconds: float = 0) -> None:
        """Does all errands of these incidents, on both sides."""
        self.floor.clock.pass_(seconds)
        known = commands.incident.WHOLE.kinds
        for incident_id in ids or ("inc0001",):
            for target in ("gitlab", "slack"):
                errands.drain(self.kit, known, incident_id, target)
        self.floor.do([])

    def asked(self, text: str, name: str = "bob", channel: str = OPS) -> str:
        """Types it elsewhere than in a room; what only they read comes back."""
        return self.type(text, name, channel)

    def notes_of(self, iid: int) -> list[Any]:
        """The comments below an issue that people can read, oldest first."""
        issue = self.floor.gitlab.project(SHOP, "root").issues.get(iid)
        return list(issue.notes.list(get_all=True, sort="asc", activity_filter="only_comments"))

    def letters(self, like: str) -> list[Message]:
        """What was queued under ids like this."""
        with closing(sqlite3.connect(self.kit.config.store.path)) as sql:
            rows = sql.execute("SELECT body FROM outbox WHERE id LIKE ? ORDER BY seq", (like,)).fetchall()
        return [letters.load(row[0]) for row in rows]

    def lines(self, incident_id: str) -> list[str]:
        return [shown(one) for one in self.letters(f"inc.{incident_id}.%")]

    def file(self, like: str) -> Any:
        """The JSON of a file that was queued."""
        (found,) = [one.file for one in self.letters(like) if one.file is not None]
        return json.loads(found.text)
