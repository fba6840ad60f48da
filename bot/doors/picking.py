"""A command with a word left out: how the question is kept, and how it is answered."""

from __future__ import annotations

import json

from bot import words
from bot.errors import LeftOut, NotUnderstood


def kept(question: LeftOut) -> str:
    """Return the command around the word that is asked for, to be kept until somebody has picked it."""
    return json.dumps([question.before, question.after, question.context], ensure_ascii=False)


def answered(question: str, picked: str) -> str:
    """
    Return the whole command of a question that was kept, with the picked word in its place.

    Raises NotUnderstood for what is no question.
    """
    parts = _parts(question)
    if parts is None:
        raise NotUnderstood("That is no question of mine. Type the command again.")
    return " ".join(part for part in (parts[0], _word(picked), parts[1]) if part)


def _word(picked: str) -> str:
    """Return what was picked as one word; GitLab knows names such as `--override`, which are no options of ours."""
    word = words.quote(picked)
    return f'"{picked}"' if word == picked and picked.startswith("-") else word


def context(question: str) -> str:
    """Return what those need to know who find what can be picked; nothing for what is no question."""
    parts = _parts(question)
    return parts[2] if parts else ""


def _parts(question: str) -> tuple[str, str, str] | None:
    """What stands before the word, what after it, and the context; None for a suggested command."""
    try:
        before, after, context = json.loads(question)
    except (TypeError, ValueError):
        return None
    return str(before), str(after), str(context)
