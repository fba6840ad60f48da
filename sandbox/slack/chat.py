"""chat.*: posting, changing and deleting messages, with the limits of slack-platform.md 2.2."""

from __future__ import annotations

import re
from typing import Any

from sandbox.slack import blockkit
from sandbox.slack.mentions import fired
from sandbox.slack.methods import Arguments, Desk, Method
from sandbox.slack.people import BOT, Body, Channel, bot_body, own_bot
from sandbox.slack.refusal import Refusal, with_messages
from sandbox.slack.workspace import Post

LONGEST_POST, SPLIT_AT = 4_040, 4_000
"""The longest text that stays one message; the parts of a longer one (slack-platform.md 2.2)."""
LONGEST_KEPT = 40_000
"""What is longer is cut off without a word."""
LONGEST_UPDATE = 4_000
LONGEST_MARKDOWN = 12_000
ATTACHMENTS = 100
ENTITY = re.compile(r"&(?!amp;|lt;|gt;)")


def post_message(desk: Desk, arguments: Arguments) -> Body:
    """chat.postMessage; the answer holds the first message where a long text becomes several."""
    channel = writable(desk, arguments.need("channel"), "chat:write.public")
    thread = parent(desk, channel, arguments.text("thread_ts"))
    content = content_of(arguments)
    metadata = metadata_of(arguments)
    desk.limits.message(channel.id)
    parts = split(content.pop("text"), whole=bool(content.get("blocks")))
    posts = [_post(desk, channel, {**content, "text": part}, thread, arguments) for part in parts]
    posts[0].metadata = metadata
    message = with_metadata(posts[0]) if metadata else posts[0].body
    return {"ok": True, "channel": channel.id, "ts": posts[0].ts, "message": message}


def _post(desk: Desk, channel: Channel, content: Body, thread: str, arguments: Arguments) -> Post:
    workspace = desk.workspace
    body = {**own_body(workspace.next_ts()), **content}
    if thread:
        body |= {
            "thread_ts": thread,
            "parent_user_id": workspace.posts[channel.id][thread].body.get("user", ""),
        }
        if arguments.flag("reply_broadcast"):
            body["subtype"] = "thread_broadcast"
    return workspace.add(Post(channel.id, body, fired=fired(body, arguments.flag("link_names"))))


def own_body(ts: str) -> Body:
    """What every message of the bot begins with."""
    bot = own_bot()
    return {"user": bot.id, "type": "message", "ts": ts, "text": "", "team": bot.team, **bot_body(bot)}


def writable(desk: Desk, channel: str, public_scope: str = "") -> Channel:
    """The channel the app may write to. A user id means that person's direct message.

    Raises channel_not_found, not_in_channel (a public one, without chat:write.public), is_archived.
    """
    workspace = desk.workspace
    if channel in workspace.users and (dm := workspace.dm(channel)) is not None:
        channel = dm.id
    found = desk.known(channel) if public_scope in desk.scopes else desk.joined(channel)
    if found.is_archived:
        raise Refusal("is_archived")
    return found


def parent(desk: Desk, channel: Channel, thread_ts: str) -> str:
    """The ts of the thread to answer in, empty for none.

    Raises thread_not_found, and cannot_reply_to_message for a reply's or a system message's ts. Slack has
    been seen to post beside the thread instead; a bot must rely on neither.
    """
    if not thread_ts:
        return ""
    post = desk.workspace.find(channel.id, thread_ts)
    if post is None or post.body.get("subtype") == "tombstone":
        raise Refusal("thread_not_found")
    if post.thread is not None or post.locked:
        raise Refusal("cannot_reply_to_message")
    return thread_ts


def content_of(arguments: Arguments, longest: int | None = None) -> Body:
    """The checked text, blocks and attachments of a message, as Slack keeps them.

    Raises no_text, msg_too_long (a text over `longest`), invalid_blocks, invalid_blocks_format,
    invalid_attachments, too_many_attachments, markdown_text_conflict.
    """
    text, blocks = arguments.text("text"), checked_blocks(arguments.json("blocks", "invalid_blocks_format"))
    attachments = checked_attachments(arguments.json("attachments", "invalid_attachments"))
    if markdown := arguments.text("markdown_text"):
        text, blocks = _from_markdown(markdown, text, blocks)
    if not text and not blocks and not attachments:
        raise Refusal("no_text")
    if longest is not None and len(text) > longest:
        raise Refusal("msg_too_long")
    content: Body = {"text": escaped(text)}
    if blocks:
        content["blocks"] = blocks
    if attachments:
        content["attachments"] = attachments
    return content


def _from_markdown(markdown: str, text: str, blocks: list[Body]) -> tuple[str, list[Body]]:
    if text or blocks:
        raise Refusal("markdown_text_conflict")
    if len(markdown) > LONGEST_MARKDOWN:
        raise Refusal("msg_too_long")
    return markdown, blockkit.stored([{"type": "markdown", "text": markdown}])


def checked_blocks(blocks: Any) -> list[Body]:
    """Blocks after Slack's check. Raises invalid_blocks_format and invalid_blocks."""
    if blocks is None:
        return []
    if not isinstance(blocks, list):
        raise Refusal("invalid_blocks_format")
    if problems := blockkit.problems_of(blocks):
        raise with_messages("invalid_blocks", problems)
    return blockkit.stored(blocks)


