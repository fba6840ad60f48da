"""How a request for access looks: its card for everybody, what the asker hears, and the list of all."""

from __future__ import annotations

import re
from collections.abc import Sequence

from blocks import answers, lists, parts
from bot.ledger import Grant
from bot.model import Block, Message
from bot.text import escape, one_line

#: Action ids: the asker's button under a refusal, and those of who may answer.
ASK, HOUR, DAY, DECLINE = "access.ask", "access.hour", "access.day", "access.decline"
#: People and groups that are named on a card, so that they hear of it.
MOST_NAMED = 10
NAME_SHOWN, SENTENCE_SHOWN = 80, 300

_PERSON = re.compile(r"[UW][A-Z0-9]+")
_USERGROUP = re.compile(r"S[A-Z0-9]+")


def card(grant: Grant, who: Sequence[str], why: str) -> Message:
    """
    Return the card of a request for access.

    `who` are those who may grant it, as the policy names them; `why` is the sentence of the rule, if it has one.
    """
    title = f"*{_text(grant.name)}* asks for access to {_what(grant)}"
    rule = f"The rule “{_text(grant.rule)}” does not allow it."
    if why:
        rule += f" {_text(why, SENTENCE_SHOWN)}"
    body = [parts.section(f"{title}\n{rule}"), *_state(grant, who)]
    return Message(f"{title}. {_verdict(grant)}".replace("*", ""), tuple(body))


def told(grant: Grant, *, resumed: bool) -> Message:
    """Return what the asker hears in the thread of the card, with a mention that rings."""
    whom = f"<@{grant.person.id}>"
    if grant.state != "granted":
        return answers.said(
            f"{whom}, {_text(grant.by)} declined: the rule “{_text(grant.rule)}” still does not allow {_what(grant)}."
        )
    then = "What was refused is done now." if resumed else "Type the command again."
    return answers.said(
        f"{whom}, {_text(grant.by)} lets you use {_what(grant)} until {_until(grant)}. {then}"
    )


def listing(grants: Sequence[Grant], *, everybody: bool) -> Message:
    """Return the requests that are open or granted: of everybody, or of the reader alone."""
    if not grants:
        return answers.said(
            "Nobody has access past a rule." if everybody else "Nobody has granted you access past a rule."
        )
    title = "Access past a rule, asked for or granted" if everybody else "Your access past a rule"
    return lists.listed(title, [line(one) for one in grants])


def line(grant: Grant) -> str:
    """Return one request in one line of mrkdwn."""
    head = f"• *{_text(grant.name)}*: {_what(grant)} past “{_text(grant.rule)}”"
    if grant.state == "granted":
        return f"{head}, granted by {_text(grant.by)} until {_until(grant)}"
    return f"{head}, asked {parts.moment(grant.asked_at)} in <#{grant.place.channel}>"


def _state(grant: Grant, who: Sequence[str]) -> list[Block]:
    if grant.state != "asked":
        return [parts.context(_verdict(grant))]
    buttons = parts.actions(
        parts.button("Allow 1 hour", HOUR, grant.id),
        parts.button("Allow 8 hours", DAY, grant.id),
        parts.button("Decline", DECLINE, grant.id, style="danger"),
    )
    return [buttons, parts.context(_callers(who))]


def _verdict(grant: Grant) -> str:
    by = _text(grant.by)
    return {
        "asked": "Nobody has answered yet.",
        "granted": f"{by} granted it until {_until(grant)}.",
        "declined": f"{by} declined it.",
        "ended": f"{by} had granted it; it is over." if by else "Nobody answered in time.",
    }[grant.state]


def _callers(who: Sequence[str]) -> str:
    """Name those who may answer; Slack's own ids ring."""
    named = [_called(one) for one in who[:MOST_NAMED]]
    more = f" and {len(who) - MOST_NAMED} more" if len(who) > MOST_NAMED else ""
    if not named:
        return "Nobody may grant it: whoever runs me has to name admins in the configuration."
    return f"To be answered by {', '.join(named)}{more}; never by who asked."


def _called(member: str) -> str:
    if _PERSON.fullmatch(member):
        return f"<@{member}>"
    return (
        f"<!subteam^{member}>"
        if _USERGROUP.fullmatch(member)
        else f"`{_text(member.removeprefix('gitlab:'))}`"
    )


def _what(grant: Grant) -> str:
    """Say what a request is about: `run deploy` on production in acme/shop."""
    act = " ".join(part for part in (grant.command, grant.job) if part) or "everything"
    where = f" on {_text(grant.environment)}" if grant.environment else ""
    there = f" in {_text(grant.project)}" if grant.project else ""
    return f"`{_text(act)}`{where}{there}"


def _until(grant: Grant) -> str:
    return parts.moment(grant.until) if grant.until is not None else "somebody ends it"


def _text(text: str, limit: int = NAME_SHOWN) -> str:
    """Text from elsewhere on one line: no mention in it, and nothing that styles."""
    return escape(one_line(text, limit)).replace("`", "'").replace("*", "∗")
