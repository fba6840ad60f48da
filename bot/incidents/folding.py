"""Draws what happened as Markdown for GitLab, whose every line leads back to where it was said, and finds it again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from bot import markdown
from bot.deeds import digest
from bot.incident import Event, Incident
from bot.kit import Kit
from bot.markdown import Nameless
from bot.model import Millis
from bot.text import escape, one_line

#: How far GitLab's clock may be from ours (bot/issues/making.py).
CLOCKS_APART_MS: Millis = 600_000
#: Characters of a line: GitLab's own timeline holds 280 (incidents.md 4.5).
TEXT_SHOWN = 280
HASH_LENGTH = 8
DASH = "—"
HEAD = "| When | Who | What | Source |\n| --- | --- | --- | --- |"
#: What would end a cell, escaped or not.
_PIPE = re.compile(r"\\?\|")


def moment(at: Millis | None) -> str:
    """Return a moment in UTC as people read it in GitLab."""
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M} UTC" if at is not None else "unknown"


def cell(kit: Kit, text: str, limit: int = TEXT_SHOWN) -> str:
    """Return plain text for one cell of a table, in which nothing acts."""
    body = markdown.from_slack(escape(one_line(kit.redact(text), limit)), names=Nameless())
    return _PIPE.sub(r"\\|", " ".join(body.split())) or DASH


def link(label: str, url: str) -> str:
    """Return a link; the address is ours or GitLab's, and cannot end the link or the cell."""
    safe = url.startswith(("https://", "http://")) and not set(url) & set("<>()|[] \n")
    return f"[{label}]({url})" if safe else ""


def sources(event: Event, issue_url: str) -> str:
    """Return where a line comes from: the message in Slack, and the note or the timeline in GitLab."""
    here = link("Slack", event.link)
    there = link("note", f"{issue_url}#note_{event.note_id}") if event.note_id else ""
    if not there and event.timeline:
        there = link("timeline", f"{issue_url}?tab=timeline" if issue_url else "")
    return " · ".join(part for part in (here, there) if part) or DASH


def table(kit: Kit, events: Sequence[Event], issue_url: str) -> str:
    """Return events as a table of when, who, what and where from."""
    return "\n".join([HEAD, *(row(kit, one, issue_url) for one in events)])


def row(kit: Kit, event: Event, issue_url: str) -> str:
    """Return one line of such a table."""
    who, what = cell(kit, event.who.name, 80), cell(kit, event.text)
    return f"| {moment(event.at)} | {who} | {what} | {sources(event, issue_url)} |"


def marked(kit: Kit, survivor: Incident, one: Incident, events: Sequence[Event]) -> str:
    """Return the note on a survivor that holds the timeline of its duplicate, folded."""
    title = cell(kit, one.title, 140)
    head = f"Timeline of the duplicate {one.reference}: {title}"
    inside = table(kit, events, one.url) if events else "Nothing was written down for it."
    body = f"<details>\n<summary>{len(events)} lines</summary>\n\n{inside}\n\n</details>"
    return markdown.marked(f"{head}\n\n{body}", mark(survivor, one.id))


def mark(incident: Incident, about: str) -> str:
    """Return the mark of a note of ours that is about something of an incident, and no copy of a text."""
    return f"i={incident.id} f={about} h={digest(incident.id, about)[:HASH_LENGTH]}"


def has_mark(body: str, wanted: str) -> bool:
    return markdown.mark_of(body) == wanted
