"""`incident summary`, `impact`, `cause` and `fix`: what people say about an incident, for its card and its review."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import blocks.incident as draw
from bot.command import Request
from bot.errors import NotUnderstood
from bot.incidents import acting, asking, which
from bot.kit import Kit
from bot.model import Message
from commands.incident.parts import Part

SUMMARY = "summary"
#: What each of them says. The card shows the summary; the others are for the review.
TEXTS: Mapping[str, str] = {
    SUMMARY: "what it is about", "impact": "what the impact was", "cause": "what its root cause was",
    "fix": "what fixed it",
}  # fmt: skip
#: What is typed for no text at all.
NOTHING = "-"


def _saying(what: str) -> Callable[[Request, Kit], Message | None]:
    """What writes down a text about an incident, or takes it away."""

    def act(request: Request, kit: Kit) -> Message | None:
        one = which.found(kit, request, what)
        said, name = one.rest.strip(), TEXTS[what]
        if not said:
            raise NotUnderstood(
                f"Say {name}: `/incident {what} <text>`; `{NOTHING}` in its place takes it away."
            )
        text = "" if said == NOTHING else asking.plain(kit, said)
        after = asking.make(kit, draw, acting.actor(kit, request), one, what, text)
        if what == SUMMARY and request.place.channel == after.channel:
            return None  # The card shows it.
        return draw.told(f"I have written down {name}." if text else "It is taken away.")

    return act


PART = Part(verbs={what: _saying(what) for what in TEXTS})
