"""FakeSlack: a strict Slack on loopback with people in it; a bot is pointed at it by configuration alone."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path

from aiohttp import web

from sandbox.slack import people
from sandbox.slack.acts import Acts
from sandbox.slack.delivery import Envelope
from sandbox.slack.doorway import Doorway
from sandbox.slack.downloads import Downloads
from sandbox.slack.events import Events
from sandbox.slack.faults import Faults
from sandbox.slack.files import Files
from sandbox.slack.forms import Forms
from sandbox.slack.hands import Hands
from sandbox.slack.home import Home
from sandbox.slack.hooks import Hooks
from sandbox.slack.limits import Limits
from sandbox.slack.manifest import Manifest, read
from sandbox.slack.methods import Desk
from sandbox.slack.people import Channel, User, dm_id
from sandbox.slack.shortcuts import Shortcuts
from sandbox.slack.sockets import Sockets
from sandbox.slack.views import Views
from sandbox.slack.web import WebApi, lose, weather
from sandbox.slack.workspace import Post, Seen, Workspace
from sandbox.slack.writing import Writing

LARGEST_REQUEST = 64 * 1024 * 1024
"""Bytes of one request; large enough for a log file."""


class FakeSlack:
    """One workspace, one app. All coroutines run on the loop that called `start`.

    `forms` and `home` hold what people do in open forms and in the Home, `shortcuts` what they start by them,
    `acts` what an administrator does.

    `manifest` is the app's, by default the one in docs; `scopes` and `subscriptions` go over what it asks for.
    `clock` gives seconds since the epoch and decides timestamps, rate limits, and how long trigger_ids and
    response_urls live. Acks, redeliveries and faults go by real time.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        manifest: Manifest | None = None,
        scopes: Collection[str] | None = None,
        subscriptions: Collection[str] | None = None,
    ) -> None:
        manifest = manifest or read()
        self.bot_token, self.app_token = people.BOT_TOKEN, people.APP_TOKEN
        self.team, self.bot_user, self.bot_name = people.TEAM, people.BOT_USER, people.BOT_NAME
        self.scopes = set(manifest.scopes if scopes is None else scopes)
        self.subscriptions = set(manifest.subscriptions if subscriptions is None else subscriptions)
        self.tokens = {self.bot_token: "xoxb-", self.app_token: "xapp-"}
        self.workspace = Workspace(clock)
        self.limits = Limits(clock)
        self.faults = Faults(time.monotonic)
        self.sockets = Sockets(self.faults)
        self.files, self.views = Files(), Views()
        self.hooks = Hooks(self.workspace)
        self.desk = Desk(self.workspace, self.limits, self.scopes, self.files, self.views, manifest.has_home)
        self.web = WebApi(self.desk, self.sockets, self.faults, self.tokens)
        self.events = Events(self.workspace, self.subscriptions, self.sockets.delivery.tell)
        self.hands = Hands(self.workspace, self.sockets, self.views, self.hooks, manifest.commands)
        self.writing = Writing(self.workspace, self.files)
        self.shortcuts = Shortcuts(self.hands, manifest.shortcuts)
        self.forms = Forms(self.desk, self.sockets)
        self.home = Home(self.desk, self.sockets, self.events)
        self.acts = Acts(self.workspace, self.files)
        self.downloads = Downloads(self.desk, self.web, self.faults)
        self.api_url = ""
        self._door = Doorway()
        self._loop: asyncio.AbstractEventLoop | None = None

    # The server ------------------------------------------------------------------------------------------

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 takes a free one."""
        self._loop = asyncio.get_running_loop()
        await self._door.open(self._application(), port)
        address = f"http://127.0.0.1:{self._door.port}"
        self.desk.base_url = self.hooks.base_url = self.files.base_url = address
        self.api_url = f"{self.desk.base_url}/api/"
        self.sockets.start()

    async def stop(self) -> None:
        """Cut the connections and free the port."""
        await self._door.shut()
        await self.sockets.stop()
        await self._door.close()

    def _application(self) -> web.Application:
        quiet = logging.getLogger("sandbox.slack")
        application = web.Application(client_max_size=LARGEST_REQUEST, logger=quiet)
        application.router.add_route("*", "/api/{method}", self.web.handle)
        application.router.add_get("/link/", self._link)
        application.router.add_get("/files-pri/{key}/{rest:.*}", self.downloads.handle)
        application.router.add_get("/", self.downloads.login)
        application.router.add_post("/upload/v1/{ticket}", self._upload)
        application.router.add_post("/commands/{rest:.*}", self._hook)
        application.router.add_post("/actions/{rest:.*}", self._hook)
        application.router.add_post("/app/{rest:.*}", self._hook)
        return application

    async def _link(self, request: web.Request) -> web.StreamResponse:
        if (broken := await weather(request, self.faults)) is not None:
            return broken
        return await self.sockets.handle(request)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        if (broken := await weather(request, self.faults)) is not None:
            return broken
        status, text = self.files.upload(request.match_info["ticket"], await request.read())
        return web.Response(status=status, text=text)

    async def _hook(self, request: web.Request) -> web.StreamResponse:
        if (broken := await weather(request, self.faults)) is not None:
            return broken
        status, text = self.hooks.post(request.path, await request.read())
        if status == 200 and (lost := lose(request, self.faults)) is not None:
            return lost
        return web.Response(status=status, text=text)

    # What people do -----------------------------------------------------------------------------------------

    async def slash(self, name: str, channel: str, command: str, text: str, *, raw: bool = False) -> str:
        """Type a slash command. Answers ok, operation_timeout or dispatch_failed; those two are shown too.

        `text` is what the person types; Slack's entities and mentions are made of it unless `raw`.
        """
        return await self.hands.slash(name, channel, command, text, raw)

    async def say(
        self, name: str, channel: str, text: str, thread: str | None = None, *, raw: bool = False
    ) -> str:
        """Write a message, `thread` being the ts of any message of a thread. Answers its ts."""
        return self.writing.say(name, channel, text, thread, raw)

    async def broadcast(self, name: str, channel: str, text: str, thread: str) -> str:
        """Write a reply that the channel sees too. Answers its ts."""
        return self.writing.broadcast(name, channel, text, thread)

    async def click(
        self,
        name: str,
        channel: str,
        ts: str,
        action_id: str,
        block_id: str | None = None,
        *,
        option: str | None = None,
    ) -> str:
        """Press a button, or choose `option` (label or value) of a select. Answers as `slash` does."""
        return await self.hands.click(name, channel, ts, action_id, block_id=block_id, option=option)

    async def edit(self, name: str, channel: str, ts: str, text: str) -> None:
        """Change an own message."""
        self.writing.edit(name, channel, ts, text)

    async def delete(self, name: str, channel: str, ts: str) -> None:
        """Delete an own message."""
        self.writing.delete(name, channel, ts)

    async def react(self, name: str, channel: str, ts: str, emoji: str) -> None:
        """Put an emoji on a message."""
        self.writing.react(name, channel, ts, emoji, added=True)

    async def unreact(self, name: str, channel: str, ts: str, emoji: str) -> None:
        """Take an own emoji off a message."""
        self.writing.react(name, channel, ts, emoji, added=False)

    async def upload(
        self, name: str, channel: str, path: Path | str, thread: str | None = None, text: str = ""
    ) -> str:
        """Share a file. Answers the ts of its message."""
        return self.writing.upload(name, channel, Path(path), thread, text)

    # What there is to see -----------------------------------------------------------------------------------

    @property
    def people(self) -> dict[str, User]:
        """The people by name, and other apps' bots; without the app's own."""
        return {user.name: user for user in self.workspace.users.values() if user.id != self.bot_user}

    @property
    def channels(self) -> dict[str, Channel]:
        """The channels by name, without the direct messages."""
        return {each.name: each for each in self.workspace.channels.values() if each.kind != "im"}

    @property
    def calls(self) -> Counter[str]:
        """Requests so far by Web API method, refused ones included."""
        return self.web.calls

    @property
    def version(self) -> int:
        """Grows with every change somebody could see."""
        return self.workspace.version

    @property
    def fired(self) -> list[tuple[str, str, str]]:
        """Every mention a message of the app has set off: (channel id, ts, mention as written)."""
        return self.workspace.fired

    @property
    def ack_times(self) -> list[float]:
        """Seconds from sending an envelope to its ack, in the order of the acks."""
        return self.sockets.delivery.ack_times

    @property
    def unacked(self) -> list[Envelope]:
        """Envelopes that had no ack within 3 s."""
        return self.sockets.delivery.unacked

    @property
    def late(self) -> list[Envelope]:
        """Those of them that were acked afterwards."""
        return self.sockets.delivery.late

    def dm(self, name: str) -> str:
        """Channel id of that person's direct message with the bot."""
        return dm_id(self.workspace.person(name))

    def visible(self, name: str, channel: str, thread: str | None = None) -> list[Seen]:
        """What this person sees in a channel (or in the thread with that ts), oldest first."""
        user = self.workspace.person(name)
        where = self.workspace.channel(channel, user)
        found = self.workspace.visible(user, where, thread)
        return [self.hands.overlaid(user, where.id, each) for each in found]

    def messages(self, channel: str) -> list[Post]:
        """Every message of a channel by id or name, ephemeral ones and replies included, oldest first."""
        found = self.channels.get(channel.removeprefix("#"))
        return list(self.workspace.posts[found.id if found else channel].values())

    # Breaking it --------------------------------------------------------------------------------------------

    def break_(
        self, how: str, *, seconds: float | None = None, times: int | None = None, arg: float | None = None
    ) -> None:
        """Break something: down, slow, 500, 502-after, cut-after, 429, socket-drop, socket-stall,
        socket-refresh, socket-fragment or redeliver (faults.py). Raises ValueError for anything else.
        Any thread may call it.
        """
        fault = self.faults.order(how, seconds, times, arg)
        match how:
            case "down":
                self._soon(lambda: self._go_down(seconds, times))
            case "socket-drop":
                self._soon(lambda: self._each(fault.times or 1, self.sockets.drop_one))
            case "socket-refresh":
                self._soon(lambda: self._each(fault.times or 1, lambda: self.sockets.refresh_one(fault.arg)))
        if how in ("socket-drop", "socket-refresh"):
            self.faults.ordered.pop(how)

    def mend(self) -> None:
        """Everything works again. Any thread may call it."""
        self.faults.mend()
        self._soon(lambda: self.sockets.spawn(self._door.listen()))

    def _soon(self, what: Callable[[], None]) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(what)

    def _each(self, times: int, what: Callable[[], None]) -> None:
        for _ in range(times):
            what()

    def _go_down(self, seconds: float | None, times: int | None) -> None:
        self.sockets.drop_all()
        if times is None:
            self.sockets.spawn(self._refuse(seconds))

    async def _refuse(self, seconds: float | None) -> None:
        await self._door.shut()
        if seconds is not None:
            await asyncio.sleep(seconds)
            if self.faults.holds("down") is None:
                await self._door.listen()
