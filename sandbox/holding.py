"""The line that looks at what Slack holds of a place: its topic, pins, bookmarks, members, and the like."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sandbox.acts import ExpectSlack
from sandbox.mrkdwn import mrkdwn
from sandbox.session import NotHeld, Session, Shown
from sandbox.slack.people import Channel

Held = Callable[[Session, Channel], Iterator[str]]
"""One line for each item."""


def expect_slack(session: Session, line: ExpectSlack) -> None:
    """Wait until Slack holds the text, or no longer does. Raises NotHeld with what it holds instead."""
    if session.world.wait_until(
        lambda: line.wanted.found_in(held(session, line)) is not line.lacks, line.within
    ):
        return
    what = f"reactions to message {line.number}" if line.number is not None else line.what
    still = "still holds" if line.lacks else "does not hold"
    raise NotHeld(
        f"{session.place} {still} {line.wanted} among its {what} after {line.within:g} s.",
        held(session, line),
    )


def held(session: Session, line: ExpectSlack) -> str:
    """What Slack holds of the place the person is in, one line for each item."""
    if line.number is not None:
        return "\n".join(_reactions(session, line.number))
    channel = session.world.slack.workspace.channels[session.channel]
    return "\n".join(HELD[line.what](session, channel))


def _topic(session: Session, channel: Channel) -> Iterator[str]:
    yield _read(session, channel.topic.value)


def _purpose(session: Session, channel: Channel) -> Iterator[str]:
    yield _read(session, channel.purpose.value)


def _read(session: Session, text: str) -> str:
    """Text of Slack as that person reads it."""
    return mrkdwn(text, session.world.reader(session.person))[0].plain


def _pins(session: Session, channel: Channel) -> Iterator[str]:
    names, shown = session.world.names(), {one.seen.ts: one for one in session.whole_channel()}
    for ts, info in list(channel.pins.items()):
        words = _one_line(shown[ts]) if ts in shown else ts
        yield f"{words} (pinned by {names.get(info['pinned_by'], info['pinned_by'])})"


def _one_line(one: Shown) -> str:
    return f"{one.number} {one.seen.user_name}: {' '.join(one.words.split())}"


def _bookmarks(_session: Session, channel: Channel) -> Iterator[str]:
    for mark in list(channel.bookmarks.values()):
        yield f"{mark['emoji']} {mark['title']} {mark['link']}".strip()


def _members(session: Session, channel: Channel) -> Iterator[str]:
    users = session.world.slack.workspace.users
    for user in [users[each] for each in channel.members]:
        marks = {"app": user.is_bot, "guest": user.is_restricted, "deactivated": user.deleted}
        told = ", ".join(mark for mark, holds in marks.items() if holds)
        yield f"{user.name} ({told})" if told else user.name


def _channels(session: Session, _channel: Channel) -> Iterator[str]:
    """Those the person can find."""
    for channel in session.world.slack.channels.values():
        if session.finds(channel):
            marks = {"private": channel.kind == "group", "archived": channel.is_archived}
            told = ", ".join(mark for mark, holds in marks.items() if holds)
            yield f"#{channel.name} ({told})" if told else f"#{channel.name}"


def _files(session: Session, channel: Channel) -> Iterator[str]:
    names = session.world.names()
    for file in list(session.world.slack.files.held.values()):
        if channel.id in file.shares and not file.deleted:
            yield f"{file.title} ({file.name}, {file.size} bytes, by {names.get(file.user, file.user)})"


def _reactions(session: Session, number: int) -> Iterator[str]:
    names, (channel, ts) = session.world.names(), session.numbers.place(number)
    post = session.world.slack.workspace.find(channel, ts)
    for reaction in (post.body if post else {}).get("reactions", []):
        yield f":{reaction['name']}: {', '.join(names.get(each, each) for each in reaction['users'])}"


HELD: Mapping[str, Held] = {
    "topic": _topic,
    "purpose": _purpose,
    "pins": _pins,
    "bookmarks": _bookmarks,
    "members": _members,
    "channels": _channels,
    "files": _files,
}
