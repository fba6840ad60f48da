"""The characters of what people wrote: those that are taken out, and the one that is put in."""

from __future__ import annotations

import re

#: A word joiner: seen by nobody, breaks no word and no line, and is part of no name in GitLab.
JOINER = "\u2060"

#: Nothing in it shows, or it turns the reading direction: control characters but tab and line feed, soft
#: hyphen, zero-width blanks and joiners, direction marks, halves of a character, which no database takes. The
#: joiners of emoji and of Persian (U+200C, U+200D) stay.
_REMOVED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2061-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff]"
)
_LINE_END = re.compile("\r\n|[\r\x85\u2028\u2029]")


def cleaned(text: str, *, joiners: bool = False) -> str:
    """Return `text` with nothing invisible in it, and LF line ends; `joiners` keeps the one that is put in."""
    kept = _REMOVED.sub("", _LINE_END.sub("\n", text))
    return kept if joiners else kept.replace(JOINER, "")


def decoded(text: str) -> str:
    """Return `text` with the three characters that Slack escapes (slack-platform.md 4)."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def flat(text: str, limit: int) -> str:
    """Return the name of somebody or something: one line, at most `limit` characters."""
    return " ".join(cleaned(text[: 4 * limit]).split())[:limit]
