"""What tests about declaring do again and again: somebody declares, all is done and sent, both sides are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from blocks.answers import displaced
from bot.command import Heard
from bot.config import IncidentsConfig
from bot.delivery import letters
from bot.delivery.pace import Pace
from bot.delivery.sending import Sender
from bot.edges.store import Tx
from bot.incident import Incident
from bot.kit import Kit
from bot.model import Message
from commands import incident as command
from sandbox.slack.people import TEAM, Channel
from tests.evidence.floor import OPS, SHOP, SHOP_ID, Floor, dm, floor_at
from tests.jobs.seen import buttons, shown

#: Where incidents are announced in these tests.
NEWS = "C0DEV00001"


@dataclass(slots=True)
class Desk:
    """A floor, and what happens on it from the declaration of an incident on."""

    floor: Floor
    sender: Sender
    keys: list[str] = field(default_factory=list)

    @property
    def kit(self) -> Kit:
        return self.floor.kit

    # What people do -----------------------------------------------------------------------------------------

    def type(self, text: str, name: str = "alice", **how: Any) -> str:
        """Types a slash command; what only they read at once comes back."""
        return self._told(self.floor.slash(name, f"incident {text}".strip(), **how))

    def press(self, action: str, value: str, name: str = "alice", **how: Any) -> str:
        return self._told(self.floor.click(name, f"incident.{action}", value, **how))

    def send(self, form: str, about: str, name: str = "alice", /, **fields: str) -> str:
        return self._told(self.floor.form(name, f"incident.{form}", about, **fields))

    def _told(self, key: str) -> str:
        self.keys.append(key)
        return self.floor.told(key)

    def hear(self, kind: str, channel: str, name: str = "bob", **more: Any) -> None:
        """Something is heard in a room."""
        person, key = self.floor.user(name), f"Ev{next(self.floor.numbers)}"
        one = Heard(key, kind, TEAM, person.id, channel, more.pop("ts", ""), None, "1.0", **more)
        command.hears(one, self.kit)
        self.floor.do([])

    # Time and work ------------------------------------------------------------------------------------------

    def settle(self, seconds: int = 3) -> None:
        """Lets some seconds pass: errands are done, and what is said reaches Slack."""
        for _ in range(seconds):
            self.floor.do([])
            self.deliver()
            self.floor.clock.pass_(1)
            command.tick(self.kit)
        self.floor.do([])
        self.deliver()

    def deliver(self) -> None:
        """Sends all that is due."""
        for _ in range(20):
            now = self.kit.now()
            with self.kit.store.read() as tx:
                due, cards = tx.outbox.heads(now, (), 100), tx.cards.due(now, 100)
            for card in cards:
                self.sender.card(card)
            for letter in due:
                self.sender.letter(letter)
            if not due and not cards:
                return

    def break_gitlab(self, how: str, **more: Any) -> None:
        gitlab = self.floor.gitlab
        gitlab.loop.ask(lambda: gitlab.fake.break_(how, **more))

    def mend(self) -> None:
        self.floor.gitlab.loop.ask(self.floor.gitlab.fake.mend)
        self.floor.slack.slack.mend()

    def break_slack(self, how: str, **more: Any) -> None:
        self.floor.slack.slack.break_(how, **more)

    # What is there ------------------------------------------------------------------------------------------

    def reads(self, look: Callable[[Tx], Any]) -> Any:
        with self.kit.store.read() as tx:
            return look(tx)

    def incident(self, number: int = 1) -> Incident:
        found = self.reads(lambda tx: tx.incidents.numbered(number))
        assert isinstance(found, Incident)
        return found

    def count(self) -> int:
        return len(self.reads(lambda tx: tx.incidents.where("1 = 1")))

    def room(self, number: int = 1) -> Channel:
        """The channel of an incident as Slack has it."""
        return self.floor.slack.slack.workspace.channels[self.incident(number).channel]

    def rooms(self) -> list[str]:
        """The names of all channels that were made for incidents."""
        found = self.floor.slack.slack.workspace.channels.values()
        return [one.name for one in found if one.name.startswith("inc-")]

    def card(self, number: int = 1) -> Message:
        """How the card shall look."""
        found = self._wanted(f"inc.{self.incident(number).id}.card")
        assert found is not None
        return found

    def twin(self, number: int = 1) -> Message | None:
        """How the announcement shall look; None if there is none."""
        return self._wanted(f"inc.{self.incident(number).id}.twin")

    def _wanted(self, card_id: str) -> Message | None:
        card = self.reads(lambda tx: tx.cards.get(card_id))
        return None if card is None else letters.load(card.wanted)

    def seen(self, number: int = 1) -> str:
        """All that a reader sees of the card."""
        return shown(self.card(number))

    def buttons(self, number: int = 1) -> list[str]:
        return buttons_of(self.card(number))

    def posts(self, channel: str) -> list[str]:
        """What of ours everybody reads in a channel, oldest first: text and blocks."""
        found = self.floor.slack.slack.workspace.posts[channel].values()
        return [str(one.body) for one in found if one.body.get("bot_id") and one.only_for is None]

    def form(self) -> str:
        """The newest form that is open."""
        return str(self.floor.slack.slack.views.every()[-1])

    def told(self, number: int = 1, issue: bool = True) -> str:
        """What whoever declared it reads as soon as there is a room, and with `issue` an issue."""
        key = f"inc.{self.incident(number).id}.told" + (".issue" if issue else "")
        return self.floor.told(key)

    def issues(self, path: str = SHOP) -> list[Any]:
        """The issues of a project as GitLab holds them, oldest first."""
        found = self.floor.gitlab.project(path, "root").issues.list(get_all=True, sort="asc")
        return list(found)

    def posted(self, call: str) -> int:
        return int(self.floor.gitlab.fake.calls[call])

    def facts(self, number: int = 1) -> Any:
        one = self.incident(number)
        return self.kit.gitlab.incident_facts(one.project, [one.iid])[one.iid]


def buttons_of(message: Message) -> list[str]:
    """The labels of buttons and selects."""
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return [(one.get("text") or one.get("placeholder"))["text"] for row in rows for one in row]


@contextmanager
def desk_at(path: Path, **incidents: Any) -> Iterator[Desk]:
    """A desk with its store in `path`; `incidents` are settings of that section."""
    settings = replace(IncidentsConfig(announce=NEWS), **incidents)
    with floor_at(path) as floor:
        kit = floor.kit = replace(floor.kit, config=replace(floor.kit.config, incidents=settings))
        floor.__post_init__()
        yield Desk(floor, Sender(kit.store, kit.slack, kit.now, displaced, Pace()))


__all__ = ["NEWS", "OPS", "SHOP", "SHOP_ID", "Desk", "buttons", "buttons_of", "desk_at", "dm"]
