"""What was said in a channel or thread of Slack, and the files that were shared there, as the bot may read them."""

from __future__ import annotations

import ssl
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPMessage
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

from bot.edges import slack_errors as errors
from bot.errors import SlackError
from bot.model import Place

#: Messages of one page (conversations.history: "no more than 200 results at a time" is recommended, 999 the most).
PAGE = 200
#: Replies of one page: they come oldest first, so that a long thread is read from its beginning.
REPLIES_PAGE = 999
#: Most pages of a conversation that are read for one request: Tier 3 lets all of the bot have 50 a minute.
PAGES = 20
#: Most redirects that are followed to one file.
REDIRECTS = 3
#: Later than all messages: of a thread only its first message is wanted, however many answers it has.
NOTHING_SINCE = "9999999999.000000"
#: What a message says of a file that only files.info describes (slack-platform.md 2.5).
UNSEEN = "check_file_info"
#: What is left of a file that was deleted.
TOMBSTONE = "tombstone"
#: Files that are nothing Slack holds.
ELSEWHERE = frozenset({"external", "hidden_by_limit", TOMBSTONE})
HTML = "text/html"


@dataclass(frozen=True, slots=True)
class SlackFile:
    """A file in a message."""

    id: str
    name: str
    kind: str
    """Its media type, such as image/png."""
    size: int
    url: str
    """Where its content is, for who may have it; empty if Slack does not hold it."""
    permalink: str
    unseen: bool = False
    """Whether only files.info tells more than its id."""
    is_gone: bool = False
    """Whether it was deleted: its message has a tombstone in its place."""


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """A message as Slack's API tells it."""

    ts: str
    user: str
    """Empty for an app without one."""
    text: str
    blocks: tuple[Mapping[str, Any], ...] = ()
    attachments: tuple[Mapping[str, Any], ...] = ()
    files: tuple[SlackFile, ...] = ()
    thread: str | None = None
    subtype: str = ""
    bot: str = ""
    """Id of the bot that wrote it; empty for a person."""
    latest_reply: str = ""
    """The ts of the last reply to it, where a page of a channel tells it."""
    team: str = ""
    """Workspace of who wrote it, if Slack says so."""
    replies: int = 0
    """How many have answered it in its thread."""


class History:
    """The part of Slack that is about what was said. Its errors are those of Slack."""

    _token: str
    _api_url: str
    _timeout: int
    _tls: ssl.SSLContext
    _where: str

    def _call(self, method: str, **arguments: Any) -> Any:
        raise NotImplementedError

    def said(self, place: Place, since: str = "") -> Iterator[SlackMessage]:
        """What was said in a channel, or in a thread, newest first; read page by page as far as it is taken.

        At most 4,000 messages of a channel. Of a thread only its first message and what is newer than `since`, a ts.
        SlackError with not_in_channel, channel_not_found or thread_not_found.
        """
        if place.thread is None:
            yield from map(message, self._pages("conversations_history", PAGE, channel=place.channel))
            return
        thread = {"channel": place.channel, "ts": place.thread} | ({"oldest": since} if since else {})
        yield from reversed([*map(message, self._pages("conversations_replies", REPLIES_PAGE, **thread))])

    def _pages(self, method: str, size: int, **query: Any) -> Iterator[Mapping[str, Any]]:
        for _ in range(PAGES):
            page = self._call(method, limit=size, **query)
            yield from page.get("messages") or ()
            query["cursor"] = (page.get("response_metadata") or {}).get("next_cursor")
            if not query["cursor"]:
                return

    def file(self, file_id: str) -> SlackFile:
        """What Slack says of a file by itself (files.info)."""
        return file(self._call("files_info", file=file_id)["file"])

    def download(self, wanted: SlackFile, most: int) -> bytes:
        """The content of a file of at most `most` bytes.

        Our token goes to Slack's own hosts alone. SlackError with file_elsewhere for a file that is held by others,
        file_too_large, or not_a_file if Slack sent a page to sign in at instead of the file (incidents.md 3.2).
        """
        if not is_slacks(wanted.url, self._api_url):
            raise SlackError(f"Slack does not hold {wanted.name} itself.", code="file_elsewhere")
        fetch = urllib.request.Request(wanted.url)  # noqa: S310 -- http(s), see is_slacks
        fetch.add_unredirected_header("Authorization", f"Bearer {self._token}")
        return errors.call(self._fetched, self._where, wanted=wanted, request=fetch, most=most)

    def _fetched(self, wanted: SlackFile, request: urllib.request.Request, most: int) -> bytes:
        handlers = [urllib.request.HTTPSHandler(context=self._tls), _ToSlackOnly(self._token, self._api_url)]
        with urllib.request.build_opener(*handlers).open(request, timeout=self._timeout) as answer:
            check_kind(wanted, answer.headers)
            data: bytes = answer.read(most + 1)
        if len(data) > most:
            raise SlackError(f"{wanted.name} is larger than I carry.", code="file_too_large")
        return data


