"""Slack's Web API: the only room that calls it, each call exactly once and without waiting."""

from __future__ import annotations

import logging
import re
import ssl
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.edges import slack_errors as errors
from bot.edges.slack_marks import EVENT_TYPE, Marks
from bot.edges.slack_rooms import Rooms
from bot.errors import SlackError, SlackUnreachable
from bot.model import Attachment, Block, Message, Millis, Place

#: Messages read at once when one is looked for, and how often (conversations.history: at most 999).
FIND_LIMIT = 200
FIND_PAGES = 3
#: How far Slack's clock may be behind ours, milliseconds (reliability.md 1.2: intent time - 5 s).
CLOCKS_APART = 5_000
#: What Slack says of a trigger that came too late, or was used (slack-platform.md 2.2).
LATE = frozenset({"expired_trigger_id", "trigger_expired", "exchanged_trigger_id", "trigger_exchanged",
                  "invalid_trigger_id"})  # fmt: skip
#: What Slack says of a view that is not open any more.
CLOSED = "not_found"
#: What a channel without a name is called: Slack's own word in slash commands.
NO_NAME = "directmessage"


@dataclass(frozen=True, slots=True)
class BotIdentity:
    """Who the token makes us (auth.test)."""

    user: str
    bot: str
    team: str
    name: str
    url: str
    """The workspace's address."""
    scopes: frozenset[str]
    """What the token may do, from the header x-oauth-scopes."""


