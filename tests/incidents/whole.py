"""A whole incident with all its parts, each of whose errands dies once at a step of its way, and what it leaves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from blocks.answers import displaced
from bot.config import IncidentsConfig
from bot.delivery.pace import Pace
from bot.doors.intake import Intake
from bot.edges.store import Card, Letter
from bot.incident import Incident
from bot.incidents import errands
from bot.kit import Kit
from commands import incident as command
from sandbox.slack.people import BOT_USER, Channel
from tests.evidence.floor import OPS, SHOP, Floor, floor_at
from tests.incidents.dying import Fate, Killed, Mortal
from tests.incidents.front import NEWS
from tests.sandbox.slack_stage import Ear, until

#: Rounds after which whatever was begun is over, and seconds that pass in each while something waits.
ROUNDS, WAIT = 40, 14
#: Milliseconds within which what is to be sent again will be.
SOON = 120_000
#: What Slack writes by itself.
UNSAID = frozenset({"channel_topic", "channel_join", "pinned_item"})
#: What differs from one night to the next: moments, ids, hashes, and how long ago something was.
_MARKS = re.compile(r"<!--.*?-->", re.DOTALL)
_SPANS = re.compile(r"(?:\d+ (?:s|m|min|h)\b ?)+|, added <!date[^>]*>")
_IDS = re.compile(r"\bid[0-9a-f]{10}\b|\b[0-9a-f]{7,40}\b|\d+")
#: An upload is not sent again when its answer is lost: its copy then has a link to Slack in place of the picture.
_FILES = re.compile(
    r"!\[graph\]\(\S+\)|📎 \[graph\.png\]\(\S+\) \*\(GitLab did not say whether it took it\)\*"
)


@dataclass(slots=True)
class Whole:
    """A floor on which everything of an incident is done, while its errands die at one step."""

    floor: Floor
    ear: Ear
    fate: Fate
    sender: Mortal
    taken: int = 0

    @property
    def kit(self) -> Kit:
        return self.floor.kit

    # What people do -----------------------------------------------------------------------------------------

    def type(self, text: str, name: str = "alice", channel: str = "") -> str:
        """Types a slash command, in the room if there is one; then all is done that follows."""
        room = channel or self.room_or(OPS)
        key = self.floor.accept(
            "slash_commands",
            self.floor.slash_payload(name, f"incident {text}", room) | {"text": f"incident {text}"},
        )
        return self._asked(key)

    def press(self, action: str, value: str = "", name: str = "alice") -> str:
        about = value or f"{self.incident().id}:{self.incident().version}"
        payload = self.floor.click_payload(name, f"incident.{action}", about, self.room_or(OPS))
        return self._asked(self.floor.accept("interactive", payload))

    def send(self, form: str, name: str = "alice", /, **fields: str) -> None:
        """Sends in a form about the incident."""
        about = f"{self.incident().id}:{self.incident().version}"
        room = self.room_or(OPS)
        self._alive(lambda: self.floor.form(name, f"incident.{form}", about, room, **fields))
        self.settle()

    def _asked(self, new: list[Any]) -> str:
        self.floor.inbox.extend(new)
        self.settle()
        return self.floor.told(new[0].key)

    def say(self, text: str, name: str = "alice", thread: str | None = None) -> str:
        return str(self.heard(self.floor.slack.slack.say(name, self.incident().channel, text, thread)))

    def heard(self, doing: Any) -> Any:
        """Somebody does something in Slack, and it is taken in, with all that follows."""
        before = self._by_people()
        done = self.floor.slack.run(doing)
        until(lambda: self._by_people() > before)
        self.settle()
        return done

    def _by_people(self) -> int:
        said = [(one, one.get("message") or one.get("previous_message") or {}) for one in self.ear.events]
        return sum(BOT_USER not in {one.get("user"), message.get("user")} for one, message in said)

    def act(self, line: str, name: str = "bob") -> str:
        """Does something in GitLab's pages, and the bot comes to look."""
        self.floor.clock.pass_(1)
        done = self.floor.gitlab.act(line, name)
        self.settle()
        return done

    # What the bot does --------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Until nothing is under way any more."""
        for _ in range(ROUNDS):
            self._round()
            self.floor.clock.pass_(WAIT if self._waits() else 3)
            if not self._round() and not self._waits():
                return
        raise AssertionError(f"It goes on and on: {self._waits()}")

    def _round(self) -> bool:
        """A tick of everything; False if nothing was to be sent."""
        for envelope in self.ear.envelopes[self.taken :]:
            self.taken += 1
            self.floor.intake.accept([envelope])
        self._alive(lambda: self.floor.do([]))
        self._alive(lambda: command.tick(self.kit))
        self._alive(lambda: self.floor.do([]))
        return self._deliver()

    def _alive(self, doing: Callable[[], object]) -> None:
        """Do it; whenever the process is killed it is started again."""
        while True:
            try:
                doing()
            except Killed:
                self._begin_anew()
                doing = partial(self.floor.do, [])
            else:
                return

    def _begin_anew(self) -> None:
        self.floor.asides.clear()
        self.sender = replace(self.sender, pace=Pace(), _looks={})
        with self.kit.store.write() as tx:
            tx.errands.recover()
            tx.cards.recover()
            tx.outbox.recover()

    def _deliver(self) -> bool:
        cards, letters = self._due(0)
        for card in cards:
            self._alive(partial(self.sender.card, card))
        for letter in letters:
            self._alive(partial(self.sender.letter, letter))
        return bool(cards or letters)

    def _due(self, later: int) -> tuple[list[Card], list[Letter]]:
        """What is to be sent by then."""
        now = self.kit.now() + later
        with self.kit.store.read() as tx:
            return tx.cards.due(now, 100), tx.outbox.heads(now, (), 100)

    def _waits(self) -> list[str]:
        cards, letters = self._due(SOON)
        with self.kit.store.read() as tx:
            open_ones = tx.errands.where("state IN ('ready', 'doing', 'unknown')")
        return [one.id for one in open_ones] + [one.id for one in cards] + [one.id for one in letters]

    def apart(self, name: str, act: Callable[[], object]) -> None:
        """Take up a lane of errands with kinds that die."""
        lane = re.fullmatch(r"errands (\w+) (\S+)", name)
        if lane:
            act = partial(errands.drain, self.kit, self.fate.kinds(), lane[2], lane[1])
        self.floor.asides.append(act)

    # What is there ------------------------------------------------------------------------------------------

    def incident(self, number: int = 1) -> Incident:
        with self.kit.store.read() as tx:
            found = tx.incidents.numbered(number)
        assert found is not None
        return found

    def room_or(self, other: str) -> str:
        with self.kit.store.read() as tx:
            found = tx.incidents.numbered(1)
        return (found.channel if found else "") or other

    def left(self) -> list[str]:
        """All that is left on both sides, a line each, without what differs from one night to the next."""
        channels = list(self.floor.slack.slack.workspace.channels.values())
        said = (line for one in channels for line in self._of(one))
        return sorted([*self.floor.asks(_issues), *self._beside(), *said])

    def _beside(self) -> Iterator[str]:
        """What GitLab keeps beside the issues: severities and states, lines of the timeline, and links."""
        for one in self.floor.gitlab.project(SHOP, "root").issues.list(get_all=True, issue_type="incident"):
            yield f"#{one.iid} facts {self.kit.gitlab.incident_facts(SHOP, [one.iid])[one.iid]}"
            for line in self.kit.gitlab.timeline(SHOP, one.id):
                if line.action == "comment":
                    yield f"#{one.iid} timeline {plain(line.text)}"
            for link in one.links.list(get_all=True):
                yield f"#{one.iid} linked to {link.iid}"

    def _of(self, channel: Channel) -> Iterator[str]:
        yield f"{channel.name}: {channel.kind} {channel.is_archived} {sorted(channel.members)}"
        yield f"{channel.name}: topic {plain(channel.topic.value)}, {len(channel.pins)} pins"
        for mark in channel.bookmarks.values():
            yield f"{channel.name}: bookmark {mark['title']}"
        for one in self.floor.slack.slack.workspace.posts.get(channel.id, {}).values():
            if one.body.get("subtype") not in UNSAID:
                where = f"{channel.name}{' thread' if one.thread else ''} {one.only_for or ''}"
                yield f"{where}: {plain(str(one.body.get('text')))} {_emoji(one.body)}"


