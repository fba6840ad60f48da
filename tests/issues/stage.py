"""What tests about issues do again and again, between the doors and the edges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import blocks.issue
from bot.delivery import letters
from bot.issues import lost
from bot.kit import Kit
from bot.ledger import Entry
from bot.model import Message
from bot.tracker import IssueCard, Subject
from tests.evidence.floor import OPS, SHOP, SHOP_ID, Floor
from tests.jobs.seen import buttons, shown


@dataclass(slots=True)
class Stage:
    """A floor, and what people do about issues on it."""

    floor: Floor
    keys: list[str] = field(default_factory=list)

    @property
    def kit(self) -> Kit:
        return self.floor.kit

    # What people do -----------------------------------------------------------------------------------------

    def type(self, text: str, name: str = "bob", **how: Any) -> str:
        """Types a slash command; what only they read comes back."""
        return self._told(self.floor.slash(name, text, **how))

    def press(self, label: str, card: IssueCard | str, name: str = "bob", **how: Any) -> str:
        """Presses a button of a card; what only they read comes back."""
        about = card if isinstance(card, str) else card.id
        return self._told(self.floor.click(name, f"issue.{label}", about, **how))

    def send(self, form: str, about: str, name: str = "bob", **fields: str) -> str:
        """Sends a form in."""
        return self._told(self.floor.form(name, f"issue.{form}", about, **fields))

    def say(self, text: str, name: str = "alice", channel: str = OPS, thread: str | None = None) -> str:
        """Says something to the others; its ts comes back."""
        slack = self.floor.slack
        return str(slack.run(slack.slack.say(name, channel, text, thread)))

    def upload(self, path: Path, name: str = "alice", channel: str = OPS) -> str:
        slack = self.floor.slack
        return str(slack.run(slack.slack.upload(name, channel, path)))

    def issue(self, title: str = "Basket", name: str = "alice", **more: str) -> int:
        """Makes an issue in GitLab's own pages; its number comes back."""
        rest = " ".join(f"{key}={value}" for key, value in more.items())
        return int(self.act(f"issue {title} {rest}".strip(), name).partition("#")[2].partition(":")[0])

    def act(self, line: str, name: str = "alice") -> str:
        return self.floor.gitlab.act(line, name)

    def tick(self, seconds: float = 0) -> None:
        """Lets time pass, and looks for what was lost."""
        self.floor.clock.pass_(seconds)
        lost.look(self.kit, blocks.issue)
        self.floor.do([])

    def break_(self, how: str, **more: Any) -> None:
        gitlab = self.floor.gitlab
        gitlab.loop.ask(lambda: gitlab.fake.break_(how, **more))

    def mend(self) -> None:
        self.floor.gitlab.loop.ask(self.floor.gitlab.fake.mend)

    def _told(self, key: str) -> str:
        self.keys.append(key)
        return self.floor.told(key)

    # What is there ------------------------------------------------------------------------------------------

    def calls(self, call: str) -> int:
        """How often the bot made this call of GitLab's."""
        return int(self.floor.gitlab.fake.calls[call])

    def in_gitlab(self, number: int, path: str = SHOP) -> Any:
        """The issue as GitLab holds it."""
        return self.floor.gitlab.project(path, "root").issues.get(number)

    def notes(self, number: int, path: str = SHOP) -> list[str]:
        """The comments on it, oldest first."""
        found = self.in_gitlab(number, path).notes.list(
            get_all=True, sort="asc", activity_filter="only_comments"
        )
        return [one.body for one in found]

    def card(self, number: int, project: tuple[int, str] = (SHOP_ID, SHOP)) -> IssueCard:
        """The newest living card of an issue."""
        return self.cards(number, project)[0]

    def cards(self, number: int, project: tuple[int, str] = (SHOP_ID, SHOP)) -> list[IssueCard]:
        with self.kit.store.read() as tx:
            return tx.issues.cards_of(Subject(*project, number))

    def look(self, card: IssueCard) -> Message:
        """How a card is wanted to look."""
        with self.kit.store.read() as tx:
            found = tx.cards.get(card.id)
        assert found is not None
        return letters.load(found.wanted)

    def seen(self, number: int) -> str:
        """All that a reader sees of the newest card of an issue."""
        return shown(self.look(self.card(number)))

    def buttons(self, number: int) -> list[str]:
        return buttons(self.look(self.card(number)))

    def posted(self, card: IssueCard, ts: str) -> None:
        """Slack has shown this card."""
        with self.kit.store.write() as tx:
            tx.cards.claim(card.id)
            tx.cards.shown(card.id, ts, "shown", 0)

    def line(self, after: str = "") -> str:
        """What was said under a card of what was asked last; `after` names the change, if it was made once."""
        with self.kit.store.read() as tx:
            letter = tx.outbox.get(f"{self.keys[-1]}{after}.line")
        return shown(letters.load(letter.body)) if letter else ""

    def trail(self) -> list[Entry]:
        with self.kit.store.read() as tx:
            return list(tx.audit.since(0))

    def asks(self, look: Callable[[Any], Any]) -> Any:
        return self.floor.asks(look)
