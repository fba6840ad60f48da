"""The bot from its door to its edges in this process: real payloads at the intake, both services faked at the wire."""

from __future__ import annotations

import json
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any

import commands
from blocks import connect, voice
from bot.access import linking
from bot.access.identity import AsPerson
from bot.command import Command
from bot.config import Config, GitLabConfig, ProjectConfig, SlackConfig, StoreConfig
from bot.deeds import Verdict
from bot.delivery import letters
from bot.doors.intake import Intake
from bot.doors.router import Router
from bot.edges.gitlab import GitLab
from bot.edges.gitlab_seen import Seen
from bot.edges.oauth import OAuth
from bot.edges.slack import Slack
from bot.edges.slack_people import People
from bot.edges.store import Received, Store
from bot.errors import BotError, LeftOut, NotLinked
from bot.kit import Kit
from bot.ledger import Account, Invitation
from bot.model import Block, Message, Option, Person, Place
from bot.own import Recurring
from bot.policy import Limits, Policy
from bot.redact import Redactor
from bot.vault import Vault, new_key
from sandbox.gitlab.people import person_named
from sandbox.slack import FakeSlack
from sandbox.slack.people import BOT_USER, TEAM, Channel, User
from tests.jobs.seen import shown
from tests.jobs.stage import Clock
from tests.kits import link
from tests.sandbox.gitlab_stage import PROJECTS, GitLabStage
from tests.sandbox.slack_stage import MANY_SCOPES
from tests.sandbox.slack_stage import Stage as SlackStage

OPS, DEV, SHARED = "C0OPS00001", "C0DEV00001", "C0SHARED01"
SHOP, SHOP_ID = "acme/shop", 42
NO_LIMITS = Limits(0, 0, 0, 0, 0)
#: The tables of incidents.
INCIDENTS = (
    "incidents", "incident_events", "incident_facts", "incident_holders", "incident_tasks", "incident_suspects",
    "incident_dues",
)  # fmt: skip
#: What is only said, remembered or counted is left out.
CHANGEABLE = (
    "SELECT id, state, job_id, cancelled_by FROM runs WHERE state != 'refused'", "SELECT * FROM channel_projects",
    "SELECT * FROM aliases", "SELECT team, person, gitlab_id, username, access, state FROM accounts",
    "SELECT * FROM grants", "SELECT * FROM approvals", "SELECT * FROM votes",
    "SELECT * FROM locks WHERE state = 'held'", "SELECT * FROM waiters WHERE state = 'waiting'",
    "SELECT id FROM kept WHERE state = 'gone'", "SELECT * FROM word_aliases",
    "SELECT id, state FROM recurring", "SELECT * FROM favourites", "SELECT * FROM settings",
    "SELECT key FROM inbox WHERE key LIKE 'every:%' OR key LIKE 'favourite:%'",
    "SELECT team, channel, thread, iid FROM issue_subjects",
    *(f"SELECT * FROM {table}" for table in INCIDENTS if table not in {"incident_facts", "incident_suspects"}),
    "SELECT * FROM incident_suspects WHERE state != 'found'",
    "SELECT * FROM incident_facts WHERE name NOT LIKE 'change.%'", "SELECT id FROM errands",
)  # fmt: skip
#: People whom the sandbox does not have, of every kind that is not to be let in, and two more members.
MORE = (
    User("U0ANNA0001", "anna", "Anna Admin"),
    User("U0NINA0001", "nina", "Nina New"),
    User("U0RITA0001", "rita", "Rita Requester"),
    User("U0GREG0001", "greg", "Greg Guest", is_restricted=True, is_ultra_restricted=True),
    User("U0ZOE00001", "zoe", "Zoe Gone", deleted=True),
    User("U0ROBO0001", "robo", "Other App", is_bot=True),
)
#: Whose GitLab account each has. Those who must not be let in have a Maintainer's, so that nothing else stops them.
ACCOUNTS: Mapping[str, str] = {
    "alice": "alice", "bob": "bob", "carol": "carol", "anna": "dave", "rita": "root",
    "greg": "alice", "erin": "alice", "zoe": "alice", "robo": "alice",
}  # fmt: skip


