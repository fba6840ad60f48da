"""What stands in a message that somebody marked: its words in plain text, who said them, when, and where it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.edges.slack_history import NOTHING_SINCE, SlackMessage
from bot.errors import SlackError
from bot.incident import GITLAB, Incident
from bot.incident_work import Mirrored
from bot.incidents.outward import queueing, sources, wanted
from bot.issues.people import Names
from bot.kit import Kit
from bot.markdown.mrkdwn import read_mrkdwn
from bot.markdown.reading import beginning, read_markdown
from bot.markdown.tree import visible
from bot.model import Millis, Place
from bot.text import plural

#: Characters of a comment that are read: no event and no task keeps more.
WORDS_KEPT = 3_000
#: What is said of a comment for members alone.
INTERNAL = "an internal comment"
NOT_THERE = "message_not_found"


@dataclass(frozen=True, slots=True)
class Marked:
    """A message of a room, or of a comment in GitLab that is shown there."""

    words: str
    """Plain text on as many lines as it has."""
    at: Millis
    """When it was said."""
    link: str
    thread: str
    """Root of the thread it stands in or opens."""
    author: str = ""
    """Slack id; empty for an app and for somebody in GitLab."""
    name: str = ""
    """Of who said it; empty for an app."""
    message: SlackMessage | None = None
    """None for a comment of GitLab's."""


def read(kit: Kit, incident: Incident, channel: str, ts: str) -> Marked:
    """
    Return a message as it is now, also one that answers another.

    Slack is asked, so never within a transaction. Raises SlackError with message_not_found if it is gone.
    """
    with kit.store.read() as tx:
        copy = queueing.of_message(tx, channel, ts)
    if copy is not None and copy.born == GITLAB:
        return _of_gitlab(incident, replace(copy, ts=ts))
    said = kit.slack.said(Place(channel, ts), since=NOTHING_SINCE)
    message = next((one for one in said if one.ts == ts), None)
    if message is None:
        raise SlackError("That message is not there any more.", code=NOT_THERE)
    return of_message(kit, incident, channel, message)


def of_message(kit: Kit, incident: Incident, channel: str, message: SlackMessage) -> Marked:
    """Return a message that is known already."""
    app = bool(message.bot) or message.user in {"", kit.people.us().user}
    return Marked(
        words(kit, channel, message), sources.plain(incident, message).at,
        wanted.link_to(kit, channel, message.ts, message.thread or ""), message.thread or message.ts,
        "" if app else message.user, "" if app else name_of(kit, message.user), message,
    )  # fmt: skip


def words(kit: Kit, channel: str, message: SlackMessage) -> str:
    """Return what one reads of a message: names instead of mentions, and of one without words that it has files."""
    text = plain(kit, channel, message.text)
    if text or not message.files:
        return text
    names = ", ".join(one.name for one in message.files if one.name)
    return f"shared {names}" if names else f"shared {plural(len(message.files), 'file')}"


def plain(kit: Kit, channel: str, text: str) -> str:
    """Return what one reads of Slack's text."""
    return visible(read_mrkdwn(text, Names(kit, channel))).strip()


def name_of(kit: Kit, person_id: str) -> str:
    """Return how somebody is called; their id where Slack does not know them. Raises while it does not answer."""
    try:
        return kit.people.about(person_id).name
    except SlackError as error:
        if not error.code:
            raise
    return person_id


def _of_gitlab(incident: Incident, copy: Mirrored) -> Marked:
    """Return a comment; of an internal one nothing is told to all who see the issue."""
    base = incident.url.partition("/-/")[0]
    link = f"{incident.url}#note_{copy.note_id}" if incident.url else ""
    hidden = copy.internal and not incident.private
    source, _ = beginning(copy.wanted, WORDS_KEPT)
    said = INTERNAL if hidden else visible(read_markdown(source, base)).strip()
    return Marked(said, copy.at, link, copy.thread or copy.ts, name=copy.name)
