"""The bot's rooms with people who have connected their accounts: the sandbox's GitLab, and a Slack that knows them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot import asides, words
from bot.command import Click, Command, Request
from bot.config import Config, GitLabConfig, ProjectConfig, SlackConfig, StoreConfig
from bot.deeds import Permit
from bot.delivery import letters
from bot.edges.gitlab import GitLab
from bot.edges.gitlab_seen import Seen
from bot.edges.oauth import OAuth
from bot.edges.slack import Slack
from bot.edges.slack_people import People
from bot.edges.store import Store
from bot.errors import NotLinked
from bot.kit import Kit
from bot.ledger import Account, Entry, Lock, Waiter
from bot.model import Message, Millis, Person, Place, Run, RunState
from bot.policy import Policy
from bot.vault import Vault, new_key
from commands import lock, queue, unlock, who
from tests.edges import wire
from tests.sandbox.gitlab_stage import PROJECTS, GitLabStage

TEAM, OPS, SHOP, INFRA = "T0ACME0001", "C0OPS00001", 42, 43
IDS = {"alice": 7, "bob": 8, "carol": 9, "dave": 10}
PEOPLE = {
    name: Person(TEAM, person)
    for name, person in {
        "alice": "U0ALICE001", "bob": "U0BOB00001", "carol": "U0CAROL001", "dave": "U0DAVE0001"
    }.items()
}  # fmt: skip
COMMANDS: Mapping[str, Command] = {one.COMMAND.name: one.COMMAND for one in (lock, queue, unlock, who)}
BUTTONS = {action: press for one in COMMANDS.values() for action, press in one.buttons.items()}
#: A Friday at noon, UTC: in Berlin, where everybody here lives, it is two o'clock.
NOON: Millis = 1_786_104_000_000


@dataclass(slots=True)
class Clock:
    now: Millis = NOON

    def __call__(self) -> Millis:
        return self.now

    def pass_(self, minutes: float) -> None:
        self.now += int(minutes * 60_000)


def slack_people(seen: wire.Seen) -> wire.Reply:
    """A Slack that knows its people, all of whom live in Berlin."""
    if seen.path.endswith("auth.test"):
        return wire.data({"ok": True, "team_id": TEAM, "user_id": "U0OPSBOT01"})
    if seen.path.endswith("users.info"):
        user = {"id": seen.form.get("user") or seen.query.get("user"), "team_id": TEAM, "tz": "Europe/Berlin"}
        return wire.data({"ok": True, "user": user})
    return wire.data({"ok": True, "channel": {"id": OPS, "is_ext_shared": False}})


@dataclass(frozen=True, slots=True)
class Stage:
    """A kit, and what people do with it."""

    kit: Kit
    clock: Clock
    gitlab: GitLabStage | None
    slack: wire.Server
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def with_policy(self, **what: Any) -> Stage:
        config = replace(self.kit.config, policy=replace(self.kit.config.policy, **what))
        return replace(self, kit=replace(self.kit, config=config))

    # What people do ---------------------------------------------------------------------------------------

    def say(self, text: str, name: str = "alice", *, key: str = "", channel: str = OPS) -> Message | None:
        """Types a command, as the router would hand it on; what only they see comes back."""
        line, permit = asides.read(words.read(text, set(COMMANDS)), set(COMMANDS))
        assert line.verb is not None, text
        request = Request(
            key or f"key-{next(self.numbers)}", PEOPLE[name], name, Place(channel), line.words, line, line.verb,
            line.project, "/gitlab ", frozenset(COMMANDS), permit,
        )  # fmt: skip
        return COMMANDS[line.verb].run(request, self.kit)

    def press(
        self, action: str, value: str, name: str = "alice", *, key: str = "", **more: Any
    ) -> Message | None:
        """Presses a button."""
        key = key or f"key-{next(self.numbers)}"
        permit = more.pop("permit", Permit())
        return BUTTONS[action](Click(key, PEOPLE[name], name, Place(OPS), value, permit=permit), self.kit)

    def act(self, line: str, name: str = "alice") -> str:
        """Does something in GitLab."""
        assert self.gitlab is not None
        return self.gitlab.act(line, name)

    def tick(self, minutes: float = 0) -> None:
        """Lets time pass, and the clock tick."""
        self.clock.pass_(minutes)
        lock.tick(self.kit)

    # What is written down ---------------------------------------------------------------------------------

    def held(self, environment: str = "staging") -> Lock | None:
        with self.kit.store.read() as tx:
            return tx.locks.held(SHOP, environment)

    def lock(self, environment: str = "staging") -> Lock:
        found = self.held(environment)
        assert found is not None, f"nobody holds {environment}"
        return found

    def queue(self, environment: str = "staging") -> list[Waiter]:
        with self.kit.store.read() as tx:
            return tx.locks.queue(SHOP, environment)

    def card(self, one: Lock) -> Message:
        with self.kit.store.read() as tx:
            card = tx.cards.get(one.id)
        assert card is not None
        return letters.load(card.wanted)

    def told(self, letter_id: str) -> Message | None:
        with self.kit.store.read() as tx:
            letter = tx.outbox.get(letter_id)
        return letters.load(letter.body) if letter else None

    def trail(self) -> list[Entry]:
        """The audit trail, oldest first."""
        with self.kit.store.read() as tx:
            return list(tx.audit.since(0))

    def decisions(self) -> list[tuple[str, str]]:
        return [(one.name, one.decision) for one in self.trail()]

    def run(self, name: str = "bob", **changes: Any) -> Run:
        """A run that deploys to staging, in whatever state."""
        number = next(self.numbers)
        plain = Run(
            f"run{number}", f"source{number}", PEOPLE[name], name, Place(OPS), "acme/shop", SHOP, "deploy-staging",
            "main", "", state=RunState.HELD, environment="staging", hold="lock", next_look=self.clock.now + 30_000,
        )  # fmt: skip
        made = replace(plain, **changes)
        with self.kit.store.write() as tx:
            assert tx.runs.add(made)
        return made


def at_once(name: str, act: Callable[[], object]) -> None:
    act()


@contextlib.contextmanager
def stage_at(
    path: Path, url: str, tokens: Mapping[str, str], gitlab: GitLabStage | None = None
) -> Iterator[Stage]:
    """A stage whose GitLab is at this address, and where the people with a token are connected."""
    clock = Clock()
    config = Config(
        slack=SlackConfig(bot_token="xoxb-canary", app_token="xapp-canary"),
        gitlab=GitLabConfig(url=url, token=tokens["bot"]),
        store=StoreConfig(path=path / "signalbox.sqlite3"),
        projects=MappingProxyType({"acme/shop": ProjectConfig(aliases=("shop",), channels=(OPS,))}),
        policy=Policy(),
    )
    edges = {name: GitLab(url, token, timeout=(3.0, 5.0), now=clock) for name, token in tokens.items()}
    names = {person: name for name, person in PEOPLE.items()}

    def gitlab_as(person: Person) -> GitLab:
        if names[person] not in edges:
            raise NotLinked
        return edges[names[person]]

    with wire.serve(slack_people) as server, contextlib.ExitStack() as open_things:
        for edge in edges.values():
            open_things.callback(edge.close)
        store, slack = Store(config.store.path), Slack("xoxb-canary", f"{server.url}/api/")
        open_things.callback(store.close)
        ids = count(1)
        kit = Kit(
            config=config, store=store, slack=slack, people=People(slack, clock), gitlab=edges["bot"],
            seen=Seen(edges["bot"], clock), gitlab_as=gitlab_as, oauth=OAuth(url, "app", now=clock),
            vault=Vault([new_key()]), now=clock, new_id=lambda: f"id{next(ids):04x}", deliver=lambda: None,
            take_up=lambda: None, apart=at_once, redact=lambda text: text.replace("canary", "*"),
        )  # fmt: skip
        with store.write() as tx:
            for name in tokens.keys() & IDS.keys():
                tx.accounts.put(Account(PEOPLE[name], IDS[name], name, name, "token", "", "", None, NOON))
        yield Stage(kit, clock, gitlab, server)


@contextlib.contextmanager
def shop_at(path: Path, names: Sequence[str] = ("alice", "bob", "carol")) -> Iterator[Stage]:
    """A stage with the sandbox's GitLab, where these people have connected their accounts."""
    with GitLabStage(PROJECTS) as running:
        tokens = {name: running.fake.tokens[name] for name in names}
        with stage_at(
            path, running.fake.url, {"bot": running.fake.tokens["bot"], **tokens}, running
        ) as stage:
            yield stage
