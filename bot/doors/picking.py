"""A command with a word left out: how the question is kept, and how it is answered."""

from __future__ import annotations

import json

from bot import words
from bot.errors import LeftOut


def kept(question: LeftOut) -> str:
    """Return the command around the word that is asked for, to be kept until somebody has picked it."""
    return json.dumps([question.before, question.after, question.context], ensure_ascii=False)


def answered(question: str, picked: str) -> str:
    """Return the whole command of a question that was kept, with the picked word in its place."""
    before, after, _ = json.loads(question)
    return " ".join(part for part in (before, words.quote(picked), after) if part)


def context(question: str) -> str:
    """Return what those need to know who find what can be picked."""
    try:
        _, _, context = json.loads(question)
    except ValueError:  # A suggested command, which nothing can be picked for.
        return ""
    return str(context)
