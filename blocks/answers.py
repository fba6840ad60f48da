"""How the bot answers the one who asked: sentences, suggestions, and what it says when something broke."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import forms, parts
from bot.errors import BotError, LeftOut, NotUnderstood
from bot.model import OFFER, PICK, PICK_GIVEN, Message
from bot.text import clip, escape

ECHO_SHOWN = 200


def said(text: str) -> Message:
    """Return a sentence of ours, in mrkdwn: whatever came from outside is escaped already."""
    return Message(text, (parts.section(text),))


def whispered(text: str) -> Message | None:
    """Return a sentence for the asker alone; nothing if there is none to say."""
    return said(text) if text else None


def problem(error: BotError, *, typed: str, offers: Sequence[tuple[str, str]] = ()) -> Message:
    """
    Return an error for a person: what happened, what they typed, and what to press instead.

    `offers` are pairs of a button's label and the id of the offered command.
    """
    body = [parts.section(escape(error.sentence))]
    # Slack wants every action id of a block to be another one.
    buttons = [parts.button(label, f"{OFFER}.{n}", value) for n, (label, value) in enumerate(offers)]
    helps = error.helps if isinstance(error, NotUnderstood) else None
    if helps is not None:
        buttons.insert(0, parts.button(helps.label, helps.action, helps.value, style="primary"))
    if buttons:
        body.append(parts.actions(*buttons))
    if typed:
        body.append(parts.plain_context(f"You typed: {clip(typed, ECHO_SHOWN)}"))
    return Message(escape(error.sentence), tuple(body))


def pick(error: LeftOut, offer: str, *, typed: str) -> Message:
    """Return a question with what can be picked; the select's block carries the id of the kept command."""
    asks = parts.section(escape(error.sentence))
    if error.source:
        select = forms.external(f"{PICK}{error.source}", forms.TYPE_LETTERS)
    else:
        select = forms.static(PICK_GIVEN, error.options, "Pick one")
    body = [asks, parts.actions(select) | {"block_id": offer}] if error.source or error.options else [asks]
    if typed:
        body.append(parts.plain_context(f"You typed: {clip(typed, ECHO_SHOWN)}"))
    return Message(escape(error.sentence), tuple(body))


def broken(reference: str) -> Message:
    """Return what is said when the bug is ours."""
    return said(
        f"Something broke on my side while I did that. Nothing more will happen. If it stays so, tell whoever runs me"
        f" this reference: `{reference}`."
    )


def slow() -> Message:
    """Return what is said when an answer takes its time."""
    return said("I am on it; GitLab takes its time.")


def displaced(channel: str, code: str) -> Message:
    """Return what is told to somebody whose message could not be shown where they asked, by Slack's code."""
    if code == "shared_with_others":
        return said(
            f"<#{channel}> is shared with another company by now, so what it shows is shown here instead."
        )
    return said(
        f"I cannot write in <#{channel}>, so it is shown here instead. To have it there, type"
        " `/invite @Signalbox` in that channel."
    )
