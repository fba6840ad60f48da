"""files.*: the three steps of an upload, and what people see of it (slack-platform.md 2.5)."""

from __future__ import annotations

import mimetypes
import re
import secrets
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack.chat import checked_blocks, escaped, own_body, parent, writable
from sandbox.slack.mentions import fired
from sandbox.slack.methods import Arguments, Desk, Method
from sandbox.slack.people import BOT_USER, TEAM, Body, Channel, User
from sandbox.slack.refusal import Refusal
from sandbox.slack.workspace import Post

LONGEST_SNIPPET = 1_000_000
MOST_CHANNELS = 100
PREVIEW_LINES, PREVIEW_CHARACTERS = 5, 500
"""What Slack shows of a text file below the message; the figures are the sandbox's."""
SLUG = re.compile(r"[^\w.-]", re.ASCII)
"""What Slack leaves out of an address; it writes an underscore instead."""
UNSEEN = {"mode": "file_access", "file_access": "check_file_info", "created": 0, "timestamp": 0, "user": ""}
"""What an app gets of a file from another company's workspace; files.info has the rest (slack-platform.md 2.5)."""


@dataclass(slots=True)
class File:
    """A file, uploaded or on its way. `complete` once it may be seen; `host` is where its content is."""

    id: str
    name: str
    size: int
    user: str
    title: str
    created: int
    host: str = ""
    snippet: str = ""
    content: bytes = b""
    uploaded: bool = False
    complete: bool = False
    deleted: bool = False
    is_public: bool = False
    shares: dict[str, list[str]] = field(default_factory=dict)
    """Channel ids, and the ts of the messages in them that show it."""

    def share(self, channel: Channel, ts: str) -> None:
        """A message in that channel shows it."""
        self.shares.setdefault(channel.id, []).append(ts)
        self.is_public = self.is_public or channel.kind == "channel"

    @property
    def mimetype(self) -> str:
        """By its name, else text unless it holds what is none."""
        known = mimetypes.guess_type(self.name)[0]
        return known or ("application/octet-stream" if b"\0" in self.content else "text/plain")


@dataclass(slots=True)
class Files:
    """All files of the workspace, and the upload addresses still open. `base_url` is the server's address."""

    base_url: str = ""
    held: dict[str, File] = field(default_factory=dict)
    uploads: dict[str, str] = field(default_factory=dict)

    def new(self, name: str, size: int, user: str, created: int) -> File:
        """Register a file that is still to come."""
        file = File(f"F0FILE{len(self.held) + 1:05d}", name, size, user, name, created, self.base_url)
        self.held[file.id] = file
        return file

    def upload(self, ticket: str, content: bytes) -> tuple[int, str]:
        """Step two: the bytes. Answers HTTP status and text (samples/slack/web_api/_upload_step2.json)."""
        file = self.held.get(self.uploads.get(ticket, ""))
        if file is None:
            return 404, "expired upload url"
        if len(content) > file.size:
            return 413, "body larger than declared length"
        del self.uploads[ticket]
        file.content, file.uploaded = content, True
        return 200, f"OK - {len(content)}"


def get_upload_url(desk: Desk, arguments: Arguments) -> Body:
    """files.getUploadURLExternal: step one. Raises missing_argument (length 0 too), snippet_too_large."""
    name, size, snippet = (
        arguments.text("filename"),
        arguments.number("length", 0),
        arguments.text("snippet_type"),
    )
    if not name or size <= 0:
        raise Refusal("missing_argument")
    if snippet and size > LONGEST_SNIPPET:
        raise Refusal("snippet_too_large")
    if len(arguments.text("alt_txt")) > 1_000:
        raise Refusal("alt_txt_too_large")
    file = desk.files.new(name, size, BOT_USER, int(desk.workspace.clock()))
    file.snippet = snippet
    ticket = secrets.token_urlsafe(12)
    desk.files.uploads[ticket] = file.id
    return {"ok": True, "upload_url": f"{desk.base_url}/upload/v1/{ticket}", "file_id": file.id}


def complete_upload(desk: Desk, arguments: Arguments) -> Body:
    """files.completeUploadExternal: step three; one message holds all the files.

    Raises file_not_found, file_update_failed (fewer bytes than announced), channels_limit_exceeded, and what
    posting raises. `shares` is still empty in the answer, as in Slack.
    """
    files = [_ready(desk, each) for each in arguments.json("files", "invalid_arguments") or []]
    if not files:
        raise Refusal("file_not_found")
    wanted = [each for each in arguments.text("channels", arguments.text("channel_id")).split(",") if each]
    if len(wanted) > MOST_CHANNELS:
        raise Refusal("channels_limit_exceeded")
    channels = [writable(desk, each) for each in wanted]
    threads = [parent(desk, channel, arguments.text("thread_ts")) for channel in channels]
    content: Body = {"text": escaped(arguments.text("initial_comment"))}
    if blocks := checked_blocks(arguments.json("blocks", "invalid_blocks")):
        content["blocks"] = blocks
    for file in files:
        file.complete = True
    answer = {"ok": True, "files": [{**file_body(file), **_shared_with(desk, file)} for file in files]}
    for channel, thread in zip(channels, threads, strict=True):
        _share(desk, channel, thread, files, content)
    return answer