class _ToSlackOnly(urllib.request.HTTPRedirectHandler):
    """Follows redirects within Slack, with our token, and no others."""

    max_redirections = REDIRECTS

    def __init__(self, token: str, api_url: str) -> None:
        self._token, self._api_url = token, api_url

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:  # fmt: skip
        target = urljoin(req.full_url, newurl)
        if not is_slacks(target, self._api_url):
            fp.close()
            raise SlackError("Slack leads elsewhere for that file.", code="file_elsewhere")
        following = super().redirect_request(req, fp, code, msg, headers, target)
        if following is not None:
            following.add_unredirected_header("Authorization", f"Bearer {self._token}")
        return following


def is_slacks(url: str, api_url: str) -> bool:
    """Tell whether an address is Slack's own: a host of slack.com by https, or where `api_url` says that Slack is.

    >>> is_slacks("https://files.slack.com/files-pri/T1-F1/a.png", "https://slack.com/api/")
    True
    >>> is_slacks("https://files.slack.com.evil.example/a.png", "https://slack.com/api/")
    False
    """
    try:
        there, here = urlsplit(url), urlsplit(api_url)
        same = (there.scheme, there.hostname, there.port) == (here.scheme, here.hostname, here.port)
        host = f".{there.hostname or ''}"
        ours = there.scheme == "https" and there.port in (None, 443) and host.endswith(".slack.com")
    except ValueError:  # a port that is no number
        return False
    return (same or ours) and there.scheme in ("http", "https") and there.username is None


def check_kind(wanted: SlackFile, headers: HTTPMessage) -> None:
    """Raise SlackError with not_a_file for a page in place of a file; a page that was shared comes as a download."""
    kind = headers.get_content_type()
    shared = wanted.kind == HTML and headers.get_content_disposition() == "attachment"
    if kind == HTML and not shared:
        raise SlackError(
            f"Slack wants me to sign in for {wanted.name}. My Slack app may lack the scope `files:read`.",
            code="not_a_file",
        )


# Slack's JSON as our records --------------------------------------------------------------------------------


def message(data: Mapping[str, Any]) -> SlackMessage:
    """A message of conversations.history, or as a shortcut brings it along."""
    return SlackMessage(
        ts=str(data.get("ts") or ""),
        user=str(data.get("user") or ""),
        text=str(data.get("text") or ""),
        blocks=tuple(data.get("blocks") or ()),
        attachments=tuple(data.get("attachments") or ()),
        files=tuple(file(one) for one in data.get("files") or ()),
        thread=data.get("thread_ts"),
        subtype=str(data.get("subtype") or ""),
        bot=str(data.get("bot_id") or ""),
        latest_reply=str(data.get("latest_reply") or ""),
        team=str(data.get("user_team") or data.get("team") or ""),
        replies=int(data.get("reply_count") or 0),
    )


def file(data: Mapping[str, Any]) -> SlackFile:
    """A file object (docs.slack.dev, file object); one of another company's has little more than its id."""
    held = not data.get("is_external") and data.get("mode") not in ELSEWHERE
    url = str(data.get("url_private_download") or data.get("url_private") or "")
    return SlackFile(
        id=str(data.get("id") or ""),
        name=str(data.get("name") or data.get("title") or ""),
        kind=str(data.get("mimetype") or ""),
        size=int(data.get("size") or 0),
        url=url if held else "",
        permalink=str(data.get("permalink") or ""),
        unseen=data.get("file_access") == UNSEEN,
        is_gone=data.get("mode") == TOMBSTONE,
    )


def permalink(workspace: str, channel: str, ts: str, thread: str | None = None) -> str:
    """
    Return the address of a message, as chat.getPermalink gives it; `workspace` is the address auth.test names.

    Made here, since a discussion of a hundred messages would ask a hundred times.

    >>> permalink("https://acme-dev.slack.com/", "C1", "1763651020.000300")
    'https://acme-dev.slack.com/archives/C1/p1763651020000300'
    """
    if not workspace:
        return ""
    within = f"?thread_ts={thread}&cid={channel}" if thread and thread != ts else ""
    return f"{workspace.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}{within}"
