"""Gathers the brief of an incident from the store and from what was said in its room."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from itertools import islice

from bot.edges.slack_history import SlackMessage
from bot.edges.store import Tx
from bot.errors import SlackError
from bot.incident import Incident
from bot.incidents.asking import plain
from bot.incidents.crew import descriptions, tasks
from bot.incidents.crew.brief import ROW, Facts, Section, brief, clock
from bot.issues.people import name_of
from bot.kit import Kit
from bot.text import one_line
from bot.words import clean

#: How far back questions are looked for, in messages, and how many of them a brief has.
MOST_READ, MOST_QUESTIONS = 200, 5
MOST_PEOPLE = 20


def written(sections: Sequence[Section]) -> str:
    """Return a brief as Markdown in which nothing acts."""
    return "\n\n".join(
        "\n".join([f"**{one.title}**", "", *(f"- {descriptions.plain(row)}" for row in one.rows)])
        for one in sections
    )


def gathered(tx: Tx, kit: Kit, incident: Incident, questions: Sequence[str]) -> list[Section]:
    """Return the brief of an incident as it is in the store; `questions` are those of `unanswered`."""
    events = [one for one in tx.incident_events.of(incident.id) if one.kind not in {"task", "follow_up"}]
    still = [one for one in tasks.of(tx, incident) if one.state == tasks.OPEN]
    order = {"commander": 0, "comms": 1, "ops": 2, "scribe": 3}
    holders = sorted(tx.holders.present(incident.id), key=lambda one: order.get(one.role, len(order)))
    found = brief(
        Facts(
            incident, kit.now(), still, questions, events, tx.suspects.of(incident.id), holders[:MOST_PEOPLE]
        )
    )
    return [Section(one.title, tuple(kit.redact(row) for row in one.rows)) for one in found]


def unanswered(kit: Kit, incident: Incident) -> list[str]:
    """
    Return what people asked in the room and nobody answered in a thread, oldest first; Slack is asked for it.

    Nothing if Slack does not tell now: a brief without questions is better than none.
    """
    if not incident.channel or incident.thread:
        return []
    with suppress(SlackError):
        recent = [one for one in islice(kit.slack.said(incident.room), MOST_READ) if _asks(one)]
        return [_question(kit, one) for one in reversed(recent[:MOST_QUESTIONS])]
    return []


def _asks(message: SlackMessage) -> bool:
    is_talk = (
        bool(message.user)
        and not message.bot
        and not message.subtype
        and message.thread in {None, message.ts}
    )
    return is_talk and not message.replies and message.text.rstrip().endswith("?")


def _question(kit: Kit, message: SlackMessage) -> str:
    said = one_line(plain(kit, clean(message.text)), ROW)
    return f"{name_of(kit, message.user)}, {clock(int(float(message.ts) * 1000))}: {said}"
