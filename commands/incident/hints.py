"""How a hint says what to type: as whoever reads it would type it where they are."""

from __future__ import annotations

from bot.command import Click, Form, Request, Shortcut

VERB = "incident"
#: How hints are written where it is not known who reads them: the app's own slash command works wherever one types.
TYPED = f"/{VERB}"


def before(asked: Request | Click | Form | Shortcut) -> str:
    """Return what stands before `incident` for somebody: what they typed there; `/` where they pressed something."""
    return asked.prefix if isinstance(asked, Request) else "/"


def spelled(sentence: str, prefix: str) -> str:
    """
    Return a sentence whose hints are what somebody types who has `prefix` before a verb.

    >>> spelled("Say why: `/incident cancel <reason>`.", "/gitlab ")
    'Say why: `/gitlab incident cancel <reason>`.'
    """
    return sentence.replace(f"`{TYPED} ", f"`{prefix}{VERB} ")
