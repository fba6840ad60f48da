"""What stands written in the sandbox's Slack: messages by channel, threads, and who sees what."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from sandbox.slack.people import (
    BOT_NAME,
    BOT_USER,
    SLACKBOT,
    Body,
    Channel,
    User,
    all_channels,
    everybody,
)


@dataclass(slots=True)
class Post:
    """One message: its body without the thread's figures, and what Slack keeps beside it."""

    channel: str
    body: Body
    only_for: str | None = None
    """User id of the one person who sees an ephemeral message."""
    metadata: Body | None = None
    fired: list[str] = field(default_factory=list)
    """Mentions it set off; filled for the app's messages only."""
    locked: bool = False
    """Whether it is a notice of Slack's own that nobody may answer or change."""

    @property
    def ts(self) -> str:
        return str(self.body["ts"])

    @property
    def thread(self) -> str | None:
        """ts of the thread it is a reply in; None for a message at the top."""
        thread: str | None = self.body.get("thread_ts")
        return None if thread == self.ts else thread


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as one person sees it. `message` is Slack's own body; `fired` the mentions it set off."""

    ts: str
    user_name: str
    ephemeral: bool
    message: Body
    thread_ts: str | None
    edited: bool
    files: list[Body]
    fired: list[str]


@dataclass(frozen=True, slots=True)
class Group:
    """A user group: `S…` id, handle without @, ids of its people."""

    id: str
    handle: str
    users: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Something happened to a message. `kind`: posted, changed, deleted, reacted or unreacted."""

    kind: str
    post: Post
    before: Body | None = None
    user: str = ""
    reaction: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something happened to a channel. `kind` is the event Slack tells it by, `body` what stands in it.

    `heard` is whether the app would be told: of what happens inside a channel only if it is a member.
    """

    kind: str
    channel: Channel
    body: Body
    heard: bool = True


