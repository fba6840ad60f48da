"""What the tests of the router share: commands that are plain values, and a router over a real store."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from blocks import voice
from bot.command import Click, Command, Request
from bot.config import parse
from bot.delivery import letters
from bot.doors.router import Router
from bot.edges.gitlab import GitLab
from bot.edges.slack import Slack
from bot.edges.store import Letter, Received, Store
from bot.errors import Refused
from bot.kit import Kit
from bot.model import Message
from bot.policy import Policy
from bot.redact import Redactor
from tests.edges import wire
from tests.kits import kit_of

BOT, NOW = "U0OPSBOT01", 1_763_650_000_000
CONFIG = """
[slack]
bot_token = "xoxb-1-canary"
app_token = "xapp-1-canary"
[gitlab]
token = "glpat-canary"
"""


@dataclass(slots=True)
class Bench:
    """A router, its store, and what was asked of the commands."""

    store: Store
    slack_at: str
    asked: list[Request | Click] = field(default_factory=list)
    delivered: int = 0
    time: int = NOW
    ids: int = 0
    policy: Policy = field(default_factory=Policy)
    changes: Collection[str] = ()
    """Names of the commands that change something."""
    act: Callable[[], Message | None] = lambda: Message("Done.")
    """What the command `act` does."""
    router: Router = field(init=False)
    gitlab: GitLab = field(init=False)

    def __post_init__(self) -> None:
        self.gitlab = GitLab("http://127.0.0.1:1", "glpat-canary", now=lambda: self.time)
        config = replace(parse(CONFIG, {}, Path("/")), policy=self.policy)
        kit = kit_of(config, self.store, Slack("xoxb-1-canary", self.slack_at, timeout=5), self.gitlab,
                     lambda: self.time, new_id=self._id, deliver=self._deliver, apart=self._apart,
                     redact=Redactor([]))  # fmt: skip
        self.router = Router(kit, self._commands(), voice, BOT)

    def _id(self) -> str:
        self.ids += 1
        return f"{self.ids:012x}"

    def _apart(self, name: str, act: Callable[[], object]) -> None:
        act()

    def _deliver(self) -> None:
        self.delivered += 1

    def _commands(self) -> Sequence[Command]:
        def command(name: str, run: Callable[[Request, Kit], Message | None], *aliases: str) -> Command:
            buttons = {f"{name}.press": lambda click, kit: self._press(click)}
            return Command(name, name, name, (name,), run, aliases, buttons, in_turn=name != "help",
                           changes=name in self.changes)  # fmt: skip

        return (command("help", self._help), command("run", self._echo, "go"), command("act", self._act),
                command("refuse", self._refuse))  # fmt: skip

    def _press(self, click: Click) -> Message | None:
        self.asked.append(click)
        return self.act()

    def _help(self, request: Request, kit: Kit) -> Message:
        self.asked.append(request)
        return Message("Here is help.")

    def _echo(self, request: Request, kit: Kit) -> Message:
        self.asked.append(request)
        return Message(f"{request.verb}: {request.line.after(0)}")

    def _act(self, request: Request, kit: Kit) -> Message | None:
        self.asked.append(request)
        return self.act()

    def _refuse(self, request: Request, kit: Kit) -> Message:
        raise Refused("You may not do this: ask <admins>.")

    # What comes in, and what went out --------------------------------------------------------------------------

    def accept(self, kind: str, body: dict[str, Any], key: str = "k1") -> Received:
        """Put a request into the inbox."""
        received = Received(key, f"e-{key}", kind, json.dumps(body), self.time)
        with self.store.write() as tx:
            assert tx.inbox.accept([received]) == [True]
        return received

    def do(self, kind: str, body: dict[str, Any], key: str = "k1") -> None:
        self.router.do(self.accept(kind, body, key))

    def slash(self, text: str, key: str = "k1", **more: Any) -> None:
        self.do("slash", SLASH | {"text": text} | more, key)

    def dm(self, text: str, key: str = "k1", **more: Any) -> None:
        self.do("text", DM | {"text": text} | more, key)

    def mention(self, text: str, key: str = "k1", **more: Any) -> None:
        self.do("text", MENTION | {"text": text} | more, key)

    def click(self, action: str, value: str = "v", key: str = "c1", **more: Any) -> None:
        self.do("click", CLICK | {"action": action, "value": value} | more, key)

    def letter(self, key: str = "k1") -> Letter | None:
        with self.store.read() as tx:
            return tx.outbox.get(key)

    def answer(self, key: str = "k1") -> Message:
        """What the asker is told."""
        letter = self.letter(key)
        assert letter is not None
        return letters.load(letter.body)

    def open_requests(self) -> int:
        with self.store.read() as tx:
            return tx.inbox.open_count()


ALICE = {"team": "T0ACME0001", "person": "U0ALICE001", "channel": "C0OPS00001"}
SLASH = ALICE | {"name": "alice", "command": "/gitlab"}
DM = ALICE | {"channel": "D0ALICEBOT", "thread": None, "way": "dm"}
MENTION = ALICE | {"thread": None, "way": "mention"}
CLICK = ALICE | {"name": "alice", "thread": None, "message": "17.1"}


def knows_people(seen: wire.Seen) -> wire.Reply:
    """A workspace in which everybody is a full member called Alice, and no channel is shared."""
    if seen.path.endswith("conversations.info"):
        return wire.data({"ok": True, "channel": {"id": seen.form["channel"]}})
    if seen.path.endswith("users.info"):
        return wire.data({"ok": True, "user": member(seen.form["user"])})
    return wire.data({"ok": True, "team_id": "T0ACME0001", "user_id": BOT})


def member(person: str, **more: Any) -> dict[str, Any]:
    """Somebody as users.info tells of them."""
    return {"id": person, "team_id": "T0ACME0001", "profile": {"display_name": "Alice"}, **more}


@contextmanager
def bench(
    store: Store,
    script: wire.Script = knows_people,
    policy: Policy | None = None,
    changes: Collection[str] = (),
) -> Iterator[tuple[Bench, wire.Server]]:
    """A bench with a Slack that answers by `script`."""
    with wire.serve(script) as server:
        stage = Bench(store, f"{server.url}/api/", policy=policy or Policy(), changes=changes)
        yield stage, server
        stage.gitlab.close()
