"""What a line of GitLab's timeline says of an event, within what GitLab takes; and what is read of such a line."""

from __future__ import annotations

from datetime import UTC, datetime

from bot import markdown
from bot.edges.gitlab_incidents import TIMELINE_LIMIT
from bot.incident import Event, Incident
from bot.markdown.reading import beginning, read_markdown
from bot.markdown.tree import visible
from bot.model import Millis
from bot.text import clip, escape
from bot.tracker import TimelineEvent

#: What the link says that leads to the whole text.
WHOLE = "the whole"
#: What a line in a comment begins with, where GitLab takes none on its timeline (incidents.md 4.6).
CLOCK = "🕒"
NAME_SHOWN = 40
#: Characters that are read of a line: GitLab's own, of a comment that was made one, may be longer than people's.
READ = 3_000
_SECOND, _DAY = 1_000, 86_400_000


def line(event: Event, incident: Incident, *, by: str = "") -> str:
    """
    Return an event as a line of the timeline: Markdown in which nothing acts, at most 280 characters of it.

    A longer one is cut at a word and ends in a link to the message or note that holds it all. `by` names who did it
    where GitLab would say it was somebody else.
    """
    whole = _written(event.text) + _by(by)
    if len(whole) <= TIMELINE_LIMIT:
        return whole
    end = _link(link_of(event, incident)) + _by(by)
    room, kept = TIMELINE_LIMIT - len(end), len(event.text)
    while True:
        shown = _written(clip(event.text, kept))
        if len(shown) <= room or kept == 0:
            return shown + end
        kept -= max(1, (len(shown) - room) // 2)


def is_long(event: Event) -> bool:
    """Tell whether a line cannot hold all of an event, whoever writes it."""
    return len(_written(event.text) + _by("x" * NAME_SHOWN)) > TIMELINE_LIMIT


def link_of(event: Event, incident: Incident) -> str:
    """Return where all of an event is to be read: its message, else the note that holds it; empty for neither."""
    if event.link:
        return event.link
    return f"{incident.url}#note_{event.note_id}" if event.note_id and incident.url else ""


def note(event: Event, incident: Incident, *, by: str = "") -> str:
    """Return an event as a comment, with its mark."""
    return markdown.marked(f"{CLOCK} {_clock(event)} {_written(event.text)}{_by(by)}", mark(event, incident))


def mark(event: Event, incident: Incident) -> str:
    """Return the mark of a comment that is an event: it names the incident, and no copy of a text."""
    return f"i={incident.id} e={event.id}"


def is_line(event: Event, incident: Incident, theirs: TimelineEvent) -> bool:
    """Tell whether a line of GitLab's is this event: the same words at the same moment, which GitLab has in seconds."""
    if event.at // _SECOND != theirs.at // _SECOND:
        return False
    said = theirs.text.strip()
    return said in {line(event, incident).strip(), line(event, incident, by=event.who.name).strip()}


def read(text: str, incident: Incident) -> str:
    """Return what people read of a line of GitLab's, in plain text."""
    source, _ = beginning(text, READ)
    return visible(read_markdown(source, incident.url.partition("/-/")[0]))


def _written(text: str) -> str:
    return markdown.from_slack(escape(text), names=markdown.Nameless(), references=True).strip()


def _by(name: str) -> str:
    return f" ({_written(clip(name, NAME_SHOWN))} in Slack)" if name else ""


def _link(url: str) -> str:
    safe = url.startswith(("https://", "http://")) and not set(url) & set("<>()[] \n")
    return f" [{WHOLE}]({url})" if safe else ""


def _clock(event: Event) -> str:
    """The moment; with its day if it was written down on another."""
    moment = datetime.fromtimestamp(event.at // _SECOND, UTC)
    same = event.at // _DAY == event.recorded_at // _DAY
    return f"{moment:%H:%M} UTC" if same else f"{moment:%Y-%m-%d %H:%M} UTC"


def clock(at: Millis) -> str:
    """Return a moment of the day as everybody understands it: `14:03 UTC`."""
    return f"{datetime.fromtimestamp(at // _SECOND, UTC):%H:%M} UTC"