@dataclass(slots=True)
class Voice:
    """The bot's own voice, which also remembers what kind of answer it gave."""

    problems: list[BotError] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    unlinked: int = 0
    bugs: int = 0

    def forget(self) -> None:
        self.problems.clear()
        self.verdicts.clear()
        self.unlinked = self.bugs = 0

    def problem(self, error: BotError, *, typed: str, offers: Sequence[tuple[str, str]] = ()) -> Message:
        self.problems.append(error)
        return voice.problem(error, typed=typed, offers=offers)

    def broken(self, reference: str) -> Message:
        self.bugs += 1
        return voice.broken(reference)

    def slow(self) -> Message:
        return voice.slow()

    def halted(self, verdict: Verdict, kept: str, *, dry_run: bool) -> Message:
        self.verdicts.append(verdict)
        return voice.halted(verdict, kept, dry_run=dry_run)

    def connect(self, error: NotLinked, invitation: Invitation) -> Message:
        self.unlinked += 1
        return voice.connect(error, invitation)

    def lost(self, account: Account) -> Message:
        return voice.lost(account)

    def pick(self, error: LeftOut, offer: str, *, typed: str) -> Message:
        self.problems.append(error)
        return voice.pick(error, offer, typed=typed)

    def of_recurring(self, message: Message, one: Recurring) -> Message:
        return voice.of_recurring(message, one)

    def not_done(self, one: Recurring) -> Message:
        return voice.not_done(one)

    def stopped(self, one: Recurring) -> Message:
        return voice.stopped(one)

    def options(self, found: Sequence[Option]) -> Block:
        return voice.options(found)

    def reason(self, action: str, kept_id: str, place: Place) -> Block:
        return voice.reason(action, kept_id, place)


