"""The `:slack …` lines of a scenario: what an administrator does with people, groups, apps and files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sandbox.slack import postacts, roomacts
from sandbox.slack.files import Files
from sandbox.slack.groups import set_group
from sandbox.slack.keyboard import escaped
from sandbox.slack.order import Lines, Order
from sandbox.slack.people import another_bot
from sandbox.slack.workspace import Post, Workspace

OWN_USAGES: Mapping[str, str] = {
    "guest NAME": "becomes a single-channel guest",
    "member NAME": "becomes a full member again",
    "deactivate NAME": "the account is switched off",
    "activate NAME": "and on again",
    "group HANDLE NAME…": "a user group of these people",
    "bot NAME": "another app's bot, in every channel of yours",
    "webhook NAME #CHANNEL TEXT": "a message by an incoming webhook",
    "shred FILE": "delete a file that was shared",
}
USAGES: Mapping[str, str] = {**roomacts.USAGES, **postacts.USAGES, **OWN_USAGES}
"""What can follow `:slack`, and what it means."""

IMAGE = "https://a.slack-edge.com/x.png"


@dataclass(frozen=True, slots=True)
class Acts:
    """What the lines change. Every act raises ValueError with a sentence for what it cannot do."""

    workspace: Workspace
    files: Files

    async def act(self, name: str, what: str, rest: str, here: str = "") -> str:
        """Do one line as this person, who is in the channel with the id `here`; answers a sentence."""
        doing = self._lines().get(what)
        if doing is None:
            known = ", ".join(f"`{usage}`" for usage in USAGES)
            raise ValueError(f"`:slack {what}` is unknown; there are {known}.")
        said = doing(Order(self.workspace, self.workspace.person(name), here, rest))
        self.workspace.touched()
        return said

    async def visit(self, name: str, channel: str) -> str:
        """Look at a channel, which makes a member of whoever may join; answers a sentence, or nothing.

        Raises ValueError for a channel that is closed to this person.
        """
        user = self.workspace.person(name)
        return roomacts.visit(self.workspace, user, self.workspace.channel(channel, user))

    async def on_post(self, name: str, what: str, channel: str, ts: str) -> str:
        """Do one of the lines about a message (postacts.py) as this person; answers a sentence."""
        said = postacts.LINES[what](self.workspace, self.workspace.person(name), channel, ts)
        self.workspace.touched()
        return said

    def _lines(self) -> Lines:
        return {
            **roomacts.lines(self.files),
            "guest": lambda order: _become(order, "a single-channel guest", guest=True),
            "member": lambda order: _become(order, "a full member", guest=False),
            "deactivate": lambda order: _switch(order, deleted=True),
            "activate": lambda order: _switch(order, deleted=False),
            "group": _group,
            "bot": _bot,
            "webhook": _webhook,
            "shred": self._shred,
        }

    def _shred(self, order: Order) -> str:
        """Delete the newest file of that name; what is left of it in messages is that there was one."""
        name = order.text("a file")
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


def _become(order: Order, what: str, *, guest: bool) -> str:
    user = order.person()
    order.workspace.users[user.id] = replace(user, is_restricted=guest, is_ultra_restricted=guest)
    return f"{user.name} is {what} now."


def _switch(order: Order, *, deleted: bool) -> str:
    user = order.person()
    order.workspace.users[user.id] = replace(user, deleted=deleted)
    return f"The account of {user.name} is {'deactivated' if deleted else 'active'}."


def _group(order: Order) -> str:
    handle = order.word(0, "a handle").removeprefix("@").lower()
    users = [order.person(at) for at in range(1, len(order.words))]
    group = set_group(order.workspace, handle, [user.id for user in users])
    names = ", ".join(user.name for user in users) or "nobody"
    return f"The user group @{group.handle} ({group.id}) holds {names}."


def _bot(order: Order) -> str:
    workspace, name = order.workspace, order.word(0, "a name").lower()
    if not re.fullmatch(r"[a-z]\w*", name, re.ASCII):
        raise ValueError(f"{name} is no name of a bot: letters and digits, a letter first.")
    if any(user.name == name for user in workspace.users.values()):
        raise ValueError(f"Somebody is called {name} already.")
    bot = another_bot(name)
    workspace.users[bot.id] = bot
    for channel in workspace.channels.values():
        if channel.kind != "im" and order.by.id in channel.members:
            channel.members.append(bot.id)
    return f"The bot {name} ({bot.id}) is here."


def _webhook(order: Order) -> str:
    """A message in the old form (samples/slack/events/message_bot_message_classic.json): it has no user."""
    name, channel = order.word(0, "an app"), order.channel(1)
    text = " ".join(order.words[2:]) or order.word(2, "what it says")
    ids = {"bot_id": f"B0{name.upper()}", "username": name, "icons": {"image_48": IMAGE}}
    body = {"type": "message", "subtype": "bot_message", "text": escaped(text), **ids}
    order.workspace.add(Post(channel.id, {**body, "ts": order.workspace.next_ts()}))
    return f"{name} has written into #{channel.name}."