class Slack(Marks, Rooms):
    """The Web API with one bot token, for any number of threads.

    Every method may raise SlackBusy (with the seconds to wait), SlackUnreachable (`sent` tells whether it
    may have happened all the same) or SlackError with Slack's code. Nothing is repeated: slack_sdk would
    send a message twice when a connection breaks (reliability.md 0.1).
    """

    def __init__(
        self, token: str, api_url: str, *, timeout: int = 10, tls: ssl.SSLContext | None = None
    ) -> None:
        """`timeout` in seconds, for each wait on the network; `tls` is what another one made already."""
        self._token, self._api_url, self._timeout = token, api_url, timeout
        self._tls = tls or ssl.create_default_context()  # once: reading the certificates takes 20 ms
        self._client = WebClient(
            token=token,
            base_url=api_url if api_url.endswith("/") else api_url + "/",
            timeout=timeout,
            ssl=self._tls,
            retry_handlers=[],
            logger=_silent(),
        )
        # The SDK forces every address through HTTPS_PROXY; without it urllib heeds NO_PROXY as well.
        self._client.proxy = None
        self._where = _origin(api_url)

    def within(self, timeout: int) -> Slack:
        """The same with another timeout."""
        return Slack(self._token, self._api_url, timeout=timeout, tls=self._tls)

    def whoami(self) -> BotIdentity:
        """Who the token belongs to; SlackError for a token that is not accepted."""
        found = self._call("auth_test")
        scopes = errors.header(found.headers, "x-oauth-scopes") or ""
        return BotIdentity(
            user=found["user_id"],
            bot=found.get("bot_id") or "",
            team=found["team_id"],
            name=found.get("user") or "",
            url=found.get("url") or "",
            scopes=frozenset(scope.strip() for scope in scopes.split(",") if scope.strip()),
        )

    def post(self, place: Place, message: Message, *, oid: str) -> str:
        """Posts a message that carries `oid` in its metadata, and returns its ts (chat.postMessage)."""
        found = self._call(
            "chat_postMessage",
            channel=place.channel,
            thread_ts=place.thread,
            **_content(message),
            **_mark(oid),
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(found["ts"])

    def update(self, channel: str, ts: str, message: Message, *, oid: str) -> None:
        """Replaces one of our messages; its text may have 4,000 characters (slack-platform.md 2.2)."""
        self._call("chat_update", channel=channel, ts=ts, **_content(message), **_mark(oid))

    def whisper(self, place: Place, person_id: str, message: Message) -> None:
        """Shows a message to one person until they reload; Slack promises nothing (chat.postEphemeral)."""
        self._call(
            "chat_postEphemeral",
            channel=place.channel,
            thread_ts=place.thread,
            user=person_id,
            **_content(message),
        )

    def upload(self, place: Place, attachment: Attachment, *, oid: str) -> str:
        """Puts a file into a channel or thread in Slack's three steps, and returns the file's id.

        Files have no metadata: `oid` becomes a part of the file's name, where `find` looks for it; people
        see the title, which is the attachment's name. Only the last step shows anything, so a failure
        before it is one with sent=False. Slack takes no empty file (slack-platform.md 2.5): SlackError.
        """
        data = attachment.content
        if not data:
            raise SlackError(
                f"The file {attachment.name} is empty, so there is nothing to show.", code="empty_file"
            )
        try:
            file = self._stage(_file_name(attachment.name, oid), data)
        except SlackUnreachable as error:
            raise SlackUnreachable(error.sentence, sent=False) from error
        self._call(
            "files_completeUploadExternal",
            files=[{"id": file, "title": attachment.name}],
            channel_id=place.channel,
            thread_ts=place.thread,
        )
        return file

    def find(self, place: Place, oid: str, oldest_ms: Millis) -> str | None:
        """The ts of the message or file that carries `oid`, posted since `oldest_ms` (less 5 s), if any.

        Looks through at most 600 messages of the channel, or of the thread if the place has one.
        """
        query: dict[str, Any] = {
            "channel": place.channel,
            "oldest": f"{max(0, oldest_ms - CLOCKS_APART) / 1000:.6f}",
            "include_all_metadata": True,
            "limit": FIND_LIMIT,
        }
        method = "conversations_replies" if place.thread else "conversations_history"
        if place.thread:
            query["ts"] = place.thread
        for _ in range(FIND_PAGES):
            page = self._call(method, **query)
            for message in page.get("messages") or ():
                if _carries(message, oid):
                    return str(message["ts"])
            query["cursor"] = (page.get("response_metadata") or {}).get("next_cursor")
            if not query["cursor"]:
                break
        return None

    def open_form(self, trigger: str, view: Block) -> str:
        """Opens a form for whoever pressed, and returns its id (views.open).

        `trigger` lives 3 s and opens one form (slack-platform.md 2.2): SlackError with a code of LATE afterwards.
        """
        try:
            opened = self._call("views_open", trigger_id=trigger, view=view).get("view") or {}
            return str(opened.get("id") or "")
        except SlackError as error:
            if error.code in LATE:
                late = "It took me too long to open the form. Press the button again."
                raise SlackError(late, code=error.code) from error
            raise

    def fill_form(self, view_id: str, view: Block) -> None:
        """Puts another view in the place of an open form; what is typed stays in fields that keep their ids
        (views.update, slack-platform.md 2.1). A form that was closed meanwhile is nothing to complain of."""
        try:
            self._call("views_update", view_id=view_id, view=view)
        except SlackError as error:
            if error.code != CLOSED:
                raise

    def publish_home(self, person_id: str, view: Block) -> None:
        """Shows somebody their Home (views.publish)."""
        self._call("views_publish", user_id=person_id, view=view)

    def take_back(self, address: str) -> None:
        """Removes a message only one person sees, by the address Slack gave for it (slack-platform.md 2.2)."""
        if urlsplit(address).scheme not in ("http", "https"):
            raise SlackError("Slack named a strange address for the message.", code="invalid_response_url")
        errors.call(
            self._send, self._where, url=address, data=b'{"delete_original": true}', kind="application/json"
        )

    def open_dm(self, person_id: str) -> str:
        """The channel of our direct messages with a person (conversations.open)."""
        return str(self._call("conversations_open", users=person_id)["channel"]["id"])

    def channel_name(self, channel: str) -> str:
        """A channel's name without #; `directmessage` for one that has none (conversations.info)."""
        found = self._call("conversations_info", channel=channel)["channel"]
        return str(found.get("name") or NO_NAME)

    def asked(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """What a method that only reads answers; `method` is the SDK's name for it, such as users_info."""
        found: Mapping[str, Any] = self._call(method, **arguments).data  # type: ignore[assignment]  # a body, not bytes
        return found

    def open_socket(self, app_token: str) -> str:
        """The wss:// address of a new socket connection, good for one use (apps.connections.open)."""
        try:
            found = self._call("apps_connections_open", app_token=app_token)
        except SlackError as error:
            raise _about_app_token(error) from error
        return str(found["url"])

    def _call(self, method: str, **arguments: Any) -> SlackResponse:
        method_of_sdk: Callable[..., SlackResponse] = getattr(self._client, method)
        return errors.call(method_of_sdk, self._where, **arguments)

    def _stage(self, name: str, data: bytes) -> str:
        """The first two steps: asks where to, and sends the bytes there. Nobody sees them yet."""
        target = self._call("files_getUploadURLExternal", filename=name, length=len(data))
        url = str(target["upload_url"])
        if urlsplit(url).scheme not in ("http", "https"):
            raise SlackError("Slack named a strange address for the file.", code="invalid_upload_url")
        errors.call(self._send, self._where, url=url, data=data)
        return str(target["file_id"])

    def _send(self, *, url: str, data: bytes, kind: str = "application/octet-stream") -> None:
        """POSTs to an address that is its own permission: without our token."""
        request = urllib.request.Request(url, data=data, method="POST")  # noqa: S310 -- http(s), see _stage
        request.add_header("Content-Type", kind)
        context = self._tls if url.startswith("https") else None
        with urllib.request.urlopen(request, timeout=self._timeout, context=context) as answer:  # noqa: S310
            answer.read()


def _content(message: Message) -> dict[str, Any]:
    """Text and blocks; names and channels in the text stay text (reliability.md 4.2)."""
    content: dict[str, Any] = {"text": message.text, "parse": "none", "link_names": False}
    if message.blocks:
        content["blocks"] = list(message.blocks)
    return content


def _mark(oid: str) -> dict[str, Any]:
    return {"metadata": {"event_type": EVENT_TYPE, "event_payload": {"oid": oid}}}


def _carries(message: Mapping[str, Any], oid: str) -> bool:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") == EVENT_TYPE:
        return bool((metadata.get("event_payload") or {}).get("oid") == oid)
    names = (str(file.get("name") or "") for file in message.get("files") or ())
    return any(_in_name(oid) in name.split(".") for name in names)


def _file_name(name: str, oid: str) -> str:
    """`build.log` with the oid 1a2b is `build.1a2b.log`."""
    path = PurePosixPath(name.replace("/", "-"))
    return f"{path.stem}.{_in_name(oid)}{path.suffix or '.txt'}"


def _in_name(oid: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "-", oid)


def _about_app_token(error: SlackError) -> SlackError:
    told = errors.SOCKET_SENTENCES.get(error.code)
    return SlackError(told, code=error.code) if told else error


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _silent() -> logging.Logger:
    """A mute logger for the SDK: at DEBUG it prints whole bodies, and failures are raised anyway."""
    logger = logging.getLogger("bot.edges.slack.sdk")
    logger.setLevel(logging.CRITICAL)
    return logger
