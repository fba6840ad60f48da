"""Writes one message from Slack as a comment of its own for GitLab: who, when, where, and the words below."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from bot.markdown.cutting import cut
from bot.markdown.discussion import Said, parts_of
from bot.markdown.letters import flat
from bot.markdown.mrkdwn import link
from bot.markdown.names import NAME_LIMIT, Names
from bot.markdown.settling import settled
from bot.markdown.tree import Paragraph, Part, Span
from bot.markdown.writing import written
from bot.model import Millis
from bot.text import plural

#: Most characters of a copy: GitLab takes a million, and a mark and the lines of files go below it.
COPY_LIMIT = 900_000
_FILE_NAME = 255
#: Stands for a file until it is known what GitLab calls it. No line of anybody's words begins so (writing.py).
_PLACE = re.compile(r"^<!-- signalbox file (?P<id>[A-Z0-9]+) -->$", re.MULTILINE)


def copied(said: Said, author: str, handle: str, *, names: Names, limit: int = COPY_LIMIT) -> str:
    """
    Return a message as Markdown: a bold author, the time in UTC with a link to Slack, and what was said.

    `handle` is the author's name in GitLab, which is shown as code, so that it calls nobody; else `author` is who
    it is in Slack. Files of the message are places, which `with_files` fills. What is longer than `limit`
    characters is cut, and says where the rest is.
    """
    parts = parts_of(said.text, said.blocks, said.attachments, names)
    room, body = limit, written(parts)
    while len(body) > limit and room:
        room //= 2
        shown, missing = cut(parts, room)
        body = written((*shown, _rest(missing, said.permalink)))
    places = "\n\n".join(place_of(file.id) for file in said.files)
    blocks = [heading(author, handle, said.at, said.permalink), body, places]
    return "\n\n".join(block for block in blocks if block)


def heading(author: str, handle: str, at: Millis, permalink: str) -> str:
    """Return the first line of a copy: it is never empty, so that no copy holds nothing but a command."""
    name = handle or flat(author, NAME_LIMIT) or "Somebody"
    who = Span(name, bold=True, code=bool(handle))
    when = moment(at)
    return _line(who, Span(" · "), link(permalink, when) or Span(when))


def moment(at: Millis) -> str:
    """Return a moment to the second, in UTC."""
    return f"{datetime.fromtimestamp(at // 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def remark(text: str) -> str:
    """Return a sentence of ours below a heading, in italics."""
    return _line(Span(text, italic=True))


def answering(text: str, url: str) -> str:
    """Return the line that says what a comment answers which cannot stand in its thread."""
    return _line(Span("↳ "), link(url, text) or Span(text))


# Files ------------------------------------------------------------------------------------------------------


def place_of(file_id: str) -> str:
    """Return the line that stands for a file."""
    return f"<!-- signalbox file {file_id} -->"


def files_in(body: str) -> list[str]:
    """Return the ids of the files that have a place in a copy."""
    return [found["id"] for found in _PLACE.finditer(body)]


def with_files(body: str, known: Mapping[str, str]) -> str:
    """Return a copy with `known` in the places of its files, each Markdown of one line; others are gone."""
    return _PLACE.sub(lambda found: " ".join(known.get(found["id"], "").split()), body).rstrip()


def file_link(name: str, permalink: str, why: str) -> str:
    """Return a file that stays in Slack as a link to it, with the reason."""
    shown = flat(name, _FILE_NAME) or "a file"
    said = Span(f" ({why})", italic=True) if why else Span("")
    return _line(Span("📎 "), link(permalink, shown) or Span(shown), said)


def _rest(missing: int, permalink: str) -> Part:
    words = f"{plural(missing, 'more character')} in Slack"
    return Paragraph((Span("… ", italic=True), link(permalink, words) or Span(words)))


def _line(*spans: Span) -> str:
    return written(settled([Paragraph(tuple(one for one in spans if one.text))]))
