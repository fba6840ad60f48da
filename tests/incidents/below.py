"""What tests of the discussion from GitLab do again and again: people write there, the bot looks, Slack shows it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import blocks.incident as draw
import blocks.incident_talk as talk
from bot import markdown
from bot.config.incidents import IncidentsConfig
from bot.delivery.pace import Pace
from bot.delivery.sending import Sender
from bot.incident import SLACK, Incident, State
from bot.incident_work import Mirrored
from bot.incidents import errands
from bot.incidents.errands import Kind
from bot.incidents.inward import copies
from bot.incidents.outward import wanted
from bot.incidents.watching import watch
from bot.kit import Kit
from bot.model import Message
from commands.incident import WHOLE
from sandbox.slack.workspace import Post
from tests.evidence.floor import OPS, SHOP, SHOP_ID, Floor, floor_at

SECRET = "C0PRIV0001"
#: How often messages are sent until nothing is left to be sent.
ROUNDS = 16


#: What the ids of cards have in them that are copies, or tell of several.
COPIES = (".m.", ".digest.")


@dataclass(slots=True)
class Below:
    """A floor with one incident in GitLab and its room in Slack, and what happens below it."""

    floor: Floor
    kit: Kit
    sender: Sender
    kinds: dict[str, Kind] = field(default_factory=lambda: dict(WHOLE.kinds))
    incident: Incident = field(init=False)

    def __post_init__(self) -> None:
        self.incident = self.declared()

    # What people do -----------------------------------------------------------------------------------------

    def act(self, line: str, name: str = "bob") -> str:
        """Somebody does something in GitLab's own pages."""
        self.floor.clock.pass_(0.05)
        return self.floor.gitlab.act(line, name)

    def note(self, text: str, name: str = "bob", *, how: str = "comment #1") -> int:
        """Somebody writes below the issue; the id of the note comes back."""
        return int(self.act(f"{how} {text}", name).partition("note ")[2].split()[0])

    def declared(self, channel: str = OPS, title: str = "Checkout", **more: Any) -> Incident:
        """An incident that was declared, with its issue and its room."""
        number = int(self.act(f"incident {title}", "alice").partition("#")[2].partition(" ")[0])
        issue = self.kit.gitlab.issue(SHOP_ID, number)
        alice = self.floor.person("alice")
        one = Incident(
            self.kit.new_id(), number, f"key{number}", alice.team, title, 2, State.INVESTIGATING, SHOP, alice,
            "alice", self.kit.now(), project_id=SHOP_ID, iid=number, issue_id=issue.id, url=issue.url,
            channel=channel, commander=alice, commander_name="alice",
        )  # fmt: skip
        one = replace(one, **more)
        with self.kit.store.write() as tx:
            tx.incidents.put(one)
        return one

    def said_internally(self, text: str) -> Mirrored:
        """A message in the room whose copy is an internal note."""
        row = self.said(text)
        gitlab = self.kit.gitlab_as(self.floor.person("alice"))
        gitlab.drop_note(SHOP_ID, self.incident.iid, row.note_id)
        body = markdown.marked(row.wanted, wanted.mark_of(row))
        note = gitlab.write_note(SHOP_ID, self.incident.iid, body, internal=True)
        with self.kit.store.write() as tx:
            tx.mirror.change("id = ?", (row.id,), note_id=note.id, discussion="", internal=True)
        return self.row(note.id)

    def said(self, text: str, *, note: str = "", **more: Any) -> Mirrored:
        """A message in the room whose copy the bot has written into GitLab as alice; `note` is what it says there."""
        slack = self.floor.slack
        ts = str(slack.run(slack.slack.say("alice", OPS, text, more.pop("thread", None))))
        body = note or f"**alice**\n\n{text}"
        gitlab = self.kit.gitlab_as(self.floor.person("alice"))
        row = Mirrored(
            self.kit.new_id(), self.incident.id, SLACK, "talk", OPS, ts, "", self.kit.now(), "U0ALICE001", "alice",
            wanted=body, wanted_hash=wanted.hash_of(body), shown_hash=wanted.hash_of(body),
        )  # fmt: skip
        self.floor.clock.pass_(0.05)
        discussion, written = gitlab.start_discussion(
            SHOP_ID, self.incident.iid, markdown.marked(body, wanted.mark_of(row))
        )
        row = replace(row, note_id=written.id, discussion=discussion, **more)
        with self.kit.store.write() as tx:
            tx.mirror.put(row)
        return row

    # What the bot does --------------------------------------------------------------------------------------

    def look(self, seconds: float = 7) -> None:
        """Time passes, and GitLab is looked at."""
        self.floor.clock.pass_(seconds)
        watch.tick(self.kit, draw, talk)
        errands.run(self.kit, self.kinds)
        self.floor.do([])

    def post(self) -> None:
        """Everything that waits reaches Slack, one after the other, as the courier and the ticks do it."""
        for _ in range(ROUNDS):
            if not self.step():
                return

    def step(self) -> bool:
        """One message at most for each card and queue; False if nothing was to be sent."""
        now = self.kit.now()
        with self.kit.store.read() as tx:
            cards, heads = tx.cards.due(now, 100), tx.outbox.heads(now, (), 100)
        for card in cards:
            self.sender.card(card)
        for letter in heads:
            self.sender.letter(letter)
        copies.tick(self.kit, talk)
        errands.run(self.kit, self.kinds)
        self.floor.do([])
        self.floor.clock.pass_(4)
        return bool(cards or heads) or self._has_more()

    def _has_more(self) -> bool:
        with self.kit.store.read() as tx:
            return bool(tx.cards.due(self.kit.now(), 1))

    def follow(self, seconds: float = 7) -> None:
        """A look, and all that comes of it in Slack."""
        self.look(seconds)
        self.post()

    # What is there ------------------------------------------------------------------------------------------

    def posts(self, channel: str = OPS) -> list[Post]:
        """The copies in a channel, oldest first."""
        workspace = self.floor.slack.slack.workspace
        return [one for _, one in sorted(workspace.posts[channel].items()) if _is_copy(one)]

    def texts(self, channel: str = OPS) -> list[str]:
        """The notification of each of them: who wrote it, and the beginning of what."""
        return [str(one.body["text"]) for one in self.posts(channel)]

    def rows(self, incident: Incident | None = None) -> list[Mirrored]:
        with self.kit.store.read() as tx:
            return tx.mirror.of((incident or self.incident).id)

    def row(self, note_id: int) -> Mirrored:
        with self.kit.store.read() as tx:
            found = tx.mirror.of_note(self.incident.id, note_id)
        assert found is not None
        return found

    def now(self) -> Incident:
        with self.kit.store.read() as tx:
            found = tx.incidents.get(self.incident.id)
        assert found is not None
        return found

    def alter(self, **changes: Any) -> None:
        with self.kit.store.write() as tx:
            tx.incidents.note(self.incident.id, **changes)

    def in_gitlab(self, number: int = 1) -> list[str]:
        """The comments below the issue, oldest first."""
        project = self.floor.gitlab.project(SHOP, "root")
        found = project.issues.get(number).notes.list(
            get_all=True, sort="asc", activity_filter="only_comments"
        )
        return [one.body for one in found]

    def calls(self) -> int:
        """How many requests GitLab has had."""
        return sum(self.floor.gitlab.fake.calls.values())


def _is_copy(post: Post) -> bool:
    oid = str((post.metadata or {}).get("event_payload", {}).get("oid", ""))
    return any(part in oid for part in COPIES)


@contextmanager
def below(path: Path, **settings: Any) -> Iterator[Below]:
    """A floor with an incident in #ops; `settings` are those of `[incidents]`."""
    with floor_at(path) as floor:
        config = replace(floor.kit.config, incidents=IncidentsConfig(**settings))
        floor.kit = replace(floor.kit, config=config)
        # Slack counts by the clock of the test.
        floor.slack.slack.limits.clock = lambda: floor.clock.now / 1000
        sender = Sender(
            floor.kit.store, floor.kit.slack, floor.kit.now, lambda channel, code: Message(code), Pace()
        )
        yield Below(floor, floor.kit, sender)
