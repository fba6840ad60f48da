"""The `:slack …` lines of a scenario: what an administrator does with people, channels and groups."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sandbox.slack.events import Events
from sandbox.slack.files import Files
from sandbox.slack.groups import set_group
from sandbox.slack.keyboard import escaped
from sandbox.slack.people import PARTNER_TEAM, TEAM, Body, Channel, User, another_bot
from sandbox.slack.workspace import Post, Workspace

USAGES: Mapping[str, str] = {
    "guest NAME": "becomes a single-channel guest",
    "member NAME": "becomes a full member again",
    "deactivate NAME": "the account is switched off",
    "activate NAME": "and on again",
    "share #CHANNEL": "with the other company",
    "unshare #CHANNEL": "its people leave",
    "archive #CHANNEL": "it is closed: nobody writes there any more",
    "unarchive #CHANNEL": "and open again",
    "group HANDLE NAME…": "a user group of these people",
    "invite NAME #CHANNEL": "somebody joins",
    "kick NAME #CHANNEL": "somebody leaves",
    "bot NAME": "another app's bot, in every channel of yours",
    "webhook NAME #CHANNEL TEXT": "a message by an incoming webhook",
    "shred FILE": "delete a file that was shared",
}
"""What can follow `:slack`, and what it means."""

IMAGE = "https://a.slack-edge.com/x.png"

Doing = Callable[[User, list[str]], str]


@dataclass(frozen=True, slots=True)
class Acts:
    """What the lines change. Every act raises ValueError with a sentence for what it cannot do."""

    workspace: Workspace
    events: Events
    files: Files

    async def act(self, name: str, what: str, rest: str) -> str:
        """Do one line as this person; answers a sentence."""
        doing = self._table().get(what)
        if doing is None:
            known = ", ".join(f"`{usage}`" for usage in USAGES)
            raise ValueError(f"`:slack {what}` is unknown; there are {known}.")
        said = doing(self.workspace.person(name), rest.split())
        self.workspace.touched()
        return said

    def _table(self) -> Mapping[str, Doing]:
        return {
            "guest": lambda _, words: self._become(words, "a single-channel guest", guest=True),
            "member": lambda _, words: self._become(words, "a full member", guest=False),
            "deactivate": lambda _, words: self._switch(words, deleted=True),
            "activate": lambda _, words: self._switch(words, deleted=False),
            "share": self._share,
            "unshare": self._unshare,
            "archive": lambda by, words: self._archive(by, words, closed=True),
            "unarchive": lambda by, words: self._archive(by, words, closed=False),
            "group": lambda _, words: self._group(words),
            "invite": self._invite,
            "kick": self._kick,
            "bot": self._bot,
            "webhook": self._webhook,
            "shred": lambda _, words: self._shred(words),
        }

    def _become(self, words: list[str], what: str, *, guest: bool) -> str:
        user = self._person(words)
        self.workspace.users[user.id] = replace(user, is_restricted=guest, is_ultra_restricted=guest)
        return f"{user.name} is {what} now."

    def _switch(self, words: list[str], *, deleted: bool) -> str:
        user = self._person(words)
        self.workspace.users[user.id] = replace(user, deleted=deleted)
        return f"The account of {user.name} is {'deactivated' if deleted else 'active'}."

    def _share(self, by: User, words: list[str]) -> str:
        channel = self._channel(by, words, 0)
        if channel.is_ext_shared:
            raise ValueError(f"#{channel.name} is shared already.")
        channel.is_ext_shared = True
        self.events.shared(channel, PARTNER_TEAM)
        return f"#{channel.name} is shared with another company."

    def _unshare(self, by: User, words: list[str]) -> str:
        channel = self._channel(by, words, 0)
        if not channel.is_ext_shared:
            raise ValueError(f"#{channel.name} is not shared.")
        channel.is_ext_shared = False
        channel.members = [each for each in channel.members if self.workspace.users[each].team == TEAM]
        self.events.unshared(channel, PARTNER_TEAM)
        return f"#{channel.name} is not shared any more."

    def _archive(self, by: User, words: list[str], *, closed: bool) -> str:
        channel = self._channel(by, words, 0)
        channel.is_archived = closed
        return f"#{channel.name} is {'archived' if closed else 'open again'}."

    def _group(self, words: list[str]) -> str:
        handle = _word(words, 0, "a handle").removeprefix("@").lower()
        users = [self.workspace.person(each.removeprefix("@")) for each in words[1:]]
        group = set_group(self.workspace, handle, [user.id for user in users])
        names = ", ".join(user.name for user in users) or "nobody"
        return f"The user group @{group.handle} ({group.id}) holds {names}."

    def _invite(self, by: User, words: list[str]) -> str:
        user, channel = self._person(words), self._channel(by, words, 1)
        if user.team != TEAM and not channel.is_ext_shared:
            raise ValueError(f"{user.name} is of another company, and #{channel.name} is not shared with it.")
        if user.id in channel.members:
            raise ValueError(f"{user.name} is in #{channel.name} already.")
        channel.members.append(user.id)
        self._notice(channel, user, "channel_join", "joined", inviter=by.id)
        self.events.moved("member_joined_channel", user, channel, {"inviter": by.id})
        return f"{user.name} is in #{channel.name}."

    def _kick(self, by: User, words: list[str]) -> str:
        user, channel = self._person(words), self._channel(by, words, 1)
        if user.id not in channel.members:
            raise ValueError(f"{user.name} is not in #{channel.name}.")
        self._notice(channel, user, "channel_leave", "left")
        channel.members.remove(user.id)
        self.events.moved("member_left_channel", user, channel, {})
        return f"{user.name} is not in #{channel.name} any more."

    def _bot(self, by: User, words: list[str]) -> str:
        name = _word(words, 0, "a name").lower()
        if not re.fullmatch(r"[a-z]\w*", name, re.ASCII):
            raise ValueError(f"{name} is no name of a bot: letters and digits, a letter first.")
        if any(user.name == name for user in self.workspace.users.values()):
            raise ValueError(f"Somebody is called {name} already.")
        bot = another_bot(name)
        self.workspace.users[bot.id] = bot
        for channel in self.workspace.channels.values():
            if channel.kind != "im" and by.id in channel.members:
                channel.members.append(bot.id)
        return f"The bot {name} ({bot.id}) is here."

    def _webhook(self, by: User, words: list[str]) -> str:
        """A message in the old form (samples/slack/events/message_bot_message_classic.json): it has no user."""
        name, channel = _word(words, 0, "an app"), self._channel(by, words, 1)
        text = " ".join(words[2:]) or _word(words, 2, "what it says")
        ids = {"bot_id": f"B0{name.upper()}", "username": name, "icons": {"image_48": IMAGE}}
        body = {"type": "message", "subtype": "bot_message", "text": escaped(text), **ids}
        self.workspace.add(Post(channel.id, {**body, "ts": self.workspace.next_ts()}))
        return f"{name} has written into #{channel.name}."

    def _shred(self, words: list[str]) -> str:
        """Delete the newest file of that name; what is left of it in messages is that there was one."""
        name = " ".join(words) or _word(words, 0, "a file")
        known = [each for each in self.files.held.values() if each.name == name and not each.deleted]
        if not known:
            raise ValueError(f"Nobody has shared a file {name}.")
        file = known[-1]
        file.deleted = True
        for channel, stamps in file.shares.items():
            for post in (self.workspace.posts[channel][ts] for ts in stamps):
                left = [
                    {"id": file.id, "mode": "tombstone"} if each["id"] == file.id else each
                    for each in post.body["files"]
                ]
                self.workspace.change(post, {**post.body, "files": left})
        return f"The file {name} is gone."

    def _notice(self, channel: Channel, user: User, subtype: str, done: str, **more: str) -> None:
        """Slack's own line about who came or went."""
        body = {
            "type": "message",
            "subtype": subtype,
            "user": user.id,
            "ts": self.workspace.next_ts(),
            **more,
        }
        text = f"<@{user.id}> has {done} the channel"
        self.workspace.add(Post(channel.id, {**body, "text": text}, locked=True))

    def _person(self, words: list[str]) -> User:
        return self.workspace.person(_word(words, 0, "a name").removeprefix("@"))

    def _channel(self, by: User, words: list[str], at: int) -> Channel:
        found = self.workspace.channel(_word(words, at, "a channel"), by)
        if found.kind == "im":
            raise ValueError("A direct message stays between the two; name a channel.")
        return found


def _without(post: Post, gone: str) -> list[Body]:
    files: list[Body] = post.body.get("files", [])
    return [{"id": gone, "mode": "tombstone"} if each["id"] == gone else each for each in files]


def _word(words: list[str], at: int, what: str) -> str:
    if len(words) <= at:
        raise ValueError(f"Name {what}.")
    return words[at]