class Workspace:
    """The state of the workspace. `clock` gives seconds since the epoch."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.users: dict[str, User] = {user.id: user for user in everybody()}
        self.channels: dict[str, Channel] = {channel.id: channel for channel in all_channels()}
        self.groups: dict[str, Group] = {}
        self.posts: dict[str, dict[str, Post]] = {channel: {} for channel in self.channels}
        self.replies: dict[tuple[str, str], list[str]] = {}
        self.listeners: list[Callable[[Change], None]] = []
        self.watchers: list[Callable[[Happening], None]] = []
        self.apps_may_create = True
        """Whether this workspace lets apps make channels."""
        self.fired: list[tuple[str, str, str]] = []
        self.version = 0
        self._last_micros = 0

    def person(self, name: str) -> User:
        """Somebody by name or id. Raises ValueError with a sentence."""
        for user in self.users.values():
            if name in (user.name, user.id):
                return user
        raise ValueError(f"Nobody here is called {name!r}.")

    def channel(self, name: str, of: User) -> Channel:
        """A channel by name (`ops`, `#ops`), id or `dm`, as that person means it. Raises ValueError."""
        wanted = name.removeprefix("#")
        for channel in self.channels.values():
            mine = channel.kind == "im" and channel.partner == of.id
            if (
                wanted == channel.id
                or (mine and wanted == "dm")
                or (channel.kind != "im" and wanted == channel.name)
            ):
                return channel
        raise ValueError(f"There is no channel {name!r} here.")

    def dm(self, user: str) -> Channel | None:
        """The direct message of a user id with the bot."""
        ims = (channel for channel in self.channels.values() if channel.kind == "im")
        return next((channel for channel in ims if channel.partner == user), None)

    def next_ts(self) -> str:
        """A timestamp no message has yet, by the clock; they only grow, even when the clock does not."""
        self._last_micros = max(self._last_micros + 1, int(self.clock() * 1_000_000))
        return f"{self._last_micros // 1_000_000}.{self._last_micros % 1_000_000:06d}"

    def find(self, channel: str, ts: str, by: str | None = None) -> Post | None:
        """The message with that timestamp, if `by` (a user id) may see it."""
        post = self.posts[channel].get(ts)
        return post if post is not None and post.only_for in (None, by) else None

    def add(self, post: Post) -> Post:
        """Put a message where it belongs and tell the listeners."""
        self.posts[post.channel][post.ts] = post
        if post.thread is not None and post.only_for is None:
            self.replies.setdefault((post.channel, post.thread), []).append(post.ts)
        self._note_fired(post, post.fired)
        self._happened(Change("posted", post))
        return post

    def change(self, post: Post, body: Body, fired: Sequence[str] = ()) -> None:
        """Give a message a new body; of the mentions in it only those it did not have before are noted."""
        before, post.body = self.shown(post), body
        self._note_fired(post, [mention for mention in fired if mention not in post.fired])
        post.fired = list(fired)
        self._happened(Change("changed", post, before=before))

    def remove(self, post: Post) -> None:
        """Take a message away; a parent with replies leaves a tombstone, as in Slack."""
        before = self.shown(post)
        self.channels[post.channel].pins.pop(post.ts, None)
        if (post.channel, post.ts) in self.replies:
            post.body = tombstone(post.body)
        else:
            del self.posts[post.channel][post.ts]
            self._forget_reply(post)
        self._happened(Change("deleted", post, before=before))

    def react(self, post: Post, user: str, name: str, added: bool) -> bool:
        """Add or take back a reaction; answers False if there was nothing to do."""
        reactions: list[Body] = [dict(each) for each in post.body.get("reactions", [])]
        mine = next((list(each["users"]) for each in reactions if each["name"] == name), [])
        if (user in mine) is added:
            return False
        users = [*mine, user] if added else [each for each in mine if each != user]
        rest = [each for each in reactions if each["name"] != name]
        new = {"name": name, "users": users, "count": len(users)}
        post.body = {**post.body, "reactions": [*rest, new] if users else rest}
        self._happened(Change("reacted" if added else "unreacted", post, user=user, reaction=name))
        return True

    def touched(self) -> None:
        """Something people can see has changed that is no message."""
        self.version += 1

    def tell(self, happening: Happening) -> None:
        """Something has happened to a channel: tell the watchers."""
        self.version += 1
        for watcher in self.watchers:
            watcher(happening)

    def _happened(self, change: Change) -> None:
        self.version += 1
        for listener in self.listeners:
            listener(change)

    def _note_fired(self, post: Post, mentions: Sequence[str]) -> None:
        self.fired.extend((post.channel, post.ts, mention) for mention in mentions)

    def _forget_reply(self, post: Post) -> None:
        replies = self.replies.get((post.channel, post.thread or ""))
        if replies and post.ts in replies:
            replies.remove(post.ts)
            if not replies:
                del self.replies[post.channel, post.thread or ""]

    def shown(self, post: Post) -> Body:
        """The body as the Web API and events give it, with the figures of its thread if it has one.

        A reply that was sent to the channel too has the root of its thread along.
        """
        replies = self.replies.get((post.channel, post.ts))
        if post.body.get("subtype") == "thread_broadcast" and post.thread is not None:
            root = self.posts[post.channel].get(post.thread)
            return {**post.body, "root": self.shown(root)} if root is not None else post.body
        if not replies:
            return post.body
        users = list(dict.fromkeys(self.posts[post.channel][ts].body.get("user", "") for ts in replies))
        figures = {"reply_count": len(replies), "reply_users_count": len(users), "latest_reply": replies[-1]}
        rest = {"reply_users": users, "is_locked": False, "subscribed": False}
        return {**post.body, "thread_ts": post.ts, **figures, **rest}

    def between(self, channel: str, oldest: str, latest: str, inclusive: bool) -> Iterator[Post]:
        """Posts for everybody with ts in that range, newest first; an empty `latest` means no end."""
        stamps = sorted(self.posts[channel])
        first = bisect_left(stamps, oldest)
        for ts in reversed(stamps[first:]):
            post = self.posts[channel][ts]
            at_edge = not inclusive and ts in (oldest, latest)
            if post.only_for is None and not at_edge and (not latest or ts <= latest):
                yield post

    def visible(self, user: User, channel: Channel, thread: str | None) -> list[Seen]:
        """What that person sees in a channel, or in one thread of it, oldest first."""
        if user.id not in channel.members and (channel.kind != "channel" or user.is_restricted):
            return []
        posts = sorted(self.posts[channel.id].items())
        mine = (post for _, post in posts if post.only_for in (None, user.id))
        return [self._seen(post) for post in mine if _stands_in(post, thread)]

    def _seen(self, post: Post) -> Seen:
        body = self.shown(post)
        return Seen(
            ts=post.ts,
            user_name=self.name_of(body),
            ephemeral=post.only_for is not None,
            message=body,
            thread_ts=body.get("thread_ts"),
            edited="edited" in body,
            files=list(body.get("files", [])),
            fired=list(post.fired),
        )

    def name_of(self, body: Body) -> str:
        """The name people see beside a message."""
        user = body.get("user", "")
        if user == BOT_USER:
            return BOT_NAME
        if "username" in body:
            return str(body["username"])
        return "Slackbot" if user in (SLACKBOT, "") else self.users[user].name


def _stands_in(post: Post, thread: str | None) -> bool:
    if thread is None:
        return post.thread is None or post.body.get("subtype") == "thread_broadcast"
    return thread in (post.ts, post.thread)


def tombstone(body: Body) -> Body:
    """What is left of a deleted message that has replies."""
    kept: Body = {key: body[key] for key in ("type", "ts", "thread_ts") if key in body}
    gone = {"subtype": "tombstone", "user": SLACKBOT, "hidden": True, "text": "This message was deleted."}
    return {**kept, **gone}
