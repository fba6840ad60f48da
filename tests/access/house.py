"""A kit whose Slack is the sandbox's and whose people are connected to GitLab, with a clock turned by hand."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

import commands
from bot import words
from bot.command import Click, Command, Request
from bot.config import Config, GitLabConfig, SlackConfig, StoreConfig
from bot.delivery import letters
from bot.edges.gitlab import GitLab
from bot.edges.gitlab_seen import Seen
from bot.edges.oauth import OAuth
from bot.edges.slack import Slack
from bot.edges.slack_people import People
from bot.edges.store import Letter, Store
from bot.kit import Kit
from bot.ledger import Account, Entry, Grant, Kept
from bot.model import Message, Millis, Person, Place
from bot.policy import Policy
from bot.vault import Vault, new_key
from tests.sandbox.slack_stage import Stage as SlackStage

TEAM, OPS, SHARED = "T0ACME0001", "C0OPS00001", "C0SHARED01"
ALICE, BOB = Person(TEAM, "U0ALICE001"), Person(TEAM, "U0BOB00001")
CAROL, DAVE = Person(TEAM, "U0CAROL001"), Person(TEAM, "U0DAVE0001")
ALICE2 = Person(TEAM, "U0ALICE002")
#: As the sandbox's GitLab knows them; dave is connected to nothing.
GITLAB_IDS: Mapping[Person, tuple[int, str]] = {ALICE: (7, "alice"), BOB: (8, "bob"), CAROL: (9, "carol")}
START: Millis = 1_763_650_000_000
#: An address at which nobody listens.
NOWHERE = "http://127.0.0.1:9"
HELD_BACK = json.dumps(
    {
        "rule": "night", "command": "run", "project": "acme/shop", "job": "deploy", "environment": "production",
    }
)  # fmt: skip


@dataclass(slots=True)
class Clock:
    now: Millis = START

    def __call__(self) -> Millis:
        return self.now


@dataclass(frozen=True, slots=True)
class House:
    """A kit, and what the tests of this folder do with it again and again."""

    kit: Kit
    clock: Clock
    slack: SlackStage
    woken: list[str] = field(default_factory=list)
    """Who was told that something waits: `courier` or `workers`."""

    def under(self, policy: Policy, **changes: Any) -> House:
        """The same house under another policy."""
        config = replace(self.kit.config, policy=policy, **changes)
        return replace(self, kit=replace(self.kit, config=config))

    def connect(self, person: Person, gitlab_id: int, username: str, **changes: Any) -> Account:
        account = Account(
            person, gitlab_id, username, username.title(), "token", "sealed", "", None, linked_at=START
        )
        with self.kit.store.write() as tx:
            return tx.accounts.put(replace(account, **changes))

    def keep(self, person: Person, kept_id: str = "k1", detail: str = HELD_BACK) -> None:
        """A request of this person was refused, and is kept."""
        body = json.dumps({"team": person.team, "person": person.id, "channel": OPS, "text": "run deploy"})
        sealed = self.kit.vault.seal(body, about=f"{person.team}/{person.id}")
        with self.kit.store.write() as tx:
            tx.kept.put(
                Kept(kept_id, "halted", person, "slash", sealed, self.clock.now + 3_600_000, detail=detail)
            )

    def press(self, action: str, value: str, person: Person, channel: str = OPS) -> Message | None:
        name = next((name for one, (_, name) in GITLAB_IDS.items() if one == person), person.id)
        return buttons()[action](Click("key", person, name, Place(channel), value), self.kit)

    def say(self, text: str, person: Person = ALICE, channel: str = OPS) -> Message | None:
        known = verbs()
        line = words.read(text, known)
        request = Request("key", person, "somebody", Place(channel), line.words, line, line.verb or "", line.project,
                          "/gitlab ", frozenset(known))  # fmt: skip
        return known[line.verb or ""].run(request, self.kit)

    def grants(self) -> list[Grant]:
        with self.kit.store.read() as tx:
            return tx.grants.current(TEAM, self.clock.now)

    def grant(self, grant_id: str) -> Grant:
        with self.kit.store.read() as tx:
            found = tx.grants.get(grant_id)
        assert found is not None
        return found

    def card(self, card_id: str) -> str:
        """What a card says and offers, as JSON."""
        with self.kit.store.read() as tx:
            found = tx.cards.get(card_id)
        assert found is not None
        return found.wanted

    def letter(self, letter_id: str) -> tuple[Letter, Message]:
        with self.kit.store.read() as tx:
            found = tx.outbox.get(letter_id)
        assert found is not None
        return found, letters.load(found.body)

    def trail(self) -> list[Entry]:
        with self.kit.store.read() as tx:
            return list(reversed(list(tx.audit.backwards())))

    def waiting(self) -> list[str]:
        """Keys of the requests that wait for the workers."""
        with self.kit.store.read() as tx:
            return [one.key for one in tx.inbox.waiting(50)]


def verbs() -> dict[str, Command]:
    return {name: one for one in commands.load() for name in (one.name, *one.aliases)}


def buttons() -> dict[str, Callable[[Click, Kit], Message | None]]:
    return {action: press for one in commands.load() for action, press in one.buttons.items()}


@contextlib.contextmanager
def house_at(
    path: Path, gitlab_url: str = NOWHERE, tokens: Mapping[str, str] | None = None
) -> Iterator[House]:
    """A house whose GitLab is at this address; `tokens` are those of the people, by user name."""
    clock, ids, woken = Clock(), count(1), list[str]()
    config = Config(
        slack=SlackConfig(bot_token="xoxb-canary", app_token="xapp-canary"),
        gitlab=GitLabConfig(url=gitlab_url, token="glpat-canary"),
        store=StoreConfig(path=path / "signalbox.sqlite3"),
    )
    names = {person: name for person, (_, name) in GITLAB_IDS.items()}
    with contextlib.ExitStack() as stack:
        stage = stack.enter_context(SlackStage())
        store = stack.enter_context(contextlib.closing(Store(config.store.path)))

        def gitlab_of(token: str) -> GitLab:
            return stack.enter_context(
                contextlib.closing(GitLab(gitlab_url, token, timeout=(3.0, 5.0), now=clock))
            )

        slack, gitlab = Slack(stage.slack.bot_token, stage.slack.api_url), gitlab_of("glpat-canary")
        kit = Kit(
            config=config, store=store, slack=slack, people=People(slack, clock), gitlab=gitlab,
            seen=Seen(gitlab, clock), gitlab_as=lambda person: gitlab_of((tokens or {}).get(names.get(person, ""), "")),
            oauth=OAuth(gitlab_url, "", now=clock), vault=Vault((new_key(),)), now=clock,
            new_id=lambda: f"id{next(ids)}", deliver=lambda: woken.append("courier"),
            take_up=lambda: woken.append("workers"), apart=lambda name, act: None, redact=lambda text: text,
        )  # fmt: skip
        house = House(kit, clock, stage, woken)
        for person, (number, name) in GITLAB_IDS.items():
            house.connect(person, number, name)
        yield house
