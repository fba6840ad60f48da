"""Who acts, where, and on which message: what every act of a person begins with."""

from __future__ import annotations

from sandbox.slack.people import Channel, User
from sandbox.slack.workspace import Post, Workspace


def who_and_where(workspace: Workspace, name: str, channel: str) -> tuple[User, Channel]:
    """The person and the channel, if that person is in it. Raises ValueError."""
    user = workspace.person(name)
    found = workspace.channel(channel, user)
    if user.id not in found.members:
        raise ValueError(f"{user.name} is not in {found.name}.")
    return user, found


def writer_and_where(workspace: Workspace, name: str, channel: str) -> tuple[User, Channel]:
    """The same, where something can still be written. Raises ValueError."""
    user, found = who_and_where(workspace, name, channel)
    if found.is_archived:
        raise ValueError(f"#{found.name} is archived: nobody writes there any more.")
    return user, found


def post_seen(workspace: Workspace, where: Channel, ts: str, user: User) -> Post:
    """The message with that ts, as that person sees it. Raises ValueError."""
    found = workspace.find(where.id, ts, user.id)
    if found is None:
        raise ValueError(f"{user.name} sees no message {ts} in {where.name}.")
    return found


def only_people(user: User, what: str) -> None:
    """Raises ValueError for an app, which can do none of what people do by hand."""
    if user.is_bot:
        raise ValueError(f"{user.name} is an app, and apps cannot {what} in Slack.")
