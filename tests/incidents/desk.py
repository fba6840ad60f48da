"""What tests about the timeline do again and again: people mark what is said, and both sides are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.config.incidents import IncidentsConfig
from bot.delivery.pace import Pace
from bot.delivery.sending import Sender
from bot.doors.intake import Intake
from bot.incident import CURATED, Event, Incident, State, Who
from bot.incident_work import Errand, Task
from bot.incidents import errands
from bot.incidents.chart import timeline
from bot.kit import Kit
from bot.model import Message
from bot.tracker import TimelineEvent
from commands.incident import WHOLE
from sandbox.slack.people import BOT_USER
from sandbox.slack.workspace import Post
from tests.evidence.floor import OPS, SHOP, SHOP_ID, Floor, floor_at
from tests.jobs.seen import buttons, shown
from tests.sandbox.slack_stage import Ear, until

ID = "inc01"
#: What those who work here are called in Slack, with what they are called in GitLab.
LINKED = {"alice": "alice", "bob": "bob", "carol": "carol"}
#: Who else is in the room: a person, another app, and somebody of another company.
MORE = ("anna", "robo", "erin")
#: How often messages are sent until nothing is left to be sent.
ROUNDS = 20


@dataclass(slots=True)
class Desk:
    """A floor with an incident in GitLab whose room is #ops, and what is done about its timeline."""

    floor: Floor
    ear: Ear
    sender: Sender
    taken: int = 0
    keys: list[str] = field(default_factory=list)

    @property
    def kit(self) -> Kit:
        return self.floor.kit

    @property
    def incident(self) -> Incident:
        with self.kit.store.read() as tx:
            found = tx.incidents.get(ID)
        assert found is not None
        return found

    def alter(self, **changes: Any) -> Incident:
        with self.kit.store.write() as tx:
            tx.incidents.note(ID, **changes)
        return self.incident

    # What people do -----------------------------------------------------------------------------------------

    def say(self, text: str, name: str = "alice", thread: str | None = None, channel: str = OPS) -> str:
        """Says something to the others; its ts comes back."""
        return str(self._heard(self.floor.slack.slack.say(name, channel, text, thread)))

    def react(self, ts: str, name: str = "bob", emoji: str = "pushpin", channel: str = OPS) -> None:
        self._heard(self.floor.slack.slack.react(name, channel, ts, emoji))

    def unreact(self, ts: str, name: str = "bob", emoji: str = "pushpin", channel: str = OPS) -> None:
        self._heard(self.floor.slack.slack.unreact(name, channel, ts, emoji))

    def upload(self, path: Path, name: str = "alice") -> str:
        return str(self._heard(self.floor.slack.slack.upload(name, OPS, path)))

    def edit(self, ts: str, text: str, name: str = "alice") -> None:
        self._heard(self.floor.slack.slack.edit(name, OPS, ts, text))

    def delete(self, ts: str, name: str = "alice") -> None:
        self._heard(self.floor.slack.slack.delete(name, OPS, ts))

    def type(self, text: str, name: str = "alice", channel: str = OPS) -> str:
        """Types a command; what only they read comes back."""
        return self._told(self.floor.slash(name, f"incident {text}", channel))

    def press(self, action: str, event: Event, name: str = "alice") -> str:
        about = f"{ID}:{self.incident.version}:{event.id}"
        return self._told(self.floor.click(name, f"incident.timeline_{action}", about))

    def send(self, about: str, name: str = "alice", channel: str = OPS, **fields: str) -> str:
        """Sends the form in."""
        return self._told(self.floor.form(name, "incident.timeline", about, channel, **fields))

    def use(self, ts: str, name: str = "alice", channel: str = OPS) -> str:
        """Uses the shortcut on a message."""
        user = self.floor.user(name)
        message = {"type": "message", "ts": ts, "user": user.id, "text": "The workers are down"}
        payload = {
            "type": "message_action", "callback_id": "incident.timeline_message",
            "trigger_id": self.floor.trigger(user.id),
            "user": {"id": user.id, "name": user.name, "team_id": user.team}, "team": {"id": user.team},
            "channel": {"id": channel}, "message": message, "message_ts": ts,
        }  # fmt: skip
        return self._told(self.floor.send("interactive", payload))

    def act(self, line: str, name: str = "carol") -> str:
        """Does something in GitLab's own pages."""
        return self.floor.gitlab.act(line, name)

    def _heard(self, doing: Any) -> Any:
        before = self._by_people()
        done = self.floor.slack.run(doing)
        until(lambda: self._by_people() > before)
        return done

    def _by_people(self) -> int:
        """How much has been heard that the bot did not do itself."""
        said = [(one, one.get("message") or one.get("previous_message") or {}) for one in self.ear.events]
        return sum(BOT_USER not in {one.get("user"), message.get("user")} for one, message in said)

    def _told(self, key: str) -> str:
        self.keys.append(key)
        self.work()
        return self.floor.told(key)

    # What the bot does --------------------------------------------------------------------------------------

    def events_of_slack(self) -> list[dict[str, Any]]:
        """The envelopes that came since the last ones that were taken in."""
        new = self.ear.envelopes[self.taken :]
        self.taken += len(new)
        return new

    def hear(self, *, settle: bool = True) -> None:
        """Takes in what has come from Slack since, and does what follows."""
        for envelope in self.events_of_slack():
            self.take(envelope)
        if settle:
            self.work()

    def take(self, envelope: dict[str, Any]) -> None:
        self.floor.intake.accept([envelope])
        self.floor.do([])

    def work(self, seconds: float = 0) -> None:
        """Lets time pass, and does what is due, and what follows from that."""
        self.floor.clock.pass_(seconds)
        for _ in range(3):
            errands.run(self.kit, WHOLE.kinds)
            self.floor.do([])

    def post(self) -> None:
        """Everything that waits reaches Slack."""
        for _ in range(ROUNDS):
            now = self.kit.now()
            with self.kit.store.read() as tx:
                cards, heads = tx.cards.due(now, 100), tx.outbox.heads(now, (), 100)
            for card in cards:
                self.sender.card(card)
            for letter in heads:
                self.sender.letter(letter)
            if not cards and not heads:
                return
            self.floor.clock.pass_(4)

    def restart(self) -> None:
        """The process begins anew: what was under way is not known to have happened."""
        with self.kit.store.write() as tx:
            tx.errands.recover()

    def put(self, text: str, *, name: str = "alice", ago: int = 0, **more: Any) -> Event:
        """Something is put on the timeline that happened so many seconds ago."""
        who, at = Who(name, self.floor.person(name)), self.kit.now() - ago * 1000
        with self.kit.store.write() as tx:
            made = timeline.add(
                tx, self.kit, self.incident, who, text, source=f"test:{text[:40]}", at=at, **more
            )
        assert made is not None
        return made

    def back(self, event: Event) -> None:
        """It is taken back."""
        with self.kit.store.write() as tx:
            assert timeline.take_back(tx, self.kit, self.incident, event, event.who.person)

    def look(self) -> list[Event]:
        """What the watcher does once a minute; what is new comes back."""
        found = self.kit.gitlab.timeline(SHOP, self.incident.issue_id)
        with self.kit.store.write() as tx:
            return timeline.from_gitlab(tx, self.kit, self.incident, found)

    def break_(self, how: str, **more: Any) -> None:
        gitlab = self.floor.gitlab
        gitlab.loop.ask(lambda: gitlab.fake.break_(how, **more))

    def mend(self) -> None:
        self.floor.gitlab.loop.ask(self.floor.gitlab.fake.mend)

    # What is there ------------------------------------------------------------------------------------------

    def events(self, *kinds: str) -> list[Event]:
        with self.kit.store.read() as tx:
            return tx.incident_events.of(ID, kinds=kinds)

    def event(self) -> Event:
        """The only one there is."""
        (found,) = self.events()
        return found

    @property
    def lines(self) -> list[TimelineEvent]:
        """What people wrote on GitLab's timeline, in order."""
        found = self.kit.gitlab.timeline(SHOP, self.incident.issue_id)
        return [one for one in found if one.action == "comment"]

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.lines]

    @property
    def notes(self) -> list[str]:
        """The comments below the issue, oldest first."""
        issue = self.floor.gitlab.project(SHOP, "root").issues.get(self.incident.iid)
        found = issue.notes.list(get_all=True, sort="asc", activity_filter="only_comments")
        return [str(one.body) for one in found]

    @property
    def internal(self) -> list[bool]:
        """Whether each of them is for members alone."""
        issue = self.floor.gitlab.project(SHOP, "root").issues.get(self.incident.iid)
        found = issue.notes.list(get_all=True, sort="asc", activity_filter="only_comments")
        return [bool(one.internal) for one in found]

    def tasks(self) -> list[Task]:
        with self.kit.store.read() as tx:
            return tx.tasks.of(ID)

    def fact(self, name: str) -> str | None:
        with self.kit.store.read() as tx:
            return tx.incident_facts.get(ID, name)

    def errand(self, event: Event) -> Errand:
        with self.kit.store.read() as tx:
            found = tx.errands.get(f"{ID}.timeline.{event.id}")
        assert found is not None
        return found

    def calls(self, call: str) -> int:
        return int(self.floor.gitlab.fake.calls[call])

    def posts(self, channel: str = OPS) -> list[Post]:
        """What the bot has said to all in the channel, oldest first."""
        workspace = self.floor.slack.slack.workspace
        found = sorted(workspace.posts[channel].items())
        return [one for _, one in found if one.body.get("user") == BOT_USER and not one.only_for]

    def echoes(self) -> list[str]:
        """The lines about the timeline as people read them, with their buttons."""
        return [line_of(one) for one in self.posts() if "timeline" in str(one.body.get("text"))]


