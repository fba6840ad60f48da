"""The audit trail in Slack: one line an entry."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import lists, parts
from bot.ledger import Entry
from bot.model import Message, Millis
from bot.text import code, escape, one_line, plural

#: Characters of one word from outside, and of a sentence.
WORD_SHOWN, DETAIL_SHOWN = 80, 160


def trail(
    entries: Sequence[Entry], *, wanted: str, looked_through: int | None, prefix: str, now: Millis
) -> Message:
    """
    Return entries of the trail, the newest first.

    `wanted` is the filter; `looked_through` is how many of the newest were looked at, None if there are no more.
    """
    about = f" with {code(wanted)}" if wanted else ""
    within = f" among the newest {looked_through}; older ones were not looked at" if looked_through else ""
    footer = f"`{prefix}audit name 20` shows 20 entries that hold a name. All of it: `python run_bot.py audit export`."
    if not entries:
        return lists.listed(f"The audit trail holds nothing{about}{within}.", (), footer=footer)
    title = f"The last {plural(len(entries), 'entry', 'entries')} of the audit trail{about}{within}"
    return lists.listed(title, [line(one, now) for one in entries], footer=footer)


def line(one: Entry, now: Millis) -> str:
    """Return one entry in mrkdwn: when, who (in Slack and in GitLab), what, where, and what decided."""
    gitlab = f" (@{_word(one.username)})" if one.username else " (no GitLab account)"
    what = f"{code(one.command or '-', WORD_SHOWN)} {_word(one.decision)}"
    facts = [_word(fact) for fact in (one.project, one.subject, _environment(one)) if fact]
    facts += [_word(f"rule {one.rule}")] if one.rule else []
    facts += [_word(f"by {one.by}")] if one.by else []
    facts += [f"pipeline {one.pipeline}"] if one.pipeline is not None else []
    facts += [escape(one_line(one.detail, DETAIL_SHOWN))] if one.detail else []
    who = f"*{_word(one.name or one.person.id)}*{gitlab}"
    return " · ".join([f"{one.seq} {parts.moment(one.at, now=now)} {who} {what}", *facts])


def _environment(one: Entry) -> str:
    """Return the environment, unless the subject is just that."""
    return f"to {one.environment}" if one.environment and one.environment != one.subject else ""


def _word(text: str) -> str:
    return escape(one_line(text, WORD_SHOWN))
