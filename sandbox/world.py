"""A small world to run the bot in: Slack and GitLab on loopback, and the bot's own process between them."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from zoneinfo import ZoneInfo

from bot.vault import new_key
from sandbox import links
from sandbox.dates import Reader
from sandbox.gitlab import FakeGitLab
from sandbox.loop import Loop
from sandbox.process import CHILD, ROOT, BotDied, BotProcess
from sandbox.settings import Table, merged, projects, toml, write_private
from sandbox.slack import FakeSlack
from sandbox.slack.manifest import Manifest
from sandbox.slack.workspace import Seen

T = TypeVar("T")

#: The bot's own default name of the file with its keys, beside its configuration.
KEY_FILE = "signalbox.keys"
PROJECTS = ROOT / "sandbox" / "projects"
CONNECTED_WITHIN = 20.0
"""Seconds a started bot may take until Slack has greeted it."""
GLANCE = 0.02
"""Seconds between two looks at whether anything changed."""
STALE = 0.5
"""Seconds after which we look again although nothing seems to have changed."""


class World:
    """Everything a scenario needs, with blocking methods: `with World() as world: …`.

    `settings` goes over the written config.toml; `bot=False` starts only the servers;
    `command` replaces the bot's own process by another that takes `--config` and `--clock`;
    `manifest` is that of the Slack app, by default the one in docs; `starts` is the time, in seconds since the
    epoch, at which all three clocks begin, by default now.
    """

    def __init__(
        self,
        *,
        settings: Table | None = None,
        bot: bool = True,
        command: Sequence[str] = CHILD,
        manifest: Manifest | None = None,
        starts: float | None = None,
    ) -> None:
        self._settings = settings or {}
        self._with_bot = bot
        self._command = command
        self._manifest = manifest
        self._loop = Loop()
        self._shift = 0.0 if starts is None else starts - time.time()
        self._offset = 0.0
        self._ends = ExitStack()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> None:
        """Start the servers, write the configuration, start the bot and wait until it is connected."""
        holder = tempfile.TemporaryDirectory(prefix="signalbox-sandbox-", ignore_cleanup_errors=True)
        self.directory = Path(self._ends.enter_context(holder))
        self.config = self.directory / "config.toml"
        self.log = self.directory / "bot.log"
        self.store = self.directory / "signalbox.sqlite3"
        self._clock = self.directory / "clock"
        self._ends.callback(self._loop.stop)
        self._loop.start()
        try:
            self._start_servers()
            self._write_files()
            if self._with_bot:
                self.start_bot()
        except BaseException:
            self.close()
            raise

    def _start_servers(self) -> None:
        # Both are made on the loop's thread, since their locks and events belong to it.
        self.slack: FakeSlack = self._loop.ask(lambda: FakeSlack(clock=self.now, manifest=self._manifest))
        self.gitlab: FakeGitLab = self._loop.ask(lambda: FakeGitLab(PROJECTS, clock=self.now))
        for server in (self.slack, self.gitlab):
            self._ends.callback(self._stop, server)
            self.call(server.start())

    def _stop(self, server: FakeSlack | FakeGitLab) -> None:
        self.call(server.stop())

    def _write_files(self) -> None:
        self.move_clock(0)
        write_private(self.config, toml(merged(self._configuration(), self._settings)) + "\n")
        key = new_key()
        write_private(self.directory / KEY_FILE, f"{key}\n")
        slack, people = self.slack, {name: user.id for name, user in self.slack.people.items()}
        links.connect(self.store, key, slack.team, people, self.gitlab.tokens, self.now())
        arguments = ["--config", str(self.config), "--clock", str(self._clock)]
        self.bot = BotProcess(arguments, self.log, command=self._command)
        self._ends.callback(self.bot.kill)

    def _configuration(self) -> dict[str, object]:
        slack, gitlab = self.slack, self.gitlab
        return {
            "slack": {"bot_token": slack.bot_token, "app_token": slack.app_token, "api_url": slack.api_url},
            "gitlab": {
                "url": gitlab.url,
                "token": gitlab.bot_token,
                "slack_app_token": gitlab.slack_app_token,
                "application_id": gitlab.application_id,
            },
            "store": {"path": str(self.store)},
            "bot": {"tick_seconds": 0.5},
            "projects": projects(gitlab.chat_tokens),
        }

    def close(self) -> None:
        """End the bot and the servers and remove the files, whatever state they are in."""
        self._ends.close()

    # The servers

    def now(self) -> float:
        """The time by the servers' clock, in seconds since the epoch."""
        return time.time() + self._shift

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """What a coroutine of one of the servers returns; blocks until then."""
        return self._loop.wait_for(work)

    def ask(self, function: Callable[[], T]) -> T:
        """What a plain function of one of the servers returns, called on their own thread."""
        return self._loop.ask(function)

    def seen(self, name: str, channel: str, thread: str | None = None) -> list[Seen]:
        """What that person sees there, oldest first; in a channel, replies stand below their root."""
        if thread is not None:
            return self.ask(lambda: self.slack.visible(name, channel, thread))
        return self.ask(lambda: self._opened(name, channel))

    def _opened(self, name: str, channel: str) -> list[Seen]:
        found: dict[tuple[str, bool], Seen] = {}
        for seen in self.slack.visible(name, channel):
            shown = self.slack.visible(name, channel, seen.ts) if seen.message.get("reply_count") else [seen]
            found |= {(each.ts, each.ephemeral): each for each in shown}
        return list(found.values())

    def names(self) -> dict[str, str]:
        """Slack ids of people, channels and groups -> their names."""
        slack = self.slack
        found = {user.id: name for name, user in slack.people.items()}
        found |= {channel.id: name for name, channel in slack.channels.items()}
        found |= {group.id: group.handle for group in slack.workspace.groups.values()}
        return found | {slack.bot_user: slack.bot_name}

    def reader(self, name: str) -> Reader:
        """How that person reads: the names they see, their own time zone, and the bot's time."""
        zone = ZoneInfo(self.slack.people[name].tz)
        return Reader(self.names(), zone, self.now() + self._offset)

    def changes(self) -> tuple[int, int]:
        """Two counters that grow with whatever somebody could see."""
        return self.slack.version, self.gitlab.version

    def wait_until(self, holds: Callable[[], bool], within: float) -> bool:
        """Whether `holds` became true in time. Raises BotDied as soon as the bot has ended by itself."""
        deadline = time.monotonic() + within
        while True:
            before, looked = self.changes(), time.monotonic()
            if holds():
                return True
            if time.monotonic() >= deadline:
                return False
            self.bot.check()
            while self.changes() == before and time.monotonic() < min(deadline, looked + STALE):
                time.sleep(GLANCE)

    # The bot

    def start_bot(self) -> None:
        """Start the bot's process and wait until Slack has greeted it. Raises BotDied if that fails."""
        if self.bot.alive:
            return
        greeted = self._greetings()
        self.bot.start()
        if not self.wait_until(lambda: self._greetings() > greeted, CONNECTED_WITHIN):
            raise BotDied(f"The bot was not connected within {CONNECTED_WITHIN:g} s.\n{self.bot.tail()}")

    def _greetings(self) -> int:
        return self.slack.sockets.opened

    def stop_bot(self) -> int:
        """SIGTERM; the bot's exit code."""
        return self.bot.stop()

    def kill_bot(self) -> None:
        """`kill -9`."""
        self.bot.kill()

    def move_clock(self, seconds: float) -> None:
        """Move the bot's clock, and only the bot's, by so many seconds."""
        self._offset += seconds
        fresh = self._clock.with_suffix(".new")
        fresh.write_text(str(round((self._shift + self._offset) * 1000)))
        fresh.replace(self._clock)
