"""What people type or fill in, as Markdown for GitLab in which nothing acts (incidents.md 3.2)."""

from __future__ import annotations

import re

from bot import markdown
from bot.issues.people import Names
from bot.kit import Kit
from bot.text import escape
from bot.tracker import TITLE_LIMIT

#: What Slack makes of a mention, a channel, a group; it stands in typed commands as it was sent.
_ENTITY = re.compile(r"&lt;([@#!][^<>&\n]*)&gt;")


def typed(kit: Kit, text: str) -> str:
    """Return what was typed in a command, which is cleaned already, as Markdown; `#12` and `!34` in it are links."""
    return markdown.from_slack(_as_slack(text), names=Names(kit), references=True)


def filled(text: str, home: str) -> str:
    """Return what was filled into a form, which people write Markdown in; `home` is the address of the project."""
    return markdown.from_markdown(text, base=home, references=True)


def title(kit: Kit, text: str) -> tuple[str, bool]:
    """Return a title of at most 255 characters, and whether it had to be cut."""
    whole = markdown.title(_as_slack(text), names=Names(kit), references=True, limit=len(text) * 2 + 1)
    return markdown.title(_as_slack(text), names=Names(kit), references=True), len(whole) > TITLE_LIMIT


def filled_title(text: str) -> str:
    return markdown.title(escape(text), references=True)


def _as_slack(text: str) -> str:
    """Return a cleaned text as Slack would send it, so that nothing is decoded twice."""
    return _ENTITY.sub(r"<\1>", escape(text))