def line_of(post: Post) -> str:
    message = Message(str(post.body["text"]), tuple(post.body.get("blocks") or ()))
    return f"{shown(message)} {buttons(message)}"


@contextmanager
def desk_at(path: Path, *, policy: str = CURATED, declarer: str = "alice", **accounts: str) -> Iterator[Desk]:
    """A desk; `accounts` are whose GitLab account each person has connected."""
    with floor_at(path, None, **(accounts or LINKED)) as floor:
        floor.kit = replace(floor.kit, config=replace(floor.kit.config, incidents=IncidentsConfig()))
        kit = floor.kit
        answer = floor.gitlab.act("incident Checkout is slow", "alice")
        iid = int(answer.partition("#")[2].split()[0])
        issue, person = kit.gitlab.issue(SHOP_ID, iid), floor.person(declarer)
        one = Incident(
            ID, 1, "test", person.team, "Checkout is slow", 2, State.INVESTIGATING, SHOP, person, declarer, kit.now(),
            policy=policy, project_id=SHOP_ID, iid=iid, issue_id=issue.id, url=issue.url, channel=OPS,
            channel_name="ops",
        )  # fmt: skip
        with kit.store.write() as tx:
            tx.incidents.put(one)
        _listen(floor)
        members = floor.slack.slack.workspace.channels[OPS].members
        members += [floor.user(name).id for name in MORE if floor.user(name).id not in members]
        sender = Sender(kit.store, kit.slack, kit.now, lambda channel, code: Message(code), Pace())
        yield Desk(floor, floor.slack.listen(), sender)


def _listen(floor: Floor) -> None:
    """Let the door hear what happens in #ops."""
    kit, known = floor.kit, floor.intake
    kit.rooms.add(OPS)
    floor.intake = Intake(
        known.identity, kit.store, kit.now, floor.inbox.extend, seal=known.seal, redact=kit.redact,
        is_room=kit.rooms.__contains__,
    )  # fmt: skip