def checked_attachments(attachments: Any) -> list[Body]:
    """Attachments after Slack's check. Raises invalid_attachments and too_many_attachments."""
    if attachments is None:
        return []
    if not isinstance(attachments, list) or not all(isinstance(each, dict) for each in attachments):
        raise Refusal("invalid_attachments")
    if len(attachments) > ATTACHMENTS:
        raise Refusal("too_many_attachments")
    if any(blockkit.problems_of(each.get("blocks", [])) for each in attachments):
        raise Refusal("invalid_attachments")
    return attachments


def escaped(text: str) -> str:
    """Text as Slack keeps it: a bare ampersand becomes an entity."""
    return ENTITY.sub("&amp;", text)


def split(text: str, whole: bool) -> list[str]:
    """The messages one text becomes; with blocks it stays one, since it is only their fallback then."""
    text = text[:LONGEST_KEPT]
    if whole or len(text) <= LONGEST_POST:
        return [text]
    return [text[start : start + SPLIT_AT] for start in range(0, len(text), SPLIT_AT)]


def metadata_of(arguments: Arguments) -> Body | None:
    """Message metadata (slack-platform.md 2.2). Raises invalid_metadata_format, invalid_metadata_schema."""
    metadata = arguments.json("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or metadata.keys() != {"event_type", "event_payload"}:
        raise Refusal("invalid_metadata_format")
    payload = metadata["event_payload"]
    if not isinstance(metadata["event_type"], str) or not isinstance(payload, dict):
        raise Refusal("invalid_metadata_format")
    if not all(_is_flat(value) for value in payload.values()):
        raise Refusal("invalid_metadata_schema")
    return metadata


def _is_flat(value: Any, deep: bool = True) -> bool:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return deep and all(_is_flat(each, deep=False) for each in value)
    return isinstance(value, (str, int, float))


def with_metadata(post: Post, body: Body | None = None) -> Body:
    """The body with its metadata, as include_all_metadata=true shows it."""
    body = post.body if body is None else body
    return {**body, "metadata": post.metadata} if post.metadata else body


def update(desk: Desk, arguments: Arguments) -> Body:
    """chat.update: own messages only; text without blocks takes the blocks away, metadata stays.

    Raises is_inactive in an archived channel (samples/slack/web_api/chat.update.json).
    """
    channel = desk.joined(arguments.need("channel"))
    if channel.is_archived:
        raise Refusal("is_inactive")
    post = own_post(desk, channel, arguments.need("ts"), "cant_update_message")
    content = content_of(arguments, LONGEST_UPDATE)
    metadata = metadata_of(arguments)
    if metadata is not None:
        post.metadata = metadata
    kept = {key: value for key, value in post.body.items() if key not in ("text", "blocks", "attachments")}
    if not arguments.text("text") and arguments.values.get("text") is None:
        content["text"] = post.body["text"]
    edited = {"user": BOT, "ts": desk.workspace.next_ts()}
    found = fired(content, arguments.flag("link_names"))
    desk.workspace.change(post, {**kept, **content, "edited": edited}, found)
    answer = {"channel": channel.id, "ts": post.ts, "text": post.body["text"], "message": post.body}
    return {"ok": True, **answer}


def own_post(desk: Desk, channel: Channel, ts: str, code: str) -> Post:
    """A message of the bot. Raises message_not_found (ephemeral ones too), or `code` for somebody else's."""
    post = desk.workspace.find(channel.id, ts)
    if post is None or post.body.get("subtype") == "tombstone":
        raise Refusal("message_not_found")
    if post.body.get("bot_id") != BOT:
        raise Refusal(code)
    return post


def delete(desk: Desk, arguments: Arguments) -> Body:
    """chat.delete: own messages only."""
    channel = desk.known(arguments.need("channel"))
    post = own_post(desk, channel, arguments.need("ts"), "cant_delete_message")
    desk.workspace.remove(post)
    return {"ok": True, "channel": channel.id, "ts": post.ts}


def post_ephemeral(desk: Desk, arguments: Arguments) -> Body:
    """chat.postEphemeral: the bot and the person, whose account is active, must be in the channel."""
    channel = writable(desk, arguments.need("channel"))
    user = arguments.need("user")
    if user not in channel.members or desk.workspace.users[user].deleted:
        raise Refusal("user_not_in_channel")
    thread = parent(desk, channel, arguments.text("thread_ts"))
    content = content_of(arguments, LONGEST_KEPT)
    body = {**own_body(desk.workspace.next_ts()), **content}
    if thread:
        body["thread_ts"] = thread
    found = fired(body, arguments.flag("link_names"))
    post = desk.workspace.add(Post(channel.id, body, only_for=user, fired=found))
    return {"ok": True, "message_ts": post.ts}


def get_permalink(desk: Desk, arguments: Arguments) -> Body:
    """chat.getPermalink."""
    channel = desk.known(arguments.need("channel"))
    post = desk.workspace.find(channel.id, arguments.need("message_ts"))
    if post is None:
        raise Refusal("message_not_found")
    return {"ok": True, "permalink": permalink(channel, post), "channel": channel.id}


def permalink(channel: Channel, post: Post) -> str:
    """The address of a message."""
    link = f"https://acme-dev.slack.com/archives/{channel.id}/p{post.ts.replace('.', '')}"
    return link + (f"?thread_ts={post.thread}&cid={channel.id}" if post.thread else "")


METHODS = {
    "chat.postMessage": Method(post_message, ("chat:write",), changes=True),
    "chat.update": Method(update, ("chat:write",), tier=3, changes=True),
    "chat.delete": Method(delete, ("chat:write",), tier=3, changes=True),
    "chat.postEphemeral": Method(post_ephemeral, ("chat:write",), tier=4, changes=True),
    "chat.getPermalink": Method(get_permalink),
}
