"""An incident with people around it: their tasks, updates and parts in it, and all that is done by itself."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import commands.incident as whole
from bot.delivery import letters
from bot.incident_work import Holder, Task
from bot.incidents import dues, errands
from bot.incidents.errands import Kind
from bot.model import Message
from tests.incidents.stage import ID, IDLE, ROOM, Stage
from tests.jobs.seen import shown


@dataclass(slots=True)
class Crew(Stage):
    """A stage on which what is due is done as well."""

    @property
    def kinds(self) -> dict[str, Kind]:
        return {**whole.WHOLE.kinds, "gitlab.timeline": IDLE, "slack.say": IDLE}

    def settle(self, seconds: float = 0) -> None:
        """Lets time pass and does what is due, on both sides."""
        self.floor.clock.pass_(seconds)
        dues.tick(self.kit, whole.WHOLE.dues)
        for one in whole.WHOLE.ticks:
            one(self.kit)
        self.floor.do([])
        for target in ("slack", "gitlab", "slack"):
            errands.drain(self.kit, self.kinds, ID, target)

    def said(self) -> list[str]:
        """All lines in the room itself, oldest first."""
        rows = self.sql(
            "SELECT body FROM outbox WHERE id LIKE ? AND kind = 'post' AND under = '' AND channel = ? ORDER BY seq",
            f"inc.{ID}.%", ROOM,
        )  # fmt: skip
        return [letters.load(row[0]).text for row in rows]

    def tasks(self) -> list[Task]:
        found: list[Task] = self.reads(lambda tx: tx.tasks.of(ID))
        return found

    def card(self, name: str) -> Message | None:
        """How one of the living messages is wanted to look."""
        found = self.reads(lambda tx: tx.cards.get(f"inc.{ID}.{name}"))
        return letters.load(found.wanted) if found else None

    def seen(self, name: str) -> str:
        """All that a reader sees of a living message."""
        message = self.card(name)
        return f"{message.text}\n{shown(message)}" if message else ""

    def description(self) -> str:
        return str(self.in_gitlab().description or "")

    def describe(self, text: str, name: str = "carol") -> None:
        """Somebody writes another description in GitLab's own pages."""
        issue = self.floor.gitlab.project("acme/shop", name).issues.get(self.iid)
        issue.description = text
        issue.save()

    def notes(self) -> list[Any]:
        """The comments below the issue, oldest first, without lines of the timeline that became some."""
        found = self.in_gitlab().notes.list(get_all=True, sort="asc", activity_filter="only_comments")
        return [one for one in found if f"i={ID} e=" not in one.body]

    def commanders(self) -> list[Holder]:
        """Who commands at this moment."""
        present: list[Holder] = self.reads(lambda tx: tx.holders.present(ID))
        return [one for one in present if one.role == "commander"]

    def click(self, action: str, picked: str = "", name: str = "bob") -> str:
        """Presses a button that carries more than the incident."""
        about = f"{ID}:{self.incident.version}" + (f":{picked}" if picked else "")
        return self._told(self.floor.click(name, f"incident.{action}", about, ROOM))

    def letters(self, prefix: str = "") -> list[tuple[str, str, str]]:
        """Id, channel and words of what was sent, oldest first."""
        rows = self.sql("SELECT id, channel, body FROM outbox WHERE id LIKE ? ORDER BY seq", f"{prefix}%")
        return [(row[0], row[1], letters.load(row[2]).text) for row in rows]

    def sql(self, query: str, *values: Any) -> list[Any]:
        with closing(sqlite3.connect(self.kit.config.store.path)) as sql:
            return sql.execute(query, values).fetchall()
