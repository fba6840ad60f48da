"""The bot's own rooms around a real store and a real GitLab edge, with a clock that is turned by hand."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any

import blocks.job
import commands
from bot import words
from bot.command import Click, Command, Request
from bot.config import Config, GitLabConfig, ProjectConfig, SlackConfig, StoreConfig
from bot.delivery import letters
from bot.edges.gitlab import GitLab
from bot.edges.slack import Slack
from bot.edges.store import Store
from bot.errors import BotError
from bot.jobs import life, watch
from bot.kit import Kit
from bot.model import OPEN_STATES, Message, Millis, Person, Place, Run
from bot.policy import Policy
from tests.kits import kit_of, link
from tests.sandbox.gitlab_stage import PROJECTS, GitLabStage, until
from tests.sandbox.slack_stage import Stage as SlackStage

TEAM, OPS, DEV = "T0ACME0001", "C0OPS00001", "C0DEV00001"
PEOPLE = {
    name: Person(TEAM, person)
    for name, person in {
        "alice": "U0ALICE001", "bob": "U0BOB00001", "carol": "U0CAROL001", "dave": "U0DAVE0001"
    }.items()
}  # fmt: skip
#: Alice is 7 in the sandbox's GitLab, and the others follow her.
FIRST_GITLAB_ID = 7
COMMANDS = commands.load()
VERBS: dict[str, Command] = {name: one for one in COMMANDS for name in (one.name, *one.aliases)}
BUTTONS = {action: press for one in COMMANDS for action, press in one.buttons.items()}
SHOP: Mapping[str, ProjectConfig] = {"acme/shop": ProjectConfig(aliases=("shop",), channels=(OPS,))}
START = "POST /projects/:id/pipeline"


@dataclass(slots=True)
class Clock:
    """The time, which passes only when a test says so."""

    now: Millis = field(default_factory=lambda: time.time_ns() // 1_000_000)

    def __call__(self) -> Millis:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += int(seconds * 1000)


@dataclass(frozen=True, slots=True)
class Stage:
    """A kit of plain values, and what tests do with it again and again."""

    kit: Kit
    clock: Clock
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def store(self) -> Store:
        return self.kit.store

    def with_kit(self, **changes: Any) -> Stage:
        """The same stage with another part in its kit."""
        return Stage(replace(self.kit, **changes), self.clock, self.numbers)

    def under(self, policy: Policy) -> Stage:
        """The same stage under another policy."""
        return self.with_kit(config=replace(self.kit.config, policy=policy))

    # What people do ---------------------------------------------------------------------------------------

    def request(
        self,
        text: str,
        *,
        name: str = "alice",
        channel: str = OPS,
        thread: str | None = None,
        key: str | None = None,
        prefix: str = "/gitlab ",
    ) -> Request:
        """What the router would make of these words."""
        line = words.read(text, VERBS)
        assert line.verb is not None, text
        return Request(
            key=key or f"key-{next(self.numbers)}", person=PEOPLE[name], name=name, place=Place(channel, thread),
            words=line.words, line=line, verb=line.verb, project=line.project, prefix=prefix, verbs=frozenset(VERBS),
        )  # fmt: skip

    def say(self, text: str, **how: Any) -> Message | None:
        """Types a command; what only the asker sees comes back."""
        request = self.request(text, **how)
        return VERBS[request.verb].run(request, self.kit)

    def press(
        self, action: str, value: str, *, name: str = "alice", key: str | None = None
    ) -> Message | None:
        """Presses a button."""
        key = key or f"key-{next(self.numbers)}"
        return BUTTONS[action](Click(key, PEOPLE[name], name, Place(OPS), value), self.kit)

    # What is written down ---------------------------------------------------------------------------------

    def intend(self, job: str = "hello", **changes: Any) -> Run:
        """A run that is written down with its card, before GitLab is called."""
        number = next(self.numbers)
        run = Run(
            id=f"run{number}", source=f"key-{number}", person=PEOPLE["alice"], asker="alice", place=Place(OPS),
            project="acme/shop", project_id=42, job=job, ref="main", arguments="", asked_at=self.clock.now,
            next_look=life.NEVER,
        )  # fmt: skip
        run = replace(run, **changes)
        assert life.begin(self.kit, blocks.job, run, lambda tx: None)
        return run

    def run(self, run: Run | str | None = None) -> Run:
        """A run as it is written down now; the newest if none is named."""
        with self.store.read() as tx:
            found = tx.runs.recent(None, limit=1)[0] if run is None else None
            named = run.id if isinstance(run, Run) else run
            found = found or tx.runs.get(named or "")
        assert found is not None
        return found

    def runs(self) -> list[Run]:
        with self.store.read() as tx:
            return tx.runs.recent(None, limit=1000)

    def card(self, run: Run | str | None = None) -> Message:
        """How the card of a run is wanted to look."""
        with self.store.read() as tx:
            card = tx.cards.get(self.run(run).id)
        assert card is not None
        return letters.load(card.wanted)

    def reply(self, run: Run | str | None = None) -> Message:
        """What was said in the thread of a run about its newest job."""
        one = self.run(run)
        found = self.letter(f"{one.id}.{one.job_id}.reply")
        assert found is not None, "nothing was said yet"
        return found

    def letter(self, name: str) -> Message | None:
        with self.store.read() as tx:
            letter = tx.outbox.get(name)
        return letters.load(letter.body) if letter else None

    def posted(self, run: Run, ts: str) -> None:
        """Slack has shown the card of this run."""
        with self.store.write() as tx:
            tx.cards.claim(run.id)
            tx.cards.shown(run.id, ts, "shown", 0)

    # What the clock does ----------------------------------------------------------------------------------

    def tick(self) -> None:
        watch.look(self.kit, blocks.job)

    def look(self) -> None:
        """One round in which everything unfinished is due."""
        watch.resume(self.kit)
        self.tick()

    def ended(self, run: Run | str | None = None, seconds: float = 20) -> Run:
        """Look until a run is over."""
        until(lambda: self._looked(run).state not in OPEN_STATES, seconds)
        return self.run(run)

    def until(self, run: Run | str | None, status: str, seconds: float = 20) -> Run:
        """Look until the job of a run has this status."""
        until(lambda: self._looked(run).status == status, seconds)
        return self.run(run)

    def _looked(self, run: Run | str | None) -> Run:
        self.look()
        return self.run(run)


@dataclass(frozen=True, slots=True)
class Shop(Stage):
    """A stage whose GitLab is the sandbox's."""

    gitlab: GitLabStage = field(kw_only=True)

    @property
    def calls(self) -> Mapping[str, int]:
        """How often the bot asked GitLab for what."""
        return self.gitlab.fake.calls

    def act(self, line: str, name: str = "alice") -> str:
        return self.gitlab.act(line, name)

    def break_(self, how: str, **more: Any) -> None:
        self.gitlab.loop.ask(lambda: self.gitlab.fake.break_(how, **more))

    def mend(self) -> None:
        self.gitlab.loop.ask(self.gitlab.fake.mend)

    def pipelines(self, source: str = "api", path: str = "acme/shop") -> list[Any]:
        """The pipelines that GitLab has."""
        return list(self.gitlab.project(path).pipelines.list(get_all=True, source=source))


