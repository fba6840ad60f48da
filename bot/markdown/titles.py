"""Makes the title of an issue of what somebody wrote in Slack."""

from __future__ import annotations

import re

from bot.markdown.letters import JOINER
from bot.markdown.mrkdwn import read_mrkdwn
from bot.markdown.names import Nameless, Names
from bot.markdown.tree import visible
from bot.text import clip

#: GitLab refuses longer titles (docs.gitlab.com/api/issues: at most 255 characters).
TITLE_LIMIT = 255

#: GitLab reads no Markdown in titles, but mentions and references; so backslashes would show there.
_MENTION = re.compile(r"@(?=\S)")
_REFERENCE = re.compile(r"(?<![A-Za-z0-9_])GL-(?=\d)|[#!](?=\d)")
_OTHER = re.compile(r"[$&](?=\d)|[%~^](?=[\w\"])|\[(?=\"?[a-z_]{1,20}:)|\*(?=iteration:)", re.IGNORECASE)
_ADDRESS = re.compile(r"(?<=[A-Za-z0-9])@(?=[A-Za-z0-9.-]+(?:\s|$))")


def title(
    text: str, *, limit: int = TITLE_LIMIT, names: Names | None = None, references: bool = False
) -> str:
    """
    Return a title of at most `limit` characters from Slack's text, on one line; empty if there are no words.

    Nobody is mentioned by it, no quick action begins it, and `#12` and `!34` are links only with `references`.
    """
    shown = " ".join(visible(read_mrkdwn(text, names or Nameless())).split())
    broken = _OTHER.sub(_joined, _MENTION.sub(_mention, shown))
    if not references:
        broken = _REFERENCE.sub(_joined, broken)
    return clip(JOINER + broken if broken.startswith("/") else broken, limit)


def _mention(found: re.Match[str]) -> str:
    return found[0] if _ADDRESS.match(found.string, found.start()) else found[0] + JOINER


def _joined(found: re.Match[str]) -> str:
    return found[0] + JOINER