@dataclass(slots=True)
class Floor:
    """Everything between Slack's payload and the two services, done on the thread that asks."""

    kit: Kit
    clock: Clock
    slack: SlackStage
    gitlab: GitLabStage
    identities: AsPerson
    voice: Voice
    inbox: deque[Received]
    asides: deque[Callable[[], object]]
    router: Router = field(init=False)
    intake: Intake = field(init=False)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        kit, commands_known = self.kit, commands.load()
        self.router = Router(kit, commands_known, self.voice, BOT_USER)
        self.intake = Intake(
            kit.slack.whoami(),
            kit.store,
            kit.now,
            self.inbox.extend,
            seal=lambda text, owner: kit.vault.seal(text, about=owner),
            redact=kit.redact,
        )

    @property
    def store(self) -> Store:
        return self.kit.store

    # Who ----------------------------------------------------------------------------------------------------

    def user(self, name: str) -> User:
        return self.slack.slack.workspace.person(name)

    def person(self, name: str) -> Person:
        user = self.user(name)
        return Person(user.team, user.id)

    def link(self, name: str, username: str, token: str = "") -> Account:
        """Somebody has connected this account of GitLab's, by a personal token."""
        known = person_named(username)
        return link(
            self.kit, self.person(name), known.id, username, token or self.gitlab.fake.tokens[username]
        )

    def account(self, name: str) -> Account | None:
        with self.store.read() as tx:
            return tx.accounts.get(self.person(name))

    # What people do -----------------------------------------------------------------------------------------

    def accept(self, kind: str, payload: Mapping[str, Any]) -> list[Received]:
        """Put a payload through the door, as a frame of Slack's socket would; what is to be done for it comes back."""
        envelope = {"envelope_id": f"envelope-{next(self.numbers)}", "type": kind, "payload": dict(payload)}
        assert self.intake.accept([envelope]) == [{"envelope_id": envelope["envelope_id"]}]
        new = list(self.inbox)
        self.inbox.clear()
        return new

    def do(self, received: Sequence[Received]) -> None:
        """Do requests, and what they leave to be done."""
        self.inbox.extend(received)
        while self.inbox or self.asides:
            while self.inbox:
                self.router.do(self.inbox.popleft())
            while self.asides:
                with suppress(BotError):
                    self.asides.popleft()()

    def send(self, kind: str, payload: Mapping[str, Any]) -> str:
        """Put a payload in and do it; its key comes back."""
        new = self.accept(kind, payload)
        self.do(new)
        return new[0].key if new else ""

    def trigger(self, user_id: str) -> str:
        """A trigger id as Slack gives one with every act of a person."""
        slack = self.slack.slack
        return slack.views.trigger(user_id, slack.workspace.clock())

    def slash(self, name: str, text: str, channel: str = OPS, **more: Any) -> str:
        return self.send("slash_commands", self.slash_payload(name, text, channel) | more)

    def slash_payload(self, name: str, text: str, channel: str = OPS) -> dict[str, Any]:
        user = self.user(name)
        return {
            "team_id": user.team, "user_id": user.id, "user_name": user.name, "channel_id": channel,
            "command": "/gitlab", "text": text, "trigger_id": self.trigger(user.id), "api_app_id": "A0OPSBOT01",
        }  # fmt: skip

    def say(self, name: str, text: str, way: str = "dm", **more: Any) -> str:
        """A message to the bot, or one that mentions it."""
        user = self.user(name)
        place = {"type": "message", "channel_type": "im", "channel": dm(user)}
        spoken = {"type": "app_mention", "channel": OPS}
        event = (place if way == "dm" else spoken) | {"user": user.id, "team": user.team, "text": text}
        payload = {"type": "event_callback", "team_id": TEAM, "event_id": f"Ev{next(self.numbers)}"}
        return self.send("events_api", payload | {"event": event | more})

    def click(self, name: str, action: str, value: str, channel: str = OPS, **more: Any) -> str:
        return self.send("interactive", self.click_payload(name, action, value, channel) | more)

    def click_payload(self, name: str, action: str, value: str, channel: str = OPS) -> dict[str, Any]:
        user = self.user(name)
        return {
            "type": "block_actions", "user": {"id": user.id, "name": user.name, "team_id": user.team},
            "team": {"id": TEAM}, "channel": {"id": channel}, "message": {"ts": "17.1"},
            "container": {"type": "message", "message_ts": "17.1", "channel_id": channel, "is_ephemeral": False},
            "actions": [{"action_id": action, "block_id": "b", "type": "button", "value": value}],
            "trigger_id": self.trigger(user.id),
        }  # fmt: skip

    def form(self, name: str, action: str, value: str, channel: str = OPS, /, **fields: str) -> str:
        """Send a form in that was opened from this channel."""
        user = self.user(name)
        state = {
            block: {"value": {"type": "plain_text_input", "value": text}} for block, text in fields.items()
        }
        view = {
            "id": f"V{next(self.numbers)}", "type": "modal", "callback_id": action, "state": {"values": state},
            "private_metadata": f"{value} {channel} ",
        }  # fmt: skip
        who = {"id": user.id, "name": user.name, "team_id": user.team}
        return self.send(
            "interactive", {"type": "view_submission", "user": who, "team": {"id": TEAM}, "view": view}
        )

    # What is there ------------------------------------------------------------------------------------------

    def told(self, key: str) -> str:
        """All that the asker reads in answer; empty if nothing was said."""
        with self.store.read() as tx:
            letter = tx.outbox.get(key)
        if letter is None:
            return ""
        message = letters.load(letter.body)
        return f"{message.text}\n{shown(message)}"

    def state(self) -> tuple[object, object, object]:
        """Everything that a command may change: in the store, in GitLab, and of forms in Slack."""
        with closing(sqlite3.connect(self.kit.config.store.path)) as sql:
            store = [sql.execute(one).fetchall() for one in CHANGEABLE]
        gitlab = self.asks(
            lambda state: (
                len(state.pipelines),
                len(state.jobs),
                len(state.projects),
                _cancelled(state),
                _issues(state),
                _merge_requests(state),
            )
        )
        return store, gitlab, self.slack.slack.calls["views.open"]

    def decisions(self) -> list[str]:
        """What the audit trail tells, oldest first."""
        with self.store.read() as tx:
            return [one.decision for one in tx.audit.since(0)]

    def pipelines(self) -> int:
        """How many pipelines GitLab has, of whomever."""
        return int(self.asks(lambda state: len(state.pipelines)))

    def asks(self, look: Callable[[Any], Any]) -> Any:
        """What a look at GitLab's own state finds."""
        return self.gitlab.loop.ask(lambda: look(self.gitlab.fake._state))

    def poll(self, seconds: float = 5) -> None:
        """The tick that asks GitLab about device codes, after some time."""
        self.clock.pass_(seconds)
        linking.poll(self.kit, connect)
        self.do([])

    def agree(self, username: str) -> None:
        """Somebody completes the newest device grant in GitLab."""
        self.gitlab.act("authorize newest", username)

    def take_up(self) -> None:
        """What the house does: hand the workers what was put into the inbox from within."""
        with self.store.read() as tx:
            self.inbox.extend(one for one in tx.inbox.waiting(100) if not one.envelope)


