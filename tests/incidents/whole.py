"""A whole incident with all its parts, each of whose errands dies once at a step of its way, and what it leaves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from blocks.answers import displaced
from bot.config import IncidentsConfig
from bot.delivery.pace import Pace
from bot.delivery.sending import Sender
from bot.doors.intake import Intake
from bot.edges.store import Tx
from bot.errors import BotError, GitLabUnreachable, SlackUnreachable
from bot.incident import Incident
from bot.incident_work import Errand
from bot.incidents import errands
from bot.incidents.errands import Kind
from bot.kit import Kit
from commands import incident as command
from commands.incident import WHOLE
from sandbox.slack.people import BOT_USER, Channel
from tests.evidence.floor import OPS, SHOP, Floor, floor_at
from tests.incidents.front import NEWS
from tests.sandbox.slack_stage import Ear, until

NEVER, CLAIMED, SENT, LOST, WRITING, WRITTEN = (
    "never", "claimed", "sent", "answer lost", "being written down", "written down",
)  # fmt: skip
#: Where an errand may die; `answer lost` is no death, but the other side's silence.
STEPS = (CLAIMED, SENT, LOST, WRITING, WRITTEN)
#: Rounds after which whatever was begun is over, and seconds that pass in each while something waits.
ROUNDS, WAIT = 40, 14
#: What Slack writes by itself.
UNSAID = frozenset({"channel_topic", "channel_join", "pinned_item"})
#: What differs from one night to the next: moments, ids, hashes, and how long ago something was.
_MARKS = re.compile(r"<!--.*?-->", re.DOTALL)
_SPANS = re.compile(r"(?:\d+ (?:s|m|min|h)\b ?)+|, added <!date[^>]*>")
_IDS = re.compile(r"\bid[0-9a-f]{10}\b|\b[0-9a-f]{7,40}\b|\d+")
#: An upload is not sent again when its answer is lost: its copy then has a link to Slack in place of the picture.
_FILES = re.compile(r"!\[graph\]\(\S+\)|📎 \[graph\.png\]\(\S+\) \*\(GitLab did not say whether it took it\)\*")


class Killed(BaseException):
    """The process is gone."""


@dataclass(slots=True)
class Whole:
    """A floor on which everything of an incident is done, while its errands die at one step."""

    floor: Floor
    ear: Ear
    step: str
    sender: Sender
    taken: int = 0
    deaths: set[str] = field(default_factory=set)
    """Errands that have died already, and that do not again."""
    done: set[str] = field(default_factory=set)
    """Kinds of which an errand was done."""
    doomed: bool = False
    keys: list[str] = field(default_factory=list)

    @property
    def kit(self) -> Kit:
        return self.floor.kit

    # What people do -----------------------------------------------------------------------------------------

    def type(self, text: str, name: str = "alice", channel: str = "") -> str:
        """Types a slash command, in the room if there is one; then all is done that follows."""
        room = channel or self.room_or(OPS)
        key = self.floor.accept(
            "slash_commands", self.floor.slash_payload(name, f"incident {text}", room) | {"text": f"incident {text}"}
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
        with self.kit.store.write() as tx:
            tx.errands.recover()
            tx.cards.recover()
            tx.outbox.recover()

    def _deliver(self) -> bool:
        now = self.kit.now()
        with self.kit.store.read() as tx:
            cards, letters = tx.cards.due(now, 100), tx.outbox.heads(now, (), 100)
        for card in cards:
            self.sender.card(card)
        for letter in letters:
            self.sender.letter(letter)
        return bool(cards or letters)

    def _waits(self) -> list[str]:
        with self.kit.store.read() as tx:
            return [one.id for one in tx.errands.where("state IN ('ready', 'doing', 'unknown')")]

    # How it dies --------------------------------------------------------------------------------------------

    def apart(self, name: str, act: Callable[[], object]) -> None:
        """Take up a lane of errands with kinds that die."""
        lane = re.fullmatch(r"errands (\w+) (\S+)", name)
        if lane:
            act = partial(errands.drain, self.kit, self.kinds(), lane[2], lane[1])
        self.floor.asides.append(act)

    def kinds(self) -> Mapping[str, Kind]:
        return {name: self._dying(name, kind) for name, kind in WHOLE.kinds.items()}

    def _dying(self, name: str, kind: Kind) -> Kind:
        def act(kit: Kit, errand: Errand, incident: Incident) -> Any:
            if self.step == CLAIMED and self._dies(errand):
                raise Killed
            result = kind.act(kit, errand, incident)
            if self.step == SENT and self._dies(errand):
                raise Killed
            if self.step == LOST and self._dies(errand):
                raise _silence(errand)
            return result

        def ends(tx: Tx, kit: Kit, errand: Errand, incident: Incident, end: Any) -> None:
            (kind.refused if isinstance(end, BotError) else kind.settled)(tx, kit, errand, incident, end)
            self.done.add(name)
            if self.step == WRITING and self._dies(errand):
                raise Killed
            self.doomed = self.step == WRITTEN and self._dies(errand)

        return replace(kind, act=act, settled=ends, refused=ends)

    def _dies(self, errand: Errand) -> bool:
        """Tell whether it is this errand's turn: once each."""
        if errand.id in self.deaths:
            return False
        self.deaths.add(errand.id)
        return True

    def deliver(self) -> None:
        """What was written down is to be sent: right behind the transaction."""
        if self.doomed:
            self.doomed = False
            raise Killed

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
        return sorted([*self.floor.asks(_issues), *(line for one in channels for line in self._of(one))])

    def _of(self, channel: Channel) -> Iterator[str]:
        yield f"{channel.name}: {channel.kind} {channel.is_archived} {sorted(channel.members)}"
        yield f"{channel.name}: topic {plain(channel.topic.value)}, {len(channel.pins)} pins"
        for mark in channel.bookmarks.values():
            yield f"{channel.name}: bookmark {mark['title']}"
        for one in self.floor.slack.slack.workspace.posts.get(channel.id, {}).values():
            if one.body.get("subtype") not in UNSAID:
                where = f"{channel.name}{' thread' if one.thread else ''} {one.only_for or ''}"
                yield f"{where}: {plain(str(one.body.get('text')))} {_emoji(one.body)}"


def _silence(errand: Errand) -> BotError:
    said = "The answer was lost."
    return GitLabUnreachable(said, sent=True) if errand.target == "gitlab" else SlackUnreachable(said, sent=True)


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
        IncidentsConfig(announce=NEWS, invite=("U0BOB00001",), update_minutes=slow, monitoring_minutes=slow), **incidents
    )
    with floor_at(path) as floor:
        floor.slack.slack.limits.enforced = False
        floor.slack.slack.workspace.clock = lambda: floor.clock.now / 1000
        floor.kit = replace(floor.kit, config=replace(floor.kit.config, incidents=settings))
        sender = Sender(floor.kit.store, floor.kit.slack, floor.kit.now, displaced, Pace())
        made = Whole(floor, floor.slack.listen(), step, sender)
        kit = floor.kit = replace(floor.kit, apart=made.apart, deliver=made.deliver)
        floor.__post_init__()
        floor.intake = Intake(
            kit.slack.whoami(), kit.store, kit.now, floor.inbox.extend, redact=kit.redact,
            seal=lambda text, owner: kit.vault.seal(text, about=owner), is_room=kit.rooms.__contains__,
        )  # fmt: skip
        yield made