def plain(text: str) -> str:
    for what, by in ((_MARKS, "<!-- mark -->"), (_FILES, "a file"), (_SPANS, ""), (_IDS, "#")):
        text = what.sub(by, text)
    return text


def _emoji(body: Mapping[str, Any]) -> list[str]:
    return sorted(str(one["name"]) for one in body.get("reactions", []))


def _issues(state: Any) -> list[str]:
    """The issues of the shop as GitLab holds them, each with its notes."""
    found = [one for one in state.tracker.issues.values() if one.project.path == SHOP]
    return [line for one in found for line in _issue(one)]


def _issue(one: Any) -> Iterator[str]:
    people = [who.username for who in one.assignees]
    yield f"#{one.iid} {one.title} {one.state} {one.confidential} {sorted(one.labels)} {people}"
    yield f"#{one.iid} description {plain(one.description)}"
    for note in one.notes:
        if not note.system:
            yield f"#{one.iid} {note.author.username} {note.internal}: {plain(note.body)}"


@contextmanager
def whole_at(path: Path, step: str, **incidents: Any) -> Iterator[Whole]:
    """A floor for a whole incident; `incidents` are settings of that section."""
    slow = (600, 600, 600, 600)
    settings = replace(
        IncidentsConfig(announce=NEWS, invite=("U0BOB00001",), update_minutes=slow, monitoring_minutes=slow),
        **incidents,
    )
    with floor_at(path) as floor:
        floor.slack.slack.limits.enforced = False
        floor.slack.slack.workspace.clock = lambda: floor.clock.now / 1000
        floor.kit = replace(floor.kit, config=replace(floor.kit.config, incidents=settings))
        fate = Fate(step)
        sender = Mortal(floor.kit.store, floor.kit.slack, floor.kit.now, displaced, Pace(), fate=fate)
        made = Whole(floor, floor.slack.listen(), fate, sender)
        kit = floor.kit = replace(floor.kit, apart=made.apart, deliver=fate.deliver)
        floor.__post_init__()
        floor.intake = Intake(
            kit.slack.whoami(), kit.store, kit.now, floor.inbox.extend, redact=kit.redact,
            seal=lambda text, owner: kit.vault.seal(text, about=owner), is_room=kit.rooms.__contains__,
        )  # fmt: skip
        yield made
