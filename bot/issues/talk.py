"""Takes what people said in a channel or thread, the last so many messages, to be quoted in GitLab."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from bot import markdown
from bot.command import Request
from bot.edges.slack_history import SlackFile, SlackMessage, permalink
from bot.edges.slack_history import message as slack_message
from bot.edges.slack_people import Us
from bot.errors import LeftOut, NotUnderstood, SlackError
from bot.issues.meant import Found
from bot.issues.people import ME, MENTION, Names, name_of, names_of
from bot.issues.typed import MOST_QUOTED, Quoted, check_count, quote_alone
from bot.kit import Kit
from bot.markdown import Said, SharedFile
from bot.model import Option, Person, Place
from bot.text import plural

#: What people say (slack-platform.md 1.4); every other subtype tells of joins, topics and the like.
TALK = frozenset({"", "file_share", "thread_broadcast", "me_message"})
#: Characters of one text for GitLab: even of four bytes each they are below a description's megabyte.
PART_LIMIT = 250_000
#: What stands above a discussion in GitLab.
HEADING = "### Discussion in Slack"
#: Who wrote what no person did.
AN_APP = "an app"
#: Numbers of messages that are offered where none was typed.
OFFERED = (1, 2, 3, 5, 10, 20, 50, 100)


@dataclass(frozen=True, slots=True)
class Talk:
    """What was said, oldest first."""

    messages: tuple[SlackMessage, ...]
    channel: str
    workspace: str
    """Address of the workspace, for links to the messages."""
    wanted: int | None = None
    """How many were asked for."""

    @property
    def files(self) -> tuple[SlackFile, ...]:
        return tuple(file for one in self.messages for file in one.files)

    @property
    def in_words(self) -> str:
        """How many there are: `the last 5 messages`."""
        many = len(self.messages)
        short = self.wanted is not None and many < self.wanted
        last = "the last message" if many == 1 else f"the last {plural(many, 'message')}"
        return f"{plural(many, 'message')}, all there are" if short else last


def wanted(request: Request, one: Found) -> Quoted:
    """
    Return which messages `issue add` means; in a thread all of them, unless somebody says how many.

    Raises LeftOut for a number that was left out in a channel, NotUnderstood for one that cannot be.
    """
    quoted = quote_alone(one.rest)
    who = f" from {quoted.who}" if quoted.who else ""
    before = f"{one.issue.project} issue add #{one.issue.iid}{who}"
    if quoted.count is not None:
        check_count(quoted.count, before)
    elif request.place.thread is None and not request.place.is_dm:
        options = tuple(Option(plural(count, "message"), str(count)) for count in OFFERED)
        raise LeftOut("How many of the last messages?", before=f"{before} last", options=options)
    return quoted


def gather(kit: Kit, person: Person, place: Place, quoted: Quoted) -> Talk:
    """
    Return the last messages of a place that people wrote, as far as Slack lets the bot read.

    Left out are bots, joins and the like, and what was said to the bot. Without a number all of a thread is meant.
    Raises NotUnderstood if there is nothing, SlackError where the bot may not read.
    """
    if place.is_dm:
        raise NotUnderstood(
            "Here is nothing to quote: we two talk here alone. Ask for it in the channel or thread where it was said."
        )
    us, most = kit.people.us(), quoted.count or MOST_QUOTED
    is_wanted = _by(kit, person, quoted.who)
    found: list[SlackMessage] = []
    for one in kit.slack.said(place):
        if is_talk(one, us) and is_wanted(one):
            found.append(one)
        if len(found) == most:
            break
    if not found:
        whose = f" of {_whose(kit, person, quoted.who)}" if quoted.who else ""
        raise NotUnderstood(f"I find nothing{whose} here to quote: no message by a person that I may read.")
    seen = tuple(_whole(kit, one) for one in reversed(found))
    return Talk(seen, place.channel, us.url, quoted.count)


def of_message(kit: Kit, message: Mapping[str, Any]) -> Talk:
    """Return the message that a shortcut was used on, as its form has kept it."""
    one = _whole(kit, slack_message(message))
    return Talk((one,), str(message["channel"]), kit.people.us().url)


def is_talk(one: SlackMessage, us: Us) -> bool:
    """Tell whether a message is what somebody said to the others, and no command to the bot."""
    return (
        one.subtype in TALK
        and bool(one.user)
        and not one.bot
        and one.user != us.user
        and not _spoken_to(one, us)
    )


def _spoken_to(one: SlackMessage, us: Us) -> bool:
    mention = re.escape(f"<@{us.user}>")
    command = rf"\s*{mention}|.*{mention}[\s,:–-]*(?:\S+\s+)?(?:issue|incident)\b"
    return bool(us.user) and re.match(command, one.text, re.IGNORECASE | re.DOTALL) is not None


def _by(kit: Kit, person: Person, who: str) -> Callable[[SlackMessage], bool]:
    """Return whether a message is by whom `who` means: a mention, `me`, or a name as it was typed."""
    mention = MENTION.fullmatch(who)
    if not who:
        return lambda _: True
    if who.casefold() == ME or mention:
        wanted = mention["id"] if mention else person.id
        return lambda one: one.user == wanted
    name = who.removeprefix("@").casefold()
    return lambda one: name in {said.casefold() for said in names_of(kit, one.user)}


def _whose(kit: Kit, person: Person, who: str) -> str:
    mention = MENTION.fullmatch(who)
    return name_of(kit, mention["id"] if mention else person.id) if mention or who.casefold() == ME else who


def _whole(kit: Kit, one: SlackMessage) -> SlackMessage:
    """Return a message with all that Slack knows of its files; of another company's it tells less at first."""
    return replace(one, files=tuple(_known(kit, file) for file in one.files))


def _known(kit: Kit, file: SlackFile) -> SlackFile:
    if file.unseen:
        with suppress(SlackError):
            return kit.slack.file(file.id)
    return file


# As Markdown ------------------------------------------------------------------------------------------------


def parts(kit: Kit, talk: Talk, uploads: Mapping[str, str]) -> list[str]:
    """Return a discussion as Markdown, in as many parts as GitLab needs; `uploads` by Slack's ids of the files."""
    names = Names(kit, talk.channel)
    said = [_said(talk, one) for one in talk.messages]
    return [
        markdown.quote(some, names=names, uploads=uploads, limit=PART_LIMIT)
        for some in _shared_out(said, lambda one: len(markdown.quote([one], names=names, limit=PART_LIMIT)))
    ]


def _said(talk: Talk, one: SlackMessage) -> Said:
    files = tuple(SharedFile(file.id, file.name, file.permalink) for file in one.files)
    address = permalink(talk.workspace, talk.channel, one.ts, one.thread)
    app = AN_APP if one.bot else ""
    return Said(one.ts, one.user, one.text, one.blocks, one.attachments, files, address, one.thread, app)


def _shared_out(said: Sequence[Said], length: Callable[[Said], int]) -> Iterable[list[Said]]:
    """Yield messages in groups that fit into one text each; half of the room is left for files and indents."""
    some: list[Said] = []
    room = PART_LIMIT // 2
    for one in said:
        needs = length(one)
        if some and needs > room:
            yield some
            some, room = [], PART_LIMIT // 2
        some.append(one)
        room -= needs
    if some:
        yield some


def below(text: str, discussion: str) -> str:
    """Return a text with a discussion under it."""
    return f"{text}\n\n{HEADING}\n\n{discussion}".strip()