def _cancelled(state: Any) -> list[int]:
    return [job.id for job in state.jobs.values() if job.status in {"canceling", "canceled"}]


def _issues(state: Any) -> list[object]:
    return [
        (
            one.project.path,
            one.iid,
            one.state,
            one.labels,
            [who.username for who in one.assignees],
            len(one.notes),
        )
        for one in state.tracker.issues.values()
    ]


def _merge_requests(state: Any) -> list[object]:
    return [(one.id, one.state, sorted(one.approvals), one.auto) for one in state.merge_requests.values()]


def dm(user: User) -> str:
    """Id of somebody's direct messages with the bot."""
    return f"D0{user.name.upper()}BOT"


def known_commands() -> Mapping[str, Command]:
    return {name: one for one in commands.load() for name in (one.name, *one.aliases)}


@contextmanager
def floor_at(path: Path, policy: Policy | None = None, **accounts: str) -> Iterator[Floor]:
    """A floor with its store in `path`; `accounts` are whose GitLab account each person has connected."""
    clock = Clock()
    office = SlackStage(FakeSlack(scopes=MANY_SCOPES))
    office.slack.workspace.users.update({user.id: user for user in MORE})
    for user in MORE:
        office.slack.workspace.channels[dm(user)] = Channel(dm(user), user.name, "im", [user.id, BOT_USER])
        office.slack.workspace.posts[dm(user)] = {}
    running = GitLabStage(PROJECTS, clock=lambda: clock.now / 1000)
    with ExitStack() as stack:
        stack.enter_context(office)
        stack.enter_context(running)
        config = _config(path, office, running, policy or Policy(limits=NO_LIMITS))
        floor = _floor(stack, config, clock, office, running)
        for name, username in (accounts or ACCOUNTS).items():
            floor.link(name, username)
        yield floor


def _config(path: Path, office: SlackStage, running: GitLabStage, policy: Policy) -> Config:
    fake = running.fake
    return Config(
        slack=SlackConfig(
            bot_token=office.slack.bot_token, app_token=office.slack.app_token, api_url=office.slack.api_url
        ),
        gitlab=GitLabConfig(url=fake.url, token=fake.bot_token, application_id=fake.application_id),
        store=StoreConfig(path=path / "signalbox.sqlite3"),
        projects=MappingProxyType({SHOP: ProjectConfig(aliases=("shop",), channels=(OPS,))}),
        keys=(new_key(),),
        policy=policy,
    )


def _floor(stack: ExitStack, config: Config, clock: Clock, office: SlackStage, running: GitLabStage) -> Floor:
    store = stack.enter_context(closing(Store(config.store.path)))
    gitlab = stack.enter_context(closing(GitLab(config.gitlab.url, config.gitlab.token, now=clock)))
    oauth = stack.enter_context(closing(OAuth(config.gitlab.url, config.gitlab.application_id, now=clock)))
    slack, vault, said, ids = (
        Slack(config.slack.bot_token, config.slack.api_url),
        Vault(config.keys),
        Voice(),
        count(1),
    )
    identities = stack.enter_context(
        closing(AsPerson(config, store, vault, oauth, slack, clock, lambda: None, connect.lost))
    )
    inbox, asides = deque[Received](), deque[Callable[[], object]]()
    kit = Kit(
        config=config, store=store, slack=slack, people=People(slack, clock), gitlab=gitlab, seen=Seen(gitlab, clock),
        gitlab_as=identities, oauth=oauth, vault=vault, now=clock, new_id=lambda: f"id{next(ids):010x}",
        deliver=lambda: None, take_up=lambda: floor.take_up(), apart=lambda name, act: asides.append(act),  # noqa: PLW0108 -- the floor is built last
        redact=Redactor(config.secrets()),
    )  # fmt: skip
    floor = Floor(kit, clock, office, running, identities, said, inbox, asides)
    return floor


def as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
