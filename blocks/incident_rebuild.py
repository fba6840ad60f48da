"""How it is told what was found again of the map between Slack and GitLab."""

from __future__ import annotations

from blocks import parts
from blocks.lists import paged
from bot.incidents.told import Report
from bot.model import Message
from bot.text import inert, plural

MOST_SHOWN = 20


def rebuilt(found: Report) -> Message:
    """Return what was read, what was written anew, and what does not fit."""
    read = (
        f"{plural(found.notes, 'note')} in GitLab and {plural(found.messages, 'message')} of mine in the room"
    )
    text = f"I read {read}: {plural(found.restored, 'text')} found again, {found.known} known already."
    body = [parts.section(text)]
    if found.trouble:
        body.append(parts.plain_context(f"Slack did not let me read all of it: {found.trouble}"))
    if found.contradictions:
        shown = found.contradictions[:MOST_SHOWN]
        many = plural(len(found.contradictions), "thing does", "things do")
        body.append(parts.section(f"*{many} not fit*, and nothing was changed there:"))
        body += paged([f"• {inert(one)}" for one in shown])
        left = len(found.contradictions) - len(shown)
        body += [parts.context(f"… and {left} more")] if left else []
    return Message(text, tuple(body))