def _ready(desk: Desk, wanted: Any) -> File:
    file = desk.files.held.get(wanted.get("id", "")) if isinstance(wanted, dict) else None
    if file is None or file.complete or not file.uploaded:
        raise Refusal("file_not_found")
    if len(file.content) != file.size:
        raise Refusal("file_update_failed")
    file.title = str(wanted.get("title") or file.name)
    return file


def _share(desk: Desk, channel: Channel, thread: str, files: list[File], content: Body) -> None:
    body = {**own_body(desk.workspace.next_ts()), **content, "upload": False}
    body |= {"thread_ts": thread} if thread else {}
    for file in files:
        file.share(channel, body["ts"])
    body["files"] = [file_body(file) for file in files]
    desk.workspace.add(Post(channel.id, body, fired=fired(body)))


def file_info(desk: Desk, arguments: Arguments) -> Body:
    """files.info, of a file the app may see. Raises file_not_found, file_deleted."""
    file = desk.files.held.get(arguments.need("file"))
    if file is None or not visible(desk, file):
        raise Refusal("file_not_found")
    if file.deleted:
        raise Refusal("file_deleted")
    body = {**file_body(file), "comments_count": 0, **_shared_with(desk, file)}
    return {"ok": True, "file": body, "comments": [], "response_metadata": {"next_cursor": ""}}


def visible(desk: Desk, file: File) -> bool:
    """Whether the app may see a file: its own, one in a public channel, or in a conversation it is in."""
    channels = (desk.workspace.channels[each] for each in file.shares)
    shown = any(each.kind == "channel" or BOT_USER in each.members for each in channels)
    return file.complete and (file.user == BOT_USER or shown)


def _shared_with(desk: Desk, file: File) -> Body:
    """Where a file is shared, as files.info tells it and messages do not."""
    kinds = {each: desk.workspace.channels[each].kind for each in file.shares}
    shares: Body = {}
    for channel, stamps in file.shares.items():
        audience = "public" if kinds[channel] == "channel" else "private"
        shares.setdefault(audience, {})[channel] = [_shared(desk, file, channel, ts) for ts in stamps]
    lists = {"channels": "channel", "groups": "group", "ims": "im"}
    return {"shares": shares} | {
        key: [each for each, kind in kinds.items() if kind == wanted] for key, wanted in lists.items()
    }


def _shared(desk: Desk, file: File, channel: str, ts: str) -> Body:
    name = desk.workspace.channels[channel].name
    replies = {"reply_users": [], "reply_users_count": 0, "reply_count": 0}
    return {**replies, "ts": ts, "channel_name": name, "team_id": TEAM, "share_user_id": file.user}


def in_message(file: File, owner: User) -> Body:
    """A file as a message shows it to the app: of another company's only that there is one."""
    return file_body(file) if owner.team == TEAM else {"id": file.id, **UNSEEN}


def file_body(file: File) -> Body:
    """A file as messages and files.info show it; text files come with the first lines as a preview."""
    mime = file.mimetype
    is_text = mime.startswith("text/") or bool(file.snippet)
    kind = file.name.rpartition(".")[2] if "." in file.name else "text"
    place, slug = f"{file.host}/files-pri/{TEAM}-{file.id}", SLUG.sub("_", file.name).lower()
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": mime,
        "filetype": "text" if is_text else kind,
        "pretty_type": "Plain Text" if is_text else kind.upper(),
        "user": file.user,
        "user_team": TEAM,
        "editable": is_text,
        "size": file.size,
        "mode": "snippet" if is_text else "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": file.is_public,
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": f"{place}/{slug}",
        "url_private_download": f"{place}/download/{slug}",
        "media_display_type": "unknown",
        "permalink": f"https://acme-dev.slack.com/files/{file.user}/{file.id}/{slug}",
        "permalink_public": f"https://slack-files.com/{TEAM}-{file.id}",
        "is_starred": False,
        "has_rich_preview": False,
        "file_access": "visible",
        **(_preview(file.content) if is_text else {}),
    }


def _preview(content: bytes) -> Body:
    lines = content.decode("utf-8", "replace").splitlines()
    preview = "\n".join(lines[:PREVIEW_LINES])[:PREVIEW_CHARACTERS]
    return {"preview": preview, "lines": len(lines), "lines_more": max(0, len(lines) - PREVIEW_LINES)}


METHODS = {
    "files.getUploadURLExternal": Method(get_upload_url, ("files:write",), tier=4),
    "files.completeUploadExternal": Method(complete_upload, ("files:write",), tier=4, changes=True),
    "files.info": Method(file_info, ("files:read",), tier=4),
}
