"""Text between Slack and GitLab, both ways, harmless on either side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.markdown.copying import (
    COPY_LIMIT,
    answering,
    copied,
    file_link,
    files_in,
    heading,
    moment,
    place_of,
    remark,
    with_files,
)
from bot.markdown.discussion import (
    MARK_LIMIT,
    NOTE_LIMIT,
    Said,
    SharedFile,
    mark_of,
    marked,
    parts_of,
    quote,
)
from bot.markdown.names import Nameless, Names
from bot.markdown.reading import beginning, in_part, read_markdown, to_slack
from bot.markdown.titles import TITLE_LIMIT, title
from bot.markdown.writing import written

__all__ = [
    "COPY_LIMIT",
    "MARK_LIMIT",
    "NOTE_LIMIT",
    "TITLE_LIMIT",
    "Nameless",
    "Names",
    "Said",
    "SharedFile",
    "answering",
    "beginning",
    "copied",
    "file_link",
    "files_in",
    "from_markdown",
    "from_slack",
    "heading",
    "in_part",
    "mark_of",
    "marked",
    "moment",
    "place_of",
    "quote",
    "remark",
    "title",
    "to_slack",
    "with_files",
]


def from_slack(
    text: str,
    blocks: Iterable[Mapping[str, Any]] = (),
    *,
    names: Names,
    attachments: Iterable[Mapping[str, Any]] = (),
    references: bool = False,
) -> str:
    """
    Return a Slack message as GitLab Markdown that shows the same and does nothing.

    `text` is Slack's own, with its entities and control sequences; it counts where the blocks show nothing.
    What went through `bot.words.clean`, as the arguments of commands have, is read too, but without the labels
    of links. Mentions become names that notify nobody; quick actions, HTML, images and references become text;
    `references` keeps `#12` and `!34` as links. (docs/text.md; incidents.md 3.2)
    """
    return written(parts_of(text, blocks, attachments, names), references=references)


def from_markdown(text: str, *, base: str, references: bool = False) -> str:
    """
    Return Markdown that somebody typed on purpose, as in a form, made as harmless as what comes from Slack.

    Headings become bold lines, tables text of one width, images links, tasks boxes; `base` is the address of
    the project, which completes relative links.
    """
    return written(read_markdown(text, base), references=references)
