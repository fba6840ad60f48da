"""How what is told of a review looks: what was left alone in it, and what is still missing."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import parts
from bot.incident import Incident
from bot.incidents.told import Outcome
from bot.incidents.values import value
from bot.model import Block, Message
from bot.text import escape, one_line

REFRESH, PUBLISH = "incident.review_refresh", "incident.review_publish"
NAME_SHOWN = 80
#: Characters of what would have changed in one block.
DIFF_SHOWN = 2_000
MOST_BLOCKS = 10
#: What can be typed for what is missing.
_TYPED = {
    "what fixed it": "fix", "its root cause": "cause", "a summary": "summary", "what the impact was": "impact",
}  # fmt: skip


def untouched(incident: Incident, outcome: Outcome) -> Message:
    """Return what was not written into a review, since somebody had changed that part of it by hand."""
    name = parts.linked(incident.review_url, "the review")
    body: list[Block] = []
    for title, difference in outcome.edited[:MOST_BLOCKS]:
        head = f"*{_name(title)}* of {name}: human edited, not touched."
        body.append(
            parts.section(f"{head} This would have changed:" if difference else f"{head} It says the same.")
        )
        if difference:
            body.append(parts.rich_text(parts.preformatted(parts.words(difference[:DIFF_SHOWN]))))
    if outcome.removed:
        names = ", ".join(map(_name, outcome.removed))
        body.append(parts.section(f"Taken out of {name} by somebody, and left out: {names}."))
    return Message("Parts of the review are human edited, and were not touched.", tuple(body))


def asked(incident: Incident, *, publishing: bool) -> Message:
    """Return what who asked for a review reads while it is written."""
    known = parts.linked(incident.review_url, "The review") if incident.review_url else "The review"
    text = f"{known} is being {'brought up to date' if incident.review_url else 'written'}."
    if publishing:
        text += " Once that is done it is published, or you hear what is missing."
    return Message(text, (parts.section(text),))


def missing(incident: Incident, items: Sequence[str]) -> Message:
    """Return what keeps a review from being published, and what tries it again."""
    name = parts.linked(incident.review_url, "the review")
    ways = " or ".join(f"`/incident {_TYPED[one]} …`" for one in items if one in _TYPED)
    here = f", or here with {ways}" if ways else ""
    text = f"Before {name} is published, say {escape(' and '.join(items))}: in the review itself{here}."
    again = parts.button("Publish", PUBLISH, value(incident))
    return Message(text, (parts.section(text), parts.actions(again)))


def _name(text: str) -> str:
    return escape(one_line(text, NAME_SHOWN)).replace("*", "∗")