def at_once(name: str, act: Callable[[], object]) -> None:
    """Does it now; a sentence for people goes into the log, as it would from a worker, and a bug comes out."""
    with contextlib.suppress(BotError):
        act()


@contextlib.contextmanager
def stage_at(
    path: Path,
    url: str,
    token: str = "glpat-canary",
    *,
    projects: Mapping[str, ProjectConfig] = SHOP,
    **more: Any,
) -> Iterator[Stage]:
    """A stage whose GitLab is at this address."""
    clock = Clock()
    config = Config(
        slack=SlackConfig(bot_token="xoxb-canary", app_token="xapp-canary"),
        gitlab=GitLabConfig(url=url, token=token, slack_app_token=more.pop("slack_app_token", "")),
        store=StoreConfig(path=path / "signalbox.sqlite3"),
        projects=MappingProxyType(dict(projects)),
    )
    store, gitlab = Store(config.store.path), GitLab(url, token, timeout=(3.0, 5.0), now=clock)
    ids = count(1)
    with SlackStage() as office:
        slack = Slack(office.slack.bot_token, office.slack.api_url)
        kit = kit_of(config, store, slack, gitlab, clock, new_id=lambda: f"id{next(ids):010x}", apart=at_once,
                     redact=lambda text: text.replace("canary", "*"))  # fmt: skip
        for number, (name, person) in enumerate(PEOPLE.items(), FIRST_GITLAB_ID):
            link(kit, person, number, name)
        try:
            yield Shop(kit, clock, gitlab=more["gitlab"]) if "gitlab" in more else Stage(kit, clock)
        finally:
            gitlab.close()
            store.close()


@contextlib.contextmanager
def shop_at(
    path: Path, projects: Mapping[str, ProjectConfig] | None = None, *, folder: Path = PROJECTS
) -> Iterator[Shop]:
    """
    A stage with the sandbox's GitLab, whose projects lie in `folder`.

    A project that says `start = "chat"` is given the token of its integration.
    """
    with GitLabStage(folder) as running:
        fake = running.fake
        given = SHOP if projects is None else projects
        tokens = {
            where: replace(one, chat_token=fake.chat_tokens[where]) if one.start == "chat" else one
            for where, one in given.items()
        }
        how: dict[str, Any] = {"projects": tokens, "slack_app_token": fake.slack_app_token, "gitlab": running}
        with stage_at(path, fake.url, fake.bot_token, **how) as stage:
            assert isinstance(stage, Shop)
            yield stage
