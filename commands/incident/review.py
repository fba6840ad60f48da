"""`incident review`: the post-incident review, written into GitLab and kept up to date there."""

from __future__ import annotations

import blocks.incident as draw
from blocks import incident_review
from bot.command import Click, Request
from bot.errors import NotUnderstood
from bot.incidents import acting, which
from bot.incidents.hindsight import review
from bot.incidents.hindsight.review import DRAFT, PUBLISHING, REFRESH
from bot.incidents.which import Found
from bot.kit import Kit
from bot.model import Message
from bot.text import one_line
from commands.incident.parts import Part

_ACTS = frozenset({DRAFT, REFRESH, PUBLISHING})
SAID_SHOWN = 40


def asked(request: Request, kit: Kit) -> Message | None:
    one = which.found(kit, request, "review")
    act = one.rest.strip().lower() or DRAFT
    if act not in _ACTS:
        shown = one_line(act, SAID_SHOWN).replace("`", "'")
        raise NotUnderstood(
            f"`{shown}` is nothing I can do with a review. `/incident review` alone writes it or brings it up to date,"
            " and `/incident review publish` closes the incident with it."
        )
    return _ask(request, kit, one, act)


def _ask(asked: Request | Click, kit: Kit, one: Found, act: str) -> Message | None:
    review.ask(kit, acting.actor(kit, asked), one.incident, act)
    return incident_review.asked(one.incident, publishing=act == PUBLISHING)


def press_review(click: Click, kit: Kit) -> Message | None:
    return _ask(click, kit, which.pressed(kit, click), DRAFT)


def press_refresh(click: Click, kit: Kit) -> Message | None:
    return _ask(click, kit, which.pressed(kit, click), REFRESH)


def press_publish(click: Click, kit: Kit) -> Message | None:
    return _ask(click, kit, which.pressed(kit, click), PUBLISHING)


PART = Part(
    verbs={"review": asked},
    buttons={
        draw.WRITE_REVIEW: press_review,
        incident_review.REFRESH: press_refresh,
        incident_review.PUBLISH: press_publish,
    },
    kinds=review.kinds(draw, incident_review),
    more={draw.REVIEW: press_review},
)  # fmt: skip
