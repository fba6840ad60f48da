"""How what was written in GitLab looks in the room of an incident: copies, and what is shown in place of one."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import markdown, parts
from bot.incident import Incident
from bot.incident_work import Mirrored
from bot.markdown import in_part
from bot.model import Block, Message
from bot.text import inert, one_line, plural

#: What of a note is shown; the whole of it is one click away (incidents.md 5.22).
SHOWN = 2_900
NAME_SHOWN, TEXT_SHOWN = 80, 140
#: Notes that a digest lists; the rest are counted.
MOST_LISTED = 30
NOBODY = "Somebody"
OPEN = "Open in GitLab"


def copy(incident: Incident, row: Mirrored) -> Message:
    """Return the copy of a note: who wrote it and where, then its text, in which nothing is read as a mention."""
    text, is_whole = in_part(row.wanted, base=_home(incident), limit=SHOWN)
    body: list[Block] = [_head(incident, row), *markdown.rich(text)]
    if not is_whole:
        body.append(parts.context(parts.linked(link(incident, row), OPEN)))
    return Message(f"{_name(row)} in GitLab: {markdown.line(text, TEXT_SHOWN)}", tuple(body))


def stub(incident: Incident, row: Mirrored) -> Message:
    """Return what stands for a note that not everybody in this room may read."""
    kind = "internal note" if row.internal else "comment on a confidential issue"
    text = f":lock: {kind} by {_name(row)}: {parts.linked(link(incident, row), 'open in GitLab')}"
    return Message(f"{kind} by {_name(row)} in GitLab", (parts.context(text),))


def struck(_incident: Incident, row: Mirrored) -> Message:
    """Return what is left of the copy of a note that is gone: nothing of its text."""
    text = f"~{_name(row)} in GitLab~ deleted in GitLab"
    return Message(f"{_name(row)} in GitLab: deleted in GitLab", (parts.context(text),))


def digest(incident: Incident, rows: Sequence[Mirrored]) -> Message:
    """Return what was written while nothing could be said here, as links; `rows` are the oldest first."""
    title = (
        f"{plural(len(rows), 'comment was', 'comments were')} written in GitLab while I could not speak here"
    )
    lines = [f"• {parts.moment(row.at)} {_name(row)}: {_linked(incident, row)}" for row in rows[:MOST_LISTED]]
    more = len(rows) - MOST_LISTED
    lines += [f"… and {more} more in {parts.linked(incident.url, 'the issue')}"] if more > 0 else []
    return Message(title, (parts.section(title), *_sections(lines)))


def link(incident: Incident, row: Mirrored) -> str:
    """Return the address of a note."""
    return f"{incident.url}#note_{row.note_id}"


def _head(incident: Incident, row: Mirrored) -> Block:
    where = parts.linked(link(incident, row), "in GitLab")
    internal = " · :lock: internal" if row.internal else ""
    return parts.context(f"*{_name(row)}* {where} · {parts.moment(row.at, now=row.at)}{internal}")


def _linked(incident: Incident, row: Mirrored) -> str:
    return parts.linked(link(incident, row), "an internal note" if row.internal else "a comment")


def _sections(lines: Sequence[str]) -> list[Block]:
    """Put lines into as few sections as hold them whole."""
    found: list[list[str]] = [[]]
    for line in lines:
        if sum(map(len, found[-1])) + len(found[-1]) + len(line) > parts.TEXT_LIMIT:
            found.append([])
        found[-1].append(line)
    return [parts.section("\n".join(some)) for some in found if some]


def _home(incident: Incident) -> str:
    return incident.url.partition("/-/")[0]


def _name(row: Mirrored) -> str:
    return inert(one_line(row.name or row.author, NAME_SHOWN)) or NOBODY
