"""A message of Slack as it is kept until its copy is drawn, whichever way it was heard or read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from bot.command import Heard
from bot.deeds import digest
from bot.edges.slack_history import SlackFile, SlackMessage
from bot.edges.slack_history import file as slack_file
from bot.edges.slack_people import SLACKBOT, Us
from bot.incident import Incident
from bot.issues.talk import is_talk
from bot.markdown import Said, SharedFile
from bot.model import Millis, Person


@dataclass(frozen=True, slots=True)
class Source:
    """What somebody said in a room."""

    team: str
    """Their workspace."""
    person: str
    """Their id in Slack."""
    channel: str
    ts: str
    text: str
    thread: str = ""
    """The message it answers; empty for one that answers none."""
    blocks: tuple[Mapping[str, Any], ...] = ()
    attachments: tuple[Mapping[str, Any], ...] = ()
    files: tuple[SlackFile, ...] = ()

    @property
    def who(self) -> Person:
        return Person(self.team, self.person)

    @property
    def hash(self) -> str:
        """What tells two states of a message apart: words and files, and not what Slack adds as a preview."""
        return digest(self.text, [(one.id, one.is_gone) for one in self.files])

    @property
    def at(self) -> Millis:
        return self.said("").at

    def said(self, permalink: str) -> Said:
        """Return it as bot.markdown knows messages."""
        files = tuple(SharedFile(one.id, one.name, one.permalink) for one in self.files)
        return Said(
            self.ts,
            self.person,
            self.text,
            self.blocks,
            self.attachments,
            files,
            permalink,
            self.thread or None,
        )


def heard(incident: Incident, one: Heard, us: Us) -> Source | None:
    """Return what was heard in a room if it is what people say to one another (bot.issues.talk), else None."""
    files = tuple(slack_file(each) for each in one.files)
    message = SlackMessage(
        one.ts, one.person, one.text, one.blocks, one.attachments, files, one.thread, one.subtype, one.bot,
        team=one.team,
    )  # fmt: skip
    return read(incident, message, us)


def read(incident: Incident, one: SlackMessage, us: Us) -> Source | None:
    """Return a message that was read from the room's history, if it is what people say to one another, else None."""
    return plain(incident, one) if is_talk(one, us) and one.user != SLACKBOT else None


def plain(incident: Incident, one: SlackMessage) -> Source:
    """Return a message as it is; what stands in the thread that is the room answers nothing."""
    thread = one.thread if one.thread not in {None, one.ts, incident.thread} else None
    return Source(
        one.team or incident.team, one.user, incident.channel, one.ts, one.text, thread or "", one.blocks,
        one.attachments, one.files,
    )  # fmt: skip


def packed(source: Source) -> str:
    """Return a source as text, to be kept until its copy is drawn."""
    return json.dumps(asdict(source), ensure_ascii=False)


def unpacked(text: str) -> Source:
    """Return the source that `packed` made this of."""
    kept = json.loads(text)
    lists = {name: tuple(kept.pop(name)) for name in ("blocks", "attachments")}
    return Source(**kept | lists | {"files": tuple(file_of(one) for one in kept["files"])})


def file_of(kept: Mapping[str, Any]) -> SlackFile:
    """Return a file that was kept as its fields."""
    known = {one.name for one in fields(SlackFile)}
    return SlackFile(**{name: value for name, value in kept.items() if name in known})
