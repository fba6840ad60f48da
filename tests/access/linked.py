"""The bot's rooms around the sandbox's GitLab and a scripted Slack, with accounts that are really linked."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from blocks import connect
from bot.access import accounts, linking
from bot.access.identity import TOLD_AFTER_MS, AsPerson
from bot.config import Config, GitLabConfig, SlackConfig, StoreConfig
from bot.delivery import letters
from bot.edges.gitlab import GitLab
from bot.edges.gitlab_seen import Seen
from bot.edges.oauth import OAuth
from bot.edges.slack import Slack
from bot.edges.slack_people import People
from bot.edges.store import Letter, Received, Store
from bot.kit import Kit
from bot.ledger import Account, Entry, Invitation, Kept
from bot.model import Message, Person, Place
from bot.redact import Redactor
from bot.vault import Vault, new_key
from sandbox.gitlab import FakeGitLab
from sandbox.gitlab.people import person_named
from tests.edges import wire
from tests.edges.wire import Reply, Server
from tests.jobs.stage import OPS, PEOPLE, TEAM, Clock
from tests.sandbox.gitlab_stage import PROJECTS, GitLabStage

ALICE, BOB, DAVE = (PEOPLE[name] for name in ("alice", "bob", "dave"))
HERE = Place(OPS)
DM = wire.data({"ok": True, "channel": {"id": "D0ALICE001"}})


@dataclass(slots=True)
class SlackScript:
    """What Slack answers from now on."""

    reply: Reply = DM

    def __call__(self, _: wire.Seen) -> Reply:
        return self.reply


@dataclass(slots=True)
class Linked:
    """A kit of real parts, and what the tests of accounts do again and again."""

    kit: Kit
    clock: Clock
    gitlab: GitLabStage
    identities: AsPerson
    slack: SlackScript
    slack_server: Server
    apart: list[tuple[str, Callable[[], object]]] = field(default_factory=list)

    @property
    def store(self) -> Store:
        return self.kit.store

    # What people do -----------------------------------------------------------------------------------------

    def invite(self, person: Person = ALICE) -> Invitation:
        return accounts.invite(self.kit, person, "alice", HERE)

    def agree(self, name: str = "alice", at: int = -1) -> None:
        """Somebody completes a grant in GitLab, the newest one unless told otherwise."""

        def act() -> None:
            self.gitlab.fake._state.oauth.pending()[at].person = person_named(name)

        self.gitlab.loop.ask(act)

    def poll(self, seconds: float = 5) -> None:
        """A tick after some time."""
        self.clock.pass_(seconds)
        linking.poll(self.kit, connect)
        work, self.apart[:] = list(self.apart), []
        for _, act in work:
            act()

    def link(self, name: str = "alice") -> Account:
        """Connect by the device grant, from the invitation to the account."""
        self.invite(PEOPLE[name])
        self.agree(name)
        self.poll()
        return self.account(PEOPLE[name])

    def paste(self, token: str, person: Person = ALICE) -> Account:
        return linking.paste(self.kit, connect, person, "alice", HERE, token)[0]

    # What is broken -----------------------------------------------------------------------------------------

    def revoke(self, person: str = "alice") -> None:
        """Somebody ends every token of theirs in GitLab."""

        def act() -> None:
            state = self.gitlab.fake._state
            for one in [*state.oauth.tokens, *state.tokens.values()]:
                if one.person.username == person:
                    one.revoked = True

        self.gitlab.loop.ask(act)

    def block(self, name: str) -> None:
        self.gitlab.loop.ask(lambda: self.gitlab.fake._state.blocked.add(name))

    def break_(self, how: str, **more: Any) -> None:
        self.gitlab.loop.ask(lambda: self.gitlab.fake.break_(how, **more))

    def mend(self) -> None:
        self.gitlab.loop.ask(self.gitlab.fake.mend)

    # What is written down -----------------------------------------------------------------------------------

    def account(self, person: Person = ALICE) -> Account:
        with self.store.read() as tx:
            found = tx.accounts.get(person)
        assert found is not None
        return found

    def accounts(self) -> int:
        with self.store.read() as tx:
            return sum(tx.accounts.get(one) is not None for one in PEOPLE.values())

    def trail(self) -> list[Entry]:
        with self.store.read() as tx:
            return [*tx.audit.backwards()][::-1]

    def letters(self) -> list[tuple[Letter, Message]]:
        """What waits for Slack, now or in a moment, in order."""
        with self.store.read() as tx:
            heads = tx.outbox.heads(self.clock.now + TOLD_AFTER_MS, (), 100)
            whole = [tx.outbox.get(head.id) for head in heads]
        return [(one, letters.load(one.body)) for one in whole if one]

    def keep(self, key: str = "kept1", person: Person = ALICE) -> None:
        """A request waits for this person's account."""
        sealed = self.kit.vault.seal('{"text": "run hello"}', about=f"{person.team}/{person.id}")
        with self.store.write() as tx:
            tx.kept.put(Kept(key, "link", person, "slash", sealed, self.clock.now + 600_000))

    def requests(self) -> list[Received]:
        with self.store.read() as tx:
            return tx.inbox.waiting(10)

    def dump(self) -> str:
        """Everything in the store, as anybody with the file reads it."""
        with closing(sqlite3.connect(self.kit.config.store.path)) as sql:
            return "\n".join(sql.iterdump())

    @property
    def calls(self) -> Any:
        return self.gitlab.fake.calls


@contextmanager
def linked_at(path: Path, *, application: str | None = None) -> Iterator[Linked]:
    """A stage whose store is in `path`; `application` is the id of its OAuth application."""
    clock, script = Clock(), SlackScript()
    running = GitLabStage()
    running.fake = FakeGitLab(PROJECTS, clock=lambda: clock.now / 1000)
    with ExitStack() as stack:
        stack.enter_context(running)
        server = stack.enter_context(wire.serve(script))
        fake = running.fake
        config = Config(
            slack=SlackConfig(bot_token="xoxb-canary", app_token="xapp-canary"),
            gitlab=GitLabConfig(
                url=fake.url,
                token=fake.bot_token,
                application_id=fake.application_id if application is None else application,
            ),
            store=StoreConfig(path=path / "signalbox.sqlite3"),
            keys=(new_key(),),
        )
        yield _stage(stack, config, clock, running, script, server)


def _stage(
    stack: ExitStack, config: Config, clock: Clock, running: GitLabStage, script: SlackScript, server: Server
) -> Linked:
    store = stack.enter_context(closing(Store(config.store.path)))
    slack = Slack("xoxb-canary", f"{server.url}/api/")
    gitlab = stack.enter_context(closing(GitLab(config.gitlab.url, config.gitlab.token, now=clock)))
    oauth = stack.enter_context(closing(OAuth(config.gitlab.url, config.gitlab.application_id, now=clock)))
    vault, ids = Vault(config.keys), count(1)
    identities = stack.enter_context(
        closing(AsPerson(config, store, vault, oauth, slack, clock, lambda: None, connect.lost))
    )
    apart: list[tuple[str, Callable[[], object]]] = []
    kit = Kit(
        config=config, store=store, slack=slack, people=People(slack, clock), gitlab=gitlab, seen=Seen(gitlab, clock),
        gitlab_as=identities, oauth=oauth, vault=vault, now=clock, new_id=lambda: f"id{next(ids)}",
        deliver=lambda: None, take_up=lambda: None, apart=lambda name, act: apart.append((name, act)),
        redact=Redactor(config.secrets()),
    )  # fmt: skip
    assert all(one.team == TEAM for one in PEOPLE.values())
    return Linked(kit, clock, running, identities, script, server, apart)
